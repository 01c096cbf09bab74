"""What people tell: who works, which shift took over from which, why a machine stood, which lot is closed.

People do not act at once. How long they take is drawn from streams of the twin's own, so that a seed tells the same book again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.events.house import PersonEnrolled, RoleGranted
from fabrika.events.production import PersonSignedOn, ShiftHandedOver, StopCoded
from fabrika.plant.model import Distribution
from fabrika.twin.draws import duration_ns, stream_key, uniform
from fabrika.twin.tell_station import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.events.event import Event
    from fabrika.plant.model import Plant
    from fabrika.twin.rota import Duty, Rota

DESK = "desk"
CODED_FROM_US = 180 * 1_000_000
"""Stops that last as long as this, or longer, are coded by a person."""
FORGOTTEN = 0.08
"""Share of them that nobody codes."""
CODES_AFTER = Distribution("lognormal", 240.0, 1.0)
CLOSES_AFTER = Distribution("lognormal", 900.0, 0.5)
SIGNS_ON_AFTER = Distribution("lognormal", 120.0, 0.5)
UNOPENED = 0.1
"""Share of lots that are due by the plant's rule and that nobody thinks of."""
HANDS_OVER_AFTER = Distribution("lognormal", 30.0, 0.5)


class People:
    """The persons of a plant and what they tell.

    Args:
        rota: who works when.
        seed: names the draws.
        start_us: begin of what is told.
    """

    def __init__(self, plant: Plant, rota: Rota, seed: int, start_us: int) -> None:
        self.rota, self.seed, self.start_us = rota, seed, start_us
        self._drawn: dict[str, int] = {}
        self._first = {line.id: f"{line.id}.{line.stations[0].id}" for line in plant.lines}
        self._shifts = sorted(
            ((duty, line.id) for line in plant.lines for duty in rota.of_line(line.id) if duty.from_us >= start_us),
            key=lambda item: item[0].from_us,
        )
        self._next = 0
        self.shifts_told_elsewhere = False

    def enrolled(self, at_us: int) -> Iterator[Said]:
        """Everybody gets an id and a role."""
        for person, role in self.rota.persons.items():
            yield Said(at_us, DESK, PersonEnrolled(person=person))
            if role is not None:
                yield Said(at_us, DESK, RoleGranted(person=person, role=role))

    def shifts_until(self, until_us: int) -> Iterator[Said]:
        """Shifts that begin before ``until_us`` and were not told yet; none where whoever listens tells them."""
        if self.shifts_told_elsewhere:
            return
        while self._next < len(self._shifts) and self._shifts[self._next][0].from_us < until_us:
            duty, line = self._shifts[self._next]
            self._next += 1
            yield from self._shift(duty, line)

    def _shift(self, duty: Duty, line: str) -> Iterator[Said]:
        person = self.rota.person(line, duty)
        before = next((other for other in self.rota.of_line(line) if other.to_us == duty.from_us), None)
        if before is not None:
            leaving = self.rota.person(line, before)
            name = self.rota.shift_name(line, before)
            event = ShiftHandedOver(line=line, shift=name, person=leaving, next_person=person)
            at_us = duty.from_us + self._delay_us(f"{line}/hands-over", HANDS_OVER_AFTER)
            yield self.by_person(line, leaving, event, at_us)
        signed = PersonSignedOn(person=person, station=self._first[line], role=self.rota.role)
        at_us = duty.from_us + self._delay_us(f"{line}/signs-on", SIGNS_ON_AFTER)
        yield self.by_person(line, person, signed, at_us)

    def coded(self, station: str, machine: int, mode: str | None, from_us: int, to_us: int) -> Iterator[Said]:
        """A machine has stood for a while: somebody of its line says why, mostly."""
        if mode is None or to_us - from_us < CODED_FROM_US:
            return
        stream = f"{station}/m{machine}/coded"
        if self._draw(stream + "/whether") < FORGOTTEN:
            return
        line = station.partition(".")[0]
        person, at_us = self.rota.at_work(line, to_us)
        at_us += self._delay_us(stream, CODES_AFTER)
        event = StopCoded(station=station, from_us=from_us, to_us=to_us, mode=mode, person=person)
        yield self.by_person(line, person, event, at_us)

    def forgets(self, station: str) -> bool:
        """Whether nobody opens the lot that is due because of a change at a station."""
        return self._draw(f"{station}/opens/whether") < UNOPENED

    def closing(self, line: str, at_us: int) -> tuple[str, int]:
        """Who closes a lot that is finished, and when."""
        person, begin_us = self.rota.at_work(line, at_us)
        return person, begin_us + self._delay_us(f"{line}/closes", CLOSES_AFTER)

    @staticmethod
    def by_person(line: str, person: str, event: Event, at_us: int) -> Said:
        """Something that a person tells on the tablet of a line."""
        tablet = f"tablet/{line}"
        return Said(at_us, tablet, event, actor=person, device=tablet)

    def after_us(self, stream: str, law: Distribution) -> int:
        """How long somebody takes for something, drawn anew each time; ``stream`` names what."""
        return self._delay_us(stream, law)

    def chance(self, stream: str) -> float:
        """A number between 0 and 1, drawn anew each time; ``stream`` names what it decides."""
        return self._draw(stream)

    def _number(self, stream: str) -> int:
        number = self._drawn.get(stream, 0)
        self._drawn[stream] = number + 1
        return number

    def _draw(self, stream: str) -> float:
        return uniform(stream_key(self.seed, 0, f"tell/{stream}"), self._number(stream))

    def _delay_us(self, stream: str, law: Distribution) -> int:
        return duration_ns(law, stream_key(self.seed, 0, f"tell/{stream}"), self._number(stream)) // 1000

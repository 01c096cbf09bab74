"""What people report at their stations, mostly what the machine shows, and what one careless person gets wrong.

Whoever works at a station reads the display about once an hour, at a change of lots and at the end of the shift, and types it in within a
minute or two. Now and then a number is a little off. One operator of the plant is careless: the same count is sent again from
another tablet, another lot is chosen, or it is entered hours later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fabrika.events.production import UnitsCounted, UnitsReported
from fabrika.plant.model import Distribution
from fabrika.plant.reasons import reasons_at
from fabrika.twin.told_truth import Mistake, SaidCount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.twin.floor_scene import Scene, Seen
    from fabrika.twin.rota import Duty
    from fabrika.twin.tell_station import Said

MINUTE_US = 60_000_000
EVERY_US, SPREAD_US = 60 * MINUTE_US, 25 * MINUTE_US
"""Between two reports of a station lies an hour, and up to 25 minutes more."""
TYPES_IN_AFTER = Distribution("lognormal", 70.0, 0.5)
ALMOST = 0.05
"""Share of reports that are a little off."""
OFF_BY = 6
"""Units by which they are, at most."""
CARELESS = 0.02
"""Share of a careless person's reports that each kind of mistake gets."""
MANY = 10
"""Smaller counts are sent twice by chance, and mean nothing."""
LATE_US = 120 * MINUTE_US
"""Who enters late does it at least so much later."""


class _Since(NamedTuple):
    """Where the next report of a station begins: an instant, and its counters and lot then."""

    at_us: int
    good: int
    scrapped: int
    lot: str | None


class Reports:
    """All reports of all stations.

    Args:
        scene: the floor.
        careless: share of a careless person's reports that each kind of mistake gets.

    Attributes:
        mistakes, counts: what was truly done.
    """

    def __init__(self, scene: Scene, careless: float = CARELESS) -> None:
        self.scene, self.share = scene, careless
        operators = scene.staff.operators
        self.careless = operators[int(scene.people.chance("careless/who") * len(operators))]
        self.mistakes: list[Mistake] = []
        self.counts: list[SaidCount] = []
        self._since: dict[str, _Since] = {}
        self._due_us: dict[str, int] = {}
        self._reasons = {
            path: [reason.id for _, held in reasons_at(scene.plant, "scrap", path) for reason in held]
            for path in scene.stations
        }

    def count(self, seen: Seen, event: UnitsCounted) -> Iterator[Said]:
        """A count of a station has ended: it may be time to report."""
        path = seen.path
        since = self._since.get(path)
        if since is None:
            since = self._begin(seen, event)
        elif event.lot != since.lot:
            yield from self._report(seen, since, _Since(event.from_us, *_before(seen, event), since.lot))
            since = self._begin(seen, event)
        if seen.needs:
            self._since[path] = _Since(event.to_us, seen.good, seen.scrapped, event.lot)
            return
        duty = self.scene.rota.duty_at(seen.line.id, event.to_us - 1)
        ends = duty is not None and event.to_us >= duty.to_us
        if event.to_us >= self._due_us[path] or ends:
            now = _Since(event.to_us, seen.good, seen.scrapped, event.lot)
            yield from self._report(seen, since, now)

    def _begin(self, seen: Seen, event: UnitsCounted) -> _Since:
        since = self._since[seen.path] = _Since(event.from_us, *_before(seen, event), event.lot)
        self._due_us.setdefault(seen.path, event.from_us + self._pause_us(seen.path))
        return since

    def _pause_us(self, path: str) -> int:
        return EVERY_US + int(self.scene.people.chance(f"{path}/reports") * SPREAD_US)

    def _report(self, seen: Seen, since: _Since, now: _Since) -> Iterator[Said]:
        """Report what was made since the last time, if anything was and if it is anybody's turn."""
        path, line = seen.path, seen.line.id
        good, scrapped = now.good - since.good, now.scrapped - since.scrapped
        duty = self.scene.rota.duty_at(line, now.at_us - 1)
        if duty is None and self.scene.rota.of_line(line):
            return  # nobody is there; whoever comes next reports it
        self._due_us[path] = now.at_us + self._pause_us(path)
        self._since[path] = now
        if good + scrapped == 0:
            return
        person = self.scene.staff.at(path, duty)
        event = UnitsReported(
            station=path,
            lot=since.lot,
            from_us=since.at_us,
            to_us=now.at_us,
            good=self._seen_as(path, good),
            scrapped=scrapped,
            reason=self._reason(path) if scrapped else None,
            person=person,
        )
        types_us = seen.to_us + self.scene.people.after_us(f"{path}/types", TYPES_IN_AFTER)
        if person == self.careless:
            yield from self._carelessly(event, duty, types_us, (good, scrapped))
        else:
            yield self._said(event, types_us, (good, scrapped))

    def _seen_as(self, path: str, good: int) -> int:
        if self.scene.people.chance(f"{path}/reads") >= ALMOST:
            return good
        off = 1 + int(self.scene.people.chance(f"{path}/off") * OFF_BY)
        return max(0, good + (off if self.scene.people.chance(f"{path}/more") < 0.5 else -off))

    def _reason(self, path: str) -> str | None:
        """Why units were scrapped: of the reasons that can be chosen there, the first most often."""
        known = self._reasons[path]
        return known[int(self.scene.people.chance(f"{path}/reason") ** 2 * len(known))] if known else None

    def _said(self, event: UnitsReported, at_us: int, true: tuple[int, int], tablet: str = "") -> Said:
        line = event.station.partition(".")[0]
        self.counts.append(
            SaidCount(
                person=event.person,
                station=event.station,
                at_us=at_us,
                from_us=event.from_us or event.to_us,
                to_us=event.to_us,
                good=event.good,
                scrapped=event.scrapped,
                true_good=true[0],
                true_scrapped=true[1],
            )
        )
        return self.scene.people.by_person(line + tablet, event.person, event, at_us)

    def _carelessly(self, event: UnitsReported, duty: Duty | None, at_us: int, true: tuple[int, int]) -> Iterator[Said]:
        drawn = self.scene.people.chance("careless/what") / self.share if self.share else 3.0
        if drawn < 1 and event.good + event.scrapped >= MANY:
            yield self._said(event, at_us, true)
            gap_us = 15_000_000 + int(self.scene.people.chance("careless/again") * 30_000_000)
            again = _like(event, from_us=None, to_us=event.to_us + gap_us)
            yield self._wrong("double", again, at_us + gap_us, (0, 0), "-2")
        elif 1 <= drawn < 2 and (other := self._other_lot(event)) is not None:
            yield self._wrong("wrong_lot", _like(event, lot=other), at_us, true)
        elif 2 <= drawn < 3 and duty is not None and duty.to_us - at_us > LATE_US + 20 * MINUTE_US:
            left_us = duty.to_us - 10 * MINUTE_US - at_us - LATE_US
            later_us = at_us + LATE_US + int(self.scene.people.chance("careless/later") * left_us)
            yield self._wrong("late", event, later_us, true)
        else:
            yield self._said(event, at_us, true)

    def _wrong(self, kind: str, event: UnitsReported, at_us: int, true: tuple[int, int], tablet: str = "") -> Said:
        self.mistakes.append(
            Mistake(
                kind=kind,  # type: ignore[arg-type]
                person=event.person,
                station=event.station,
                at_us=at_us,
                to_us=event.to_us,
                good=event.good,
                scrapped=event.scrapped,
                lot=event.lot,
            )
        )
        return self._said(event, at_us, true, tablet)

    def _other_lot(self, event: UnitsReported) -> str | None:
        """A lot that is not made there now: the line's last one, else one of another line."""
        line = event.station.partition(".")[0]
        before = self.scene.closed.get(line, [])
        if before:
            return before[-1]
        return next((lots[-1] for other, lots in self.scene.opened.items() if other != line and lots), None)


def _before(seen: Seen, event: UnitsCounted) -> tuple[int, int]:
    return seen.good - event.good, seen.scrapped - event.scrapped


def _like(event: UnitsReported, **other: object) -> UnitsReported:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return UnitsReported(**(fields | other))

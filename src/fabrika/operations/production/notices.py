"""What of stations, orders and shifts needs a person."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.operations.production.deliveries import rows_of
from fabrika.operations.production.doubt_pages import notices as doubted
from fabrika.operations.production.handover import waiting_of
from fabrika.operations.production.lots import made_of
from fabrika.operations.production.outline import Place, outline
from fabrika.operations.production.start_pages import held
from fabrika.operations.production.start_rules import CAUSE_WORDS, NEED_WORDS, named, who_mends
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.stops import asked_stops, coding_of, short_us
from fabrika.operations.production.times import SAFETY, STOPPED, now
from fabrika.operations.production.work_pages import compared
from fabrika.page import Asked, Notice, Source, States
from fabrika.plant.shifts import shift_at
from fabrika.wording import Worded

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
DOWN_US = 10 * MINUTE_US
"""A stop that lasts longer needs attention; from three times as long on it is urgent."""
UNTAKEN_US = 30 * MINUTE_US
"""A handover that waits for longer needs somebody who takes over."""


def _stations(states: States, asked: Asked) -> Iterator[Notice]:
    state: ProductionState = states["production"]
    for place in outline(asked.plant).places.values():
        known = state.stations.get(place.path)
        # A station that has told nothing at all is not connected yet; there is no use in calling for it every day.
        if known is not None:
            yield from _station(known, place, asked)


def _station(known: StationState, place: Place, asked: Asked) -> Iterator[Notice]:
    found = now(known, place.hours, asked.at_us)
    name, path = place.station.name or place.station.id, f"/stations/{place.path}"
    if found.silent and found.since_us is not None:
        yield Notice(
            priority="high",
            kind="silent",
            subject=place.path,
            path=path,
            since_us=found.since_us,
            sentence=Worded("{station} is silent: its state and its units are unknown.", station=name),
            remedy=Worded("Check the machine's connection; what it counts meanwhile can be sent later."),
        )
    elif found.state in STOPPED and found.since_us is not None and asked.at_us - found.since_us > DOWN_US:
        yield _down(known, place, asked, found.since_us, found.mode)
    yield from _by_persons(known, place, asked, found.state == SAFETY, found.since_us)
    for kind, odd in [("doubled", odd) for odd in known.doubled] + [("missed", odd) for odd in known.missed]:
        if asked.at_us - DAY_US <= odd.to_us <= asked.at_us:
            yield Notice(
                priority="medium",
                kind=kind,
                subject=place.path,
                path=path,
                since_us=odd.to_us,
                sentence=Worded(
                    "{station}: {units} units were told for a time that was counted before.",
                    station=name,
                    units=odd.units,
                )
                if kind == "doubled"
                else Worded(
                    "{station}: the machine's counter has {units} units that no count tells.",
                    station=name,
                    units=odd.units,
                ),
                remedy=Worded("Decide who counts; somebody who may correct withdraws the other count.")
                if kind == "doubled"
                else Worded("Check the counter, and have the count of that time sent or reported."),
            )


def _by_persons(
    known: StationState, place: Place, asked: Asked, stopped: bool, since_us: int | None
) -> Iterator[Notice]:
    """What persons told of a station, or ought to: a stop for safety, stops without a reason, counts that are not the machine's."""
    name, path = place.station.name or place.station.id, f"/work/{place.path}"
    if stopped:
        yield Notice(
            priority="high",
            kind="safety",
            subject=place.path,
            path=path,
            since_us=since_us,
            sentence=Worded("{station} is stopped for somebody's safety.", station=name),
            remedy=Worded("Look after it; somebody who may end the stop does so once it is safe."),
        )
    shift = shift_at(place.hours.calendar, place.hours.zone, asked.at_us)
    if asked.plant.short_stop_s:
        open_stops = asked_stops(known, place.hours, shift.start_us, asked.at_us, short_us(asked.plant))
        if open_stops:
            yield Notice(
                priority="low",
                kind="uncoded",
                subject=place.path,
                path=path,
                since_us=open_stops[0].to_us,
                sentence=Worded(
                    "{station}: stops of this shift without a reason: {n}.", station=name, n=len(open_stops)
                ),
                remedy=Worded("Whoever works there says why; one tap on the station's page for operators."),
            )
    found = compared(known, shift.start_us, asked.at_us)
    if found is not None and found.wide:
        yield Notice(
            priority="medium",
            kind="disagree",
            subject=place.path,
            path=path,
            since_us=found.to_us,
            sentence=Worded(
                "{station}: persons counted {people} units in this shift, the machine {machine}.",
                station=name,
                people=found.people,
                machine=found.machine,
            ),
            remedy=Worded("Count again; whoever reported too much takes it back, or the counter is looked after."),
        )


def _down(known: StationState, place: Place, asked: Asked, since_us: int, mode: str | None) -> Notice:
    name = place.station.name or place.station.id
    coding = coding_of(known, since_us, asked.at_us)
    mode = coding.mode if coding else mode
    crew = next((fails.crew for fails in place.station.fails if fails.id == mode), None)
    crew_name = next((found.name or found.id for found in asked.plant.crews if found.id == crew), None)
    remedy = (
        Worded("Call {crew}.", crew=crew_name)
        if crew_name is not None
        else Worded("Clear the stop at the machine, or code why it stands.")
    )
    return Notice(
        priority="high" if asked.at_us - since_us > 3 * DOWN_US else "medium",
        kind="down",
        subject=place.path,
        path=f"/stations/{place.path}",
        since_us=since_us,
        sentence=Worded("{station} stands: {mode}.", station=name, mode=mode)
        if mode is not None
        else Worded("{station} stands, and nobody said why.", station=name),
        remedy=remedy,
    )


def _holds(states: States, asked: Asked) -> Iterator[Notice]:
    state, plan = states["production"], outline(asked.plant)
    for row in held(state, plan, asked):
        first = row.missing[0]
        yield Notice(
            priority="high" if row.good + row.scrapped else "medium",
            kind="held",
            subject=row.station,
            path=row.path,
            since_us=row.since_us,
            sentence=Worded(
                "{station} is held after a {cause}; missing: {needs}.",
                station=row.name,
                cause=CAUSE_WORDS[row.cause],
                needs=named(row.missing),
            )
            if row.block
            else Worded(
                "{station} runs after a {cause}; missing: {needs}. Its units belong to no lot.",
                station=row.name,
                cause=CAUSE_WORDS[row.cause],
                needs=named(row.missing),
            ),
            remedy=Worded(
                "Record the {need}; these roles can: {roles}.",
                need=NEED_WORDS[first],
                roles=who_mends(asked.plant, first),
            ),
        )


def _handovers(states: States, asked: Asked) -> Iterator[Notice]:
    state: ProductionState = states["production"]
    for line in asked.plant.lines:
        name = waiting_of(state, line.id)
        since_us = state.handovers[name].prepared_us if name is not None else None
        if since_us is not None and asked.at_us - since_us > UNTAKEN_US:
            yield Notice(
                priority="low",
                kind="handover",
                subject=line.id,
                path=f"/handover/{line.id}",
                since_us=since_us,
                sentence=Worded("Nobody has taken over the line {line} yet.", line=line.name or line.id),
                remedy=Worded("Who works there now opens the handover and takes over."),
            )


def _orders(states: States, asked: Asked) -> Iterator[Notice]:
    state: ProductionState = states["production"]
    for name, order in state.orders.items():
        if order.closed_us is not None:
            continue
        for row in rows_of(state, asked, name):
            if row.state == "late":
                yield Notice(
                    priority="medium",
                    kind="late_delivery",
                    subject=f"{name} {row.call_off}",
                    path=f"/orders/{name}",
                    since_us=row.due_at_us,
                    sentence=Worded(
                        "The call-off {call_off} of the order {order} is late: {n} pieces are not shipped.",
                        call_off=row.call_off,
                        order=name,
                        n=row.quantity - row.shipped,
                    ),
                    remedy=Worded("Ship what is made, or agree on another date and enter the call-off anew."),
                )
        if order.due_at_us is None or order.due_at_us >= asked.at_us:
            continue
        opened = [lot for lot in state.lots.values() if lot.order == name and lot.closed_us is None]
        missing = order.quantity - made_of(asked.plant, order, opened)
        if missing > 0:
            yield Notice(
                priority="medium",
                kind="late",
                subject=name,
                path=f"/orders/{name}",
                since_us=order.due_at_us,
                sentence=Worded("The order {order} is late: {n} pieces are missing.", order=name, n=missing),
                remedy=Worded("Make them, or have the order closed by somebody who releases orders."),
            )


NOTICES: tuple[Source, ...] = (_stations, _holds, _handovers, _orders, doubted)

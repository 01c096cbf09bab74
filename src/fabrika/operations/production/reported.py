"""What a reported count must be: of a time that is over, in a lot that is made here, with a reason, possible, and told once."""

from __future__ import annotations

from math import ceil

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.operations.production.crew import Crew, Report
from fabrika.operations.production.outline import Place, outline
from fabrika.operations.production.state import ProductionState
from fabrika.operations.production.times import now
from fabrika.page import Asked
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Plant, Product
from fabrika.plant.reasons import reasons_at
from fabrika.wording import Worded

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
AHEAD_US = 60 * SECOND_US
"""So far may a tablet's clock be ahead of the server's."""
LONGEST_US = 7 * 24 * HOUR_US
"""A count stands for a week at most."""
DOUBLE_US = 3 * SECOND_US
"""The same again within this time is a button pressed twice."""
DOUBLE_MANY_US, MANY = 60 * SECOND_US, 10
"""The same number again within this time, if it is not a small one, is a report sent twice."""
FASTER, SPARE = 1.5, 10
"""How much faster than its stated cycle a station is believed to run, and units that lie about."""


def check_time(asked: Asked, from_us: int, to_us: int, last: Report | None) -> None:
    """A count is of a time that is over, a week at most, and behind the one before (``last``), if a begin was named.

    Raises:
        ActRefusedError: it is not.
    """
    if to_us > asked.at_us + AHEAD_US:
        raise ActRefusedError(
            Worded("This is reported for a time that has not come yet."),
            Worded("Correct the time, or have the clock of the tablet set."),
        )
    if not from_us < to_us or to_us - from_us > LONGEST_US:
        raise ActRefusedError(
            Worded("A count ends after it begins, and stands for a week at most."), Worded("Correct its begin and end.")
        )
    if last is not None and from_us < last.to_us:
        raise ActRefusedError(
            Worded("{person} reported a part of this time already.", person=last.person),
            Worded("Report what was made since then, or have that report withdrawn by somebody who may correct."),
        )


def lot_for(state: ProductionState, plant: Plant, place: Place, named: str | None, at_us: int) -> str | None:
    """The lot in which units count: the one that is named, else the one that the line makes; None if none is known.

    Raises:
        NotFoundError: there is no such lot.
        ActRefusedError: it is closed, or is made on another line.
    """
    line = place.line.id
    if named is None:
        plan = outline(plant)
        told = now(
            state.stations.get(plan.counting(plan.lines[line]).path), plan.counting(plan.lines[line]).hours, at_us
        )
        opened = [name for name in state.open_lots(line) if state.lots[name].opened_us <= at_us]
        if told.lot in opened:
            return told.lot
        return opened[-1] if opened else None
    lot = state.lots.get(named)
    if lot is None:
        raise NotFoundError(Worded("There is no lot {lot} among those of late.", lot=named))
    others = ", ".join(state.open_lots(line)) or "-"
    if lot.line != line:
        raise ActRefusedError(
            Worded("The lot {lot} is made on the line {line}, not here.", lot=named, line=lot.line),
            Worded("Choose one that is open here: {names}.", names=others),
        )
    if lot.closed_us is not None:
        raise ActRefusedError(
            Worded("The lot {lot} is closed.", lot=named),
            Worded("Choose one that is open here: {names}.", names=others),
        )
    return named


def check_reason(plant: Plant, place: Place, good: int, scrapped: int, reason: str | None) -> None:
    """Something was counted; what was scrapped has one of the plant's reasons, if it has any, and what is good has none.

    Raises:
        ActRefusedError: it is not so.
    """
    if not good and not scrapped:
        raise ActRefusedError(
            Worded("Nothing was counted."), Worded("Enter how many were good, or how many were scrapped.")
        )
    known = [held.id for _, group in reasons_at(plant, "scrap", place.path) for held in group]
    if reason is None and scrapped and known:
        raise ActRefusedError(
            Worded("Scrap needs a reason."), Worded("Choose one of: {names}.", names=", ".join(known))
        )
    if reason is not None and not scrapped:
        raise ActRefusedError(
            Worded("Nothing was scrapped, so that there is no reason for it."), Worded("Leave the reason out.")
        )
    if reason is not None and reason not in known:
        raise ActRefusedError(
            Worded("{reason} is no reason of scrap at this station.", reason=reason),
            Worded("Choose one of: {names}.", names=", ".join(known) or "-"),
        )


def most(plant: Plant, place: Place, lasts_us: int) -> int | None:
    """The most units that a station is believed to make in a time: somewhat more than at its fastest stated cycle.

    None for a transport, and where a product passes at once.
    """
    cycle_s = _fastest_s(plant, place)
    if cycle_s is None or cycle_s <= 0:
        return None
    station = place.station
    at_once = station.machines * (station.size if KINDS[station.kind].primitive == "batch" else 1)
    return ceil(FASTER * at_once * lasts_us / SECOND_US / cycle_s) + SPARE


def _fastest_s(plant: Plant, place: Place) -> float | None:
    station = place.station
    if station.cycle is None:
        return min((law.mean for law in station.cycle_of.values()), default=None)
    products: tuple[Product, ...] = plant.products
    stated = [law.mean for law in station.cycle_of.values()]
    usual = [station.cycle.mean * product.cycle_factor for product in products if product.id not in station.cycle_of]
    return min([*stated, *usual], default=station.cycle.mean)


def check_number(plant: Plant, place: Place, counted: int, already: int, lasts_us: int) -> None:
    """No more was counted, with what was reported of the same time ``already``, than the station can make in it.

    Raises:
        ActRefusedError: it was.
    """
    limit = most(plant, place, lasts_us)
    if limit is not None and counted + already > limit:
        raise ActRefusedError(
            Worded(
                "{n} units, after {already} reported before, are more than {station} can make in {minutes} minutes: {most} at most.",
                n=counted,
                already=already,
                station=place.station.name or place.station.id,
                minutes=lasts_us // (60 * SECOND_US),
                most=limit,
            ),
            Worded(
                "Correct the number. If it is right, the cycle in the plant file is not: report what fits, and tell your shift lead."
            ),
        )


def check_double(crew: Crew, person: str, content: tuple[int, int, str | None], to_us: int) -> None:
    """The same was not reported a moment ago.

    Raises:
        ActRefusedError: it was.
    """
    window_us = DOUBLE_MANY_US if content[0] + content[1] >= MANY else DOUBLE_US
    for found in reversed(crew.counts):
        if abs(to_us - found.to_us) > DOUBLE_MANY_US:
            break
        same = (found.good, found.scrapped, found.reason) == content and found.person == person
        if same and abs(to_us - found.to_us) <= window_us:
            raise ActRefusedError(
                Worded("You reported the same {n} seconds ago.", n=max(1, abs(to_us - found.to_us) // SECOND_US)),
                Worded("If these are others, say so below and send it again; else nothing is left to be done."),
            )

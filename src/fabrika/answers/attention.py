"""What needs a person, by priority and age: one plain sentence each, and who can mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from fabrika.answers.balances import due, missing
from fabrika.answers.ways import ways
from fabrika.operations.documents.pages import rows
from fabrika.operations.genealogy.state import GenealogyState
from fabrika.operations.inventory.notices import notices
from fabrika.operations.personnel.pages import proposals
from fabrika.operations.personnel.state import PersonnelState
from fabrika.operations.production.deliveries import rows_of
from fabrika.operations.production.handover import waiting_of
from fabrika.operations.production.lots import made_of
from fabrika.operations.production.outline import Place, outline
from fabrika.operations.production.start_pages import held
from fabrika.operations.production.start_rules import CAUSE_WORDS, NEED_WORDS, named, who_mends
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.stops import asked_stops, coding_of, short_us
from fabrika.operations.production.times import SAFETY, STOPPED, now
from fabrika.operations.production.work_pages import compared
from fabrika.operations.watch.pages import REPORTS
from fabrika.operations.watch.state import Report, WatchState
from fabrika.page import Asked, BookLook, Page, States
from fabrika.plant.shifts import shift_at
from fabrika.wording import Worded

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
DOWN_US = 10 * MINUTE_US
"""A stop that lasts longer needs attention; from three times as long on it is urgent."""
WITNESS_US = 7 * DAY_US
"""A book that no witness has seen for longer needs one."""
UNAPPROVED_US = 7 * DAY_US
"""A draft of a document that waits for longer needs somebody who approves it."""
UNTAKEN_US = 30 * MINUTE_US
"""A handover that waits for longer needs somebody who takes over."""
RANK = {"high": 0, "medium": 1, "low": 2}


class Item(Struct, frozen=True, kw_only=True):
    """One thing that needs a person.

    Attributes:
        kind: ``down``, ``safety``, ``uncoded``, ``disagree``, ``silent``, ``doubled``, ``missed``, ``proposal``, ``alarm``, ``late``,
            ``late_delivery``, ``held``, ``handover``, ``witness``, ``read_only``, ``must_read``, ``unapproved``; of stock ``expired``, ``below_nought``,
            ``over_limit``, ``unreleased``, ``unwitnessed``, ``counting``, ``strange_container``; of tablets ``report``; of balances ``unaccounted``.
        subject: what it is about: a station, an order, a proposal, an alarm, a report, a document, stock, the book.
        path: the page where it is looked after.
        since_us: since when; None if that is not known.
        sentence: what is the matter.
        remedy: what to do, and who can.
    """

    priority: Literal["high", "medium", "low"]
    kind: str
    subject: str
    path: str
    since_us: int | None
    sentence: str
    remedy: str


class Attention(Struct, frozen=True, kw_only=True):
    """Everything that needs attention, the most urgent first."""

    position: int
    at_us: int
    items: tuple[Item, ...]


def attention(states: States, asked: Asked) -> Attention:
    """Build the page."""
    return Attention(position=asked.position, at_us=asked.at_us, items=items(states, asked))


def items(states: States, asked: Asked) -> tuple[Item, ...]:
    """What needs a person: the most urgent first, and of those the oldest."""
    sources: tuple[Callable[[States, Asked], Iterator[Item]], ...] = (
        _book,
        _alarms,
        _reports,
        _stations,
        _holds,
        _handovers,
        _orders,
        _proposals,
        _documents,
        _stock,
        _balances,
    )
    found = [item for source in sources for item in source(states, asked)]
    return tuple(sorted(found, key=lambda item: (RANK[item.priority], item.since_us or 0, item.subject)))


def _book(states: States, asked: Asked) -> Iterator[Item]:
    book: BookLook = states["book"]
    if book.failure is not None:
        yield Item(
            priority="high",
            kind="read_only",
            subject=book.origin,
            path="/journal",
            since_us=None,
            sentence=Worded("The book cannot be written any more; nothing that happens is recorded."),
            remedy=Worded("Have the disk looked after and the server started again: {reason}", reason=book.failure),
        )
    seen = max(book.cosigned().values(), default=None)
    if asked.kind == "plant" and (seen is None or asked.at_us - seen > WITNESS_US):
        yield Item(
            priority="low",
            kind="witness",
            subject=book.origin,
            path="/journal",
            since_us=seen,
            sentence=Worded("No witness has seen the book yet.")
            if seen is None
            else Worded("No witness has seen the book for more than a week."),
            remedy=Worded("Have a witness take and cosign a checkpoint."),
        )


def _alarms(states: States, _asked: Asked) -> Iterator[Item]:
    watch: WatchState = states["watch"]
    for name, alarm in watch.open.items():
        if alarm.kind == "identity_conflict":
            sentence = Worded("{subject} sent one identity with two contents.", subject=alarm.subject)
            remedy = Worded("Find out which device sent it, keep both messages, and give the device a new epoch.")
        elif alarm.off_s is not None or alarm.step_s is not None:
            sentence = _clock(alarm.off_s or 0, alarm.step_s)
            remedy = Worded("Set the clock right and start the server again, then clear the alarm with what was found.")
        else:
            sentence = Worded(
                "Alarm of the server about {subject}: {detail}", subject=alarm.subject, detail=alarm.detail
            )
            remedy = Worded("Look after it, then clear the alarm with what was found.")
        yield Item(
            priority="high",
            kind="alarm",
            subject=name,
            path=f"/journal/{alarm.position}",
            since_us=alarm.at_us,
            sentence=sentence,
            remedy=remedy,
        )


def _reports(states: States, _asked: Asked) -> Iterator[Item]:
    watch: WatchState = states["watch"]
    for name, report in watch.reports.items():
        yield Item(
            priority="medium" if report.kind == "refused" else "low",
            kind="report",
            subject=name,
            path=REPORTS,
            since_us=report.said_at_us,
            sentence=_told_late(report),
            remedy=Worded(
                "Somebody who may correct asks {person}, enters what is right, and settles it.", person=report.person
            ),
        )


def _told_late(report: Report) -> Worded:
    if report.kind == "refused":
        return Worded(
            "{person} reported without the network, and it could not be taken: {problem}",
            person=report.person,
            problem=report.problem,
        )
    if report.kind == "old":
        return Worded("A report of {person} came more than 72 hours late; it was taken.", person=report.person)
    return Worded(
        "The clock of the tablet of {person} stands wrong by {time}; what was reported was taken.",
        person=report.person,
        time=_span(abs(report.off_s)),
    )


def _clock(off_s: int, step_s: int | None) -> Worded:
    """What is wrong with the server's clock: it was set, or else stood off when the server started."""
    if step_s is not None and step_s < 0:
        return Worded(
            "The server's clock was set back by {time}; the book goes on by the one before.", time=_span(-step_s)
        )
    if step_s is not None:
        return Worded(
            "The server's clock was set forward by {time}; the book goes on by the one before.", time=_span(step_s)
        )
    if off_s < 0:
        return Worded("The server's clock was {time} behind the book's last entry when it started.", time=_span(-off_s))
    return Worded("The server's clock was {time} ahead of the book's last entry when it started.", time=_span(off_s))


def _span(time_s: int) -> str:
    """A time in the largest unit of which it has two, or some without a rest; their signs are the same everywhere."""
    for sign, unit_s in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if time_s >= 2 * unit_s or (time_s and time_s % unit_s == 0):
            return f"{round(time_s / unit_s)} {sign}"
    return f"{time_s} s"


def _orders(states: States, asked: Asked) -> Iterator[Item]:
    state: ProductionState = states["production"]
    for name, order in state.orders.items():
        if order.closed_us is not None:
            continue
        for row in rows_of(state, asked, name):
            if row.state == "late":
                yield Item(
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
            yield Item(
                priority="medium",
                kind="late",
                subject=name,
                path=f"/orders/{name}",
                since_us=order.due_at_us,
                sentence=Worded("The order {order} is late: {n} pieces are missing.", order=name, n=missing),
                remedy=Worded("Make them, or have the order closed by somebody who releases orders."),
            )


def _stations(states: States, asked: Asked) -> Iterator[Item]:
    state: ProductionState = states["production"]
    for place in outline(asked.plant).places.values():
        known = state.stations.get(place.path)
        # A station that has told nothing at all is not connected yet; there is no use in calling for it every day.
        if known is not None:
            yield from _station(known, place, asked)


def _station(known: StationState, place: Place, asked: Asked) -> Iterator[Item]:
    found = now(known, place.hours, asked.at_us)
    name, path = place.station.name or place.station.id, f"/stations/{place.path}"
    if found.silent and found.since_us is not None:
        yield Item(
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
            yield Item(
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


def _by_persons(known: StationState, place: Place, asked: Asked, stopped: bool, since_us: int | None) -> Iterator[Item]:
    """What persons told of a station, or ought to: a stop for safety, stops without a reason, counts that are not the machine's."""
    name, path = place.station.name or place.station.id, f"/work/{place.path}"
    if stopped:
        yield Item(
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
            yield Item(
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
        yield Item(
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


def _holds(states: States, asked: Asked) -> Iterator[Item]:
    state, plan = states["production"], outline(asked.plant)
    for row in held(state, plan, asked):
        first = row.missing[0]
        yield Item(
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


def _handovers(states: States, asked: Asked) -> Iterator[Item]:
    state: ProductionState = states["production"]
    for line in asked.plant.lines:
        name = waiting_of(state, line.id)
        since_us = state.handovers[name].prepared_us if name is not None else None
        if since_us is not None and asked.at_us - since_us > UNTAKEN_US:
            yield Item(
                priority="low",
                kind="handover",
                subject=line.id,
                path=f"/handover/{line.id}",
                since_us=since_us,
                sentence=Worded("Nobody has taken over the line {line} yet.", line=line.name or line.id),
                remedy=Worded("Who works there now opens the handover and takes over."),
            )


def _down(known: StationState, place: Place, asked: Asked, since_us: int, mode: str | None) -> Item:
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
    return Item(
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


def _proposals(states: States, asked: Asked) -> Iterator[Item]:
    personnel: PersonnelState = states["personnel"]
    for row in proposals(personnel, asked):
        if row.outcome == "open":
            yield Item(
                priority="medium" if row.may_approve else "low",
                kind="proposal",
                subject=row.proposal,
                path="/people",
                since_us=row.at_us,
                sentence=Worded("{person} proposed what needs a second person.", person=row.person),
                remedy=Worded("Approve or reject it.")
                if row.may_approve
                else Worded("Somebody else whose roles allow it approves or rejects it."),
            )


def _documents(states: States, asked: Asked) -> Iterator[Item]:
    for row in rows(states["documents"], asked):
        if row.must_read:
            yield Item(
                priority="low",
                kind="must_read",
                subject=row.document,
                path=row.path,
                since_us=row.since_us,
                sentence=Worded(
                    "{title}: persons who must read again what is in force now: {count}.",
                    title=row.title,
                    count=row.must_read,
                ),
                remedy=Worded("The document's page names them; each says there that they have read and understood it."),
            )
        if row.waiting_since_us is not None and asked.at_us - row.waiting_since_us > UNAPPROVED_US:
            yield Item(
                priority="low",
                kind="unapproved",
                subject=row.document,
                path=row.path,
                since_us=row.waiting_since_us,
                sentence=Worded(
                    "{title}: revision {revision} waits for approval.", title=row.title, revision=row.waiting
                ),
                remedy=Worded("Somebody who may approve documents, and did not write it, approves or withdraws it."),
            )


def _stock(states: States, asked: Asked) -> Iterator[Item]:
    for found in notices(states["inventory"], asked):
        yield Item(
            priority=found.priority,
            kind=found.kind,
            subject=found.subject,
            path=found.path,
            since_us=found.since_us,
            sentence=found.sentence,
            remedy=found.remedy,
        )


def _balances(states: States, asked: Asked) -> Iterator[Item]:
    state: GenealogyState = states["genealogy"]
    for name, found in due(state, ways(asked.plant), asked.at_us):
        if found.fits:
            continue
        worst = max(found.parts, key=lambda part: abs(part.unaccounted) - part.tolerated)
        yield Item(
            priority="high",
            kind="unaccounted",
            subject=name,
            path="/balance",
            since_us=state.lots[name].closed_us,
            sentence=Worded(
                "{n} units of the lot {lot} are unaccounted for between {before} and {behind}.",
                n=worst.unaccounted,
                lot=name,
                before=worst.before,
                behind=worst.behind,
            ),
            remedy=Worded("Find out where they are; somebody who may accept balances says what was found."),
        )
    for lost in missing(state, asked):
        yield Item(
            priority="high",
            kind="unaccounted",
            subject=lost.behind,
            path="/balance",
            since_us=lost.from_us,
            sentence=Worded(
                "{n} units are unaccounted for in this shift between {before} and {behind}.",
                n=lost.unaccounted,
                before=lost.before,
                behind=lost.behind,
            ),
            remedy=Worded("Find out where they are, and count what lies between the two."),
        )


PAGES: tuple[Page, ...] = (
    Page(
        name="answers.attention",
        path="/attention",
        title=Worded("Needs attention"),
        act="see_plant",
        build=attention,
        commands=("watch.clear_alarm",),
    ),
)

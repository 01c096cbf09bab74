"""What a browser sends that kept it while there was no network: taken once, with the time at which the person pressed.

A browser is a source of its own: it numbers its reports without a gap, in an epoch that its memory drew when it began. Browser, epoch
and number are a report's identity for ever; the same report again gets the same answer. What cannot be taken any more is written
into the book as refused, with all that was entered, so that nothing that a person said is lost.
See ``docs/decisions/0029-reports-without-a-network.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from fabrika.app.requests import Request, fit_text, pen, written
from fabrika.app.service_answers import Done
from fabrika.errors import ActRefusedError, FabrikaError, IdentityConflictError, StorageFailedError
from fabrika.events.codec import Written
from fabrika.events.event import Event
from fabrika.events.fields import Key
from fabrika.events.house import ReportFlagged, ReportRefused
from fabrika.journal.book import Draft, Receipt
from fabrika.page import Command
from fabrika.wording import Worded, parts

SECOND_US = 1_000_000
OLD_US = 72 * 3_600 * SECOND_US
"""A report that is older when it comes is taken, and somebody looks at its time."""
AT_ONCE_US = 60 * SECOND_US
"""Whoever pressed so short a time ago still stands before the answer."""
CLOCK_US = 120 * SECOND_US
"""A browser's clock may stand off by so much before anybody is told."""
AHEAD_US = 5 * SECOND_US
"""A report may be said so much after it was sent: clocks are set by small steps all the time."""
LONGEST_FORM, LONGEST_TEXT = 20_000, 2_000


class Report(Struct, frozen=True, kw_only=True):
    """What a person entered in a browser, perhaps long ago.

    Attributes:
        browser, epoch, sequence: its identity.
        command: what it is for; None for one that this program does not know, and then ``name`` alone tells.
        name: the command's name as it was sent.
        entered: what was entered, JSON: texts by the field's name.
        form: the command's form; None if what was entered makes none.
        wrong: why it cannot be taken whatever the rules say; None if nothing is known against it.
        person: who pressed.
        device: the enrolled tablet, if it was at one.
        said_us: when, by the browser's own clock, microseconds since 1970 UTC.
        sent_us: what that clock said as the report was sent.
        at_once: the person still waits for the answer.
        only: the acts to which the way in which they proved who they are confines them; None if it does not.
    """

    browser: str
    epoch: str
    sequence: int
    command: Command | None
    name: str
    entered: str
    form: Struct | None
    wrong: FabrikaError | None
    person: str
    device: str | None
    said_us: int
    sent_us: int
    at_once: bool
    only: frozenset[str] | None = None

    @property
    def id(self) -> str:
        """Its identity in one word."""
        return f"{self.browser}-{self.epoch}-{self.sequence}"

    @property
    def age_us(self) -> int:
        """How long ago it was said, by the browser's own clock at both ends: that it stands wrong changes nothing."""
        return max(0, self.sent_us - self.said_us)

    @property
    def waited_for(self) -> bool:
        """Whether a refusal is told to the person at once, as that of any form, and need not be kept."""
        return self.at_once and self.age_us <= AT_ONCE_US


class Hands(NamedTuple):
    """What the plant's service lends: its rules of doing, writing and telling.

    Attributes:
        plant: the plant's id.
        before: the answer that a request got before, None if it is new.
        do: decide and write.
        admit: write.
        own_pen: writes as the service itself.
        alarm: kind, subject and detail of what must not be.
        now_us: now, as the book tells time.
    """

    plant: str
    before: Callable[[Draft, Request], Done | None]
    do: Callable[[Draft, Command, Any, Request, str | None], Done]
    admit: Callable[[Draft, Sequence[Written]], list[Receipt]]
    own_pen: Callable[[Draft], Any]
    alarm: Callable[[Draft, str, str, str], None]
    now_us: Callable[[Draft], int]


def taken(draft: Draft, report: Report, hands: Hands) -> Done:
    """Take a report, once.

    Raises:
        FabrikaError: it is refused, and the person who pressed is told so at once.
        StorageFailedError: nothing can be written; the browser keeps it.
    """
    request = _request(hands.plant, report)
    try:
        before = hands.before(draft, request)
    except IdentityConflictError as conflict:
        return _cloned(draft, report, request, hands, conflict)
    if before is not None:
        return before
    try:
        command, form = _sound(report)
        done = hands.do(draft, command, form, request, report.device)
    except StorageFailedError:
        raise
    except FabrikaError as refusal:
        if report.waited_for:
            raise
        return _kept(draft, report, request, hands, refusal)
    _look_at_time(draft, report, hands, request)
    return done


def _request(plant: str, report: Report) -> Request:
    epoch = hashlib.sha256(f"{plant}\n{report.browser}\n{report.epoch}\n{report.sequence}".encode()).hexdigest()[:16]
    said = f"{report.name}\n{report.person}\n{report.said_us}\n{report.entered}"
    # Whoever still waits for the answer said it now, as with any other form: the time of a twin's book goes on in strides, in which
    # what was said first could else stand behind what was said next.
    age_us = 0 if report.waited_for else report.age_us
    content = hashlib.sha256(said.encode()).hexdigest()
    return Request(report.person, Key(f"tablet/{report.browser}", epoch, 0), content, age_us, report.only)


def _sound(report: Report) -> tuple[Command, Struct]:
    """The command and its form, if nothing speaks against the report itself.

    Raises:
        FabrikaError: something does.
    """
    if report.wrong is not None:
        raise report.wrong
    if report.command is None or report.form is None:
        raise ActRefusedError(
            Worded("{command} cannot be sent later.", command=report.name), Worded("Do it again on its own page.")
        )
    if report.said_us > report.sent_us + AHEAD_US:
        raise ActRefusedError(
            Worded("The tablet's clock gave it a time that lies in the future."),
            Worded("Set the tablet's clock right, and enter it again with the time at which it was."),
        )
    return report.command, report.form


def _cloned(draft: Draft, report: Report, request: Request, hands: Hands, conflict: FabrikaError) -> Done:
    """Two browsers speak with one memory, or one forgot what it said: what came second is kept, and an alarm raised."""
    epoch = hashlib.sha256(f"{request.key.epoch}\n{request.digest}".encode()).hexdigest()[:16]
    other = request._replace(key=request.key._replace(epoch=epoch))
    before = hands.before(draft, other)
    if before is not None:
        return before
    hands.alarm(draft, "identity_conflict", f"{request.key.source}/{report.epoch}", conflict.problem)
    refusal = ActRefusedError(
        Worded("This tablet sent another report under the same number before."),
        Worded("Enter it again; if it happens once more, clear the tablet's memory."),
    )
    return _kept(draft, report, other, hands, refusal, name=f"{report.id}-{epoch}")


def _kept(
    draft: Draft, report: Report, request: Request, hands: Hands, refusal: FabrikaError, *, name: str | None = None
) -> Done:
    """The refusal in the book, with all that was entered."""
    problem, remedy = fit_text(refusal.problem, LONGEST_TEXT), fit_text(refusal.remedy, LONGEST_TEXT)
    event = ReportRefused(
        report=name or report.id,
        command=report.name,
        form=fit_text(report.entered, LONGEST_FORM),
        problem=problem,
        remedy=remedy,
        person=report.person,
        said_at_us=_said_us(draft, report, hands),
        worded=parts((refusal.problem, refusal.remedy)),
    )
    of = {"actor": report.person, "device": report.device, "request": request.digest}
    receipts = hands.admit(draft, written(pen(hands.plant, request), [event], _said_us(draft, report, hands), **of))
    return Done(
        positions=tuple(receipt.position for receipt in receipts),
        size=receipts[-1].position + 1,
        refused=(refusal.problem, refusal.remedy),
    )


def _look_at_time(draft: Draft, report: Report, hands: Hands, request: Request) -> None:
    """Have somebody look at a time that is very old, or was told by a clock that stands wrong."""
    off_us = report.sent_us - draft.at_us
    if report.age_us <= OLD_US and abs(off_us) <= CLOCK_US:
        return
    event: Event = ReportFlagged(
        report=report.id,
        command=report.name,
        why="old" if report.age_us > OLD_US else "clock",
        person=report.person,
        said_at_us=_said_us(draft, report, hands),
        off_s=round(off_us / SECOND_US) if abs(off_us) > CLOCK_US else 0,
    )
    hands.admit(draft, [hands.own_pen(draft).write(event, draft.at_us, device=report.device, cause=(request.key,))])


def _said_us(draft: Draft, report: Report, hands: Hands) -> int:
    return hands.now_us(draft) - report.age_us

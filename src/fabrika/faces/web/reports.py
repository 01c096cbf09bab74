"""What browsers send that kept it while there was no network: a batch in, one answer for each report out."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from msgspec import Meta, Struct

from fabrika.app.reports import AHEAD_US, Report
from fabrika.errors import ActRefusedError, FabrikaError, StorageFailedError
from fabrika.events.fields import MOST, Epoch, Id
from fabrika.faces.language import say, told
from fabrika.faces.web.accounts.claims import holds, opened
from fabrika.faces.web.entered import Entered, read_typed
from fabrika.faces.web.refusals import Refusal, answer_of, as_json, refused
from fabrika.faces.web.visit import Visit, say_next, visit_of
from fabrika.faces.web.vouchers import Voucher, read
from fabrika.page import Command
from fabrika.plant.acts import AT_STATION
from fabrika.wording import Worded

SIGN_OFF = "production.sign_off"
MOST_TOGETHER = 50
"""Reports in a batch at most."""

Texts = Annotated[list[Annotated[str, Meta(max_length=4_000)]], Meta(max_length=200)]
Person = Annotated[str, Meta(pattern=r"\A([A-Za-z0-9][A-Za-z0-9._:/#-]*)?\Z", max_length=100)]
Instant = Annotated[int, Meta(ge=0, le=MOST)]


class Sent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report as a browser sends it; see :class:`fabrika.app.reports.Report`.

    Attributes:
        fields: what was entered: texts by the field's name.
        person: who pressed, as the page knows them; empty if they said who they are while there was no network.
        voucher: of the page on which it was pressed.
        sealed: instead of it, what they typed then, see :mod:`fabrika.faces.web.accounts.claims`.
        at_once: the person waits for the answer.
    """

    sequence: Annotated[int, Meta(ge=1, le=MOST)]
    command: Id
    fields: Annotated[dict[str, Texts], Meta(max_length=200)]
    person: Person = ""
    voucher: Annotated[str, Meta(max_length=1_000)] = ""
    sealed: Annotated[str, Meta(max_length=2_000)] = ""
    said_at_us: Instant
    at_once: bool = False


class Batch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some reports of one browser, in their order.

    Attributes:
        browser: drawn by the browser when it was first used.
        epoch: drawn when the queue's memory was made.
        sent_at_us: what the browser's clock says as it sends them.
    """

    browser: Epoch
    epoch: Epoch
    sent_at_us: Instant
    reports: Annotated[list[Sent], Meta(min_length=1, max_length=MOST_TOGETHER)]


# Made here, by one thread: see Command.__post_init__.
_batch = msgspec.json.Decoder(Batch)


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a report.

    Attributes:
        outcome: ``done``; ``refused`` and told to the person at once; ``kept``: refused, and kept in the book for somebody to
            settle; ``sign_in``: it waits until its person signs in at this browser.
    """

    sequence: int
    outcome: str
    problem: str = ""
    remedy: str = ""


def reports(request: HttpRequest) -> HttpResponseBase:
    """Take a batch; by GET the mark that a batch must bear, for a page that was kept has an old one."""
    if request.method != "POST":
        return as_json({"token": get_token(request)})
    try:
        batch = _batch.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = say("This is no batch of reports: {reason}.", reason=str(error))
        return refused(request, Refusal("malformed", problem, say("Load the page again."), 400))
    answers: list[Answer] = []
    said = ""
    for sent in batch.reports:
        try:
            answer = _answered(request, batch, sent)
        except StorageFailedError as failure:
            if answers:
                break
            return answer_of(request, failure)
        answers.append(answer)
        if sent.at_once and answer.outcome == "done":
            said = sent.command
    _sign_off(request, batch, answers)
    response = as_json({"answers": answers})
    if said:
        _say(response, said)
    return response


def _say(response: HttpResponse, name: str) -> None:
    command = _command(name)
    if command is not None:
        say_next(response, say("{title}: done.", title=say(command.title)))


def _sign_off(request: HttpRequest, batch: Batch, answers: list[Answer]) -> None:
    """Whoever signed on by badge or PIN and signs off now has left the tablet, too."""
    visit = visit_of(request)
    done = {answer.sequence for answer in answers if answer.outcome == "done"}
    off = [sent for sent in batch.reports if sent.sequence in done and sent.at_once and sent.command == SIGN_OFF]
    if visit.known_by != "password" and any(sent.person == visit.person for sent in off):
        logout(request)


def _answered(request: HttpRequest, batch: Batch, sent: Sent) -> Answer:
    visit = visit_of(request)
    voucher, attributed = _claimed(request, sent) if sent.sealed else _vouched(visit, batch, sent)
    if voucher is None:
        return Answer(sequence=sent.sequence, outcome="sign_in")
    return _taken(visit, batch, sent, voucher, attributed=attributed)


def _vouched(visit: Visit, batch: Batch, sent: Sent) -> tuple[Voucher | None, bool]:
    """By which voucher a report is whose, and whether it counts for it; None if its person must sign in here first."""
    voucher = read(sent.voucher)
    if voucher is None or (sent.at_once and visit.person != voucher.person):
        if visit.person is None or visit.person != sent.person:
            return None, False
        own = Voucher(visit.person, visit.device, int(time.time()), visit.known_by)
        return own, True
    said_s = time.time() - max(0, batch.sent_at_us - sent.said_at_us) / 1e6
    return voucher, voucher.covers(said_s, visit) and voucher.device_is_ours()


def _claimed(request: HttpRequest, sent: Sent) -> tuple[Voucher | None, bool]:
    """Who said at this tablet, while there was no network, who they are; and whether it was so and they had not left since.

    Raises:
        StorageFailedError: too many wrong proofs came; it waits in the browser.
    """
    visit = visit_of(request)
    claim = opened(visit.site, sent.sealed)
    if claim is None:
        return Voucher("unknown", visit.device, 0, "badge"), False
    voucher = Voucher(claim.person, visit.device, 0, claim.known_by)
    longest_us = 3_600_000_000 * visit.site.policy.tablet_h
    in_time = -AHEAD_US <= sent.said_at_us - claim.at_us <= longest_us
    return voucher, visit.device_kind == "tablet" and in_time and holds(request, sent.sealed, claim)


def _taken(visit: Visit, batch: Batch, sent: Sent, voucher: Voucher, *, attributed: bool) -> Answer:
    report = _report(visit, batch, sent, voucher, attributed=attributed)
    try:
        done = visit.site.service.report(report)
    except StorageFailedError:
        raise
    except FabrikaError as refusal:
        problem, remedy = told(refusal.problem), told(refusal.remedy)
        return Answer(sequence=sent.sequence, outcome="refused", problem=problem, remedy=remedy)
    if done.refused is not None:
        return Answer(
            sequence=sent.sequence, outcome="kept", problem=told(done.refused[0]), remedy=told(done.refused[1])
        )
    return Answer(sequence=sent.sequence, outcome="done")


def _report(visit: Visit, batch: Batch, sent: Sent, voucher: Voucher, *, attributed: bool) -> Report:
    command = _command(sent.command)
    usable = command is not None and command.queues and command.act not in visit.site.policy.prove_again
    sure = voucher.known_by == "password"
    read_in = read_typed(command.form, sent.fields, visit.plant.zone) if command and usable else Entered(None, {})
    wrong: FabrikaError | None = None
    if not attributed and sent.sealed:
        wrong = ActRefusedError(
            Worded("The badge or the PIN that was given at the tablet without a network is not right."),
            Worded("Ask who worked there then whether it is theirs, and let them enter it again."),
        )
    elif not attributed:
        wrong = ActRefusedError(
            Worded("When this was pressed, {person} was not signed in at this tablet.", person=voucher.person),
            Worded("Ask them whether it is theirs, and let them enter it again."),
        )
    elif read_in.wrong:
        fields = "; ".join(f"{name}: {words}" if name else words for name, words in read_in.wrong.items())
        wrong = ActRefusedError(
            Worded("What was entered does not fit: {fields}", fields=fields),
            Worded("Correct it and enter it again."),
        )
    return Report(
        browser=batch.browser,
        epoch=batch.epoch,
        sequence=sent.sequence,
        command=command if usable else None,
        name=sent.command,
        entered=msgspec.json.encode(sent.fields, order="sorted").decode(),
        form=read_in.form,
        wrong=wrong,
        person=voucher.person,
        device=voucher.device,
        said_us=sent.said_at_us,
        sent_us=batch.sent_at_us,
        at_once=sent.at_once,
        only=None if sure else AT_STATION,
    )


def _command(name: str) -> Command | None:
    from fabrika.app.sitemap import COMMANDS

    return next((command for command in COMMANDS if command.name == name), None)

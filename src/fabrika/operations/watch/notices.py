"""What the server met, and reports of tablets: what of it needs a person."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.operations.watch.pages import REPORTS
from fabrika.operations.watch.state import Report, WatchState
from fabrika.page import Asked, Notice, Source, States
from fabrika.wording import Worded


def _alarms(states: States, _asked: Asked) -> Iterator[Notice]:
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
        yield Notice(
            priority="high",
            kind="alarm",
            subject=name,
            path=f"/journal/{alarm.position}",
            since_us=alarm.at_us,
            sentence=sentence,
            remedy=remedy,
        )


def _reports(states: States, _asked: Asked) -> Iterator[Notice]:
    watch: WatchState = states["watch"]
    for name, report in watch.reports.items():
        yield Notice(
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


NOTICES: tuple[Source, ...] = (_alarms, _reports)

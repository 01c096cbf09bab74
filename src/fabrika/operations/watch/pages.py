"""Reports that came from tablets and that somebody has to settle."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from fabrika.operations.watch.state import Report, WatchState
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded, restored

REPORTS = "/attention/reports"


class ReportRow(Struct, frozen=True, kw_only=True):
    """A report that was refused, or whose time is to be looked at.

    Attributes:
        kind: ``refused``; ``old``: it came more than 72 hours late; ``clock``: the tablet's clock stood wrong.
        said_at_us, taken_us: when the person pressed, and when the book took it.
        entered: what was entered, by the field's name; empty for what was taken.
        off_s: by how many seconds the tablet's clock stood ahead.
    """

    report: str
    kind: str
    command: str
    person: str
    device: str | None
    said_at_us: int
    taken_us: int
    problem: str
    remedy: str
    entered: dict[str, str]
    off_s: int
    path: str


class Reports(Struct, frozen=True, kw_only=True):
    """All of them, the oldest first."""

    position: int
    at_us: int
    reports: tuple[ReportRow, ...]


def reports(states: States, asked: Asked) -> Reports:
    """Build the page."""
    state: WatchState = states["watch"]
    found = sorted(state.reports.items(), key=lambda pair: pair[1].position)
    rows = tuple(_row(name, report) for name, report in found)
    return Reports(position=asked.position, at_us=asked.at_us, reports=rows)


def _row(name: str, report: Report) -> ReportRow:
    problem, remedy = restored(report.worded, (report.problem, report.remedy))
    return ReportRow(
        report=name,
        kind=report.kind,
        command=report.command,
        person=report.person,
        device=report.device,
        said_at_us=report.said_at_us,
        taken_us=report.taken_us,
        problem=problem,
        remedy=remedy,
        entered=_entered(report.form),
        off_s=report.off_s,
        path=f"/journal/{report.position}",
    )


def _entered(form: str) -> dict[str, str]:
    """What was entered, as far as it can be read; a form that was cut is shown as it is."""
    try:
        found: Mapping[str, list[str]] = msgspec.json.decode(form, type=dict[str, list[str]])
    except msgspec.DecodeError:
        return {"": form} if form else {}
    return {name: "\n".join(texts) for name, texts in found.items()}


PAGES: tuple[Page, ...] = (
    Page(
        name="watch.reports",
        path=REPORTS,
        title=Worded("Reports to be settled"),
        act="see_plant",
        build=reports,
        commands=("watch.settle_report",),
    ),
)

"""From the forms of calendars to the model: shifts that fit into a week."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np

from fabrika.plant.draft import Draft
from fabrika.plant.forms import CalendarForm, ShiftForm
from fabrika.plant.model import Calendar, Plant, Shift

DAY_MIN: Final = 1440
WEEK_MIN: Final = 7 * DAY_MIN


def calendar(draft: Draft, form: CalendarForm) -> Calendar:
    """One calendar of the model."""
    shifts = tuple(_shift(draft, item) for item in form.shifts)
    if not draft.lost.touched("shifts"):
        _check_week(draft, form, shifts)
    for item in form.shutdowns:
        if item.end < item.start:
            draft.findings.add(item.place("to"), "The shutdown ends before it begins.", "Write `to` not before `from`.")
    warm_up = form.warm_up
    return Calendar(
        id=str(form.id),
        shifts=shifts,
        holidays=tuple(form.holidays),
        shutdowns=tuple((item.start, item.end) for item in form.shutdowns),
        warm_up_s=warm_up.takes if warm_up else 0.0,
        warm_up_after_s=warm_up.after_standing if warm_up else 0.0,
        name=form.name,
    )


def _shift(draft: Draft, form: ShiftForm) -> Shift:
    """One shift; its breaks must lie inside it and apart, in their order."""
    length = (form.end - form.start) % DAY_MIN or DAY_MIN
    until = 0
    for item in form.breaks:
        start = (item.start - form.start) % DAY_MIN
        end = start + ((item.end - item.start) % DAY_MIN or DAY_MIN)
        if start < until or end > length:
            wrong = "The break does not lie inside its shift, behind the break before."
            draft.findings.add(item.at, wrong, "Write breaks in their order, each between the shift's ends.")
        until = end
    if form.breaks and sum((item.end - item.start) % DAY_MIN for item in form.breaks) >= length:
        draft.findings.add(form.place("breaks"), "The breaks fill the whole shift.", "Write shorter breaks.")
    breaks = tuple((item.start, item.end) for item in form.breaks)
    return Shift(form.days, form.start, form.end, breaks)


def _check_week(draft: Draft, form: CalendarForm, shifts: tuple[Shift, ...]) -> None:
    if not shifts:
        wrong = f"The calendar `{form.id}` has no working time."
        draft.findings.add(
            form.place("shifts"), wrong, 'Add a shift, such as `{days: mon-fri, from: "06:00", to: "14:00"}`.'
        )
        return
    spans: list[tuple[int, int, Any]] = []
    for shift, item in zip(shifts, form.shifts, strict=True):
        length = (shift.end_min - shift.start_min) % DAY_MIN or DAY_MIN
        for day in shift.days:
            begin = day * DAY_MIN + shift.start_min
            spans.append((begin, begin + length, item))
    spans.sort(key=lambda span: span[:2])
    spans.append((spans[0][0] + WEEK_MIN, spans[0][1] + WEEK_MIN, spans[0][2]))
    told: set[int] = set()
    for before, after in pairwise(spans):
        if after[0] < before[1]:
            later = max((before[2], after[2]), key=lambda item: (item.at.line, item.at.column))
            if id(later) not in told:
                told.add(id(later))
                wrong = f"Two shifts of the calendar `{form.id}` overlap."
                draft.findings.add(later.at, wrong, "Let one end where, or before, the other begins.")


def check_year(draft: Draft, plant: Plant) -> None:
    """Note calendars whose holidays and shutdowns leave no day to work on in the contract's year."""
    if draft.lost.touched("shifts") or "contract.date" in draft.lost.keys:
        return
    year = plant.contract.date.year + 1 if plant.contract and plant.contract.date else 2001
    start = np.datetime64(f"{year}-01-01")
    days = np.arange(start, np.datetime64(f"{year + 1}-01-01"))
    weekday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    for found, form in zip(plant.calendars, draft.form.calendars, strict=True):
        closed = sum((end - begin).days + 1 for begin, end in found.shutdowns) + len(found.holidays)
        if closed < 52 or not found.shifts:
            continue
        open_day = np.isin(weekday, [day for shift in found.shifts for day in shift.days])
        for begin, end in found.shutdowns:
            open_day &= (days < np.datetime64(begin)) | (days > np.datetime64(end))
        open_day &= ~np.isin(days, np.array(found.holidays, dtype="datetime64[D]"))
        if not open_day.any():
            wrong = f"The calendar `{found.id}` has no working time in {year}."
            draft.findings.add(form.place("id"), wrong, "Write shorter shutdowns or fewer holidays.")

"""Counts, instants and durations as a page shows them: in the reader's signs, in the plant's time, unknown as unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from fabrika.faces import formats
from fabrika.faces.formats import THIN
from fabrika.faces.language import message, say, say_many, wanted
from fabrika.faces.report import numbers, terms
from fabrika.faces.report.words import name
from fabrika.operations.production.notices import DOWN_US
from fabrika.operations.production.start_rules import CAUSE_WORDS, NEED_WORDS
from fabrika.operations.production.times import STOPPED

_DAY_AND_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
FARTHEST_US = 250_000_000_000_000_000
"""Instants beyond the year 9892 are shown as not known; a calendar knows them no more."""

WELL = frozenset({"processing", "setup", "planned", "off_shift", "no_order"})
"""States that need nobody."""

PRIORITIES = {"high": message("high"), "medium": message("medium"), "low": message("low")}


@lru_cache(maxsize=8_192)
def local(at_us: int, zone: tzinfo) -> datetime | None:
    """An instant on the plant's clock; None where no calendar reaches."""
    if not -FARTHEST_US < at_us < FARTHEST_US:
        return None
    return (EPOCH + timedelta(microseconds=at_us)).astimezone(zone)


def clock(at_us: int | None, zone: tzinfo, *, seconds: bool = False) -> str:
    """The time of day of an instant, ``14:05`` or ``14:05:09``."""
    at = None if at_us is None else local(at_us, zone)
    if at is None:
        return numbers.unknown()
    return f"{at.hour:02}:{at.minute:02}:{at.second:02}" if seconds else f"{at.hour:02}:{at.minute:02}"


def day(at_us: int | None, zone: tzinfo) -> str:
    """The day of an instant."""
    at = None if at_us is None else local(at_us, zone)
    return numbers.unknown() if at is None else formats.day(at.date().isoformat(), language=wanted())


def instant(at_us: int | None, zone: tzinfo, *, seconds: bool = False) -> str:
    """Day and time of an instant."""
    if at_us is None or local(at_us, zone) is None:
        return numbers.unknown()
    return f"{day(at_us, zone)} {clock(at_us, zone, seconds=seconds)}"


def since(at_us: int | None, now_us: int, zone: tzinfo) -> str:
    """When something began: the time of day within the last 20 hours, else with its day."""
    if at_us is None:
        return numbers.unknown()
    return clock(at_us, zone) if 0 <= now_us - at_us < 20 * HOUR_US else instant(at_us, zone)


def machine_time(at_us: int | None) -> str:
    """An instant as programs read it, in UTC; empty where it is not known."""
    at = None if at_us is None else local(at_us, UTC)
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M:%S}Z"


def for_input(text: str, zone: tzinfo) -> str:
    """An instant in microseconds as a field for day and time holds it; any other text as it is."""
    if not text.lstrip("-").isdecimal() or len(text) > 20:
        return text
    at = local(int(text), zone)
    return text if at is None else f"{at:%Y-%m-%dT%H:%M:%S}"


def input_type(text: str) -> str:
    """The type of a field for day and time; what is none is kept as it was typed, in a field for texts."""
    return "datetime-local" if not text or _DAY_AND_TIME.fullmatch(text) else "text"


def duration(us: int | None) -> str:
    """A duration in its two largest units: ``2 d 4 h``, ``3 h 12 min``, ``4 min``, ``45 s``."""
    if us is None:
        return numbers.unknown()
    seconds = abs(us) // SECOND_US
    if seconds < 60:
        return _in((seconds, "s"))
    if seconds < 600:
        return _in((seconds // 60, "min"), (seconds % 60, "s"))
    minutes = seconds // 60
    if minutes < 60:
        return _in((minutes, "min"))
    hours = minutes // 60
    if hours < 24:
        return _in((hours, "h"), (minutes % 60, "min"))
    return _in((hours // 24, "d"), (hours % 24, "h"))


def _in(*parts: tuple[int, str]) -> str:
    shown = [f"{numbers.grouped(value)}{THIN}{_unit(unit)}" for value, unit in parts if value or len(parts) == 1]
    return " ".join(shown)


def _unit(unit: str) -> str:
    return say("d") if unit == "d" else unit


def age(at_us: int | None, now_us: int) -> str:
    """How long ago an instant was; nothing where it is not known."""
    return "" if at_us is None else duration(max(now_us - at_us, 0))


def count(value: float | None, decimals: int = 0) -> str:
    """A count; one that is not known is said to be so and never shown as nought."""
    return numbers.unknown() if value is None else numbers.grouped(value, decimals)


def units(value: int | None) -> str:
    """A number of units with the word for them."""
    if value is None:
        return say("units not known")
    return say_many("{n} unit", "{n} units", value, n=numbers.grouped(value))


def share(value: float | None, decimals: int = 0) -> str:
    """A share in [0, 1] as percent."""
    return numbers.unknown() if value is None else numbers.percent(min(max(value, 0.0), 1.0), decimals)


def state(key: str) -> str:
    """A state of a station in words."""
    if key == "safety":
        return say("stopped for safety")
    return say("unknown") if key == "unknown" else terms.words(key)


def state_times(times: Mapping[str, int]) -> list[tuple[str, str]]:
    """Durations by state, in words; those without any time are left out."""
    found = terms.ordered_states({key for key, us in times.items() if us > 0})
    return [(state(key), duration(times[key])) for key in found]


def need(key: str) -> str:
    """What a station is held for, in words."""
    return say(NEED_WORDS[key]) if key in NEED_WORDS else key


def needs(keys: Sequence[str]) -> str:
    """Several of them."""
    return ", ".join(need(key) for key in keys)


def cause(key: str) -> str:
    """After what a station is held, in words."""
    return say(CAUSE_WORDS[key]) if key in CAUSE_WORDS else key


def look(key: str, since_us: int | None, now_us: int, *, silent: bool = False) -> str:
    """How a station is drawn: colour only where a person is needed.

    Returns:
        ``well``; ``waits`` for other stations (dashed); ``untold`` if it never told anything; ``silent``; ``short`` for a
        stop that is young; ``calls`` and ``urgent`` for one that is not.
    """
    if since_us is None or (key == "unknown" and not silent):
        return "untold"
    if silent:
        return "silent"
    if key == "safety":
        return "urgent"
    if key not in STOPPED:
        return "well" if key in WELL else "waits"
    lasts = now_us - since_us
    return "urgent" if lasts > 3 * DOWN_US else "calls" if lasts > DOWN_US else "short"


def label(id_: str, words: str | None) -> str:
    """What a thing is called: its name in the plant file, else its id."""
    return name(words or id_)


def priority(key: str) -> str:
    """A priority in words."""
    return say(PRIORITIES[key]) if key in PRIORITIES else name(key)


def ratio(part: float | None, whole: float | None) -> float | None:
    """``part`` of ``whole`` in [0, 1]; None where one is not known or there is nothing to compare with."""
    if part is None or whole is None or whole <= 0:
        return None
    return min(max(part / whole, 0.0), 1.0)

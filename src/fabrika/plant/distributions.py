"""Distributions and beliefs as words: ``gamma(0.5 s, cv 0.3) +- 3 %``.

The quantity inside the brackets is always the mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from fabrika.plant.model import Clock, Distribution, Family
from fabrika.plant.quantities import (
    NUMBER,
    Dimension,
    Unreadable,
    bounded,
    check_cycles,
    check_time,
    count,
    number,
    quantity,
    share,
    shown,
    text_of,
)

WIDEST_RELATIVE: Final = 0.5
SHAPES: Final[dict[str, tuple[str, float, float]]] = {
    "gamma": ("cv", 0.0, 5.0),
    "lognormal": ("cv", 0.0, 5.0),
    "weibull": ("shape", 0.2, 20.0),
}
FORMS: Final[dict[str, str]] = {
    "exponential": "exponential(0.5 s)",
    "gamma": "gamma(0.5 s, cv 0.3)",
    "lognormal": "lognormal(2 min, cv 1)",
    "weibull": "weibull(400 h, shape 1.5)",
    "erlang": "erlang(3, 0.5 s)",
}
CLOCK_WORDS: Final[dict[str, Clock]] = {"busy": "busy", "on shift": "shift"}

_CALL = re.compile(r"([A-Za-z_]+)[ \t]*\(([^()]*)\)")
_OBSERVED = re.compile(r"([0-9]+)[ \t]+stops?[ \t]+in[ \t]+(.+)")
_RELATIVE = re.compile(r"(.*?)[ \t]*\+-[ \t]*(.*)")
_BETWEEN = re.compile(r"(.*?)[ \t]between[ \t]+(.*?)[ \t]+and[ \t]+(.*)")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A belief before it is known which parameter it is about; fields as in :class:`fabrika.plant.model.Belief`."""

    kind: Literal["relative", "between", "observed"]
    low: float = 0.0
    high: float = 0.0
    events: int = 0


@dataclass(frozen=True, slots=True)
class _Core:
    """A value without its belief; ``unit`` as written, for beliefs that leave it out."""

    law: Distribution
    dimension: Dimension
    clock: Clock | None
    unit: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A value as the file states it.

    Attributes:
        law: the distribution; constant for a plain quantity.
        dimension: what the mean is measured in.
        clock: on which clock it runs; None where the file did not say one.
        doubt: the belief written behind it, if any.
        text: as written.
    """

    law: Distribution
    dimension: Dimension
    clock: Clock | None
    doubt: Doubt | None
    text: str


def stated_time(text: str, *, laws: bool = True, zero: bool = False) -> Stated:
    """A time: a distribution if ``laws``, else a plain time; with a belief if it has one.

    Raises:
        Unreadable: not so.
    """
    core, doubt_text = _split(bounded(text))
    found = _law(core, ("time",), clocks=False, laws=laws)
    check_time(found.law.mean, core, zero=zero and found.law.family == "constant")
    return _stated(found, doubt_text, text)


def stated_work(text: str, *, laws: bool = True, working: bool = True) -> Stated:
    """Cycles or time on a clock, such as ``5000 cycles`` or ``exponential(600 h busy)``.

    ``working`` False: only clocks that run by themselves (on shift, day and night).

    Raises:
        Unreadable: not so.
    """
    core, doubt_text = _split(bounded(text))
    wanted: tuple[Dimension, ...] = ("cycles", "time") if working else ("time",)
    found = _law(core, wanted, clocks=True, laws=laws)
    if not working and found.clock == "busy":
        raise Unreadable("`busy` is the clock of one machine.", "Write `h on shift`, or `h` for day and night.")
    _check_work(found.law.mean, found.dimension, core)
    return _stated(found, doubt_text, text)


def _stated(core: _Core, doubt_text: tuple[str, ...], text: str) -> Stated:
    return Stated(core.law, core.dimension, core.clock, _doubt(doubt_text, core), text.strip())


def _check_work(value: float, dimension: Dimension, text: str) -> None:
    if dimension == "cycles":
        check_cycles(value, text)
        return
    check_time(value, text)
    if value < 1:
        raise Unreadable(f"{shown(text)} between stops is less than a second.", "Write at least `1 s`.")


def stated_observation(text: str) -> Stated:
    """Stops counted over a time, ``37 stops in 412 h busy``, as an exponential law with its belief.

    Raises:
        Unreadable: not so, or no stop at all.
    """
    match = _OBSERVED.fullmatch(bounded(text))
    if match is None:
        raise Unreadable(f"{shown(text)} is not an observation.", "Write it as `37 stops in 412 h busy`.")
    events = count(match[1], 0, 10**9)
    if events == 0:
        raise Unreadable("No stop was observed, so that no mean follows.", "Write a belief such as `400 h +- 30 %`.")
    found = _law(match[2].strip(), ("cycles", "time"), clocks=True, laws=False)
    mean = found.law.mean / events
    _check_work(mean, found.dimension, text)
    law = Distribution("exponential", mean)
    return Stated(law, found.dimension, found.clock, Doubt("observed", events=events), text.strip())


def stated_share(text: str) -> Stated:
    """A share in per cent from 0 to 100; a belief about it must be a range.

    Raises:
        Unreadable: not so.
    """
    core, doubt_text = _split(bounded(text))
    value = share(core)
    return _stated(_Core(Distribution("constant", value), "share", None, "%"), doubt_text, text)


def stated_factor(text: str, low: float, high: float) -> Stated:
    """A bare number above ``low`` (or equal to it if ``low`` is 1) up to ``high``, with a belief if it has one.

    Raises:
        Unreadable: not so.
    """
    core, doubt_text = _split(bounded(text))
    if "%" in core:
        raise Unreadable(f"{shown(core)} is a share, not a factor.", "Write a bare number such as `1.05`.")
    value = float(number(core))
    if value > high or value < low or value == 0:
        least = f"from {low:g}" if low else "above 0"
        raise Unreadable(f"{shown(core)} is not a number {least} to {high:g}.", f"Write a number {least} to {high:g}.")
    return _stated(_Core(Distribution("constant", value), "factor", None, ""), doubt_text, text)


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """The value, and nothing, the width or both ends of its belief."""
    if match := _RELATIVE.fullmatch(text):
        return match[1].strip(), (match[2].strip(),)
    if match := _BETWEEN.fullmatch(text):
        return match[1].strip(), (match[2].strip(), match[3].strip())
    if "±" in text:
        raise Unreadable("`±` is not part of the file's language.", "Write `+-` instead, as in `0.5 s +- 3 %`.")
    return text, ()


def _law(text: str, wanted: tuple[Dimension, ...], *, clocks: bool, laws: bool) -> _Core:
    call = _CALL.fullmatch(text)
    if call is None:
        if "(" in text or ")" in text:
            raise Unreadable(f"{shown(text)} is not a distribution.", f"Write it as `{FORMS['exponential']}`.")
        return _mean(text, wanted, clocks=clocks)
    if not laws:
        raise Unreadable(f"{shown(text)} is a distribution.", "Write a plain value here; this one is not drawn.")
    return _family(call[1], [part.strip() for part in call[2].split(",")], wanted, clocks)


def _family(family: str, parts: list[str], wanted: tuple[Dimension, ...], clocks: bool) -> _Core:
    if family not in FORMS:
        raise Unreadable(f"`{family[:30]}` is not a distribution of this file.", f"Use one of: {', '.join(FORMS)}.")
    if len(parts) != (1 if family == "exponential" else 2):
        raise Unreadable(f"`{family}` is not written so.", f"Write it as `{FORMS[family]}`.")
    shape = 0.0
    if family == "erlang":
        shape = float(count(parts[0], 1, 1000))
    core = _mean(parts[1] if family == "erlang" else parts[0], wanted, clocks=clocks)
    if family in SHAPES:
        shape = _shape(family, parts[1])
    return replace(core, law=Distribution(cast("Family", family), core.law.mean, shape))


def _shape(family: str, text: str) -> float:
    word, low, high = SHAPES[family]
    match = re.fullmatch(rf"{word}[ \t]+({NUMBER})", text)
    if match is None:
        raise Unreadable(f"{shown(text)} is not the {word} of a {family}.", f"Write it as `{FORMS[family]}`.")
    value = float(number(match[1]))
    if not low <= value <= high or value == 0:
        least = f"from {low:g}" if low else "above 0"
        raise Unreadable(f"A {word} of {shown(match[1])} is out of range.", f"Write a {word} {least} to {high:g}.")
    return value


def _mean(text: str, wanted: tuple[Dimension, ...], *, clocks: bool) -> _Core:
    clock: Clock | None = None
    for words, name in CLOCK_WORDS.items():
        if text.endswith(" " + words):
            clock, text = name, text[: -len(words)].rstrip()
    if clock is not None and not clocks:
        raise Unreadable("This time runs on plant time.", f"Write `{text}` without a clock.")
    found = quantity(text, wanted)
    if found.dimension == "cycles":
        if clock is not None:
            raise Unreadable("Cycles are counted while working.", f"Write `{text}` without a clock.")
        clock = "cycles"
    elif clocks and clock is None:
        clock = "clock"
    return _Core(Distribution("constant", found.value), found.dimension, clock, found.unit)


def _doubt(parts: tuple[str, ...], core: _Core) -> Doubt | None:
    mean, dimension = core.law.mean, core.dimension
    if not parts:
        return None
    if mean == 0:
        raise Unreadable("Nothing can be believed about a value of 0.", "Write a value above 0, or no belief.")
    if len(parts) == 2:
        return _between(parts[0], parts[1], core)
    if dimension == "share":
        raise Unreadable(
            "`+-` behind a share can be read in two ways.", "Write `between 0.3 % and 0.5 %` with the ends you mean."
        )
    width = quantity(parts[0], ("share",)).value if parts[0].endswith("%") else _end(parts[0], core, core.unit) / mean
    if not 0 < width <= WIDEST_RELATIVE:
        raise Unreadable(
            f"The belief +- {shown(parts[0])} is not above 0 and up to half of the value.",
            "Write a smaller one, or `between LOW and HIGH`.",
        )
    return Doubt("relative", width, width)


def _between(first: str, last: str, core: _Core) -> Doubt:
    mean, dimension = core.law.mean, core.dimension
    written = re.search(r"[A-Za-z%]+$", last)
    high = _end(last, core, core.unit)
    low = _end(first, core, written[0] if written else core.unit)
    if not 0 < low < mean < high:
        raise Unreadable(
            "The value does not lie between the two ends of its belief.",
            f"Write two ends above 0 on both sides of {text_of(mean, dimension)}.",
        )
    if dimension == "share" and high > 1:
        raise Unreadable("The belief goes beyond 100 %.", "Write an upper end of at most `100 %`.")
    return Doubt("between", low / mean, high / mean)


def _end(text: str, core: _Core, unit: str) -> float:
    if core.dimension == "factor":
        return float(number(text))
    if re.fullmatch(NUMBER, text):
        text = f"{text} {unit}"
    return quantity(text, (core.dimension,)).value


def text_of_law(law: Distribution, dimension: Dimension, clock: Clock | None = None) -> str:
    """A distribution as the file writes it."""
    mean = text_of(law.mean, dimension, hours=clock is not None)
    if clock in ("busy", "shift"):
        mean += " busy" if clock == "busy" else " on shift"
    if law.family == "constant":
        return mean
    if law.family == "exponential":
        return f"exponential({mean})"
    if law.family == "erlang":
        return f"erlang({int(law.shape)}, {mean})"
    return f"{law.family}({mean}, {SHAPES[law.family][0]} {law.shape:g})"

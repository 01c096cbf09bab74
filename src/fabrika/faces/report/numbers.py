"""Numbers as people read them: in their language's signs, sensible digits, and the interval always beside the mean."""

from __future__ import annotations

from math import floor, isfinite, log10

from fabrika.faces import formats
from fabrika.faces.formats import REPORT, THIN
from fabrika.faces.language import say, wanted
from fabrika.twin.proof_result import Estimate


def unknown() -> str:
    """What stands where a figure is not known."""
    return say("not known")


def grouped(value: float, decimals: int = 0) -> str:
    """A number with its thousands grouped and a true minus sign; ``not known`` for NaN and infinities."""
    if not isfinite(value):
        return unknown()
    text = formats.number(abs(value), decimals, language=wanted(), english=REPORT)
    negative = value < 0 and any(digit in "123456789" for digit in text)
    return f"\u2212{text}" if negative else text


def rounding(width: float) -> int:
    """Power of ten to which a figure with an interval of this width is rounded: two digits of half the width remain."""
    return floor(log10(width / 2)) - 1 if isfinite(width) and width > 0 else 0


def rounded(value: float, power: int) -> str:
    """``value`` rounded to ``10 ** power``; at most three decimals."""
    if not isfinite(value):
        return unknown()
    if power >= 0:
        return grouped(round(value / 10**power) * 10**power)
    return grouped(value, min(-power, 3))


def units(estimate: Estimate) -> str:
    """A mean number of units, rounded to what its interval supports."""
    return rounded(estimate.mean, max(rounding(estimate.high - estimate.low), 0))


def units_between(estimate: Estimate) -> str:
    """The interval of a number of units, ``low to high``."""
    power = max(rounding(estimate.high - estimate.low), 0)
    return between(rounded(estimate.low, power), rounded(estimate.high, power))


def between(low: str, high: str) -> str:
    """A range of two figures or values that are written already."""
    return say("{low} to {high}", low=low, high=high)


def percent(share: float, decimals: int = 0) -> str:
    """A share in [0, 1] as percent; never rounded to a certainty that it is not."""
    if not isfinite(share):
        return unknown()
    value, step = share * 100, 10.0**-decimals
    if 0 < value < step / 2:
        return f"<{THIN}{_percent(grouped(step, decimals))}"
    if 100 - step / 2 < value < 100:
        return f">{THIN}{_percent(grouped(100 - step, decimals))}"
    return _percent(grouped(value, decimals))


def stated(share: float) -> str:
    """A share that somebody set, such as a confidence, as percent with all its digits up to three decimals."""
    return _percent(formats.digits(f"{round(share * 100, 3):g}", language=wanted(), english=REPORT))


def chance_decimals(estimate: Estimate) -> int:
    """Decimals of a chance in percent that its interval supports: 1 if it is narrower than 2 %, else 0."""
    return 1 if 0 < estimate.high - estimate.low < 0.02 else 0


def is_given(chance: Estimate) -> bool:
    """Whether a chance was estimated at all; an interval of nothing around zero says that no year was simulated."""
    return all(isfinite(value) for value in (chance.mean, chance.low, chance.high)) and chance.high > 0


def chance(estimate: Estimate) -> str:
    """The mean of a chance; simulation never makes one certain, so that 0 and 1 are told as bounds."""
    if not is_given(estimate):
        return unknown()
    return percent(min(max(estimate.mean, 1e-9), 1 - 1e-9), 1 if bound(estimate) else chance_decimals(estimate))


def chance_between(estimate: Estimate) -> str:
    """The interval of a chance, ``low to high``; one bound where it lies beyond 0.1 % or 99.9 %."""
    if not is_given(estimate):
        return say("not simulated")
    decimals = chance_decimals(estimate)
    return bound(estimate) or between(percent(estimate.low, decimals), percent(estimate.high, decimals))


def chance_span(estimate: Estimate) -> str:
    """The interval of a chance inside a sentence: ``between low and high``."""
    if not is_given(estimate):
        return say("not simulated")
    decimals = chance_decimals(estimate)
    low, high = percent(estimate.low, decimals), percent(estimate.high, decimals)
    return bound(estimate) or say("between {low} and {high}", low=low, high=high)


def chance_told(estimate: Estimate) -> str:
    """A chance with its interval inside a sentence: ``62 % (between 56 % and 68 %)``, or one bound."""
    return (is_given(estimate) and bound(estimate)) or f"{chance(estimate)} ({chance_span(estimate)})"


def chance_cell(estimate: Estimate) -> str:
    """A chance with its interval in a table: ``62 % (56 % to 68 %)``, or one bound."""
    return (is_given(estimate) and bound(estimate)) or f"{chance(estimate)} ({chance_between(estimate)})"


def bound(estimate: Estimate) -> str:
    """The one bound that is told of a chance beyond 0.1 % or 99.9 %; empty for any other."""
    if estimate.low >= 0.999:
        return say("above {bound}", bound=percent(0.999, 1))
    return say("below {bound}", bound=percent(0.001, 1)) if estimate.high <= 0.001 else ""


def _percent(text: str) -> str:
    return formats.percent(text, language=wanted(), english=REPORT)


def hours(value: float) -> str:
    """Hours: whole from 100 on, one decimal from 1 on, two below."""
    size = abs(value)
    return f"{grouped(value, 0 if size >= 100 or size == 0 else 1 if size >= 1 else 2)}{THIN}h"


def seconds(value: float) -> str:
    """A duration of the proof: seconds below two minutes, minutes above."""
    if value >= 120:
        return f"{grouped(value / 60, 1)}{THIN}min"
    return f"{grouped(value, 0 if value >= 10 else 1)}{THIN}s"


def about(value: float) -> str:
    """A number without an interval, to three significant digits, whole from 100 on."""
    if not isfinite(value):
        return unknown()
    if value == 0:
        return "0"
    power = floor(log10(abs(value))) - 2
    return rounded(value, power if power > 0 or abs(value) < 100 else 0)


def signed_percent(share: float) -> str:
    """A change as percent with its sign, one decimal."""
    return signed(share, _percent(grouped(share * 100, 1)))


def signed(value: float, text: str) -> str:
    """``text`` of a value with a plus sign in front of gains; the minus sign is in ``text`` already."""
    return f"+{text}" if value > 0 and text != "0" else text

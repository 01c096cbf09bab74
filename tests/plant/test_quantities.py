"""Quantities, distributions and beliefs are read exactly, and nothing that can be misread is guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabrika.plant.distributions import (
    Doubt,
    stated_factor,
    stated_observation,
    stated_share,
    stated_time,
    stated_work,
    text_of_law,
)
from fabrika.plant.model import Distribution
from fabrika.plant.quantities import (
    Dimension,
    Unreadable,
    count,
    grain,
    number,
    number_text,
    quantity,
    share,
    text_of,
    time_s,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 ns", 1e-9),
        ("2.5 us", 2.5e-6),
        ("0.1 ms", 1e-4),
        ("0.87 s", 0.87),
        ("2 min", 120.0),
        ("1.5 h", 5400.0),
        ("7 d", 604800.0),
        ("1e3 s", 1000.0),
        ("3s", 3.0),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert time_s(text) == seconds


def test_a_quantity_is_rounded_once() -> None:
    # 0.1 * 60 in floats is 6.000000000000001 for 0.1 min written as 0.1 + tiny; exactly it is 6.
    assert time_s("0.7 min") == 42.0
    assert share("0.07 %") == 0.0007
    assert share("29 %") == 0.29


@pytest.mark.parametrize(("text", "value"), [("0 %", 0.0), ("100 %", 1.0), ("0.4 %", 0.004), ("60%", 0.6)])
def test_shares(text: str, value: float) -> None:
    assert share(text) == value


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("s", "not a time"),
        ("nan s", "finite"),
        ("-.inf", "finite"),
        ("1,5 s", "comma"),
        ("1_0 s", "underscore"),
        ("010 s", "begins with 0"),
        ("1:30", "word here"),
        ("90", "no unit"),
        ("90 sek", "not a unit"),
        ("90 %", "share"),
        ("1e301 s", "too large"),
        ("5 s s", "not a time"),
        ("4000 d", "ten years"),
        ("0 s", "longer than nothing"),
        ("0.1 ns", "nanosecond"),
        ("9" * 300 + " s", "too long"),
    ],
)
def test_what_is_not_a_time(text: str, word: str) -> None:
    with pytest.raises(Unreadable) as caught:
        time_s(text)
    assert word in caught.value.wrong
    assert caught.value.remedy.endswith(".")


def test_a_unit_of_a_neighbour_is_corrected() -> None:
    with pytest.raises(Unreadable) as caught:
        time_s("5 minutes")
    assert caught.value.remedy == "Write `5 min`."


def test_a_bare_share_is_told_in_per_cent() -> None:
    with pytest.raises(Unreadable) as caught:
        share("0.02")
    assert caught.value.remedy.startswith("Write `2 %`")


@pytest.mark.parametrize(
    ("text", "meant"), [("0.9", "`90 %`"), ("90", "`90 %`"), ("0", "`0 %`"), ("1", "`1 %`"), ("100", "`100 %`")]
)
def test_a_bare_share_is_answered_with_what_was_meant(text: str, meant: str) -> None:
    with pytest.raises(Unreadable) as caught:
        stated_share(text)
    assert meant in caught.value.remedy


def test_a_bare_number_above_all_shares_is_not_taken_for_one() -> None:
    with pytest.raises(Unreadable) as caught:
        stated_share("900")
    assert "900" not in caught.value.remedy


@pytest.mark.parametrize("text", ["0", "7", "20000000"])
def test_counts(text: str) -> None:
    assert count(text, 0, 10**9) == int(text)


@pytest.mark.parametrize("text", ["1.0", "1e3", "0x10", "012", "20_000", "20 million", "", "1:30", "five", "٣"])
def test_what_is_not_a_count(text: str) -> None:
    with pytest.raises(Unreadable):
        count(text, 0, 10**9)


@given(st.decimals(min_value=Decimal("1e-9"), max_value=Decimal("1e8"), places=9))
def test_a_number_is_exact(exact: Decimal) -> None:
    assert number(format(exact, "f")) == exact


@given(st.floats(1e-9, 3e8), st.sampled_from(["time", "cycles", "share", "factor"]))
def test_a_text_of_a_value_reads_back(value: float, dimension: Dimension) -> None:
    text = text_of(value, dimension)
    back = float(number(text)) if dimension == "factor" else quantity(text, (dimension,)).value
    # six digits of a time; whole cycles from 100 on, where one half is 0.5 %; else twelve digits
    assert back == pytest.approx(value, rel={"time": 5.1e-6, "cycles": 5.1e-3}.get(dimension, 1e-11))
    assert text_of(back, dimension) == text


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (20_952.0, "time", "5.82 h"),
        (8_755.0, "time", "8755 s"),
        (21_600.0, "time", "6 h"),
        (2_700.0, "time", "45 min"),
        (125.0, "time", "125 s"),
        (7_230.0, "time", "120.5 min"),
        (0.845, "time", "0.845 s"),
        (0.0125, "time", "0.0125 s"),
        (412 * 3600 / 37, "time", "11.1351 h"),
        (2_592_000.0, "time", "30 d"),
        (50_000 / 37, "cycles", "1351 cycles"),
        (12.5, "cycles", "12.5 cycles"),
        (0.00385, "share", "0.385 %"),
    ],
)
def test_a_value_is_told_in_the_unit_that_people_write(value: float, dimension: Dimension, text: str) -> None:
    assert text_of(value, dimension) == text


def test_a_value_on_a_clock_is_told_in_hours() -> None:
    assert text_of(2_592_000.0, "time", hours=True) == "720 h"


@pytest.mark.parametrize(
    ("value", "dimension", "step"),
    [
        (36_000.0, "time", 36.0),  # 10 h: hundredths of an hour
        (0.87, "time", 0.0001),
        (4_000.0, "cycles", 1.0),
        (50.0, "cycles", 1.0),
        (600_000.0, "cycles", 100.0),
        (0.004, "share", 0.000001),
        (7.0, "count", 1.0),
    ],
)
def test_values_are_set_in_steps_that_people_would_take(value: float, dimension: Dimension, step: float) -> None:
    assert grain(value, dimension) == step


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (6e6, "6000000"), (0.004, "0.004"), (1e-9, "1e-9"), (1e20, "1e20")]
)
def test_number_text(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("0.5 s", Distribution("constant", 0.5)),
        ("exponential(0.5 s)", Distribution("exponential", 0.5)),
        ("gamma(0.5 s, cv 0.3)", Distribution("gamma", 0.5, 0.3)),
        ("lognormal(2 min, cv 1)", Distribution("lognormal", 120.0, 1.0)),
        ("weibull(400 h, shape 1.5)", Distribution("weibull", 1_440_000.0, 1.5)),
        ("erlang(3, 0.5 s)", Distribution("erlang", 0.5, 3.0)),
    ],
)
def test_the_distributions_of_the_design(text: str, law: Distribution) -> None:
    assert stated_time(text).law == law
    assert stated_time(text_of_law(law, "time")).law == law


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("0.45 s +- 3 %", Doubt("relative", 0.03, 0.03)),
        ("0.5 s +- 0.01 s", Doubt("relative", 0.02, 0.02)),
        ("0.5 s +- 10 ms", Doubt("relative", 0.02, 0.02)),
        ("0.5 s +- 0.01", Doubt("relative", 0.02, 0.02)),
        ("2 s between 1 and 4", Doubt("between", 0.5, 2.0)),
        ("2 s between 1 s and 4 s", Doubt("between", 0.5, 2.0)),
        ("2 s between 1000 and 4000 ms", Doubt("between", 0.5, 2.0)),
        ("exponential(2 min) between 1 and 4", Doubt("between", 0.5, 2.0)),
    ],
)
def test_beliefs(text: str, doubt: Doubt) -> None:
    assert stated_time(text).doubt == doubt


def test_beliefs_of_cycles_shares_and_factors() -> None:
    assert stated_work("5000 cycles between 3500 and 7000").doubt == Doubt("between", 0.7, 1.4)
    assert stated_share("0.4 % between 0.2 and 0.8 %").doubt == Doubt("between", 0.5, 2.0)
    assert stated_factor("1.05 +- 2 %", 0, 1000).doubt == Doubt("relative", 0.02, 0.02)
    assert stated_factor("2 between 1 and 4", 0, 1000).doubt == Doubt("between", 0.5, 2.0)


def test_an_observation_is_an_exponential_with_its_count() -> None:
    stated = stated_observation("37 stops in 412 h busy")
    assert stated.law == Distribution("exponential", 412 * 3600 / 37)
    assert stated.clock == "busy"
    assert stated.doubt == Doubt("observed", events=37)
    assert stated_observation("1 stop in 5000 cycles").dimension == "cycles"


@pytest.mark.parametrize(
    ("text", "clock"),
    [("5000 cycles", "cycles"), ("600 h busy", "busy"), ("exponential(433 h on shift)", "shift"), ("1095 h", "clock")],
)
def test_clocks(text: str, clock: str) -> None:
    stated = stated_work(text)
    assert stated.clock == clock
    assert text_of_law(stated.law, stated.dimension, stated.clock) == text


@pytest.mark.parametrize(
    "text",
    ["exponential", "exponential()", "exponential(1 s, 2)", "gamma(1 s, 0.3)", "erlang(0, 1 s)", "weibull(1 s, shape 30)",
     "f(g(1 s))", "1 s +- 0 %", "1 s +- 60 %", "1 s between 1 and 2", "1 s between 0 and 2", "0 s +- 3 %", "1 s ± 3 %"],
)  # fmt: skip
def test_what_is_not_a_distribution_or_belief(text: str) -> None:
    with pytest.raises(Unreadable):
        stated_time(text, zero=True)


def test_what_else_is_not_a_value() -> None:
    with pytest.raises(Unreadable, match="100 %"):
        stated_share("60 % between 50 % and 120 %")
    with pytest.raises(Unreadable, match="million"):
        stated_work("1e13 cycles")
    with pytest.raises(Unreadable, match="number from 1"):
        stated_factor("0.5", 1, 1000)

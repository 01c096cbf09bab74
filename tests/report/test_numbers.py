from __future__ import annotations

from math import inf, nan

import pytest

from fabrika.faces.report import numbers
from fabrika.faces.report.words import css_string, day, name, sentence, tail, visible
from fabrika.twin.proof_result import Estimate


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (20_000_000, 0, "20 000 000"),
        (999, 0, "999"),
        (-1234.56, 1, "\u22121 234.6"),
        (-0.2, 0, "0"),
        (nan, 0, "not known"),
        (-inf, 0, "not known"),
    ],
)
def test_thousands_are_parted_by_thin_spaces(value, decimals, text):
    assert plain(numbers.grouped(value, decimals)) == text


def test_a_mean_has_the_digits_that_its_interval_supports():
    sharp = Estimate(20_391_234.0, 20_354_111.0, 20_428_222.0)
    assert plain(numbers.units(sharp)) == "20 391 000"
    assert plain(numbers.units_between(sharp)) == "20 354 000 to 20 428 000"
    assert plain(numbers.units(Estimate(1234.4, 1234.4, 1234.4))) == "1 234"


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0.0, 0, "0 %"), (1.0, 0, "100 %"), (0.623, 0, "62 %"), (0.999, 0, "> 99 %"), (0.001, 0, "< 1 %"),
        (0.9999, 1, "> 99.9 %"), (0.0004, 1, "< 0.1 %"), (0.994, 0, "99 %"), (1.02, 1, "102.0 %"), (nan, 0, "not known"),
    ],
)  # fmt: skip
def test_no_share_is_rounded_to_a_certainty(share, decimals, text):
    assert plain(numbers.percent(share, decimals)) == text


@pytest.mark.parametrize(("share", "text"), [(0.95, "95 %"), (0.995, "99.5 %"), (0.9, "90 %"), (0.99999, "99.999 %")])
def test_a_share_that_somebody_set_keeps_its_digits(share, text):
    assert plain(numbers.stated(share)) == text


def test_a_wide_chance_has_no_decimals_and_a_narrow_one_has_one():
    assert plain(numbers.chance_between(Estimate(0.8, 0.61, 0.93))) == "61 % to 93 %"
    assert plain(numbers.chance_span(Estimate(0.8, 0.61, 0.93))) == "between 61 % and 93 %"
    assert plain(numbers.chance(Estimate(0.8123, 0.806, 0.818))) == "81.2 %"


def test_a_chance_that_was_never_simulated_is_not_nought():
    assert numbers.chance(Estimate(0.0, 0.0, 0.0)) == "not known"
    assert numbers.chance_between(Estimate(nan, 0.0, 1.0)) == "not simulated"
    assert plain(numbers.chance(Estimate(0.0, 0.0, 0.04))) == "< 1 %"


def test_no_chance_is_told_as_certain():
    sure = Estimate(1.0, 0.9999, 1.0)
    assert plain(numbers.chance(sure)) == "> 99.9 %"
    assert plain(numbers.chance_between(sure)) == plain(numbers.chance_span(sure)) == "above 99.9 %"
    never = Estimate(0.0, 0.0, 0.0002)
    assert plain(numbers.chance(never)) == "< 0.1 %"
    assert plain(numbers.chance_span(never)) == "below 0.1 %"
    assert plain(numbers.chance(Estimate(1.0, 0.93, 1.0))) == "> 99 %"


def test_remarks_become_sentences_and_midnight_a_day():
    assert sentence("largest share") == "Largest share."
    assert sentence("Done.") == "Done."
    assert sentence("") == ""
    assert day("2026-01-01T00:00+01:00") == "2026-01-01"
    assert day("2026-01-01T06:00+01:00") == "2026-01-01T06:00+01:00"
    assert day("2026-01-01") == "2026-01-01"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1_234_567, "1 230 000"), (12.345, "12.3"), (0.01234, "0.012"), (432.1, "432")]
)
def test_a_number_without_an_interval_has_three_digits(value, text):
    assert plain(numbers.about(value)) == text


def test_hours_and_seconds():
    assert [plain(numbers.hours(h)) for h in (0, 0.071, 7.31, 5295.4)] == ["0 h", "0.07 h", "7.3 h", "5 295 h"]
    assert [plain(numbers.seconds(s)) for s in (3.94, 41.2, 176.4)] == ["3.9 s", "41 s", "2.9 min"]


def test_hidden_characters_are_seen_and_names_are_cut():
    assert visible("a\u202eb\x00c\u2066d\x1b[31m") == "a[U+202E]b[U+0000]c[U+2066]d[U+001B][31m"
    assert visible("Mitrovicë / Ćuprija / İzmir") == "Mitrovicë / Ćuprija / İzmir"
    assert name("x" * 10_000) == "x" * 79 + "\u2026"
    assert name(" a\n\tb ") == "a b"
    assert tail("line.station.fails.jam.repair", 12) == "\u2026.jam.repair"


def test_a_css_string_ends_only_where_it_should():
    text = css_string('a"b\\c</style>\n')
    assert text == '"a\\000022 b\\00005c c\\00003c \\00002f style\\00003e \\00000a "'

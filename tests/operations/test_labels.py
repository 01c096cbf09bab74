"""Labels of ours, and what scanners send: one parser, with plain refusals for what cannot be read."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabrika.errors import ActRefusedError
from fabrika.operations.inventory.labels import (
    day_of,
    element_string,
    end_of,
    of_container,
    of_material_lot,
    printed,
    read,
)
from fabrika.plant.leaves import check_digit

ZONE = ZoneInfo("Europe/Belgrade")
ALL = {"01": "09504000059101", "17": "141120", "10": "1234567p", "21": "12345678p901"}
ELEMENTS = "010950400005910117141120101234567p\x1d2112345678p901"


def test_check_digits():
    # GS1 General Specifications, figure 7.9.1-1: 629104150021 has the check digit 3; and a GTIN of the GS1 DataMatrix Guideline.
    assert check_digit("629104150021") == 3
    assert check_digit("0950400005910") == 1


@pytest.mark.parametrize(
    "text",
    [
        "]d2" + ELEMENTS,
        "]C1" + ELEMENTS,
        "]d2\x1d" + ELEMENTS,
        "\x1d" + ELEMENTS,
        ELEMENTS,
        ELEMENTS + "\r\n",
        "]d2" + ELEMENTS.replace("\x1d", "\u241d"),
        "]d2" + ELEMENTS.replace("\x1d", "<GS>"),
        "]d2" + ELEMENTS.replace("\x1d", "{GS}"),
        "]d2" + ELEMENTS.replace("\x1d", "|"),
        "(01)09504000059101(17)141120(10)1234567p(21)12345678p901",
    ],
)
def test_a_label_is_read_in_whatever_way_it_comes(text):
    assert read(text).fields == ALL


def test_what_is_no_element_string_is_a_number():
    for text, plain in (
        ("T-1", "T-1"),
        ("]d1T-1", "T-1"),
        ("]Q1 T-1\n", "T-1"),
        ("9", "9"),
        ("00012", "00012"),
        ("91x", "91x"),
    ):
        assert read(text).plain == plain
    assert read("00012").fields == {}
    assert read("91x").fields == {"91": "x"}  # without a prefix it may be either; what is known decides


def test_fields_of_measures_are_passed_over():
    assert read("]d23103001250" + "91T-1").fields == {"3103": "001250", "91": "T-1"}
    assert read("]d24151234567890128" + "91T-1").fields["91"] == "T-1"
    assert read("]d2240ABC\x1d91T-1").fields["91"] == "T-1"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("   ", "is empty"),
        ("]d2", "is empty"),
        ("]d2010950400005910", "too short"),
        ("]d201\x1d09504000059101", "too short"),
        ("]d20109504000059102", "check digit of the field \\(01\\)"),
        ("]d2xy", "xy is no field"),
        ("]d210", "has not the length"),
        ("]d210" + "A" * 21, "has not the length"),
        ("]d210A\x1d10B", "stands there twice"),
        ("]d217141350", "no day"),
        ("]d29\x1d1", "no field"),
        ("]d291T 1", "signs that no label may hold"),
        ("(01)0950400005910a", "has not the length"),
        ("A\x1d(10)B", "no field"),
    ],
)
def test_labels_that_cannot_be_read(text, wrong):
    with pytest.raises(ActRefusedError, match=wrong) as caught:
        read(text)
    assert "Scan it again" in caught.value.remedy


def test_days_and_centuries():
    # GS1 General Specifications 7.12: 51 and more years ahead is the century before, 50 and more behind the next one.
    assert day_of("260300", 2026) == date(2026, 3, 31)
    assert day_of("240200", 2026) == date(2024, 2, 29)
    assert day_of("261200", 2026) == date(2026, 12, 31)
    assert day_of("770101", 2026) == date(1977, 1, 1)
    assert day_of("760101", 2026) == date(2076, 1, 1)
    assert day_of("010101", 2060) == date(2101, 1, 1)
    with pytest.raises(ActRefusedError, match="no day"):
        day_of("260230", 2026)


def test_our_own_labels():
    assert printed(of_container("T-1")) == "(91)T-1"
    assert of_container("x#1") == of_container("é") == of_container("x" * 91) == ()
    expires = end_of(date(2026, 3, 29), ZONE)  # the day of the clock change has 23 hours
    gtin = of_material_lot("M-1", "09504000059101", expires, ZONE)
    assert printed(gtin) == "(01)09504000059101(17)260329(10)M-1"
    own = of_material_lot("M-1", "", expires, ZONE)
    assert element_string(own) == "92M-1\x1d95260329"
    assert of_material_lot("M-1", "", None, ZONE) == (("92", "M-1"),)
    assert of_material_lot("x" * 21, "09504000059101", None, ZONE) == ()


@given(
    st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,19}\Z"), st.booleans(), st.dates(date(2000, 1, 1), date(2049, 1, 1))
)
def test_what_stands_on_a_label_is_read_again(number, traded, day):
    for fields in (
        of_container(number),
        of_material_lot(number, "09504000059101" if traded else "", end_of(day, ZONE), ZONE),
    ):
        assert read("]d2" + element_string(fields)).fields == dict(fields)
        assert read(printed(fields)).fields == dict(fields)
    assert day_of(dict(fields)["17" if traded else "95"], day.year) == day


@given(st.text(max_size=60))
def test_whatever_is_scanned_is_read_or_refused(text):
    for scanned in ("]d2" + text, text):
        with suppress(ActRefusedError):
            assert read(scanned).plain

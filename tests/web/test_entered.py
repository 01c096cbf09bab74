"""What was typed, as values."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from fabrika.events.fields import Count, Id, Key, Text
from fabrika.faces import formats, language
from fabrika.faces.web.entered import instant_us, read_json, read_typed


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    count: Count | None = None
    share: float | None = None
    kind: Literal["good", "scrap"] | None = None
    told: bool = False
    at_us: int | None = None
    target: Key | None = None
    names: tuple[Id, ...] = ()
    word: Annotated[str, Meta(max_length=5)] | None = None
    reason: Text | None = None


class Needed(Struct, frozen=True, kw_only=True):
    person: Id
    reason: Text


ZONE = ZoneInfo("Europe/Belgrade")


def read(**typed: str | list[str]):
    lists = {name: text if isinstance(text, list) else [text] for name, text in typed.items()}
    return read_typed(Form, lists, ZONE)


@pytest.fixture(autouse=True)
def in_english():
    language.choose("en")
    yield
    language.choose(None)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ({"count": "1,234"}, 1234), ({"count": " 12 "}, 12), ({"count": "1\u202f234"}, 1234), ({"share": "0.5"}, 0.5),
        ({"kind": "scrap"}, "scrap"), ({"told": "on"}, True), ({"told": "0"}, False), ({"at_us": "1700000000000000"}, 1_700_000_000_000_000),
        ({"at_us": "2026-07-01T12:00"}, 1_782_900_000_000_000), ({"target": "a/b/0123456789abcdef/7"}, Key("a/b", "0123456789abcdef", 7)),
        ({"names": ["a", "b\nc"]}, ("a", "b", "c")), ({"word": " abc "}, "abc"), ({"reason": "a\r\nb"}, "a\nb"), ({"reason": "e\u0308"}, "ë"),
    ],
)  # fmt: skip
def test_what_was_typed_is_meant(typed, value):
    found = read(**typed)
    assert not found.wrong
    assert getattr(found.form, next(iter(typed))) == value


@pytest.mark.parametrize(
    "typed",
    [
        {"count": "-1"}, {"count": "1.5"}, {"count": "1,5"}, {"count": "12,34"}, {"count": "many"}, {"count": "9" * 30}, {"count": "1e3"},
        {"share": "half"}, {"share": "0,5"}, {"kind": "other"}, {"told": "perhaps"}, {"at_us": "tomorrow"}, {"at_us": "2026-02-30T10:00"},
        {"target": "a"}, {"target": "a/0123456789abcdef/x"}, {"names": ["a b"]}, {"word": "abcdef"}, {"reason": "x" * 2_001}, {"reason": "a\u202eb"},
        {"more": "1"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_field(typed):
    found = read(**typed)
    assert found.form is None
    assert list(found.wrong) == list(typed)
    assert found.wrong[next(iter(typed))].endswith(".")


def test_all_that_is_wrong_is_said_at_once():
    found = read_typed(Needed, {"person": ["no id!"]}, ZONE)
    assert set(found.wrong) == {"person", "reason"}
    assert set(read_json(Needed, {"person": 7, "x": 1}).wrong) == {"person", "reason", "x"}


def test_json_is_taken_as_it_is():
    assert read_json(Form, {"count": "7"}).wrong
    assert read_json(Form, {"count": 7}).form == Form(count=7)


@pytest.mark.parametrize("spoken", ["en", "sq", "sr_Latn", "tr"])
@given(number=st.integers(0, 10**12))
def test_a_number_is_read_as_the_language_writes_it(spoken, number):
    language.choose(spoken)
    assert read(count=formats.number(number, language=spoken)).form == Form(count=number)


@given(at=st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-3)))))
def test_an_instant_with_its_zone_is_that_instant(at):
    if at.year < 1 + 1 or at.year > 9998:
        return
    assert instant_us(at.isoformat(), ZONE) == pytest.approx(at.timestamp() * 1e6, abs=64)


@given(st.dictionaries(st.sampled_from([*Form.__struct_fields__, "x"]), st.lists(st.text(), max_size=3)))
def test_no_text_is_too_strange_to_be_answered(typed):
    found = read_typed(Form, typed, ZONE)
    assert (found.form is None) == bool(found.wrong)

"""Canonical bytes: one event, one spelling; everything else is refused with its place."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.samples import DIGESTS, IDS, KEYS, WHOLE, of_class
from fabrika.errors import EventRefusedError, UnknownEventError
from fabrika.events.catalog import CATALOG, Catalog, Upcast
from fabrika.events.codec import LARGEST, ROOM, digest, entry_bytes, read, read_envelope, write
from fabrika.events.event import Event
from fabrika.events.fields import Key
from fabrika.events.house import PersonEnrolled
from fabrika.events.production import StopCoded, UnitsCounted

KEY = Key("line-1", "0123456789abcdef", 7)
AT = 1_795_000_000_000_000


EVENTS = st.one_of(*map(of_class, CATALOG.kinds))
"""Made once, for all that is drawn."""


@st.composite
def messages(draw):
    event = draw(EVENTS)
    optional = lambda values: draw(st.none() | values)  # noqa: E731
    return event, write(
        event,
        draw(KEYS),
        plant=draw(IDS),
        at_us=draw(WHOLE),
        previous=optional(DIGESTS),
        actor=optional(IDS),
        device=optional(IDS),
        edge_at_us=optional(WHOLE),
        cause=tuple(draw(st.lists(KEYS, max_size=2))),
        correction_of=optional(KEYS),
        files=tuple(draw(st.lists(DIGESTS, max_size=2))),
    )


@given(messages())
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_and_another_encoder_gives_the_same_bytes(drawn):
    event, written = drawn
    again = read(written.data)
    assert again == written
    assert again.event == event
    assert type(again.event) is type(event)
    plain = json.loads(written.data)
    assert json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == written.data
    assert json.loads(written.data, object_pairs_hook=lambda pairs: all(value is not None for _, value in pairs))
    assert written.data.isascii() or b"\\u" not in written.data


@given(messages(), st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_byte_is_refused_or_says_something_else(drawn, data):
    _, written = drawn
    place = data.draw(st.integers(0, len(written.data) - 1))
    changed = bytearray(written.data)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        other = read(bytes(changed))
    except (EventRefusedError, UnknownEventError):
        return
    assert other.data == bytes(changed)
    assert (other.message, other.event) != (written.message, written.event)


def counted(**fields) -> UnitsCounted:
    return UnitsCounted(**{"station": "a", "from_us": 0, "to_us": 1, "entered": 3, "good": 2, "scrapped": 1} | fields)


GOOD = write(counted(), KEY, plant="plant", at_us=AT, previous="0" * 64).data
BROKEN = {
    "float": (b'"entered":3', b'"entered":3.0', "Expected `int`, got `float`"),
    "exponent": (b'"entered":3', b'"entered":3e0', "Expected `int`, got `float`"),
    "nan": (b'"entered":3', b'"entered":NaN', "invalid character"),
    "infinite": (b'"entered":3', b'"entered":1e400', "out of range"),
    "negative": (b'"entered":3', b'"entered":-3', ">= 0"),
    "minus nought": (b'"entered":3', b'"entered":-0', "canonical"),
    "leading nought": (b'"entered":3', b'"entered":03', "malformed"),
    "too large": (b'"entered":3', b'"entered":9007199254740992', "<= 9007199254740991"),
    "far too large": (b'"entered":3', b'"entered":' + b"9" * 400, "$.entered"),
    "text for a number": (b'"entered":3', b'"entered":"3"', "Expected `int`, got `str`"),
    "truth for a number": (b'"entered":3', b'"entered":true', "Expected `int`, got `bool`"),
    "null": (b'"good":2', b'"good":2,"lot":null', "canonical"),
    "missing": (b'"entered":3,', b"", "missing required field `entered`"),
    "unknown": (b'"entered":3', b'"entered":3,"extra":1', "unknown field `extra`"),
    "unknown outside": (b'"plant"', b'"other":1,"plant"', "unknown field `other`"),
    "twice": (b'"entered":3', b'"entered":1,"entered":3', "canonical"),
    "order": (b'"entered":3,"from_us":0', b'"from_us":0,"entered":3', "canonical"),
    "space": (b'"entered":3', b'"entered": 3', "canonical"),
    "default written out": (b'"good":2', b'"counter_reset":false,"good":2', "canonical"),
    "escaped letter": (b'"station":"a"', b'"station":"\\u0061"', "canonical"),
    "no id": (b'"station":"a"', b'"station":"a b"', "matching regex"),
    "line end in an id": (b'"station":"a"', b'"station":"a\\n"', "matching regex"),
    "letters alike": (b'"station":"a"', '"station":"а"'.encode(), "matching regex"),  # Cyrillic
    "no epoch": (b"0123456789abcdef", b"0123456789ABCDEF", "matching regex"),
    "nothing": (GOOD, b"", "truncated"),
    "more": (GOOD, GOOD + b" ", "canonical"),
    "two": (GOOD, GOOD + GOOD, "trailing"),
    "mark": (GOOD, b"\xef\xbb\xbf" + GOOD, "malformed"),
    "not UTF-8": (b'"station":"a"', b'"station":"\xff"', "utf-8"),
    "deep": (b'"entered":3', b'"entered":' + b"[" * 20_000 + b"]" * 20_000, "recursion"),
    "deep elsewhere": (b'"body":{', b'"body":' + b"[" * 25_000 + b"]" * 25_000 + b',"x":{', ""),
    "large": (b'"station":"a"', b'"station":"' + b"a" * 70_000 + b'"', "70,3"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_anything_but_canonical_bytes_is_refused(case):
    old, new, said = BROKEN[case]
    data = GOOD.replace(old, new)
    assert data != GOOD
    with pytest.raises(EventRefusedError) as refused:
        read(data)
    assert said in str(refused.value)
    assert refused.value.remedy.endswith(".")


@pytest.mark.parametrize("kind", ["production.units_guessed", "production.units_counted/2"])
def test_what_is_not_known_is_not_guessed_at(kind):
    name, _, version = kind.partition("/")
    data = GOOD.replace(b"production.units_counted", name.encode()).replace(
        b'"version":1', b'"version":%d' % int(version or 1)
    )
    with pytest.raises(UnknownEventError, match="not known"):
        read(data)


TEXTS = {
    "right to left override": ("gut\u202egnilk", "invisible"),
    "isolate": ("a\u2066b", "invisible"),
    "zero width": ("lot\u200b1", "invisible"),
    "mark of order": ("\ufefflot", "invisible"),
    "line separator": ("a\u2028b", "invisible"),
    "control": ("a\x1b[2Jb", "control character U+001B"),
    "nul": ("a\0b", "control character U+0000"),
    "delete": ("a\x7fb", "control character U+007F"),
    "next line": ("a\x85b", "control character U+0085"),
    "tab": ("a\tb", "control character U+0009"),
    "decomposed": ("c\u030c", "normal form C"),
    "private": ("\ue000", "no assigned character"),
    "unassigned": ("\u0378", "no assigned character"),
}


def remark(text: str, **more):
    event = StopCoded(station="a", from_us=0, to_us=1, mode="jam", person="p1", remark=text)
    return write(event, KEY, plant="plant", at_us=AT, previous=None, **more)


@pytest.mark.parametrize("case", TEXTS)
def test_text_that_deceives_is_refused_both_ways(case):
    text, said = TEXTS[case]
    with pytest.raises(EventRefusedError, match=r"body\.remark") as refused:
        remark(text)
    assert said in refused.value.problem
    data = remark("REMARK").data.replace(b"REMARK", msgspec.json.encode(text)[1:-1])
    with pytest.raises(EventRefusedError, match=r"body\.remark"):
        read(data)


@pytest.mark.parametrize(
    "text", ["Šaraf zamenjen\nčeka se alat", "Vidë u ndërrua, ç'është", "Dişli değişti: İ ı", "مرحبا", '"<b>"\\']
)
def test_text_of_people_is_kept(text):
    assert read(remark(text).data).event.remark == text


def test_a_lone_surrogate_cannot_be_written():
    with pytest.raises(EventRefusedError, match="cannot be written"):
        remark("\ud800")


@pytest.mark.parametrize("value", [1.0, float("nan"), "3", None, True, -1, 2**53, 2**80])
def test_what_python_holds_is_checked_before_it_is_written(value):
    with pytest.raises(EventRefusedError):
        write(counted(entered=value), KEY, plant="plant", at_us=AT, previous=None)


def test_an_event_that_reads_back_otherwise_is_not_written():
    with pytest.raises(EventRefusedError, match="read back"):
        write(counted(times=[]), KEY, plant="plant", at_us=AT, previous=None)


def test_the_largest_entry_fits_what_a_bundle_can_hold():
    most = remark("ž" * 2_000, files=tuple(["0" * 64] * 880))
    assert len(entry_bytes(most.data, -(2**53) + 1)) <= LARGEST
    assert len(entry_bytes(b"", -(2**53) + 1)) <= ROOM
    with pytest.raises(EventRefusedError, match="at most 65,535"):
        remark("ž" * 2_000, files=tuple(["0" * 64] * 1_000))


def test_an_entry_is_read_and_every_other_spelling_refused():
    data = entry_bytes(GOOD, AT)
    envelope = read_envelope(data)
    assert (bytes(envelope.event), envelope.journal_at_us, envelope.format) == (GOOD, AT, 1)
    for wrong in (data + b" ", data.replace(b'"format":1', b'"format":2'), data[:-1], b" " * 70_000):
        with pytest.raises(EventRefusedError):
            read_envelope(wrong)


def test_digest_is_sha_256():
    # FIPS 180-4, example "abc" of NIST's examples page.
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class FirstCount(Event, frozen=True, kw_only=True):
    """Units as they were counted at first."""

    NAME = "test.counted"
    dozens: int


class SecondCount(Event, frozen=True, kw_only=True):
    """Units as they were counted then."""

    NAME, VERSION = "test.counted", 2
    units: int


class ThirdCount(Event, frozen=True, kw_only=True):
    """Units as they are counted now."""

    NAME, VERSION = "test.counted", 3
    good: int
    scrapped: int = 0


TO_SECOND = Upcast(FirstCount, lambda old: SecondCount(units=12 * old.dozens))
TO_THIRD = Upcast(SecondCount, lambda old: ThirdCount(good=old.units))


def test_old_versions_are_read_in_the_words_of_today():
    catalog = Catalog([ThirdCount], [TO_SECOND, TO_THIRD])
    old = write(FirstCount(dozens=2), KEY, plant="plant", at_us=AT, previous=None, catalog=catalog)
    assert read(old.data, catalog).event == FirstCount(dozens=2)
    assert catalog.current(old.event) == ThirdCount(good=24)
    assert catalog.current(ThirdCount(good=1)) == ThirdCount(good=1)


def test_a_catalog_with_a_missing_step_or_a_name_twice_is_our_own_mistake():
    with pytest.raises(ValueError, match=r"test\.counted 2 has no upcast"):
        Catalog([ThirdCount], [TO_SECOND])
    with pytest.raises(ValueError, match="no type name of its own"):
        Catalog([ThirdCount, ThirdCount])
    with pytest.raises(ValueError, match="no type name of its own"):
        Catalog([Event])


def test_a_kind_that_is_in_no_catalog_cannot_be_written():
    with pytest.raises(UnknownEventError):
        write(
            PersonEnrolled(person="p"),
            KEY,
            plant="p",
            at_us=0,
            previous=None,
            catalog=Catalog([ThirdCount], [TO_SECOND, TO_THIRD]),
        )

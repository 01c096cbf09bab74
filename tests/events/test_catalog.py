"""The vocabulary keeps its own rules."""

from __future__ import annotations

import inspect
import re

import pytest
from msgspec import inspect as shapes

from fabrika.events.catalog import CATALOG
from fabrika.events.fields import MOST, Key, Scaled, what_is_wrong_with

ROOMS = {"documents", "house", "inventory", "plant", "production"}


@pytest.mark.parametrize("kind", CATALOG.kinds, ids=lambda kind: kind.NAME)
def test_kind_is_named_after_its_room_and_what_happened(kind):
    room, _, word = kind.NAME.partition(".")
    assert kind.__module__ == f"fabrika.events.{room}"
    assert room in ROOMS
    assert word == re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    past = {"begun", "effective", "held", "left", "overridden", "split", "understood", "withdrawn"}
    assert any(part.endswith("ed") or part in past for part in word.split("_"))
    assert inspect.getdoc(kind).split("\n")[0].endswith((".", ":"))


def leaves(kind, where=""):
    match kind:
        case shapes.Metadata(type=inner):
            yield from leaves(inner, where)
        case shapes.UnionType(types=types):
            for part in types:
                yield from leaves(part, where)
        case shapes.VarTupleType(item_type=item):
            yield from leaves(item, where)
        case shapes.StructType(fields=fields) | shapes.NamedTupleType(fields=fields):
            for field in fields:
                yield from leaves(field.type, f"{where}.{field.name}")
        case _:
            yield where, kind


@pytest.mark.parametrize("kind", [*CATALOG.kinds, Scaled], ids=lambda kind: kind.__name__)
def test_fields_are_bounded_and_hold_no_floating_point(kind):
    for where, leaf in leaves(shapes.type_info(kind)):
        match leaf:
            case shapes.IntType(ge=low, le=high):
                assert -MOST <= low <= high <= MOST, where
            case shapes.StrType(max_length=most, pattern=pattern):
                assert most is not None or "{" in pattern, where
            case shapes.LiteralType() | shapes.BoolType() | shapes.NoneType():
                pass
            case _:
                raise AssertionError(f"{where} holds {leaf}")


@pytest.mark.parametrize("kind", CATALOG.kinds, ids=lambda kind: kind.NAME)
def test_instants_and_durations_bear_their_unit(kind):
    for where, _ in leaves(shapes.type_info(kind)):
        name = where.rsplit(".", 1)[-1]
        if re.search(r"(^|_)(at|from|to|due|time|duration)($|_)", name) and not name.startswith("missing_from"):
            assert name.endswith(("_us", "_size")), name


def test_a_key_is_shown_as_a_path():
    assert str(Key("a", "0" * 16, 3)) == "a/0000000000000000/3"


def test_plain_text_is_plain():
    assert what_is_wrong_with("two\nlines") is None
    assert what_is_wrong_with("čćžšđ ëç ığşİ") is None

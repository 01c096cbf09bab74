"""Events of every kind, drawn from the types of their fields."""

from __future__ import annotations

import string

import msgspec
from hypothesis import strategies as st
from msgspec import inspect as shapes

from fabrika.events.fields import MOST, Key

LETTERS = string.ascii_letters + string.digits
IDS = st.builds(str.__add__, st.sampled_from(LETTERS), st.text(LETTERS + "._:/#-", max_size=20))
EPOCHS = st.text("0123456789abcdef", min_size=16, max_size=16)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
TEXTS = st.text("abcčćžšëçığşö 0\n\"\\/—'<>&𐍈مرحبا", min_size=1, max_size=40)
WHOLE = st.integers(-MOST, MOST)
COUNTS = st.integers(0, MOST)
KEYS = st.builds(Key, IDS, EPOCHS, COUNTS)
BY_PATTERN = {16: EPOCHS, 64: DIGESTS}


def of_type(kind: shapes.Type) -> st.SearchStrategy:
    """Values of a type as msgspec tells it."""
    match kind:
        case shapes.Metadata(type=inner):
            return of_type(inner)
        case shapes.StrType(pattern=pattern):
            if pattern is None:
                return TEXTS
            length = next((size for size in BY_PATTERN if f"{{{size}}}" in pattern), None)
            return BY_PATTERN[length] if length else IDS
        case shapes.IntType(ge=low, le=high):
            return st.integers(low, high)
        case shapes.BoolType():
            return st.booleans()
        case shapes.LiteralType(values=values):
            return st.sampled_from(values)
        case shapes.UnionType(types=types):
            return st.one_of(*map(of_type, types))
        case shapes.NoneType():
            return st.none()
        case shapes.VarTupleType(item_type=item):
            return st.lists(of_type(item), max_size=3).map(tuple)
        case shapes.NamedTupleType(cls=cls, fields=fields):
            return st.builds(cls, *(of_type(field.type) for field in fields))
        case shapes.StructType(cls=cls):
            return of_class(cls)
    raise AssertionError(f"no strategy for {kind}")


def of_class(cls: type[msgspec.Struct]) -> st.SearchStrategy:
    """Records of a class."""
    return st.builds(cls, **{field.name: of_type(field.type) for field in shapes.type_info(cls).fields})

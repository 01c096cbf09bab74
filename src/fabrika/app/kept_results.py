"""Results as JSON files that can be read back whole: sentences keep what they were made from, figures all their digits."""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from fabrika.wording import Worded

WORDED, FLOAT = "$worded", "$float"


class UnreadableResultError(ValueError):
    """The text holds no such result; it is computed anew."""


def dumped(value: Any) -> str:
    """A dataclass of dataclasses, tuples, dictionaries, texts and numbers as JSON."""
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, indent=1)


def loaded(text: str, kind: Any) -> Any:
    """What :func:`dumped` was given.

    Args:
        text: what it gave.
        kind: the class.

    Raises:
        UnreadableResultError: the text is not of this class.
    """
    try:
        return _made(json.loads(text), kind)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise UnreadableResultError(str(error)) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Worded):
        return {WORDED: value.template, "values": {key: _plain(item) for key, item in value.values.items()}}
    if isinstance(value, float) and not math.isfinite(value):
        return {FLOAT: str(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, int, float)):
        return value.item()  # a number of NumPy's
    return value


def _made(value: Any, kind: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if value is None and NoneType in get_args(kind):
            return None
        return _made(value, next(one for one in get_args(kind) if one is not NoneType))
    if origin is Literal:
        return _literal(value, get_args(kind))
    if origin is tuple:
        return tuple(_made(item, get_args(kind)[0]) for item in value)
    if origin is dict:
        return {key: _made(item, get_args(kind)[1]) for key, item in value.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: _made(value[field.name], hints[field.name]) for field in fields(kind)})  # type: ignore[operator]
    return _single(value, kind)


def _literal(value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {allowed}")
    return value


def _single(value: Any, kind: Any) -> Any:
    if isinstance(value, dict) and WORDED in value:
        return Worded(value[WORDED], **{key: _worded(item) for key, item in value["values"].items()})
    if isinstance(value, dict) and FLOAT in value:
        return float(value[FLOAT])
    if kind is float and isinstance(value, int):
        return float(value)
    if not isinstance(value, kind) or (kind in (int, float) and isinstance(value, bool)):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _worded(value: Any) -> Any:
    """A value inside a sentence: a text, a number, or another sentence."""
    if isinstance(value, dict):
        return _single(value, str if WORDED in value else float)
    return [_worded(item) for item in value] if isinstance(value, list) else value

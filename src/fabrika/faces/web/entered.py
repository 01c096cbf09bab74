"""What a person typed, or a program sent, as the struct that a command asks for; each field that does not fit says what would."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct, inspect

from fabrika.events.fields import what_is_wrong_with
from fabrika.faces import formats
from fabrika.faces.language import say, say_many, wanted

OF_THE_FACE = frozenset({"csrfmiddlewaretoken", "idempotency_key", "next", "password"})
"""Fields that a form has beside its command's own."""
_YES = frozenset({"on", "true", "1", "yes"})
_NO = frozenset({"", "off", "false", "0", "no"})
SCANNED = frozenset({"subject", "container", "containers"})
"""Fields into which a scanner types; its separator, a control sign, is kept there as the sign that is drawn for it."""
_LISTS = inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType


class Entered(Struct, frozen=True):
    """A form that was read: the struct, or None and what is wrong with which field."""

    form: Struct | None
    wrong: dict[str, str]


def read_typed(form: type[Struct], typed: Mapping[str, list[str]], zone: tzinfo) -> Entered:
    """The struct of what came from a browser's form, where all is text.

    Args:
        form: the command's form.
        typed: what was typed, by the field's name.
        zone: in which instants that name none are meant.
    """
    values: dict[str, Any] = {}
    wrong = _unknown(form, typed)
    for field in _shape(form).fields:
        if field.name in SCANNED:
            typed = {**typed, field.name: [text.replace("\x1d", "\u241d") for text in typed.get(field.name, ())]}
        texts = [text for text in typed.get(field.name, ()) if text.strip()]
        kind = _bare(field.type)
        if not texts:
            if isinstance(kind, inspect.BoolType):
                values[field.name] = False
            elif field.required:
                wrong[field.name] = say("Fill this in.")
            continue
        try:
            values[field.name] = _meant(field.name, texts, kind, zone)
        except (ValueError, OverflowError):
            wrong[field.name] = _wish(field.name, kind)
    return _built(form, values, wrong, strict=False)


def read_json(form: type[Struct], values: Mapping[str, Any]) -> Entered:
    """The struct of what a program sent as a JSON object."""
    wrong = _unknown(form, values)
    for field in _shape(form).fields:
        if field.required and field.name not in values:
            wrong[field.name] = say("Fill this in.")
    return _built(form, values, wrong, strict=True)


def _built(form: type[Struct], values: Mapping[str, Any], wrong: dict[str, str], *, strict: bool) -> Entered:
    hints = get_type_hints(form, include_extras=True)
    shape = {field.name: field for field in _shape(form).fields}
    for name, value in values.items():
        if name in wrong or name not in shape:
            continue
        if _holds_unfit_text(value):
            wrong[name] = say("This text holds signs that are invisible, steer what follows, or mean nothing.")
            continue
        try:
            msgspec.convert(value, hints[name], strict=strict)
        except msgspec.ValidationError:
            wrong[name] = _wish(name, _bare(shape[name].type))
    if wrong:
        return Entered(None, wrong)
    try:
        return Entered(msgspec.convert(dict(values), form, strict=strict), {})
    except msgspec.ValidationError as error:
        return Entered(None, {"": str(error)})


def _shape(form: type[Struct]) -> inspect.StructType:
    found = inspect.type_info(form)
    assert isinstance(found, inspect.StructType)
    return found


def _unknown(form: type[Struct], given: Mapping[str, Any]) -> dict[str, str]:
    known = {field.name for field in _shape(form).fields} | OF_THE_FACE
    return {name[:100]: say("There is no such field.") for name in given if name not in known}


def _bare(kind: inspect.Type) -> inspect.Type:
    """A type without its metadata and without the None that lets it be absent."""
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if len(others) == 1:
            return _bare(others[0])
    return kind


def _meant(name: str, texts: list[str], kind: inspect.Type, zone: tzinfo) -> Any:
    """Plain values of texts.

    Raises:
        ValueError: they mean none.
    """
    text = texts[-1].strip()
    match kind:
        case inspect.BoolType():
            if text.lower() not in _YES | _NO:
                raise ValueError(text)
            return text.lower() in _YES
        case inspect.IntType() if name.endswith("_us"):
            return instant_us(text, zone)
        case inspect.IntType():
            return int(_plain_number(text))
        case inspect.FloatType():
            return float(_plain_number(text))
        case inspect.NamedTupleType():
            return text.rsplit("/", len(kind.fields) - 1)  # an identity's source may hold slashes itself
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() | inspect.VarTupleType():
            lines = [line for one in texts for line in _plain_text(one).splitlines() if line.strip()]
            return [_meant(name, [line], _bare(kind.item_type), zone) for line in lines]
        case _:
            return _plain_text(texts[-1])


def _plain_text(text: str) -> str:
    """Without blanks around it, with plain ends of lines, and composed as the book wants it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").strip())


def _plain_number(text: str) -> str:
    """A number as the reader's language writes it, as Python reads it.

    Raises:
        ValueError: a sign between thousands stands where it groups none, so that what was meant cannot be known.
    """
    form = formats.FORMATS[wanted()]
    bare = re.sub(r"\s", "", text.replace(formats.THIN, "")).replace("\u2212", "-")
    grouped = re.fullmatch(rf"[+-]?\d{{1,3}}(?:{re.escape(form.group)}\d{{3}})+(?:{re.escape(form.decimal)}\d+)?", bare)
    if grouped is None and form.group in bare:
        raise ValueError(text)
    return bare.replace(form.group, "").replace(form.decimal, ".")


def instant_us(text: str, zone: tzinfo) -> int:
    """Microseconds since 1970 UTC of ``2026-03-01T10:30``, plant time if it names no zone; or of a plain whole number.

    Raises:
        ValueError: it is neither.
    """
    if re.fullmatch(r"-?\d{1,17}", text):
        return int(text)
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1_000_000)


def _holds_unfit_text(value: Any) -> bool:
    if isinstance(value, str):
        return what_is_wrong_with(value) is not None
    if isinstance(value, Mapping):
        return any(_holds_unfit_text(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(_holds_unfit_text(part) for part in value)
    return False


def _wish(name: str, kind: inspect.Type) -> str:
    """What would fit."""
    match kind:
        case inspect.IntType() if name.endswith("_us"):
            return say("Enter a day and a time.")
        case inspect.IntType():
            return _number_wish(kind.ge, kind.le)
        case inspect.FloatType():
            return say("Enter a number.")
        case inspect.LiteralType():
            return say("Choose one of these: {choices}.", choices=", ".join(map(str, kind.values)))
        case inspect.StrType() if kind.pattern:
            return say("Use letters, digits and the signs . _ : / # - only, and begin with a letter or a digit.")
        case inspect.StrType() if kind.max_length:
            n = kind.max_length
            return say_many("At most {n} character fits here.", "At most {n} characters fit here.", n)
        case _:
            return say("This value does not fit here.")


def _number_wish(low: int | None, high: int | None) -> str:
    def number(value: int) -> str:
        return formats.number(value, language=wanted())

    if low is not None and high is not None and high < 10**12:
        return say("Enter a whole number from {low} to {high}.", low=number(low), high=number(high))
    if low is not None and low > -(10**12):
        return say("Enter a whole number, {low} or more.", low=number(low))
    return say("Enter a whole number.")

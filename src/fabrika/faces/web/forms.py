"""Forms of commands: what a command's struct asks for, as fields of a page; :mod:`fabrika.faces.web.entered` reads them.

Every form also bears ``csrfmiddlewaretoken``, ``idempotency_key`` and ``next`` (where to go on); these are the face's
own and never reach the command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import replace

from fabrika.faces.language import message, say, template
from fabrika.faces.report.words import name

LABELS = {
    "taken_out": message("Tool that was taken out"),
    "tool": message("Tool: its number"),
    "again": message("These are others, not those of a moment ago"),
    "alarm": message("Alarm"),
    "call_off": message("Call-off"),
    "area": message("Area"),
    "at_us": message("As of when; now, if left empty"),
    "before": message("Station before"),
    "container": message("Container: scan its label, or type its number"),
    "containers": message("Containers, one a line"),
    "day": message("Day"),
    "destruction": message("Destruction"),
    "due_at_us": message("Wanted until"),
    "document": message("Document (its id)"),
    "edition": message("Edition"),
    "expires_at_us": message("May be used until"),
    "file": message("Plant file (SHA-256)"),
    "from_us": message("From"),
    "good": message("Good units"),
    "handover": message("Handover"),
    "into": message("Into the lot"),
    "kind": message("Kind"),
    "language": message("Language (its code)"),
    "left_over": message("Units left in it"),
    "line": message("Line"),
    "location": message("Location"),
    "lot": message("Lot"),
    "material": message("Material"),
    "material_lot": message("Number of the lot"),
    "mode": message("Reason of the stop"),
    "order": message("Order"),
    "origin": message("Taken from"),
    "path": message("Parameter"),
    "person": message("Person"),
    "product": message("Product"),
    "proposal": message("Proposal"),
    "quantity": message("Quantity"),
    "reason": message("Why"),
    "receiver": message("Receiver"),
    "remark": message("Remark"),
    "reserved_for": message("Kept for the order"),
    "report": message("Report (its id)"),
    "revision": message("Revision"),
    "right": message("It is right"),
    "role": message("Role"),
    "routing": message("Way of rework, sorting or return"),
    "route": message("Way"),
    "sampled": message("Samples taken out"),
    "scrapped": message("Scrapped units"),
    "shipment": message("Number of the shipment"),
    "station": message("Station"),
    "stations": message("Stations, one a line; none for the whole plant"),
    "status": message("Status"),
    "stocktake": message("Stocktaking"),
    "subject": message("Scan the label, or type the number"),
    "supplier": message("Supplier"),
    "supplier_lot": message("The supplier's number of the lot"),
    "target": message("Entry that is meant"),
    "text": message("Text"),
    "title": message("Title"),
    "to_us": message("Until"),
    "units": message("Units"),
    "value": message("New value"),
    "within": message("May be off by, either way"),
}
"""What the fields of forms are called."""

CHOICES = {
    "instruction": message("work instruction"),
    "form": message("form"),
    "quarantine": message("in quarantine"),
    "released": message("released"),
    "blocked": message("blocked for use"),
    "reserved": message("reserved"),
    "rework": message("rework"),
    "sorting": message("sorting"),
    "return": message("return"),
}
"""What the values are called among which a form lets choose."""

LONG = frozenset({"containers", "reason", "remark", "stations", "text"})
LONGEST = 2_000

Choice = tuple[str, str]
"""A value and what it is called."""


class Field(Struct, frozen=True, kw_only=True):
    """One field of a form.

    Attributes:
        name: of the struct's field.
        label: what it is called in the reader's language.
        kind: ``text``, ``long``, ``number``, ``choice``, ``check`` or ``instant``.
        value: what stands in it.
        required: whether it must be filled in.
        choices: what can be chosen, for ``choice``.
        longest: most characters, for texts.
        pattern: what a text must look like, as HTML understands it; empty for anything.
        hint: what else should be known to fill it in; empty for nothing.
    """

    name: str
    label: str
    kind: str
    value: str = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()
    longest: int = LONGEST
    pattern: str = ""
    hint: str = ""


def label(field: str) -> str:
    """What a field is called in the reader's language."""
    return template(LABELS[field]) if field in LABELS else name(field.replace("_", " "))


def fields(
    form: type[Struct],
    *,
    given: Mapping[str, Any] | None = None,
    choices: Mapping[str, Sequence[Choice]] | None = None,
    values: Mapping[str, str] | None = None,
    zone: tzinfo = UTC,
) -> tuple[list[Field], list[Choice]]:
    """The fields of a form.

    Args:
        form: the command's struct.
        given: values that stand already; these fields are hidden.
        choices: what can be chosen in a field.
        values: what stands in a field to be changed.
        zone: the plant's, for instants.

    Returns:
        The fields to be filled in, and name and value of the hidden ones.
    """
    given, choices, values = given or {}, choices or {}, values or {}
    hints = get_type_hints(form, include_extras=True)
    shown, hidden = [], []
    for field in msgspec.structs.fields(form):
        if field.name in given:
            if given[field.name] is not None:
                hidden.append((field.name, _written(given[field.name])))
            continue
        needed = field.default is NODEFAULT and field.default_factory is NODEFAULT
        found = _field(field.name, hints[field.name], needed, tuple(choices.get(field.name, ())), zone)
        shown.append(replace(found, value=values.get(field.name, "")))
    return shown, hidden


def _written(value: Any) -> str:
    """A value as a hidden field carries it."""
    if isinstance(value, tuple):
        return "/".join(str(part) for part in value)
    return ("1" if value else "") if isinstance(value, bool) else str(value)


def _field(key: str, hint: Any, needed: bool, choices: tuple[Choice, ...], zone: tzinfo) -> Field:
    plain, meta = _bare(hint)
    words = label(key)
    if choices or get_origin(plain) is Literal:
        offered = choices or tuple((str(value), _choice(str(value))) for value in get_args(plain))
        return Field(name=key, label=words, kind="choice", required=needed, choices=offered)
    if plain is bool:
        return Field(name=key, label=words, kind="check", required=False)
    if plain is int and key.endswith("_us"):
        return Field(name=key, label=words, kind="instant", required=needed, hint=say("time of {zone}", zone=str(zone)))
    if plain in (int, float):
        return Field(name=key, label=words, kind="number", required=needed)
    longest = meta.max_length or LONGEST if meta else LONGEST
    return Field(
        name=key,
        label=words,
        kind="long" if key in LONG else "text",
        required=needed,
        longest=longest,
        pattern=_pattern(meta),
    )


def _choice(value: str) -> str:
    """What a value is called that the form itself names."""
    return template(CHOICES[value]) if value in CHOICES else name(value)


def _pattern(meta: msgspec.Meta | None) -> str:
    """A pattern as HTML writes it: always of the whole text, hyphens escaped for its stricter reading of sets."""
    if meta is None or meta.pattern is None:
        return ""
    return meta.pattern.removeprefix(r"\A").removesuffix(r"\Z").replace("/", r"\/").replace("-]", r"\-]")


def _bare(hint: Any) -> tuple[Any, msgspec.Meta | None]:
    """A field's type without its constraints and without None, and the constraints."""
    meta = None
    while True:
        if get_origin(hint) is Annotated:
            meta = next((part for part in get_args(hint)[1:] if isinstance(part, msgspec.Meta)), meta)
            hint = get_args(hint)[0]
        elif get_origin(hint) in (Union, UnionType):
            hint = next(part for part in get_args(hint) if part is not type(None))
        else:
            return hint, meta

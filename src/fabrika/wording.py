"""Texts that know what they were made from, so that a face can say them in another language.

The floors below the faces write English. Where a sentence holds a figure or a name, :class:`Worded` keeps its template and
its values beside the text; in every other way it is the English text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self

from msgspec import DecodeError
from msgspec.json import Decoder, Encoder

LONGEST_PARTS = 8_000
_encoder, _decoder = Encoder(order="sorted"), Decoder(list[Any])


class Worded(str):
    """An English text together with its ``template`` and the ``values`` that fill the template's ``{names}``."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """The template with its names filled in."""
        text = super().__new__(cls, template.format(**values))
        text.template, text.values = template, values
        return text

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """What makes the text again in another process."""
        return (self.template,), self.values

    def __getstate__(self) -> None:
        """Nothing beside what it is made from."""


def joined(parts: Sequence[str], between: str) -> str:
    """Texts one behind another, each still known by what it was made from; ``between`` is a message, too."""
    if not parts:
        return ""
    values: dict[str, object] = {f"part{number}": part for number, part in enumerate(parts)}
    names = [f"{{{name}}}" for name in values]
    if len(names) == 1:
        return parts[0]
    return Worded("{between}".join(names), **values, between=Worded(between))


def parts(texts: Sequence[str]) -> str:
    """Texts with what they were made from, as one JSON text that :func:`restored` reads; empty if it would be too long to be kept."""
    written = _encoder.encode([_parts(text) for text in texts]).decode()
    return written if len(written) <= LONGEST_PARTS else ""


def _parts(value: object) -> object:
    if isinstance(value, Worded):
        return [value.template, {name: _parts(part) for name, part in value.values.items()}]
    return value if isinstance(value, str | int | float) else str(value)


def restored(written: str, plain: tuple[str, ...]) -> tuple[str, ...]:
    """What :func:`parts` wrote, still known by what it was made from; the plain texts where that cannot be read."""
    try:
        found = tuple(
            str(_whole(part)) if not isinstance(part, list) else _whole(part) for part in _decoder.decode(written)
        )
    except (DecodeError, ValueError, LookupError, TypeError, AttributeError):
        return plain
    return found if len(found) == len(plain) else plain  # type: ignore[return-value]


def _whole(part: object) -> object:
    if not isinstance(part, list):
        return part
    template, values = part
    return Worded(template, **{name: _whole(value) for name, value in values.items()})


class Speech(Protocol):
    """How a page of a lower floor says its words and figures; a face gives its own."""

    def say(self, text: str, /, **values: object) -> str:
        """``text`` in the reader's language, with ``{names}`` filled in."""

    def say_many(self, one: str, many: str, n: int, /, **values: object) -> str:
        """``one`` or ``many`` of something, as ``n`` asks for; ``{n}`` is the number as the reader writes it."""

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with its thousands grouped."""

    def day(self, iso: str) -> str:
        """A day ``YYYY-MM-DD`` as the reader writes it."""


class English:
    """The words as they stand in the source."""

    def say(self, text: str, /, **values: Any) -> str:
        """``text`` with ``{names}`` filled in."""
        return text.format(**values)

    def say_many(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """``one`` for 1, else ``many``."""
        return (one if n == 1 else many).format(n=self.number(n), **values)

    def number(self, value: float, decimals: int = 0) -> str:
        """Commas between thousands, a point before decimals."""
        return f"{value:,.{decimals}f}"

    def day(self, iso: str) -> str:
        """As it is."""
        return iso

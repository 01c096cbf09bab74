"""Texts that know what they were made from, so that a face can say them in another language.

The floors below the faces write English. Where a sentence holds a figure or a name, :class:`Worded` keeps its template and
its values beside the text; in every other way it is the English text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self


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

"""The values of a plant file as pydantic types: each reads one word, and tells the JSON Schema what it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Final

from pydantic import Discriminator, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import CoreSchema, core_schema

from fabrika.plant.acts import ACTS, ALONE
from fabrika.plant.distributions import (
    Stated,
    stated_factor,
    stated_observation,
    stated_share,
    stated_time,
    stated_work,
)
from fabrika.plant.document import HOLE, Branch, Row, Word
from fabrika.plant.lot_numbers import PARTS, checked
from fabrika.plant.model import DAYS, Distribution
from fabrika.plant.quantities import Unreadable, count, number, shown, time_s
from fabrika.plant.roles import FIRST_SCREENS

ID: Final = re.compile(r"[a-z][a-z0-9-]*")
ID_LIMIT: Final = 60
TEXT_LIMIT: Final = 10_000
BUFFER_LIMIT: Final = 10_000_000
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")
_MASS = re.compile(r"(.+?)[ \t]*(mg|g|kg|t)")
_IN_KG = {"mg": Decimal("1e-6"), "g": Decimal("1e-3"), "kg": Decimal(1), "t": Decimal(1000)}
MATERIAL_UNITS: Final = ("piece", "mg", "g", "kg", "mm", "m", "ml", "l")
_MONEY = re.compile(r"(.+?)[ \t]*([A-Z]{3})")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency named by three capitals."""

    amount: float
    currency: str


def word(value: Any) -> Word:
    """The word that must stand here.

    Raises:
        Unreadable: a list, a mapping or nothing stands here.
    """
    if isinstance(value, Row):
        raise Unreadable("A list stands where one value is due.", "Write one value.")
    if isinstance(value, Branch):
        raise Unreadable("A mapping stands where one value is due.", "Write one value.")
    if not isinstance(value, Word):
        raise Unreadable("The value is missing.", "Write a value, or remove the key.")
    if value.empty:
        raise Unreadable("The value is empty.", "Write a value, or remove the key.")
    return value


def _text(value: Any) -> str:
    text = word(value)
    if len(text) > TEXT_LIMIT:
        raise Unreadable("The text is too long.", f"Write at most {TEXT_LIMIT:,} characters.")
    if not text.strip():
        raise Unreadable("The text is empty.", "Write a text, or remove the key.")
    return str(text)


def _id(value: Any) -> Word:
    text = word(value)
    if ID.fullmatch(text) and len(text) <= ID_LIMIT:
        return text
    fitting = re.sub(r"[^a-z0-9]+", "-", text.lower()[:ID_LIMIT]).strip("-")
    hint = f", such as `{fitting}`" if ID.fullmatch(fitting) else ""
    raise Unreadable(
        f"{shown(text)} is not an id.",
        f"Write lower-case letters, digits and `-`, a letter first, at most {ID_LIMIT}{hint}.",
    )


def _reference(value: Any) -> Word:
    text = word(value)
    if len(text) <= 2 * ID_LIMIT + 1 and all(ID.fullmatch(part) for part in text.split(".", 1)):
        return text
    raise Unreadable(f"{shown(text)} is not a reference.", "Write `line.station`, a station of this line, or a store.")


def _path(value: Any) -> Word:
    text = word(value)
    if len(text) <= 400 and re.fullmatch(r"[a-z][a-z0-9_.-]*", text):
        return text
    raise Unreadable(f"{shown(text)} is not the path of a parameter.", "Write it as `line.station.cycle`.")


def _date(value: Any) -> date:
    text = word(value)
    match = _DATE.fullmatch(text)
    if match is None:
        raise Unreadable(f"{shown(text)} is not a date.", "Write year, month and day, as `2026-01-31`.")
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise Unreadable(f"{shown(text)} is not a day of the calendar.", "Write a day that exists.") from None
    if not 1970 <= found.year <= 2200:
        raise Unreadable(f"{shown(text)} is too far away.", "Write a year from 1970 to 2200.")
    return found


def _minutes(value: Any) -> int:
    text = word(value)
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > 1440:
        raise Unreadable(f"{shown(text)} is not a time of day.", 'Write hours and minutes, as `"06:00"`.')
    return int(match[1]) * 60 + int(match[2])


def _days(value: Any) -> tuple[int, ...]:
    if isinstance(value, Row):
        found = [_day(word(item)) for item in value]
    else:
        first, dash, last = word(value).partition("-")
        begin = _day(first)
        end = _day(last) if dash else begin
        found = [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]
    if not found:
        raise Unreadable("No day is named.", "Write `mon-fri`, `sat` or `[mon, wed]`.")
    if len(set(found)) < len(found):
        raise Unreadable("A day is named twice.", "Name each day once.")
    return tuple(sorted(found))


def _day(text: str) -> int:
    if text.strip() not in DAYS:
        raise Unreadable(f"{shown(text)} is not a day of the week.", f"Use {', '.join(DAYS)}, or `mon-fri`.")
    return DAYS.index(text.strip())


def _money(value: Any) -> Money:
    text = word(value)
    match = _MONEY.fullmatch(text.strip()) if len(text) < 60 else None
    if match is None:
        raise Unreadable(f"{shown(text)} is not a cost.", "Write an amount and a currency, as `40000 EUR`.")
    amount = float(number(match[1]))
    if not 0 <= amount <= 1e15:
        raise Unreadable(f"{shown(text)} is not a cost.", "Write an amount from 0 up, as `40000 EUR`.")
    return Money(amount, match[2])


def _mass(value: Any) -> float:
    text = word(value)
    match = _MASS.fullmatch(text.strip()) if len(text) < 60 else None
    if match is None:
        raise Unreadable(f"{shown(text)} is not a mass.", "Write a number and mg, g, kg or t, as `12 g`.")
    found = float(number(match[1]) * _IN_KG[match[2]])
    if not 0 < found <= 1e9:
        raise Unreadable(f"{shown(text)} is not a mass.", "Write a mass above 0, as `12 g`.")
    return found


def _gtin(value: Any) -> str:
    text = str(word(value)).strip()
    if not (text.isascii() and text.isdigit() and len(text) == 14):
        raise Unreadable(f"{shown(text)} is not a GTIN.", "Write its 14 digits in quotes.")
    wanted = check_digit(text[:13])
    if int(text[13]) != wanted:
        raise Unreadable(f"The check digit of {shown(text)} is wrong.", "Copy the number again from the goods.")
    return text


def check_digit(digits: str) -> int:
    """The check digit behind some digits: weights 3 and 1 from the right, filled up to tens (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def _version(value: Any) -> int:
    if word(value) != "1":
        raise Unreadable(f"{shown(word(value))} is not a version of this language.", "Write `fabrika: 1`.")
    return 1


def _confidence(value: Any) -> float:
    found = stated_share(word(value))
    if found.doubt or not 0.5 <= found.law.mean <= 0.9999:
        raise Unreadable(f"{shown(value)} is not a chance to aim at.", "Write a share from `50 %` to `99.99 %`.")
    return found.law.mean


def _share_only(value: Any) -> float:
    found = stated_share(word(value))
    if found.doubt:
        raise Unreadable(
            f"{shown(value)} carries a belief.", "Write the share alone; this one is agreed, not believed."
        )
    return found.law.mean


def _counted(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        text = word(value)
        if text.quoted:
            raise Unreadable(
                f"{shown(text)} is text in quotes, not a number.", f"Write {shown(text.strip())} without quotes."
            )
        return count(text, low, high)

    return read


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = word(value)
        if text not in words:
            raise Unreadable(f"{shown(text)} is not known here.", f"Write one of: {', '.join(words)}.")
        return str(text)

    return read


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """How one kind of value is read, and what the JSON Schema says of it; stands inside ``Annotated``.

    ``stand_in`` is taken where the file's value was bad and has been reported, so that more problems can be found.
    """

    read: Callable[[Any], Any]
    schema: dict[str, Any]
    stand_in: Any = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Only our reader decides."""
        return core_schema.no_info_plain_validator_function(self._take)

    def _take(self, value: Any) -> Any:
        if value is HOLE:
            if self.stand_in is None:
                raise Unreadable("There is nothing to go on with.", "Correct the value.")
            return self.stand_in
        return self.read(value)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """As stated."""
        return dict(self.schema)


def leaf(read: Callable[[Any], Any], kind: str | list[str] = "string", **more: Any) -> Leaf:
    """A leaf of a JSON type, with more keywords of JSON Schema."""
    return Leaf(read, {"type": kind, **more})


def stated(read: Callable[[Word], Stated], mean: float, description: str) -> Leaf:
    """A leaf for a quantity or distribution; the mean of its stand-in fits its bounds."""
    law = Stated(Distribution("constant", mean), "share" if mean < 1 else "time", None, None, "")
    return Leaf(lambda value: read(word(value)), {"type": "string", "description": description}, law)


def counted(low: int, high: int) -> Leaf:
    """A whole number from ``low`` to ``high``."""
    return Leaf(_counted(low, high), {"type": "integer", "minimum": low, "maximum": high}, low)


def factor(low: float, high: float) -> Leaf:
    """A bare number, which may carry a belief."""
    text = f"a bare number from {low:g} to {high:g}, with a belief if it has one: `1.05 +- 2 %`"
    return leaf(lambda value: stated_factor(word(value), low, high), ["number", "string"], description=text)


def chosen(*words: str) -> Leaf:
    """One of some words."""
    return leaf(_one_of(*words), enum=list(words))


def _one_or_branch(value: Any) -> str:
    return "by key" if isinstance(value, Branch) else "one value"


Text = Annotated[str, Leaf(_text, {"type": "string", "minLength": 1}, "?")]
Id = Annotated[Word, leaf(_id, pattern="^[a-z][a-z0-9-]*$", maxLength=ID_LIMIT)]
Reference = Annotated[Word, leaf(_reference, pattern=r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)?$")]
Path = Annotated[Word, leaf(_path, description="a parameter, `line.station.cycle`")]
LotNumber = Annotated[
    str,
    leaf(
        lambda value: checked(word(value)), description=f"a template of {', '.join(PARTS)}, `{{line}}-{{year}}-{{n:4}}`"
    ),
]
RawWord = Annotated[Word, leaf(word, ["string", "number"])]
Act = Annotated[Word, leaf(word, enum=list(ACTS))]
ActOfTwo = Annotated[Word, leaf(word, enum=[act for act in ACTS if act not in ALONE])]
Screen = Annotated[Word, leaf(word, enum=list(FIRST_SCREENS))]
Day = Annotated[date, leaf(_date, format="date")]
TimeOfDay = Annotated[int, leaf(_minutes, pattern="^[0-2][0-9]:[0-5][0-9]$")]
Days = Annotated[tuple[int, ...], leaf(_days, ["string", "array"], description="`mon-fri`, `sat` or `[mon, wed]`")]
Cost = Annotated[Money, leaf(_money, description="an amount and a currency, `40000 EUR`")]
Mass = Annotated[float, leaf(_mass, description="a mass, `12 g` or `2 t`")]
Gtin = Annotated[str, leaf(_gtin, pattern="^[0-9]{14}$")]
Version = Annotated[int, Leaf(_version, {"const": 1}, 1)]
Confidence = Annotated[float, leaf(_confidence, description="a share, `95 %`")]
AgreedShare = Annotated[float, Leaf(_share_only, {"type": "string", "description": "a share, `5 %`"}, 0.0123)]
Share = Annotated[Stated, stated(stated_share, 0.0123, "a share, `0.4 % between 0.3 % and 0.6 %`")]
Law = Annotated[Stated, stated(stated_time, 1234.5, "a time or distribution, `gamma(0.5 s, cv 0.3) +- 3 %`")]
LawOrZero = Annotated[Stated, stated(partial(stated_time, zero=True), 1234.5, "a time or distribution, or `0 s`")]
Span = Annotated[Stated, stated(partial(stated_time, laws=False), 1234.5, "a time, `30 s`")]
SpanOrZero = Annotated[Stated, stated(partial(stated_time, laws=False, zero=True), 1234.5, "a time, `45 min` or `0 s`")]
Duration = Annotated[float, leaf(lambda v: time_s(word(v)), description="a time, `20 min`")]
DurationOrZero = Annotated[float, leaf(lambda v: time_s(word(v), zero=True), description="a time, `7 d` or `0 s`")]
Work = Annotated[
    Stated,
    stated(stated_work, 1234.5, "`exponential(5000 cycles)`, `600 h busy`, `433 h on shift`, `1095 h` day and night"),
]
Every = Annotated[
    Stated, stated(partial(stated_work, laws=False), 1234.5, "`5000 cycles`, `8 h busy`, `8 h on shift`, `24 h`")
]
Passing = Annotated[
    Stated, stated(partial(stated_work, working=False), 1234.5, "`exponential(433 h on shift)`, `1095 h`")
]
Observation = Annotated[Stated, stated(stated_observation, 1234.5, "`37 stops in 412 h busy`")]
Buffer = Annotated[int, counted(0, BUFFER_LIMIT)]
LawByProduct = Annotated[
    Annotated[Law, Tag("one value")] | Annotated[dict[Id, Law], Tag("by key")], Discriminator(_one_or_branch)
]
ShareByProduct = Annotated[
    Annotated[Share, Tag("one value")] | Annotated[dict[Id, Share], Tag("by key")], Discriminator(_one_or_branch)
]

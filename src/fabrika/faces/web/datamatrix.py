"""Data Matrix ECC 200 (ISO/IEC 16022:2006): a text as codewords, their Reed-Solomon check words, and the square of modules.

Only what labels need: ASCII encodation (clause 5.2.3) with FNC1 in first position, which makes it a GS1 DataMatrix, and the
square symbols from 10 x 10 to 52 x 52 (table 7), which hold up to 204 data codewords.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

GS: Final = "\x1d"
FNC1: Final = 232
_PAD: Final = 129
_FIELD: Final = 0x12D
"""x^8 + x^5 + x^3 + x^2 + 1, the polynomial of the field (clause 5.7)."""


class Symbol(NamedTuple):
    """A row of table 7.

    Attributes:
        side: modules a side, finder pattern included, quiet zone not.
        regions: data regions a side.
        data, check: codewords in all.
        blocks: interleaved blocks of the check words.
    """

    side: int
    regions: int
    data: int
    check: int
    blocks: int = 1

    @property
    def inner(self) -> int:
        """Modules a side of the mapping matrix: all but the finder patterns."""
        return self.side - 2 * self.regions


SYMBOLS: Final = (
    Symbol(10, 1, 3, 5), Symbol(12, 1, 5, 7), Symbol(14, 1, 8, 10), Symbol(16, 1, 12, 12), Symbol(18, 1, 18, 14),
    Symbol(20, 1, 22, 18), Symbol(22, 1, 30, 20), Symbol(24, 1, 36, 24), Symbol(26, 1, 44, 28), Symbol(32, 2, 62, 36),
    Symbol(36, 2, 86, 42), Symbol(40, 2, 114, 48), Symbol(44, 2, 144, 56), Symbol(48, 2, 174, 68),
    Symbol(52, 2, 204, 84, 2),
)  # fmt: skip


def matrix(text: str, *, gs1: bool = True) -> list[list[bool]]:
    """The modules of the smallest square symbol that holds a text, row by row, dark ones true, without the quiet zone.

    Args:
        text: ASCII; the separator GS stands for FNC1 between fields.
        gs1: whether FNC1 stands in front.

    Raises:
        ValueError: it holds other signs, or is too long.
    """
    data = codewords(text, gs1=gs1)
    symbol = next((found for found in SYMBOLS if found.data >= len(data)), None)
    if symbol is None:
        raise ValueError(f"{len(data)} codewords do not fit into the largest symbol")
    return _drawn(with_check(padded(data, symbol.data), symbol), symbol)


def codewords(text: str, *, gs1: bool = True) -> list[int]:
    """The text in ASCII encodation: two digits in one codeword, any other sign in one of its own (table 2)."""
    if not text.isascii():
        raise ValueError("only ASCII is encoded")
    found, place = ([FNC1] if gs1 else []), 0
    while place < len(text):
        pair = text[place : place + 2]
        if len(pair) == 2 and pair.isdigit():
            found.append(130 + int(pair))
            place += 2
        else:
            found.append(FNC1 if gs1 and text[place] == GS else ord(text[place]) + 1)
            place += 1
    return found


def padded(data: list[int], length: int) -> list[int]:
    """Filled up to a symbol's length: a pad, and behind it pads scattered by the 253-state algorithm (annex B.1)."""
    found = list(data)
    if len(found) < length:
        found.append(_PAD)
    while len(found) < length:
        scattered = _PAD + (149 * (len(found) + 1)) % 253 + 1
        found.append(scattered if scattered <= 254 else scattered - 254)
    return found


@cache
def _powers() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Powers of 2 in the field, and their logarithms."""
    powers, logs, value = [0] * 255, [0] * 256, 1
    for exponent in range(255):
        powers[exponent], logs[value] = value, exponent
        value <<= 1
        if value > 255:
            value ^= _FIELD
    return tuple(powers), tuple(logs)


def times(first: int, second: int) -> int:
    """The product of two elements of the field."""
    if not first or not second:
        return 0
    powers, logs = _powers()
    return powers[(logs[first] + logs[second]) % 255]


@cache
def _generator(degree: int) -> tuple[int, ...]:
    """The coefficients of (x - 2)(x - 2^2)...(x - 2^degree), the highest first (annex E)."""
    powers, _ = _powers()
    found = [1]
    for exponent in range(1, degree + 1):
        longer = [*found, 0]
        for place, coefficient in enumerate(found):
            longer[place + 1] ^= times(coefficient, powers[exponent])
        found = longer
    return tuple(found)


def with_check(data: list[int], symbol: Symbol) -> list[int]:
    """Data codewords and their check words behind them, block by block interleaved (clause 5.7)."""
    degree = symbol.check // symbol.blocks
    check = [0] * symbol.check
    for block in range(symbol.blocks):
        check[block :: symbol.blocks] = _remainder(data[block :: symbol.blocks], degree)
    return data + check


def _remainder(data: list[int], degree: int) -> list[int]:
    """What is left of the data as a polynomial, times x^degree, divided by the generator."""
    factors, rest = _generator(degree)[1:], [0] * degree
    for word in data:
        first = word ^ rest[0]
        rest = [*rest[1:], 0]
        rest = [value ^ times(factor, first) for value, factor in zip(rest, factors, strict=True)]
    return rest


_UTAH: Final = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
"""Where the eight bits of a codeword lie, the highest first, from the place of its last one (figure 9)."""
_CORNERS: Final = (
    ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)),
)
"""The four special shapes in the corners (figures F.3 to F.6), counted from the end where negative."""


@cache
def placement(side: int) -> tuple[tuple[int, ...], ...]:
    """Which bit lies on which module of a mapping matrix: 8 * codeword + bit, from 0; -1 where none does (annex F)."""
    grid = [[-1] * side for _ in range(side)]

    def corner(shape: int, word: int) -> None:
        for bit, (row, column) in enumerate(_CORNERS[shape]):
            grid[row % side][column % side] = 8 * word + bit

    def utah(row: int, column: int, word: int) -> None:
        for bit, (down, right) in enumerate(_UTAH):
            y, x = row + down, column + right
            if y < 0:
                y, x = y + side, x + 4 - (side + 4) % 8
            if x < 0:
                x, y = x + side, y + 4 - (side + 4) % 8
            grid[y][x] = 8 * word + bit

    word, row, column = 0, 4, 0
    while row < side or column < side:
        special = _special(row, column, side)
        if special is not None:
            corner(special, word)
            word += 1
        while row >= 0 and column < side:
            if row < side and column >= 0 and grid[row][column] < 0:
                utah(row, column, word)
                word += 1
            row, column = row - 2, column + 2
        row, column = row + 1, column + 3
        while row < side and column >= 0:
            if row >= 0 and column < side and grid[row][column] < 0:
                utah(row, column, word)
                word += 1
            row, column = row + 2, column - 2
        row, column = row + 3, column + 1
    return tuple(tuple(line) for line in grid)


def _special(row: int, column: int, side: int) -> int | None:
    """The special corner shape that begins at a place of the sweep, None if none does; of square symbols."""
    if (row, column) == (side, 0):
        return 0
    if (row, column) == (side - 2, 0) and side % 4:
        return 1
    if (row, column) == (side - 2, 0) and side % 8 == 4:
        return 2
    if (row, column) == (side + 4, 2) and not side % 8:
        return 3
    return None


def _drawn(words: list[int], symbol: Symbol) -> list[list[bool]]:
    """The mapping matrix cut into regions, each with its finder: solid left and below, broken above and right."""
    places, size = placement(symbol.inner), symbol.inner // symbol.regions
    rows = [[False] * symbol.side for _ in range(symbol.side)]
    for y in range(symbol.side):
        for x in range(symbol.side):
            down, right = y % (size + 2), x % (size + 2)
            if right == 0 or down == size + 1:
                rows[y][x] = True
            elif down == 0:
                rows[y][x] = x % 2 == 0
            elif right == size + 1:
                rows[y][x] = y % 2 == 1
            else:
                inner_y, inner_x = y - 2 * (y // (size + 2)) - 1, x - 2 * (x // (size + 2)) - 1
                rows[y][x] = _dark(words, places, inner_y, inner_x)
    return rows


def _dark(words: list[int], places: tuple[tuple[int, ...], ...], y: int, x: int) -> bool:
    place = places[y][x]
    if place < 0:
        # The four modules in the lower right corner that no codeword reaches (annex F.2).
        side = len(places)
        return (y, x) in {(side - 1, side - 1), (side - 2, side - 2)}
    return bool(words[place // 8] >> (7 - place % 8) & 1)

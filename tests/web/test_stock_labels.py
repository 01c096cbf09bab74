"""Data Matrix symbols against the standard's own example, and read back by another way; labels as markup and as ZPL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabrika.faces.web import datamatrix
from fabrika.faces.web.datamatrix import SYMBOLS, Symbol, codewords, matrix, padded, placement, with_check
from fabrika.faces.web.stock_labels import draw, zpl


def test_the_example_of_the_standard():
    # The worked example of ISO/IEC 16022: "123456" in a 10 x 10 symbol, its codewords, check words and modules.
    data = codewords("123456", gs1=False)
    assert data == [142, 164, 186]
    assert with_check(data, SYMBOLS[0]) == [142, 164, 186, 114, 25, 5, 88, 102]
    rows = ["".join("1" if dark else "0" for dark in row) for row in matrix("123456", gs1=False)]
    assert rows == [
        "1010101010",
        "1100101101",
        "1100000100",
        "1100011101",
        "1100001000",
        "1000001111",
        "1110110000",
        "1111011001",
        "1001110100",
        "1111111111",
    ]


def test_digits_go_in_pairs_and_fnc1_stands_in_front_and_between():
    assert codewords("0109504000059101") == [232, 131, 139, 180, 170, 130, 135, 221, 131]
    assert codewords("10A\x1d21") == [232, 140, 66, 232, 151]
    assert codewords("a1b") == [232, 98, 50, 99]


def test_pads_are_scattered():
    # The 253-state algorithm of annex B.1: the pad at position 5 is 129 + (149 * 5 mod 253 + 1) = 369, less 254.
    assert padded([66], 3) == [66, 129, (129 + 149 * 3 % 253 + 1) - (254 if 129 + 149 * 3 % 253 + 1 > 254 else 0)]
    assert padded([66, 67, 68], 5)[3:] == [129, 115]
    assert padded([1, 2], 2) == [1, 2]


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: str(symbol.side))
def test_every_bit_has_one_module(symbol: Symbol):
    bits = sorted(bit for row in placement(symbol.inner) for bit in row if bit >= 0)
    assert bits == list(range(8 * (symbol.data + symbol.check)))
    left = [(y, x) for y, row in enumerate(placement(symbol.inner)) for x, bit in enumerate(row) if bit < 0]
    side = symbol.inner
    assert left in ([], [(side - 2, side - 2), (side - 2, side - 1), (side - 1, side - 2), (side - 1, side - 1)])


def power_of(exponent: int) -> int:
    value = 1
    for _ in range(exponent):
        value = value << 1 ^ (0x12D if value & 0x80 else 0)
    return value


def product(first: int, second: int) -> int:
    """In the field, bit by bit, without tables."""
    total = 0
    while second:
        total ^= first if second & 1 else 0
        first = first << 1 ^ (0x12D if first & 0x80 else 0)
        second >>= 1
    return total


def text_of(rows: list[list[bool]]) -> str:
    """What a symbol says: finder patterns checked and left out, words put together, syndromes nought, words as signs."""
    symbol = next(found for found in SYMBOLS if found.side == len(rows))
    size = symbol.inner // symbol.regions + 2
    kept = [place for place in range(symbol.side) if place % size not in (0, size - 1)]
    for y in range(symbol.side):
        for x in range(symbol.side):
            if x % size == 0 or y % size == size - 1:
                assert rows[y][x]
            elif y % size == 0:
                assert rows[y][x] == (x % size % 2 == 0)
            elif x % size == size - 1:
                assert rows[y][x] == (y % size % 2 == 1)
    words = [0] * (symbol.data + symbol.check)
    for y, places in enumerate(placement(symbol.inner)):
        for x, bit in enumerate(places):
            if bit >= 0 and rows[kept[y]][kept[x]]:
                words[bit // 8] |= 0x80 >> bit % 8
    for block in range(symbol.blocks):
        polynomial = words[: symbol.data][block :: symbol.blocks] + words[symbol.data :][block :: symbol.blocks]
        for exponent in range(1, symbol.check // symbol.blocks + 1):
            value = 0
            for word in polynomial:
                value = product(value, power_of(exponent)) ^ word
            assert value == 0
    text = ""
    for word in words[: symbol.data]:
        if word == 129:
            break
        text += "\x1d" if word == 232 else f"{word - 130:02}" if 130 <= word <= 229 else chr(word - 1)
    return text


SIGNS = "".join(chr(sign) for sign in range(33, 127)) + "\x1d0123456789"


@given(st.text(alphabet=SIGNS, min_size=1, max_size=150))
def test_what_is_drawn_can_be_read(text):
    assert text_of(matrix(text)) == "\x1d" + text


def test_every_size_can_be_read():
    for symbol in SYMBOLS:
        text = "A" * (symbol.data - 1)
        rows = matrix(text)
        assert len(rows) == symbol.side
        assert text_of(rows) == "\x1d" + text


def test_what_cannot_be_encoded():
    with pytest.raises(ValueError, match="ASCII"):
        matrix("é")
    with pytest.raises(ValueError, match="do not fit"):
        matrix("A" * 204)
    assert draw("A" * 204, "too long") == ""


def test_a_label_is_drawn_without_colour_and_its_title_is_escaped():
    markup = draw("91T-1", "<(91)T-1>")
    assert "&lt;(91)T-1&gt;" in markup
    assert markup.count("M") == 1 + sum(map(sum, matrix("91T-1")))


def test_a_label_for_a_printer():
    label = zpl("0109504000059101\x1d10A_B", ["A_B", "Tote ^XZ~JA|"])
    side = len(matrix("0109504000059101\x1d10A_B"))
    octets = side * 8 * side
    assert label.startswith(f"^XA^CI28^FO40,40^GFA,{octets},{octets},{side},FF00FF00")
    assert f"^FO{80 + 8 * side},40^A0N" in label, "the text stands beside the symbol, however large that is"
    assert "^FH|^FDTote |5EXZ|7EJA|7C^FS" in label
    assert label.endswith("^XZ\n")
    assert datamatrix.FNC1 == 232

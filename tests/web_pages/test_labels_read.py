"""Labels as another maker's reader sees them: drawn by a real browser, and read by zxing-cpp."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fabrika.faces.web.datamatrix import SYMBOLS, codewords, matrix
from fabrika.faces.web.stock_labels import DOTS, QUIET, draw, zpl
from fabrika.operations.inventory.labels import read

MODULE_PX = 6
LONGEST = 90
"""Signs that an in-house field may hold (GS1 General Specifications, AI 91 to 99)."""
TEXT = "A1b2._-C34567890" * 6


@pytest.fixture(scope="module")
def reader() -> str:
    if not (path := shutil.which("ZXingReader")):
        pytest.skip("no ZXingReader here: install it (Debian: apt-get install zxing-cpp-tools) to read printed labels")
    return path


def seen(reader: str, picture: Path) -> tuple[str, str]:
    """The symbology identifier and the data that the reader finds in a picture."""
    told = subprocess.run([reader, str(picture)], capture_output=True, text=True, check=True).stdout
    rows = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    assert rows["Format"].strip() == "DataMatrix", told
    return rows["Identifier"].strip(), bytes.fromhex(rows["Bytes"].replace(" ", "")).decode("ascii")


@pytest.mark.parametrize(
    ("path", "fields"), [("/labels/containers/T-1", {"91": "T-1"}), ("/labels/stock/M-1", {"92": "M-1"})]
)
def test_a_label_of_a_page_is_read(eyes, reader, tmp_path, path, fields):
    eyes.become("shift-lead")
    assert eyes.go(path).status == 200
    eyes.tab.locator("svg.code").first.screenshot(path=tmp_path / "label.png")
    identifier, data = seen(reader, tmp_path / "label.png")
    assert identifier == "]d2", "a GS1 DataMatrix says so by FNC1 in front"
    assert fields.items() <= read(identifier + data).fields.items()


def test_symbols_of_every_size_are_read(browser, reader, tmp_path):
    context = browser.new_context(viewport={"width": 600, "height": 600})
    tab = context.new_page()
    sides = set()
    for length in range(1, 3 * LONGEST):
        parts = [TEXT[: min(LONGEST, length - field * LONGEST)] for field in range(3) if length > field * LONGEST]
        elements = "\x1d".join(f"9{field + 1}{part}" for field, part in enumerate(parts))
        if len(codewords(elements)) > SYMBOLS[-1].data:
            break
        side = len(matrix(elements)) + 2 * QUIET
        if side in sides:
            continue
        sides.add(side)
        tab.set_content(f'<div style="padding:20px;width:{side * MODULE_PX}px">{draw(elements, "a label")}</div>')
        tab.locator("div").screenshot(path=tmp_path / f"{side}.png")
        assert seen(reader, tmp_path / f"{side}.png") == ("]d2", elements)
    context.close()
    assert len(sides) == len(SYMBOLS)


def dots_of(label: str) -> list[str]:
    """The rows of bits of a graphic field, as the ZPL II Programming Guide has a printer read it (``^GF``)."""
    octets, count, across, data = re.search(r"\^GFA,(\d+),(\d+),(\d+),([0-9A-F:]*)\^FS", label).groups()
    assert octets == count
    rows: list[str] = []
    while data:
        if data[0] == ":":
            rows.append(rows[-1])
            data = data[1:]
        else:
            rows.append("".join(f"{int(sign, 16):04b}" for sign in data[: 2 * int(across)]))
            data = data[2 * int(across) :]
    assert len(rows) * int(across) == int(count)
    return rows


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: str(symbol.side))
def test_what_a_label_printer_draws_is_read(reader, tmp_path, symbol):
    parts, left = [], symbol.data  # a field's two digits and what parts it from the one before take a codeword each
    while left > 2:
        parts.append(f"9{len(parts) + 1}" + ("aB.c_-D" * LONGEST)[: min(LONGEST, left - 2)])
        left -= len(parts[-1])
    elements = "\x1d".join(parts)
    rows = dots_of(zpl(elements, ["T-1"]))
    assert len(rows) == symbol.side * DOTS
    side = len(rows) + 2 * QUIET * DOTS
    blank, edge = b"\xff" * side, b"\xff" * (QUIET * DOTS)
    drawn = [edge + bytes(0 if bit == "1" else 255 for bit in row) + edge for row in rows]
    picture = b"".join([blank] * (QUIET * DOTS) + drawn + [blank] * (QUIET * DOTS))
    (tmp_path / "label.pgm").write_bytes(f"P5 {side} {side} 255\n".encode() + picture)
    assert seen(reader, tmp_path / "label.pgm") == ("]d2", elements)


def test_fields_are_parted_as_a_reader_wants_it(browser, reader, tmp_path):
    # The element string of the GS1 DataMatrix Guideline: a serial number behind a batch of variable length.
    elements = "010950400005910117141120101234567p\x1d2112345678p901"
    context = browser.new_context()
    tab = context.new_page()
    tab.set_content(f'<div style="padding:20px;width:260px">{draw(elements, "a label")}</div>')
    tab.locator("div").screenshot(path=tmp_path / "label.png")
    assert seen(reader, tmp_path / "label.png") == ("]d2", elements)
    context.close()

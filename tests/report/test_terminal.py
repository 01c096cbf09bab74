"""The terminal page: one page, readable without colour, and safe to print."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from fabrika.faces.report.terminal import print_proof
from fabrika.twin.proof_result import Ways
from report.proofs import hostile, proof


def printed(shown, width: int = 80, encoding: str = "utf-8", *, color: bool = False) -> str:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    console = Console(file=out, width=width, force_terminal=color, color_system="standard" if color else None)
    print_proof(console, shown)
    out.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("shown", [proof(), hostile(), hostile("x" * 10_000)], ids=["whole", "hostile", "long"])
def test_the_page_keeps_to_its_width(shown, width):
    lines = printed(shown, width).splitlines()
    assert max(cell_len(line) for line in lines) <= min(width, 100)


def test_the_page_is_one_page_and_cuts_no_number():
    page = printed(proof())
    lines = page.splitlines()
    assert len(lines) <= 66
    for figure in (
        "a chance of 62 % (between 56 % and 68 %)", "! The chance asked for, 90 %, is not reached.",
        "20 300 000  20 221 000 to 20 379 000    83 of 240", "78 % (73 % to 83 %)", "993 000", "+612 000",
        "571 000 to 653 000", "9f2c4e7ad1b05368aa41c0de7712f3b95e60d84c1fa2736b8890c5e4d3b2a190", "seed 20261",
    ):  # fmt: skip
        assert figure in page, figure


def test_bars_are_in_proportion():
    rows = [line for line in printed(proof()).splitlines() if "\u2588" in line]
    lengths = [line.count("\u2588") for line in rows]
    assert lengths == [16, 12, 8, 8, 6, 5]


def test_colour_adds_nothing_to_the_words():
    import re

    coloured = re.sub(r"\x1b\[[0-9;]*m", "", printed(proof(), color=True))
    assert coloured == printed(proof())


def test_nothing_of_the_file_commands_the_terminal():
    page = printed(hostile("\x1b]0;title\x07[red]x[/red]\u202e:smile:"))
    assert "\x1b" not in page
    assert "\x07" not in page
    assert "\u202e" not in page
    assert "[red]" in page
    assert ":smile:" in page


@pytest.mark.parametrize(
    "shown",
    [
        proof(has_contract=False, ways=Ways("cost", False, (), "")),
        proof(has_beliefs=False, unknowns=(), variance=None),
        proof(has_ramp_up=False),
        proof(outputs=(), losses=(), gradient=(), constraint="", unknowns=(), variance=None),
    ],
    ids=["no contract", "no beliefs", "no ramp-up", "bare"],
)
def test_every_shape_of_a_proof_is_printed(shown):
    page = printed(shown)
    assert "Proof of output" in page
    assert ("Chance that the contract is met" in page) == shown.has_contract
    assert ("steady year" in page) == shown.has_ramp_up

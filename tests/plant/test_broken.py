"""Every broken plant file is answered with the line of each mistake and a remedy, quickly, and with nothing else.

In ``broken/`` each offending line ends with ``# <- word of the message``. Files that are too large or binary are made
here.
"""

from __future__ import annotations

import re
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fabrika.errors import PlantFileError
from fabrika.plant.model import Plant
from fabrika.plant.read import read_plant
from plant.plantfiles import BROKEN, TEACHING, problems, zone_of

HEAD = "fabrika: 1\nplant: {name: x}\n"
STATIONS = "lines:\n - id: line\n   stations:\n"
ROLES = b"""fabrika: 1
plant: {name: x}
roles:
  - {id: office, was: desk, name: Office, may: [see_people, manage_people], first: people}
  - {id: lead, may: correct}
two_people: [correct]
apart: [[office, lead]]
lines: [{id: line, was: row, stations: [{id: a, was: b, kind: machine, cycle: 1 s}]}]
"""
VALID = [ROLES, *(path.read_bytes() for path in TEACHING)]

MADE: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 0, "empty"),
    "blanks": (b" \n\n  \n", 0, "empty"),
    "comment-only": (b"# nothing here\n", 0, "no plant"),
    "utf-16": ((HEAD + STATIONS).encode("utf-16"), 1, "UTF-16"),
    "utf-16-without-mark": ("fabrika: 1".encode("utf-16-le"), 1, "UTF-16"),
    "utf-32": ("fabrika: 1".encode("utf-32"), 1, "UTF-16 or UTF-32"),
    "latin-1": (b"fabrika: 1\nplant: {name: Pe\xe6}\n", 2, "not UTF-8"),
    "binary": (bytes(range(256)) * 4, 1, "control character"),
    "zip": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", 1, "control character"),
    "nul": (b"fabrika: 1\n\x00", 2, "control character"),
    "escape-sequence": (b"fabrika: 1\nplant: \x1b[31m\n", 2, "control character"),
    "carriage-returns": (b"fabrika: 1\rplant: {name: x}\r", 1, "control character"),
    "line-separator": ("fabrika: 1\nplant: {name: a\u2028b}".encode(), 2, "control character"),
    "private-use": ("fabrika: 1\nplant: {name: a\ue000b}".encode(), 2, "control character"),
    "too-large": (b"#" * 1_000_001, 0, "bytes"),
    "brackets": (b"[" * 100_000, 1, "nesting"),
    "brackets-balanced": (b"[" * 50_000 + b"]" * 50_000, 1, "nesting"),
    "braces": (b"{a: " * 25_000, 1, "nesting"),
    "dashes": (b"- " * 50_000 + b"a", 1, "nesting"),
    "stairs": ("".join(" " * depth + "a:\n" for depth in range(60)).encode(), 33, "nesting"),
    "many-nodes": (b"[" + b"a," * 30_000 + b"]", 1, "20,000 values"),
    "many-empty-nodes": (b"{" + b"a:," * 30_000 + b"}", 1, "20,000 values"),
    "many-rows": (b"- a\n" * 30_000, 20_000, "20,000 values"),
    "many-empty-rows": (b"-\n" * 30_000, 20_000, "20,000 values"),
    "open-quote": (b'fabrika: "1\n', 2, "never closed"),
    "alias-bomb": (b"a: &a [x]\n" + b"".join(b"k%d: [*a, *a]\n" % n for n in range(9)), 1, "anchor"),
    "merge-chain": (b"".join(b"k%d: {<<: {a: 1}}\n" % n for n in range(3000)), 1, "Merge"),
    "unknown-keys": (HEAD.encode() + b"".join(b"kez%d: 1\n" % n for n in range(9000)), 3, "not a key"),
    "bad-stations": ((HEAD + STATIONS + "    - {id: S, kind: x}\n" * 2800).encode(), 6, "not an id"),
    "bad-feeds": (
        (HEAD + STATIONS + "".join(f"    - {{id: s{n}, kind: machine, cycle: 1 s, feed: q{n}}}\n" for n in range(2000))).encode(),
        6,
        "no station",
    ),
    "circle": (
        (
            HEAD
            + STATIONS
            + "    - {id: s0, kind: machine, cycle: 1 s, feed: s2000}\n"
            + "".join(f"    - {{id: s{n}, kind: machine, cycle: 1 s}}\n" for n in range(1, 2001))
        ).encode(),
        6,
        "circle",
    ),
    "words": (b"a: " + b"x " * 490_000, 1, "is missing"),
    "rows-of-words": (b"a:\n" + (b"- " + b"x " * 23 + b"\n") * 19_990, 1, "is missing"),
    "open-shifts": (
        (HEAD + STATIONS + "    - {id: a, kind: machine, cycle: 1 s}\ncalendars:\n - id: c\n   shifts:\n" + '    - {days: mon-sun, from: "00:00", to: "00:00"}\n' * 2700).encode(),
        11,
        "overlap",
    ),
}  # fmt: skip


def expected(text: str) -> list[tuple[int, str]]:
    """Line and word of each marked mistake."""
    return [
        (number, word.strip())
        for number, line in enumerate(text.split("\n"), 1)
        for word in re.findall(r"# <- ([^#]+)", line)
    ]


def test_the_corpus_is_large() -> None:
    assert len(BROKEN) >= 110


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_answered_with_exactly_its_mistakes(path: Path) -> None:
    data = path.read_bytes()
    wanted = expected(data.decode())
    assert wanted
    found = problems(data)
    rest = list(found)
    for line, word in wanted:
        match = next((item for item in rest if item.line == line and word in item.wrong), None)
        assert match is not None, (line, word, found)
        rest.remove(match)
    assert rest == []
    for item in found:
        assert item.column >= 1
        assert item.wrong.endswith((".", "?"))
        assert item.remedy.endswith(".")
        assert item.remedy[0].isupper()


BESIDE = ("plant: {name: x", "plant: {warm_up: 5 cycles, name: x")
NOT_READ_ON = {"alias", "second-document", "unclosed-brace"}  # nothing behind the guard and the parser is known


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in BROKEN
        if BESIDE[0] in (text := path.read_text("utf-8")) and "warm_up" not in text and path.stem not in NOT_READ_ON
    ],
    ids=lambda path: path.stem,
)
def test_a_mistake_elsewhere_hides_none(path: Path) -> None:
    text = path.read_text("utf-8")
    alone = [(item.line, item.wrong, item.remedy) for item in problems(text)]
    found = [(item.line, item.wrong, item.remedy) for item in problems(text.replace(*BESIDE, 1))]
    beside = [item for item in found if item not in alone]
    assert [item for item in alone if item not in found] == []
    assert len(beside) == 1
    assert "is a number of cycles, not a time" in beside[0][1]


@pytest.mark.parametrize("name", MADE)
def test_a_large_or_binary_file_is_answered(name: str) -> None:
    data, line, word = MADE[name]
    found = problems(data)
    assert any(item.line == line and word in item.wrong for item in found), found[:3]
    assert len(found) <= 1001


@pytest.mark.parametrize("name", MADE)
def test_no_file_takes_long(name: str) -> None:
    begun = time.process_time()
    problems(MADE[name][0])
    traced = sys.gettrace() is not None  # a coverage run: ten times as slow
    assert time.process_time() - begun < (30 if traced else 2)


def test_no_file_takes_much_memory() -> None:
    tracemalloc.start()
    try:
        problems(MADE["rows-of-words"][0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


def only_answers(data: bytes) -> None:
    """Reading ends in a plant or in problems with a place and a remedy, never in anything else."""
    try:
        found = read_plant(data, "fuzz.yaml", zone_of)
    except PlantFileError as error:
        found = error
    assert isinstance(found, (Plant, PlantFileError))
    if isinstance(found, PlantFileError):
        assert found.problems
        assert all(problem.wrong and problem.remedy for problem in found.problems)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
@example(b'"\\ud800"')
@example(b"a: 'x\n'' y'\n")
def test_any_bytes_are_answered(data: bytes) -> None:
    only_answers(data)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=" \n\t-:?[]{},#&*!|>'\"%@`abc1~<.", max_size=120))
@example("? ?\n- : :")
@example("- |1\n x")
@example("a: |\n\n\n")
def test_any_punctuation_is_answered(text: str) -> None:
    only_answers(text.encode())


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(VALID),
    st.integers(0, 10_000),
    st.integers(0, 12),
    st.one_of(
        st.binary(max_size=8), st.sampled_from([b": ", b"- ", b"[", b"}", b"'", b"\n", b" ", b"0", b"id: ", b"%"])
    ),
)
def test_any_change_of_a_valid_file_is_answered(valid: bytes, at: int, cut: int, insert: bytes) -> None:
    at %= len(valid)
    only_answers(valid[:at] + insert + valid[at + cut :])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(VALID), st.data())
def test_any_swap_of_values_is_answered(valid: bytes, data: st.DataObject) -> None:
    words = list(re.finditer(rb"[a-z0-9][a-z0-9. %-]*", valid))
    first, second = data.draw(st.sampled_from(words)), data.draw(st.sampled_from(words))
    only_answers(valid[: first.start()] + second[0] + valid[first.end() :])

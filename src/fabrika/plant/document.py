"""The plant file as a tree of words that know their place, without any meaning yet.

YAML 1.2 is read by ruamel.yaml's event parser; every scalar stays text (``NO``, ``1:30`` and ``012`` are words), so that
no implicit type can surprise. Duplicate keys and empty keys are problems here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from fabrika.plant.findings import Findings
from fabrika.plant.guard import BLANK_MASK, CONTROL, DEPTH_LIMIT, NODE_LIMIT, REFUSED

if TYPE_CHECKING:
    from ruamel.yaml.events import Event

EMPTY: Final = ("", "~", "null", "Null", "NULL")
ADVICE: Final = (
    ("could not find expected ':'", "A key has no colon behind it.", "Write `key: value`, with a blank after the colon."),
    ("mapping values are not allowed", "There is a second colon, or the indentation is wrong.",
     "Indent keys of one mapping alike; put text that contains `: ` in quotes."),
    ("found unexpected end of stream", "A quoted text or bracket is never closed.", "Close the quote or bracket."),
    ("cannot start any token", "This character cannot begin a value; a tab, @ and ` cannot.",
     "Indent with blanks, and put such text in quotes."),
    ("expected ',' or ']'", "A list in brackets is not closed, or lacks a comma.", "Write `[a, b]`."),
    ("expected ',' or '}'", "A mapping in braces is not closed, or lacks a comma.", "Write `{a: 1, b: 2}`."),
    ("did not find expected", "The indentation or punctuation does not fit.",
     "Give all keys of a mapping, and all `-` of a list, the same indentation."),
    ("expected <block end>", "The indentation or punctuation does not fit.",
     "Give all keys of a mapping, and all `-` of a list, the same indentation."),
    ("unknown escape", "A backslash in double quotes begins an unknown escape.", "Write it in single quotes."),
)  # fmt: skip


class Word(str):
    """A scalar: its text, 1-based place, path, and whether it was written in quotes or as block text."""

    __slots__ = ("column", "line", "quoted", "where")

    line: int
    column: int
    where: str
    quoted: bool

    @property
    def empty(self) -> bool:
        """Whether nothing is written here (nothing at all, ``~`` or ``null``)."""
        return not self.quoted and str(self) in EMPTY


class Row(list[Any]):
    """A list with its place and path."""

    line: int = 0
    column: int = 0
    where: str = ""


class Branch(dict[str, Any]):
    """A mapping with its place and path; ``keys_at`` holds the place of each key."""

    line: int = 0
    column: int = 0
    where: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.keys_at: dict[str, Word] = {}


Tree = Word | Row | Branch
HOLE: Final = Word()
"""Stands where a needed value could not be read, so that the rest of its mapping can be."""
HOLE.line, HOLE.column, HOLE.where, HOLE.quoted = 0, 0, "", False


class _Refused(Exception):  # noqa: N818 - a way out of nested loops, never seen outside
    pass


def compose(text: str, findings: Findings) -> Tree | None:
    """The tree of a guarded text, or None after noting why there is none."""
    try:
        return _tree(_events(text), findings)
    except _Refused:
        return None


def _events(text: str) -> Iterator[Event]:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    events: Iterator[Event] = yaml.parse(text)
    return events


def _tree(events: Iterator[Event], findings: Findings) -> Tree | None:
    builder = _Builder(findings)
    for event in _guarded(events, findings):
        builder.take(event)
    return builder.root


def _guarded(events: Iterator[Event], findings: Findings) -> Iterator[Event]:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from events
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        findings.at(line, column, "", *_advice(f"{error.context or ''} {error.problem or ''}"))
        raise _Refused from error
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as error:
        # ruamel's own slips on odd input: the file is at fault, and this is the best place that we know.
        findings.at(1, 1, "", "The file is not YAML.", "Compare it with a plant file from the tutorial.")
        raise _Refused from error


def _advice(message: str) -> tuple[str, str]:
    for part, wrong, remedy in ADVICE:
        if part in message:
            return wrong, remedy
    plain = re.sub(r"\s+", " ", message).strip()[:120]
    return f"This is not YAML ({plain}).", "Compare it with a plant file from the tutorial; put odd text in quotes."


class _Builder:
    """Builds the tree from events, without recursion."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.root: Tree | None = None
        self.open: list[tuple[Row | Branch, Word | None]] = []
        self.nodes = 0
        self.documents = 0

    def take(self, event: Event) -> None:
        """Add one event to the tree."""
        from ruamel.yaml import events as kinds

        if isinstance(event, kinds.ScalarEvent):
            self._limit(event)
            self._place(self._word(event))
        elif isinstance(event, (kinds.SequenceStartEvent, kinds.MappingStartEvent)):
            self._limit(event)
            branch: Row | Branch = Row() if isinstance(event, kinds.SequenceStartEvent) else Branch()
            self._mark(branch, event)
            self._place(branch)
            self.open.append((branch, None))
        elif isinstance(event, (kinds.SequenceEndEvent, kinds.MappingEndEvent)):
            self.open.pop()
        elif isinstance(event, kinds.AliasEvent):
            self._refuse(event, *REFUSED["*"])
        elif isinstance(event, kinds.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse(event, "A second document begins here.", "Write one plant in one file, without `---`.")

    def _refuse(self, event: Event, wrong: str, remedy: str) -> None:
        self.findings.at(event.start_mark.line + 1, event.start_mark.column + 1, "", wrong, remedy)
        raise _Refused

    def _limit(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            self._refuse(event, f"The file has more than {NODE_LIMIT:,} values.", "Describe the plant with fewer.")
        if len(self.open) >= DEPTH_LIMIT:
            self._refuse(event, f"The nesting is deeper than {DEPTH_LIMIT} levels.", "Write it with less nesting.")
        if event.anchor is not None:
            self._refuse(event, *REFUSED["&"])
        if getattr(event, "ctag", None) is not None or getattr(event, "tag", None) not in (None, "!"):
            self._refuse(event, *REFUSED["!"])

    def _word(self, event: Any) -> Word:
        word = Word(event.value.replace(BLANK_MASK, " "))
        word.quoted = event.style is not None and event.style != ""
        self._mark(word, event)
        if CONTROL.search(word):
            remedy = "Write the text without such an escape."
            self.findings.add(word, "The text holds a control character by a backslash.", remedy)
        return word

    def _mark(self, item: Tree, event: Event) -> None:
        item.line, item.column = event.start_mark.line + 1, event.start_mark.column + 1
        item.where = ""

    def _place(self, item: Tree) -> None:
        if not self.open:
            self.root = item
            return
        parent, key = self.open[-1]
        if isinstance(parent, Row):
            item.where = f"{parent.where}[{len(parent)}]"
            parent.append(item)
        elif key is None:
            self.open[-1] = (parent, self._key(parent, item))
        else:
            self.open[-1] = (parent, None)
            item.where = key.where
            if isinstance(item, Word) and not item and not item.quoted:
                # The parser places nothing at all where the next thing begins.
                item.line, item.column = key.line, key.column
            if parent.keys_at.get(str(key)) is key:
                parent[key] = item

    def _key(self, parent: Branch, item: Tree) -> Word:
        if not isinstance(item, Word):
            self.findings.add(item, "A list or mapping stands where a key is due.", "Write `key: value`.")
            raise _Refused
        item.where = f"{parent.where}.{item}" if parent.where else str(item)
        if len(item) > 100:
            item.where = item.where[: len(parent.where) + 100]
        if item in parent.keys_at:
            first = parent.keys_at[item]
            self.findings.add(
                item, f"The key `{item[:60]}` stands here twice, first in line {first.line}.", "Keep one of them."
            )
        elif item.empty:
            self.findings.add(item, "A key is empty.", "Write `key: value`.")
        elif item == "<<" and not item.quoted:
            self.findings.add(item, "Merge keys (`<<`) are not part of the file's language.", "Write the keys out.")
        else:
            parent.keys_at[item] = item
        return item

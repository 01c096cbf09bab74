"""A linear scan of a plant file's bytes before any parser sees them.

It bounds what a parser can be made to do: size, nesting depth and number of nodes; and it refuses what the file's
language leaves out of YAML (anchors, aliases, tags, directives, complex keys), each with its line and column. What it
takes for text inside a scalar, a YAML 1.2 parser takes for text as well; where a file is not YAML at all, the scan
stops and leaves the message to the parser, which :mod:`fabrika.plant.document` bounds once more.

The parser is slow on blanks between words (1 MB of them takes seconds), so the scan hides the blanks inside long
one-line scalars behind a character of the private use area, which a file must not hold; the reader of the document
puts them back.
"""

from __future__ import annotations

import re
from typing import Final

from fabrika.errors import Problem

SIZE_LIMIT: Final = 1_000_000
DEPTH_LIMIT: Final = 32
NODE_LIMIT: Final = 20_000
REFUSED: Final[dict[str, tuple[str, str]]] = {
    "&": ("An anchor (`&`) is not part of the file's language.", "Write the value out; for text, put it in quotes."),
    "*": ("An alias (`*`) is not part of the file's language.", "Write the value out; for text, put it in quotes."),
    "!": ("A tag (`!`) is not part of the file's language.", "Remove the tag; for text, put it in quotes."),
}
UTF16: Final = (b"\xff\xfe", b"\xfe\xff")

# Line ends other than \n and \r\n would make our line numbers differ from an editor's.
BLANK_MASK: Final = "\ue000"
MASKED_FROM: Final = 8
CONTROL: Final = re.compile("[\ue000\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_BLANK = re.compile(r"[ \t\r]+")
_QUOTED: Final = {'"': re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL), "'": re.compile(r"'[^']*(?:''[^']*)*'")}
_PLAIN_END = re.compile(r":(?=\s|$)|(?<=\s)#|\n|$")
_FLOW_END = re.compile(r"[,\[\]{}\n]|:(?=[\s,\[\]{}]|$)|(?<=\s)#|$")
_BLOCK_HEADER = re.compile(r"[|>]([+-]?[1-9]?[+-]?)[ \t]*(?:#[^\n]*)?\r?(?:\n|$)")
_LINE = re.compile(r"( *)([^\n]*)(?:\n|$)")


def guard(data: bytes) -> tuple[str, list[Problem]]:
    """The text of the file with masked blanks, and what forbids parsing it (then the text must not be parsed).

    A byte order mark of UTF-8 is tolerated, because editors write it unasked.
    """
    if len(data) > SIZE_LIMIT:
        wrong = f"The file has {len(data):,} bytes; a plant file has at most {SIZE_LIMIT:,}."
        return "", [Problem(0, 0, "", wrong, "Make it smaller; one plant needs a few hundred lines.")]
    text, problem = _decoded(data)
    control = CONTROL.search(text)
    if control is not None:
        line, column = _place(text, control.start())
        wrong = f"There is a control character (U+{ord(control[0]):04X})."
        return "", [Problem(line, column, "", wrong, "Remove it; a plant file is plain text with ordinary line ends.")]
    if problem is not None:
        return "", [problem]
    if not text.strip():
        return "", [Problem(0, 0, "", "The file is empty.", "Begin it with `fabrika: 1`.")]
    scan = _Scan(text)
    problems = scan.run()
    return scan.masked(), problems


def _decoded(data: bytes) -> tuple[str, Problem | None]:
    """The text, or the text up to the first byte that is none and the problem with that byte."""
    remedy = "Save the file as UTF-8 text."
    if data.startswith(UTF16) or (len(data) > 3 and data[:4].count(0) >= 2):
        return "", Problem(1, 1, "", "The file is UTF-16 or UTF-32 text, or binary.", remedy)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig", errors="ignore")
        line, column = _place(good, len(good))
        return good, Problem(line, column, "", "There is a byte that is not UTF-8 text.", remedy)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1


class _Scan:
    """The state of one scan: where it is, what is open, how many nodes it met."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.line_start = 0
        self.flow = 0
        self.blocks: list[tuple[int, str]] = []
        self.nodes = 0
        self.plain_open = False
        self.spans: list[tuple[int, int]] = []
        self.problems: list[Problem] = []

    def run(self) -> list[Problem]:
        """All refused words; the first limit that is passed ends the scan."""
        end = len(self.text)
        while self.at < end and self.token():
            if self.flow + len(self.blocks) > DEPTH_LIMIT:
                self.refuse(f"The nesting is deeper than {DEPTH_LIMIT} levels.", "Write the plant with less nesting.")
                break
            if self.nodes > NODE_LIMIT:
                self.refuse(f"The file has more than {NODE_LIMIT:,} values.", "Describe the plant with fewer values.")
                break
            if len(self.problems) >= 100:
                break
        return self.problems

    def masked(self) -> str:
        """The text with the blanks inside long one-line scalars masked; every place stays where it is."""
        pieces, at = [], 0
        for start, end in self.spans:
            pieces += [self.text[at:start], self.text[start:end].replace(" ", BLANK_MASK)]
            at = end
        return "".join([*pieces, self.text[at:]])

    def span(self, start: int, end: int) -> None:
        """Remember a one-line scalar that has many blanks."""
        if self.text.count(" ", start, end) >= MASKED_FROM:
            self.spans.append((start, end))

    def refuse(self, wrong: str, remedy: str) -> None:
        """Note a problem where the scan stands, once a line."""
        last = self.problems[-1] if self.problems else None
        if last is None or (last.line, last.wrong) != (self.line, wrong):
            self.problems.append(Problem(self.line, self.at - self.line_start + 1, "", wrong, remedy))

    def token(self) -> bool:
        """Take one token; False where the scan cannot go on."""
        text, char = self.text, self.text[self.at]
        if char == "\n":
            self.newline(self.at + 1)
        elif match := _BLANK.match(text, self.at):
            self.at = match.end()
        elif char == "#" and (self.at == self.line_start or text[self.at - 1] in " \t"):
            self.plain_open = False
            self.at = self.end_of_line()
        elif self.plain_open and self.continues(char):
            self.plain()
        elif self.at == self.line_start and (text.startswith(("---", "..."), self.at) or char == "%"):
            return self.mark(char)
        elif char in "[]{},":
            return self.bracket(char)
        elif char in "-?:" and self.at_indicator():
            self.indicator(char)
        else:
            return self.scalar(char)
        return True

    def newline(self, at: int) -> None:
        self.at = self.line_start = at
        self.line += 1

    def end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def continues(self, char: str) -> bool:
        """Whether a plain scalar of an earlier line goes on here."""
        if self.flow:
            return char not in ",[]{}" and not (char == ":" and self.at_indicator())
        return not self.blocks or self.at - self.line_start > self.blocks[-1][0]

    def mark(self, char: str) -> bool:
        if char == "%":
            self.refuse("A directive (`%`) is not part of the file's language.", "Remove the line.")
            self.at = self.end_of_line()
            return True
        self.at += 3
        return True

    def bracket(self, char: str) -> bool:
        self.plain_open = False
        if char in "[{":
            self.flow += 1
            self.nodes += 1
        elif char in "]}":
            self.flow -= 1
        elif not self.flow:
            return False
        self.at += 1
        return self.flow >= 0

    def at_indicator(self) -> bool:
        following = self.text[self.at + 1 : self.at + 2]
        return following in ("", " ", "\t", "\r", "\n") or (bool(self.flow) and following in ",[]{}")

    def indicator(self, char: str) -> None:
        self.plain_open = False
        if char == "?":
            self.refuse("A complex key (`?`) is not part of the file's language.", "Write `key: value`.")
        if char == "-" and not self.flow:
            self.open_block("list")
        elif char == "-":
            self.nodes += 1
        self.at += 1

    def open_block(self, kind: str, column: int | None = None) -> None:
        column = self.at - self.line_start if column is None else column
        while self.blocks and self.blocks[-1][0] > column:
            self.blocks.pop()
        if self.blocks and self.blocks[-1] == (column, "list") and kind == "map":
            self.blocks.pop()
        if not self.blocks or self.blocks[-1] != (column, kind):
            self.blocks.append((column, kind))
            self.nodes += 1

    def scalar(self, char: str) -> bool:
        if char in REFUSED:
            self.refuse(*REFUSED[char])
            self.at = _FLOW_END.search(self.text, self.at + 1).end()  # type: ignore[union-attr]
            self.at -= self.at > 0 and self.text[self.at - 1] in ",[]{}:\n#"
            return True
        self.nodes += 1
        if char in _QUOTED:
            return self.quoted(char)
        if char in "|>" and not self.flow:
            return self.block_text()
        self.plain()
        return True

    def quoted(self, char: str) -> bool:
        match = _QUOTED[char].match(self.text, self.at)
        if match is None:
            return False
        column, line, start = self.at - self.line_start, self.line, self.at
        self.skip_to(match.end())
        if line == self.line:
            if "\\" not in match[0]:
                self.span(start, self.at)
            self.key_at(column)
        return True

    def skip_to(self, end: int) -> None:
        breaks = self.text.count("\n", self.at, end)
        if breaks:
            self.line += breaks
            self.line_start = self.text.rfind("\n", self.at, end) + 1
        self.at = end

    def plain(self) -> None:
        column = self.at - self.line_start
        begin = self.at
        start = self.at + (self.text[self.at] in ":#-?")
        match = (_FLOW_END if self.flow else _PLAIN_END).search(self.text, start)
        self.at = match.start() if match else len(self.text)
        if self.text.count(" ", begin, self.at) >= MASKED_FROM:
            self.span(begin, begin + len(self.text[begin : self.at].rstrip()))
        self.plain_open = True
        self.key_at(column)

    def key_at(self, column: int) -> None:
        """If a colon follows, what was read is a key: in block style it opens or continues a mapping."""
        blank = _BLANK.match(self.text, self.at)
        after = blank.end() if blank else self.at
        if self.text.startswith(":", after) and not self.flow:
            self.plain_open = False
            self.open_block("map", column)

    def block_text(self) -> bool:
        header = _BLOCK_HEADER.match(self.text, self.at)
        if header is None:
            return False
        if header[1].strip("+-"):
            self.refuse("Block text with a digit is not part of the file's language.", "Remove the digit.")
        parent = self.blocks[-1][0] if self.blocks else -1
        self.newline(header.end())
        indent = None
        while self.at < len(self.text):
            line = _LINE.match(self.text, self.at)
            if line is None:
                break
            if line[2].strip():
                indent = max(len(line[1]), parent + 1) if indent is None else indent
                if len(line[1]) < indent:
                    break
            self.newline(line.end())
        return True

"""What goes to the error stream: refusals, the list of a file's problems, progress."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from fabrika.faces import formats
from fabrika.faces.language import Reader, say, told, wanted

if TYPE_CHECKING:
    from fabrika.errors import PlantFileError, Problem
    from fabrika.twin.proof_result import Estimate

REDRAW_S = 0.1


def tell(text: str) -> None:
    """One line on the error stream."""
    print(text, file=sys.stderr, flush=True)


def refuse(problem: str, remedy: str) -> None:
    """A refusal with what to do about it."""
    tell(f"fabrika: {shown(problem)}\n  -> {shown(remedy)}")


def refuse_file(error: PlantFileError) -> None:
    """Every problem of a plant file, one a line."""
    for problem in error.problems:
        tell(problem_line(error.file, problem))


def problem_line(file: str, problem: Problem) -> str:
    """``file:line:column: what is wrong -> what to write instead``; line and column only where there is a place."""
    place = f"{file}:{problem.line}:{problem.column}" if problem.line else file
    where = f" [{problem.where}]" if problem.where else ""
    return shown(f"{place}: {told(problem.wrong)} -> {told(problem.remedy)}{where}")


def shown(text: str) -> str:
    """Text with control characters written out, so that a file cannot steer the terminal, and fit for its encoding."""
    spaced = text.replace(formats.THIN, " ")
    plain = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in spaced)
    encoding = sys.stderr.encoding or "utf-8"
    return plain.encode(encoding, "backslashreplace").decode(encoding)


def interrupted() -> None:
    """Said after Ctrl-C when nothing is known yet."""
    tell(f"\n{say('fabrika: interrupted before anything was known.')}")


def _percent(share: float) -> str:
    return formats.percent(f"{100 * share:.0f}", language=wanted())


class ProgressLine:
    """One line on a terminal's error stream that is written over again; nothing where nobody watches."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._drawn = 0.0
        self._width = 0
        self._watched = sys.stderr.isatty()

    def __enter__(self) -> Self:
        """Itself; the line is taken away at the end, whatever happens."""
        return self

    def __exit__(self, *raised: object) -> None:
        self.clear()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is."""
        now = time.monotonic()
        if not self._watched or (now - self._drawn < REDRAW_S and done < total):
            return
        self._drawn = now
        spent = Reader().number(now - self._begin)
        self._write(say("{stage}: {done} of {total}, {spent} s", stage=stage, done=done, total=total, spent=spent))

    def first_answer(self, answer: Estimate) -> None:
        """Tell the first answer of a proof, on a line that stays."""
        if not self._watched:
            return
        self.clear()
        tell(
            say(
                "first answer after {spent} s: chance {mean} (between {low} and {high})",
                spent=Reader().number(time.monotonic() - self._begin),
                mean=_percent(answer.mean),
                low=_percent(answer.low),
                high=_percent(answer.high),
            )
        )

    def clear(self) -> None:
        """Take the line away."""
        if self._watched and self._width:
            self._write("")
            self._width = 0
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

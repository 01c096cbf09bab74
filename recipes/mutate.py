"""Mutation testing: changes one module in small ways, each in a copy of the project, and tells which no test notices.

::

    ./fabrika mutate src/fabrika/stats/normal.py                  against the tests of its floor
    ./fabrika mutate src/fabrika/twin/kpi.py tests/twin -k kpi    against the tests named
    ./fabrika mutate --most 50 src/fabrika/plant/model.py         a sample of 50 changes, drawn by a fixed seed

The changed source is written out and imported like any other, so compiled functions are compiled from it.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("src", "tests", "plants", "docs", "pyproject.toml")
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
}


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Every small change of one node, each as a new node."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare):
        for place, operator in enumerate(new.ops):
            if type(operator) in COMPARISONS:
                one = copy.deepcopy(new)
                one.ops[place] = COMPARISONS[type(operator)]()
                yield one
    elif isinstance(new, (ast.BinOp, ast.AugAssign)) and type(new.op) in ARITHMETIC:
        new.op = ARITHMETIC[type(new.op)]()
        yield new
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        yield new
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, (ast.Not, ast.USub)):
        yield new.operand
    elif isinstance(new, ast.Constant) and isinstance(new.value, bool):
        yield ast.Constant(not new.value)
    elif isinstance(new, ast.Constant) and isinstance(new.value, (int, float)):
        yield ast.Constant(new.value + 1)
    elif isinstance(new, (ast.If, ast.While)) and not isinstance(new.test, ast.Constant):
        new.test = ast.UnaryOp(ast.Not(), new.test)
        yield new


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Every child of every node inside functions: parent, field, and place in the field's list."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for parent in (node for statement in function.body for node in ast.walk(statement)):
            for field, value in ast.iter_fields(parent):
                if isinstance(value, ast.AST):
                    yield parent, field, None
                elif isinstance(value, list):
                    yield from (
                        (parent, field, place) for place, child in enumerate(value) if isinstance(child, ast.AST)
                    )


def mutants(source: str) -> Iterator[tuple[int, str, str, str]]:
    """Line, what stood there, what stands there now, and the whole changed source."""
    tree = ast.parse(source)
    seen = set()
    for parent, field, place in places(tree):
        value = getattr(parent, field)
        node = value if place is None else value[place]
        for new in changed(node):
            one = ast.fix_missing_locations(ast.copy_location(new, node))
            _put(parent, field, place, one)
            text = ast.unparse(tree)
            _put(parent, field, place, node)
            if text not in seen:
                seen.add(text)
                shown = [ast.unparse(part).splitlines()[0] for part in (node, one)]
                yield getattr(node, "lineno", 0), shown[0], shown[1], text


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def passes(folder: Path, tests: list[str], limit_s: float | None) -> bool:
    """Whether the tests pass in the copy; a run beyond the limit counts as noticed."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, env=environment, capture_output=True, check=False, timeout=limit_s
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> int:
    """Run the recipe; the exit code is 1 if a change went unnoticed."""
    parser = argparse.ArgumentParser(description="Which small changes of a module does no test notice?")
    parser.add_argument("module", type=Path)
    parser.add_argument("--most", type=int, default=0, help="try only so many changes, drawn by a fixed seed")
    options, tests = parser.parse_known_args()
    module = options.module.resolve().relative_to(ROOT)
    tests = tests or [f"tests/{module.parts[2]}"]
    source = (ROOT / module).read_text(encoding="utf-8")
    tried = list(mutants(source))
    if options.most and options.most < len(tried):
        tried = sorted(random.Random(1).sample(tried, options.most))  # noqa: S311
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (ROOT / part for part in COPIED if (ROOT / part).exists()):
            (shutil.copytree if part.is_dir() else shutil.copy)(part, folder / part.name)
        began = time.monotonic()
        if not passes(folder, tests, None):
            print("The tests do not pass as things are: mend that first.")
            return 2
        limit_s = 10 + 3 * (time.monotonic() - began)
        for line, before, after, text in tried:
            (folder / module).write_text(text, encoding="utf-8")
            if passes(folder, tests, limit_s):
                survivors += 1
                print(f"{module}:{line}: {before}  ->  {after}", flush=True)
    print(f"{len(tried) - survivors} of {len(tried)} changes were noticed.")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

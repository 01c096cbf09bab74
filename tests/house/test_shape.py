"""The shape of the source: floors, sizes, names and docstrings."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from house.registries import ROOT, SOURCE, functions, modules, named, parsed

LONGEST_MODULE, LONGEST_FUNCTION, MOST_POSITIONAL = 600, 70, 5
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "manager", "common", "misc", "base", "stuff"}
A_SOURCE = re.compile(
    r"\b(19|20)\d\d\b|ISO \d|IEC|NIST|ANSI|JCGM|RFC \d|source:|exact|by definition|:func:`", re.IGNORECASE
)

# Modules of the mathematics that hold none.
WITHOUT_FORMULAS = {"stats/compiling.py"}

# May only shrink: functions that are longer than the limit, with the length they must not exceed.
LONGER: dict[str, int] = {
    "twin/kernel/serial.py:visit": 150,  # main loop of the engine
}


def test_contracts_of_the_floors_are_kept():
    command = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", modules(), ids=named)
def test_module_is_short_and_bears_a_noun(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    words = set(re.split(r"[_/.]", named(path)))
    assert not words & EMPTY_WORDS


@pytest.mark.parametrize("path", modules(), ids=named)
def test_functions_are_short(path: Path):
    for node in functions(parsed(path)):
        length = node.end_lineno - node.lineno + 1
        assert length <= LONGER.get(f"{named(path)}:{node.name}", LONGEST_FUNCTION), f"{node.name} has {length} lines"


def test_the_list_of_longer_functions_only_shrinks():
    lengths = {
        f"{named(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in modules()
        for node in functions(parsed(path))
    }
    assert all(lengths.get(name, 0) > LONGEST_FUNCTION for name in LONGER), "strike what is short enough now"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_functions_take_few_things_by_position(path: Path):
    compiled_kernel = "kernel" in path.parts
    if compiled_kernel:
        return  # a compiled function takes arrays, and by position only
    for node in functions(parsed(path)):
        taken = [a.arg for a in [*node.args.posonlyargs, *node.args.args] if a.arg not in {"self", "cls"}]
        assert len(taken) <= MOST_POSITIONAL, f"{node.name} takes {taken}"


def public_definitions(tree: ast.Module) -> list[ast.AST]:
    found = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found += [m for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
    return found


@pytest.mark.parametrize("path", modules(), ids=named)
def test_public_things_say_what_they_are(path: Path):
    tree = parsed(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in public_definitions(tree):
        text = ast.get_docstring(node)
        assert text, f"{node.name} has no docstring"
        assert re.match(r".+?[.:](\s|$)", text, re.DOTALL), f"{node.name}: its docstring is no sentence"


FORMULAS = [p for p in modules() if p.is_relative_to(SOURCE / "stats") and named(p) not in WITHOUT_FORMULAS]


@pytest.mark.parametrize("path", FORMULAS, ids=named)
def test_formulas_name_their_source(path: Path):
    tree = parsed(path)
    whole = A_SOURCE.search(ast.get_docstring(tree) or "")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not whole:
            assert A_SOURCE.search(ast.get_docstring(node) or ""), f"{node.name} names no source"


LOOKED_INTO = {"form", "Key", "Policy"}
"""Forms when their command is registered, keys with the events that hold them, the policy by whoever opens the site."""


@pytest.mark.parametrize("path", modules(), ids=named)
def test_structs_are_looked_into_before_two_threads_can_read_them(path: Path):
    """msgspec does so at the first reading unless a decoder was made before; see ``Command.__post_init__``."""
    for function in functions(parsed(path)):
        for call in ast.walk(function):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            kinds = [word.value for word in call.keywords if word.arg == "type" and call.func.attr == "decode"]
            kinds += call.args[1:2] if call.func.attr == "convert" else []
            for kind in kinds:
                name = kind.attr if isinstance(kind, ast.Attribute) else kind.id if isinstance(kind, ast.Name) else ""
                assert not name or name in LOOKED_INTO, f"line {call.lineno}: make a decoder of {name} for the module"


def test_importing_the_package_is_light():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import fabrika"], capture_output=True, text=True, check=True
    )
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "fabrika" in loaded
    assert not loaded & {"numpy", "scipy", "numba", "pydantic", "ruamel", "rich", "cyclopts", "jinja2"}


def test_the_version_is_told_without_loading_anything_heavy():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fabrika", "--version"], capture_output=True, text=True, check=True
    )
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert done.stdout.strip() == version_of_the_project()
    assert not loaded & {"numpy", "scipy", "numba", "pydantic", "ruamel", "rich", "cyclopts", "jinja2"}


def version_of_the_project() -> str:
    return re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]


def test_version_is_the_same_everywhere():
    import fabrika

    assert fabrika.__version__ == version_of_the_project()
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog or f"## [{fabrika.__version__}]" in changelog

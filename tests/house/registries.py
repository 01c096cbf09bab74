"""The registries that the house tests walk over, each read when it is asked for."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import fabrika
from fabrika import errors

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "fabrika"


def modules() -> list[Path]:
    """Every source file of the package."""
    return sorted(SOURCE.rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def named(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def error_classes() -> list[type[errors.FabrikaError]]:
    """Every error that the project defines."""
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.FabrikaError) and value.__module__ == errors.__name__
    ]


def kinds() -> dict[str, Any]:
    """The station kinds, by the word that the plant file uses."""
    return dict(import_module("fabrika.plant.kinds").KINDS)


def states() -> tuple[str, ...]:
    """The states of a machine."""
    return tuple(import_module("fabrika.twin.results").STATES)


def counts() -> tuple[str, ...]:
    """The counters of a station."""
    return tuple(import_module("fabrika.twin.results").COUNTS)


def kpis() -> tuple[str, ...]:
    """The names of the key figures, as the function that computes them gives them."""
    kpi = import_module("fabrika.twin.kpi")
    nothing = kpi.Totals((0,) * len(states()), (0,) * len(counts()), 0, None)
    return tuple(kpi.key_figures(nothing))


def glossary() -> dict[str, dict[str, str]]:
    """Terms by their key."""
    return tomllib.loads((SOURCE / "glossary.toml").read_text(encoding="utf-8"))


def commands() -> dict[str, str]:
    """What each command does, by its name."""
    return dict(import_module("fabrika.faces.cli.app").COMMANDS)


def library() -> tuple[str, ...]:
    """What ``import fabrika`` offers."""
    return tuple(name for name in fabrika.__all__ if not name.startswith("__"))

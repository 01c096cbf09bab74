"""Fabrika: a whole plant as one file, run unit by unit, and its contract proved.

``read`` a plant file, ``simulate`` it, ``prove`` what it promised. Importing this package loads nothing heavy; the three
names are fetched when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fabrika.app.library import prove as prove
    from fabrika.app.library import read as read
    from fabrika.app.library import simulate as simulate

__version__ = "0.1.0"

__all__ = ["__version__", "prove", "read", "simulate"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("fabrika.app.library"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Hand plain scalar functions to a compiler, so that one source runs compiled and uncompiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any


def compile_functions(functions: Sequence[Callable[..., Any]], jit: Callable[[Any], Any]) -> dict[str, Any]:
    """Return ``{name: compiled}`` for functions that call each other by their global names.

    A compiler such as ``numba.njit`` cannot call plain functions that stand in a module's globals. Each function is
    therefore copied with its globals replaced by the copies already compiled; the source and the modules stay as they
    are.

    Args:
        functions: plain Python functions without closure, callees before callers; names are unique.
        jit: takes a function, returns its compiled twin, such as ``numba.njit`` or a partial of it.

    Raises:
        ValueError: if two functions bear the same name.
        TypeError: if one is no plain Python function.
    """
    compiled: dict[str, Any] = {}
    for function in functions:
        if not isinstance(function, FunctionType) or function.__closure__:
            raise TypeError(f"{function!r} is no plain Python function without closure")
        name = function.__name__
        if name in compiled:
            raise ValueError(f"two functions are called {name}")
        namespace = {**function.__globals__, **compiled}
        copy = FunctionType(function.__code__, namespace, name, function.__defaults__)
        copy.__doc__, copy.__module__, copy.__qualname__ = function.__doc__, function.__module__, function.__qualname__
        copy.__annotations__ = function.__annotations__
        compiled[name] = jit(copy)
    return compiled

"""How the kernel's functions are compiled: by numba, cached on disk, without fast-math.

With ``NUMBA_DISABLE_JIT=1`` in the environment numba leaves them plain Python; tests compare the two. The cache folder must
be set before numba is imported, because numba does not notice changed constants or other modules
(:mod:`fabrika.app.kernel_cache` does it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable


def _compile(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    compiled: Callable[..., Any] = numba.njit(cache=True, boundscheck=False, error_model="numpy", **options)(function)
    return compiled


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile what is called from Python, without fast-math, so that the result is the same on every processor."""
    return _compile(function)


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile what only the kernel calls: without the wrappers that calls from Python need."""
    return _compile(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def jit_inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile into the caller."""
    return _compile(function, inline="always", no_cpython_wrapper=True, no_cfunc_wrapper=True)

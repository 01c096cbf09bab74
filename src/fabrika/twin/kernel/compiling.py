"""How the kernel's functions are compiled: by numba, cached on disk, without fast-math.

With ``NUMBA_DISABLE_JIT=1`` in the environment numba leaves them plain Python; tests compare the two. The cache folder must
be set before numba is imported, because numba does not notice changed constants or other modules
(:mod:`fabrika.app.kernel_cache` does it).

numba makes machine code of every function by itself and optimises it anew, with all that it calls, wherever it is called;
for a tree of a hundred small functions that doubles the time of the first use, and machine code that nobody calls is thrown
away. :func:`optimised_once` leaves all but the entries as they were lowered, and the optimiser sees the whole once: decision
0013.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_entries: set[str] = set()


def _compile(function: Callable[..., Any], *, cache: bool = False, **options: Any) -> Callable[..., Any]:
    # arrays live as long as the run that owns them: counting who refers to them took a third of the time
    compiled: Callable[..., Any] = numba.njit(
        cache=cache, boundscheck=False, error_model="numpy", _nrt=False, **options
    )(function)
    return compiled


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile what is called from Python, without fast-math, so that the result is the same on every processor."""
    _entries.add(function.__qualname__)
    return _compile(function, cache=True)


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile what only the kernel calls: without the wrappers that calls from Python need."""
    return _compile(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def jit_inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile into the caller."""
    return _compile(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


@contextmanager
def optimised_once() -> Iterator[None]:
    """Within it, only entries are optimised and turned into machine code; what they call goes into them as it is.

    Nothing else is compiled meanwhile: other threads wait for the compiler.
    """
    from llvmlite.binding import Linkage
    from numba.core.codegen import JITCodeLibrary
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.registry import cpu_target

    class Lowered(JITCodeLibrary):  # type: ignore[misc]  # numba is untyped
        """A function's code on its way into an entry."""

        def _optimize_final_module(self) -> None:
            if self.name not in _entries:
                return
            for function in self._final_module.functions:
                if not function.is_declaration and function.linkage == Linkage.linkonce_odr:
                    # nobody else calls it: arguments that it does not use need not be passed
                    function.linkage = Linkage.internal
            super()._optimize_final_module()

        def _finalize_final_module(self) -> None:
            if self.name in _entries:
                super()._finalize_final_module()
                return
            self._finalize_dynamic_globals()
            self._verify_declare_only_symbols()
            self._finalized = True

    codegen = cpu_target.target_context.codegen()
    with global_compiler_lock:
        known = codegen._library_class  # noqa: SLF001 - decision 0013
        set_environment = codegen.set_env

        def set_known_environment(name: str, environment: Any) -> None:
            if codegen._engine.is_symbol_defined(name):  # noqa: SLF001 - decision 0013
                set_environment(name, environment)

        collecting = gc.isenabled()
        gc.disable()  # the compiler makes millions of objects and hardly any garbage
        codegen._library_class = Lowered  # noqa: SLF001 - decision 0013
        codegen.set_env = set_known_environment
        try:
            yield
        finally:
            codegen._library_class = known  # noqa: SLF001 - decision 0013
            del codegen.set_env
            if collecting:
                gc.enable()

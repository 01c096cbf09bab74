"""How the kernel's functions are compiled: by numba, cached on disk, without fast-math.

With ``NUMBA_DISABLE_JIT=1`` in the environment numba leaves them plain Python; tests compare the two. The cache folder must
be set before numba is imported, because numba does not notice changed constants or other modules
(:mod:`fabrika.app.kernel_cache` does it).

numba makes machine code of every function by itself and optimises it anew, with all that it calls, wherever it is called;
for a tree of a hundred small functions that doubles the time of the first use, and machine code that nobody calls is thrown
away. :func:`optimised_once` leaves all but the entries as they were lowered, and the optimiser sees the whole once; and what
numba finds out about `int + int` is kept instead of sought ten thousand times: decision 0013.
"""

from __future__ import annotations

import gc
import operator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numba
from numba.core import types
from numba.core.types.misc import CPointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_entries: set[str] = set()


def _compile(function: Callable[..., Any], *, cache: bool = False, **options: Any) -> Callable[..., Any]:
    # arrays live as long as the run that owns them: counting who refers to them took a third of the time; and there is nothing
    # in the kernel that would have to be rewritten before it can be compiled
    compiled: Callable[..., Any] = numba.njit(
        cache=cache, boundscheck=False, error_model="numpy", _nrt=False, no_rewrites=True, **options
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


def compile_whole(functions: Iterable[tuple[Any, str]]) -> None:
    """Compile entries for the types that they are called with, each with its signature; plain Python stays plain."""
    if numba.config.DISABLE_JIT:
        return
    with optimised_once():
        for function, signature in functions:
            function.compile(signature)


@contextmanager
def optimised_once() -> Iterator[None]:
    """Within it, only entries are optimised and turned into machine code; what they call goes into them as it is.

    Nothing else is compiled meanwhile: other threads wait for the compiler.
    """
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher
    from numba.core.registry import cpu_target
    from numba.core.types.functions import BaseFunction

    codegen = cpu_target.target_context.codegen()
    with global_compiler_lock, ExitStack() as stack:
        stack.enter_context(_without_collecting())
        stack.enter_context(_instead(codegen, "_library_class", _lowered()))
        stack.enter_context(_instead(codegen, "set_env", _known_environments(codegen)))
        stack.enter_context(_instead(BaseFunction, "get_call_type", _remembering(BaseFunction.get_call_type)))
        stack.enter_context(_instead(Dispatcher, "get_call_template", _for_any(Dispatcher.get_call_template)))
        yield


@contextmanager
def _instead(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Within it, ``owner.name`` is ``value``."""
    own = name in vars(owner)
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """The compiler makes millions of objects and hardly any garbage."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _lowered() -> type:
    """The class that holds a function's code on its way into an entry."""
    from llvmlite.binding import Linkage
    from numba.core.codegen import JITCodeLibrary

    class Lowered(JITCodeLibrary):  # type: ignore[misc]  # numba is untyped
        def finalize(self) -> None:
            if self.name not in _entries:
                self._finalize_dynamic_globals()
                self._finalized = True
                return
            called = list(self._linking_libraries)
            for library in called:
                called += [other for other in library._linking_libraries if other not in called]  # noqa: SLF001 - decision 0013
            self._linking_libraries: list[Any] = called
            super().finalize()

        def _optimize_final_module(self) -> None:
            for function in self._final_module.functions:
                if not function.is_declaration and function.linkage == Linkage.linkonce_odr:
                    # nobody else calls it: arguments that it does not use need not be passed
                    function.linkage = Linkage.internal
            # once is enough: the first of the compiler's two rounds looks for counted references, which the kernel has not
            manager, builder = self._codegen._module_pass_manager(opt=2)  # noqa: SLF001 - decision 0013
            manager.run(self._final_module, builder)

    return Lowered


def _known_environments(codegen: Any) -> Callable[[str, Any], None]:
    """``set_env`` for functions that were turned into machine code only."""
    set_environment = codegen.set_env

    def set_env(name: str, environment: Any) -> None:
        if codegen._engine.is_symbol_defined(name):  # noqa: SLF001 - decision 0013
            set_environment(name, environment)

    return set_env


def _remembering(search: Callable[..., Any]) -> Callable[..., Any]:
    """``get_call_type`` that finds out once what an operator makes of given numbers and pointers.

    Only operators: what else is called may be typed differently once the compiler has loaded more of itself, and a search for
    it leaves traces that the lowering needs.
    """
    operators = frozenset(value for value in vars(operator).values() if callable(value))
    plain = types.Number, types.Boolean, CPointer
    found: dict[Any, Any] = {}

    def get_call_type(function: Any, context: Any, args: Any, kws: Any) -> Any:
        if kws or function.typing_key not in operators or not all(isinstance(arg, plain) for arg in args):
            return search(function, context, args, kws)
        key = (function, args)
        if key not in found:
            found[key] = search(function, context, args, kws)
        return found[key]

    return get_call_type


def _for_any(compile_for: Callable[..., Any]) -> Callable[..., Any]:
    """``get_call_template`` that compiles one version for all integers, not one for each constant that is passed."""
    from numba.core.types.misc import unliteral

    def get_call_template(function: Any, args: Any, kws: Any) -> Any:
        return compile_for(function, tuple(unliteral(arg) for arg in args), kws)

    return get_call_template

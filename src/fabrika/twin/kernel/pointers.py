"""A run's memories as bare pointers.

An array goes to a function in seven parts, and every access asks whether the index counts from the end. The kernel needs
neither: its memories are flat, live as long as the run, and are never indexed from the end. With pointers there is a third
less for the compiler to do (decision 0013). In plain Python the memory stays the array that it is.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from numba.core import types
from numba.core.datamodel.models import PointerModel
from numba.core.types.misc import CPointer
from numba.extending import lower_builtin, register_model, type_callable
from numba.np.arrayobj import make_array

if TYPE_CHECKING:
    from collections.abc import Callable


class Words(CPointer):  # type: ignore[misc]  # numba is untyped
    """The numbers of a memory, one behind the other, from its first on."""


register_model(Words)(PointerModel)


def bare(memory: Any) -> Any:
    """The memory (int64, float64 or uint64, one-dimensional, C-contiguous) as the kernel passes it on; a pointer stays one."""
    return memory


def as_integers(memory: Any) -> Any:
    """The same float64 words, seen as int64."""
    return memory.view(np.int64)


@type_callable(bare)
def _type_bare(_context: Any) -> Callable[[Any], Any]:
    return lambda memory: Words(memory.dtype) if isinstance(memory, types.Array) else memory


@lower_builtin(bare, types.Array)
def _first_word(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return make_array(sig.args[0])(context, builder, value=args[0]).data


@lower_builtin(bare, Words)
def _as_it_is(_context: Any, _builder: Any, _sig: Any, args: Any) -> Any:
    return args[0]


@type_callable(as_integers)
def _type_integers(_context: Any) -> Callable[[Any], Any]:
    return lambda memory: Words(types.int64) if isinstance(memory, Words) else None


@lower_builtin(as_integers, Words)
def _other_words(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.bitcast(args[0], context.get_value_type(sig.return_type))


@lower_builtin(operator.getitem, Words, types.Integer)
def _load(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
    return builder.load(builder.gep(args[0], [args[1]], inbounds=True))


@lower_builtin(operator.setitem, Words, types.Integer, types.Any)
def _store(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
    builder.store(args[2], builder.gep(args[0], [args[1]], inbounds=True))

"""Compiled copies call compiled copies and leave the originals alone."""

from __future__ import annotations

import math
from functools import partial

import numba
import pytest

from fabrika.stats.compiling import compile_functions


def _double(x):
    return 2.0 * x


def _twice_double(x):
    return _double(_double(x))


def test_callers_get_compiled_callees_and_originals_stay_plain():
    compiled = compile_functions((_double, _twice_double), numba.njit)
    assert compiled["_twice_double"](1.25) == 5.0
    assert compiled["_twice_double"].nopython_signatures
    assert not hasattr(_double, "nopython_signatures")
    assert compiled["_twice_double"].__doc__ == _twice_double.__doc__


def test_any_compiler_serves():
    seen = []
    compile_functions((_double, _twice_double), lambda function: seen.append(function.__name__) or function)
    assert seen == ["_double", "_twice_double"]


def test_a_name_twice_is_refused():
    with pytest.raises(ValueError, match="_double"):
        compile_functions((_double, _double), numba.njit)


def _multiplier(factor):
    def multiply(x):
        return factor * x

    return multiply


@pytest.mark.parametrize("other", [math.sqrt, partial(_double, 1.0), _multiplier(3.0)])
def test_what_has_no_source_is_refused(other):
    with pytest.raises(TypeError, match="plain Python function"):
        compile_functions((other,), numba.njit)

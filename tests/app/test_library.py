"""What the library offers in one step is what a plant that was read offers."""

from __future__ import annotations

import inspect

import pytest

import fabrika
from fabrika.app.library import PlantFile

LISTENERS = {"progress", "first_answer"}


@pytest.mark.parametrize("name", ["simulate", "prove"])
def test_one_step_takes_what_two_steps_take(name):
    short = inspect.signature(getattr(fabrika, name)).parameters
    long = inspect.signature(getattr(PlantFile, name)).parameters
    asked = {key: (row.kind, row.default) for key, row in short.items() if key != "plant"}
    assert asked == {key: (row.kind, row.default) for key, row in long.items() if key not in LISTENERS | {"self"}}

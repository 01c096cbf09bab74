"""Making the compiled twin ready, once, before a run is timed or handed to workers."""

from __future__ import annotations

from datetime import UTC
from functools import cache

from fabrika.app import kernel_cache
from fabrika.plant.model import Distribution, Input, Line, Plant, Station

_SECOND = 1_000_000


def ready() -> None:
    """Let the compiler find its folder, before anything loads it, and say so if the twin will be compiled first."""
    kernel_cache.tell_if_cold(cold=kernel_cache.prepare())


@cache
def warm() -> None:
    """Load the compiled twin; compile it, and say so, where this machine has not done so yet."""
    ready()
    from fabrika.stats.intervals import exceedance
    from fabrika.twin.replicate import replicate
    from fabrika.twin.results import Period

    cycle = Distribution("constant", 1.0)
    stations = (
        Station("a", "machine", cycle=cycle),
        Station("b", "machine", cycle=cycle, inputs=(Input("line.a", 1),)),
    )
    plant = Plant("warm", "warm", UTC, "UTC", (Line("line", stations),), warm_up_s=0.0)
    replicate(plant, Period(0, 10 * _SECOND, 0, 0, steady=True), 1, 0)
    exceedance([0.0, 1.0, 2.0], 0.0)  # the first interval should not wait for what it needs

"""Small plants in which one instant decides: each is the smallest of a random plant whose order of ties was once got wrong."""

from __future__ import annotations

from dataclasses import replace

from fabrika.plant import model
from twin.plants import ABC, BROKEN_SHIFT, line, mode, plant, station, stop, way

A, B, C = ABC
PLAIN = tuple(replace(product, cycle_factor=1.0) for product in ABC)
FITTER = (model.Crew("fitters", 1),)


def turns(**quantities: int) -> tuple[model.Campaign, ...]:
    return tuple(model.Campaign(name[0], quantity) for name, quantity in quantities.items())


def tied() -> dict[str, model.Plant]:
    """Every one of them, by name."""
    return _rooms() | _skipped() | _calls() | _campaigns()


def _rooms() -> dict[str, model.Plant]:
    """Places made free by a start, a claim or a withdrawal, straight or through what lies between."""
    store, pair = model.Store("s", 1, ("y.s0",)), model.Store("s", 1, ("x.s0",))
    return {
        "a claim makes room before several machines": plant(
            line("y", station("s0", 1, machines=3), sequence=turns(a=1, c=5)),
            line("v", station("s0", 0.5), sequence=turns(a=20, c=2)),
            line("z", station("join", 1, ("s", 0, 2), ("v.s0", 0), kind="assembly", machines=2)),
            products=(PLAIN[0], PLAIN[1], C), stores=(store,),
        ),
        "room beyond a store and a way": plant(
            line("x", station("s0", 12), sequence=turns(b=1, c=1, a=1)),
            line("y", station("s0", 1, machines=2), sequence=turns(b=20, c=1, a=8)),
            line("z", way("s0", 5, 2, ("s", 0)), station("s1", 1, ("z.s0", 1), machines=2)),
            products=PLAIN, stores=(model.Store("s", 1, ("x.s0", "y.s0")),),
        ),
        "room beyond a way, four machines": plant(
            line("y", station("s0", 1, machines=2), sequence=turns(c=1, a=8)),
            line("z", way("s0", 5, 2, ("s", 0)), station("s1", 8, ("z.s0", 1), machines=4)),
            products=PLAIN, stores=(store,),
        ),
        "the other input gives the product": plant(
            line("x", station("s0", 1, machines=3), sequence=turns(b=1, c=8)),
            line("v", station("s0", 1), sequence=turns(b=2, c=5)),
            line("z", station("join", 1, ("s", 3, 2), ("v.s0", 0), kind="assembly", machines=2)),
            products=(PLAIN[0], PLAIN[1], C), stores=(pair,),
        ),
        "a withdrawal and a start make room": plant(
            line("y", station("s0", 1), sequence=turns(c=5, a=2)),
            line("w", station("s0", 4, machines=2), sequence=turns(c=1, a=5)),
            line("z", station("join", 1, ("y.s0", 0), ("w.s0", 1), kind="assembly", machines=2)),
            products=(PLAIN[0], PLAIN[1], C),
        ),
        "scrap while the place ahead is taken": plant(
            line("x", station("s0", 1), station("s1", 1, ("x.s0", 1), machines=2, scrap=0.3)),
            line("z", station("s0", 3, ("s", 0), machines=2)), stores=(replace(pair, inputs=("x.s1",)),),
        ),
        "room beyond a split in turn": plant(
            line("x", station("s0", 1, machines=4, output="round robin"), sequence=turns(a=1, b=1, c=1, a2=8)),
            line("y", station("s0", 2, ("x.s0", 1), machines=2)), line("z", station("s0", 1, ("x.s0", 0))),
            products=(PLAIN[0], PLAIN[1], C),
        ),
    }  # fmt: skip


def _skipped() -> dict[str, model.Plant]:
    """Several machines that a product skips, before a merge."""
    ends = ("x.s0", "y.s0")
    return {
        f"what skips several machines meets others in a store of {size}": plant(
            line("x", station("s0", 1, machines=2), sequence=turns(a=1, b=1)),
            line("y", station("s0", 1), sequence=turns(a=1, b=1)),
            line("z", station("s0", cycle, ("s", buffer))),
            products=(PLAIN[0], replace(PLAIN[1], route=("z.s0",)), PLAIN[2]), stores=(model.Store("s", size, ends),),
        )
        for size, cycle, buffer in ((1, 0.5, 1), (2, 1, 0))
    }  # fmt: skip


def _calls() -> dict[str, model.Plant]:
    """One repairer, called at one instant by what begins after a start and by what does not, and by a machine twice."""
    busy, cycles = mode(2, "busy", 9, crew="fitters"), mode(7, "cycles", 0.5, crew="fitters")
    twice = (mode(35, "clock", 0.5, crew="fitters", name="m0"), mode(35, "clock", 9, crew="fitters", name="m1"))
    return {
        "a call after a start behind": plant(
            line("x", station("s0", 1, fails=(mode(2.5, "busy", 0.5, crew="fitters"),)),
                 station("s1", 1, ("x.s0", 1), machines=2)),
            line("z", station("s1", 2, ("x.s1", 0), kind="batch", size=2, fails=(busy,))), crews=FITTER,
        ),
        "a call with the last unit that comes": plant(
            line("y", station("s0", 1)), line("v", station("s0", 2)),
            line("z",
                 station("join", 1, ("y.s0", 0), ("v.s0", 0), kind="assembly", machines=3, fails=(mode(2.5, "cycles", 0.5, crew="fitters"),)),
                 station("s1", 2, ("z.join", 0), fails=(cycles,))), crews=FITTER,
        ),
        "two calls at one instant of a machine that is closed": plant(
            line("w", station("s0", 1)), line("z", station("join", 0.5, ("w.s0", 1), calendar="broken", fails=twice)),
            crews=FITTER, calendars=(BROKEN_SHIFT,),
        ),
    }  # fmt: skip


def _campaigns() -> dict[str, model.Plant]:
    """Assemblies at the turn of a campaign."""
    called = mode(20, "shift", 2, crew="fitters")
    return {
        "one machine has no choice": plant(
            line("x", station("s0", 1, fails=(mode(2, "busy", 0.5, crew="fitters"),)), sequence=turns(a=8, b=5, c=1, a2=1)),
            line("y", station("s0", 0.5, fails=(called,)), sequence=turns(a=1, b=1, c=8, a2=5)),
            line("z", station("join", 1, ("x.s0", 2), ("y.s0", 0, 2), kind="assembly")), products=ABC, crews=FITTER,
        ),
        "clean while it waits": plant(
            line("x", station("s0", 0.5), station("s1", 3, ("x.s0", 0))), line("y", station("s0", 1)),
            line("z", station("join", 1, ("x.s1", 0), ("y.s0", 1, 2), kind="assembly", machines=2, stops=(stop(4, "shift", 5),))),
        ),
        "beyond one machine that assembles": plant(
            line("x", station("s0", 1, machines=3), sequence=turns(a=1, b=5, c=20, a2=1)),
            line("y", station("s0", 1, machines=2), station("s1", 1, ("y.s0", 0), machines=2), sequence=turns(a=1, b=2, c=3, a2=2)),
            line("z", station("join", 1, ("x.s0", 1, 2), ("y.s1", 0), kind="assembly")),
            products=(PLAIN[0], replace(PLAIN[1], route=("y.s0", "y.s1", "z.join")), PLAIN[2]),
        ),
    }  # fmt: skip

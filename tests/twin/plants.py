"""Small plants made by hand that force ties and meet every feature, alone and in pairs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from fabrika.plant import model

ORIGIN_US = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 10**6
"""A Monday, 00:00 UTC: t = 0 of every run here."""

EVERY_DAY = tuple(range(7))
SHORT_SHIFTS = model.Calendar(
    "short", tuple(model.Shift(EVERY_DAY, a, b) for a, b in ((0, 2), (3, 4), (5, 8), (9, 14)))
)
BROKEN_SHIFT = model.Calendar(
    "broken", (model.Shift(EVERY_DAY, 1, 30, breaks=((3, 4), (6, 7))),), warm_up_s=7.0, warm_up_after_s=60.0
)


def law(mean: float, family: model.Family = "constant", shape: float = 0.0) -> model.Distribution:
    return model.Distribution(family, float(mean), shape)


def exponential(mean: float) -> model.Distribution:
    return law(mean, "exponential")


def station(name, cycle, *inputs, kind="machine", **more) -> model.Station:
    """A station; ``cycle`` in seconds or a law; inputs as (source, buffer) or (source, buffer, count)."""
    if cycle is not None and not isinstance(cycle, model.Distribution):
        cycle = law(cycle)
    return model.Station(name, kind, cycle=cycle, inputs=tuple(model.Input(*i) for i in inputs), **more)


def way(name, time_s, capacity, *inputs) -> model.Station:
    return station(name, None, *inputs, kind="transport", time=float(time_s), capacity=capacity)


def line(name, *stations, **more) -> model.Line:
    return model.Line(name, stations, **more)


def plant(*lines, **more) -> model.Plant:
    return model.Plant("plant", "plant", UTC, "UTC", lines, **({"warm_up_s": 0.0} | more))


def serial(*steps, **more) -> model.Plant:
    """One line ``l`` of stations in a row; each step is a station whose input, if it has none, is a buffer of ``b``."""
    buffers = more.pop("buffers", [2] * len(steps))
    made = [steps[0]]
    for step, buffer in zip(steps[1:], buffers, strict=False):
        made.append(replace(step, inputs=(model.Input(f"l.{made[-1].id}", buffer),)))
    names = ("sequence", "lots", "calendar", "area")
    of_line = {k: more.pop(k) for k in names if k in more and not (k == "calendar" and "calendars" not in more)}
    return plant(line("l", *made, **of_line), **more)


def mode(after, clock, repair, *, crew=None, works="plant", name="jam") -> model.Mode:
    after = after if isinstance(after, model.Distribution) else law(after)
    repair = repair if isinstance(repair, model.Distribution) else law(repair)
    return model.Mode(name, after, clock, repair, crew, works)


def stop(every, clock, takes, name="clean") -> model.PlannedStop:
    return model.PlannedStop(name, float(every), clock, law(takes))


CREW = (model.Crew("fitters", 1),)
CREWS = (model.Crew("fitters", 2), model.Crew("electricians", 1))
ABC = tuple(model.Product(p, f) for p, f in (("a", 1.0), ("b", 1.25), ("c", 2.0)))
TURNS = (model.Campaign("a", 7), model.Campaign("b", 5), model.Campaign("a", 4), model.Campaign("c", 3))
SETUP = model.Changeover(law(4), {("a", "b"): law(7), ("b", "a"): exponential(5)})


def _lines_named() -> dict[str, model.Plant]:
    """Rows of single machines and what may happen to them."""
    a, b, c = station("a", 1), station("b", 1), station("c", 1)
    e = exponential(1)
    fails = mode(exponential(20), "cycles", exponential(9))
    return {
        "one": serial(a),
        "two-without-buffer": serial(a, station("b", 3), buffers=[0]),
        "equal-cycles": serial(a, b, c, buffers=[0, 1]),
        "exponential": serial(station("a", e), station("b", e), station("c", e), buffers=[0, 3]),
        "families": serial(
            station("a", law(1, "gamma", 0.5)),
            station("b", law(1, "lognormal", 1.0)),
            station("c", law(1, "weibull", 1.5)),
            station("d", law(1, "erlang", 3)),
        ),
        "scrap": serial(replace(a, scrap=0.1), replace(b, scrap=0.3), c, buffers=[1, 0]),
        "scrap-all": serial(a, replace(b, scrap_of={"a": 1.0}, scrap=0.1), c, sequence=TURNS, products=ABC),
        "zero-cycle": serial(a, station("b", 0), station("c", 2), buffers=[0, 0]),
        "fails-cycles": serial(replace(a, fails=(fails,)), replace(b, fails=(fails,)), c, buffers=[3, 1]),
        "fails-cycles-constant": serial(replace(a, fails=(mode(2.5, "cycles", 2),)), b, buffers=[0]),
        "fails-often": serial(replace(a, fails=(mode(exponential(0.4), "cycles", 0.5),)), b),
        "fails-busy": serial(replace(a, fails=(mode(exponential(15), "busy", 6),)), station("b", 2), buffers=[1]),
        "fails-busy-constant": serial(replace(a, fails=(mode(3, "busy", 2), mode(3, "busy", 1, name="slip"))), b),
        "fails-clock": serial(replace(a, fails=(mode(exponential(25), "clock", 6),)), station("b", 2), buffers=[1]),
        "fails-clock-constant": serial(
            replace(a, fails=(mode(5, "clock", 1),)), replace(b, fails=(mode(6, "clock", 3),))
        ),
        "three-modes-tie": serial(
            replace(a, fails=(mode(4, "cycles", 2), mode(4, "cycles", 1, name="slip")), stops=(stop(4, "cycles", 3),)),
            b,
        ),
        "stops-all-clocks": serial(
            replace(
                a, stops=tuple(stop(n, k, 2, k) for n, k in ((9, "cycles"), (11, "busy"), (30, "clock"), (40, "shift")))
            ),
            b,
            calendar="short",
            calendars=(SHORT_SHIFTS,),
        ),
        "changeover": serial(
            replace(a, changeover=SETUP), replace(b, changeover=SETUP), c, sequence=TURNS, products=ABC
        ),
        "changeover-without-buffer": serial(
            a, replace(b, changeover=SETUP), c, buffers=[0, 0], sequence=TURNS, products=ABC
        ),
        "one-product-campaigns": serial(a, station("b", 2), sequence=(model.Campaign("a", 5),), products=ABC),
        "whole-campaign-scrapped": serial(
            replace(a, scrap_of={"b": 1.0}), replace(b, changeover=SETUP), c, sequence=TURNS, products=ABC
        ),
        "route": serial(
            a,
            replace(b, changeover=SETUP, scrap=0.2, fails=(fails,)),
            c,
            sequence=TURNS,
            products=(ABC[0], replace(ABC[1], route=("l.a", "l.c")), ABC[2]),
        ),
        "cycle-of": serial(a, replace(b, cycle_of={"b": exponential(2), "c": law(0.5)}), sequence=TURNS, products=ABC),
        "lots": serial(a, b, lots=model.Lots(7, 0.3), sequence=TURNS, products=ABC),
        "ramp-up": serial(
            replace(a, scrap=0.05, fails=(fails,)),
            replace(b, fails=(mode(30, "clock", 5),)),
            warm_up_s=60.0,
            ramp_up=model.RampUp(150.0, "linear", rate=0.6, scrap=3.0, repair=2.0),
        ),
        "ramp-up-exponential": serial(replace(a, scrap=0.3), b, ramp_up=model.RampUp(90.0, rate=0.5, scrap=4.0)),
        "transport": serial(a, way("t", 5, 3), station("d", 1.5), buffers=[0, 0]),
        "transport-campaigns": serial(
            a,
            way("t", 5, 9),
            replace(b, changeover=SETUP),
            way("u", 3, 2),
            buffers=[0, 0, 0],
            sequence=TURNS,
            products=ABC,
        ),
    }


def _times_named() -> dict[str, model.Plant]:
    """Calendars, outages, supplies and crews."""
    a, b, c = station("a", 1.5), station("b", 2), station("c", 1)
    shifts = {"calendars": (SHORT_SHIFTS, BROKEN_SHIFT)}
    crewed = mode(exponential(20), "cycles", exponential(9), crew="fitters")
    by_clock = mode(exponential(30), "clock", exponential(9), crew="fitters")
    on_shift = mode(exponential(30), "shift", 12, crew="fitters", works="shifts")
    in_shifts = replace(crewed, works="shifts")
    power = model.Outage("power", None, exponential(60), "clock", exponential(10), 5.0)
    air = model.Outage("air", "wing", law(50), "shift", law(10), 0.0)
    parts = model.Supply("parts", ("l.b", "l.a"), exponential(70), "shift", exponential(20))
    return {
        "shifts": serial(a, b, c, calendar="short", **shifts),
        "shifts-without-buffer": serial(a, b, c, buffers=[0, 0], calendar="short", **shifts),
        "two-calendars": serial(a, replace(b, calendar="broken"), c, calendar="short", **shifts),
        "warm-up": serial(a, b, c, calendar="broken", **shifts),
        "changeover-shifts": serial(
            a, replace(b, changeover=SETUP), c, calendar="short", sequence=TURNS, products=ABC, **shifts
        ),
        "repair-in-shifts": serial(
            replace(a, fails=(mode(exponential(15), "busy", 50, works="shifts"),)),
            replace(b, fails=(mode(exponential(40), "shift", 50, works="shifts"),)),
            calendar="short",
            **shifts,
        ),
        "repair-day-and-night": serial(
            replace(a, fails=(mode(exponential(15), "cycles", 50),)),
            replace(b, fails=(mode(40, "shift", 50),)),
            calendar="short",
            **shifts,
        ),
        "outages": serial(a, replace(b, area="wing"), c, outages=(power, air), areas=(model.Area("wing"),)),
        "outages-shifts": serial(
            a,
            replace(b, area="wing"),
            c,
            outages=(power, air),
            areas=(model.Area("wing", "broken"),),
            **(shifts | {"calendars": (SHORT_SHIFTS, BROKEN_SHIFT)}),
        ),
        "supplies": serial(a, b, c, supplies=(parts,), outages=(power,), calendar="short", **shifts),
        "crew": serial(*(replace(s, fails=(crewed,)) for s in (a, b, c)), crews=CREW),
        "crew-ties": serial(
            *(station(n, 1, fails=(mode(3, "cycles", 2, crew="fitters"),)) for n in "abcd"), crews=CREW
        ),
        "crew-of-two": serial(*(replace(s, fails=(crewed,)) for s in (a, b, c, station("d", 1))), crews=CREWS),
        "two-crews": serial(
            replace(a, fails=(crewed, mode(exponential(30), "busy", 8, crew="electricians", name="spark"))),
            replace(b, fails=(crewed, mode(exponential(30), "busy", 8, crew="electricians", name="spark"))),
            crews=CREWS,
        ),
        "crew-works-shifts": serial(
            *(replace(s, fails=(in_shifts, replace(on_shift, crew=None, id="drift"))) for s in (a, b, c)),
            crews=CREW,
            calendar="short",
            **shifts,
        ),
        "crew-changeover": serial(
            replace(a, fails=(crewed,)),
            replace(b, changeover=SETUP, fails=(crewed, replace(by_clock, crew=None, id="drift"))),
            c,
            crews=CREW,
            sequence=TURNS,
            products=ABC,
        ),
        "crew-outage": serial(
            replace(a, fails=(crewed,)), replace(b, fails=(in_shifts,)), crews=CREW, outages=(power,)
        ),
    }


def _called_by_clock() -> dict[str, model.Plant]:
    """A shared crew is called by a clock that runs on while the machine stands idle."""
    a, b, c = station("a", 1.5), station("b", 2), station("c", 1)
    slow = station("p", exponential(3), machines=3)
    shifts = {"calendars": (SHORT_SHIFTS, BROKEN_SHIFT)}
    crewed = mode(exponential(20), "cycles", exponential(9), crew="fitters")
    by_clock = mode(exponential(30), "clock", exponential(9), crew="fitters")
    on_shift = mode(exponential(30), "shift", 12, crew="fitters", works="shifts")
    power = model.Outage("power", None, exponential(60), "clock", exponential(10), 5.0)
    clean = stop(4, "cycles", 3)
    campaigns = {"sequence": TURNS, "products": ABC}
    return {
        "crew-clock": serial(*(replace(s, fails=(by_clock,)) for s in (a, b, c)), crews=CREW),
        "crew-clock-ties": serial(
            *(station(n, 1, fails=(mode(7, "clock", 2, crew="fitters"),)) for n in "abc"), crews=CREW
        ),
        "crew-clock-two-modes": serial(
            replace(a, fails=(by_clock, replace(by_clock, id="slip"))),
            replace(b, fails=(by_clock, crewed)),
            crews=CREWS,
        ),
        "crew-shifts": serial(
            replace(a, fails=(on_shift,)),
            replace(b, fails=(replace(crewed, works="shifts"),)),
            replace(c, fails=(on_shift,)),
            crews=CREW,
            calendar="short",
            **shifts,
        ),
        "parallel-crew-clock": serial(
            a, replace(slow, fails=(mode(exponential(25), "clock", 8, crew="fitters"),)), c, buffers=[1, 1], crews=CREW
        ),
        "crew-clock-while-repaired": serial(
            replace(a, fails=(by_clock, mode(5, "cycles", 14, name="slip"))),
            replace(b, fails=(replace(by_clock, id="slip", crew="electricians"), crewed)),
            replace(c, fails=(replace(crewed, crew="electricians"), by_clock), stops=(clean,)),
            crews=CREWS,
            buffers=[0, 1],
        ),
        "crew-clock-in-setup": serial(
            replace(a, changeover=SETUP, fails=(by_clock,)),
            replace(b, changeover=SETUP, fails=(mode(7, "clock", 4, crew="fitters"), crewed)),
            replace(c, changeover=SETUP),
            crews=CREW,
            **campaigns,
        ),
        "crew-clock-and-outage": serial(
            replace(a, fails=(replace(by_clock, works="shifts"),)),
            replace(b, fails=(on_shift, crewed), stops=(clean,)),
            c,
            crews=CREW,
            calendar="short",
            outages=(power,),
            **shifts,
        ),
        "crew-clock-at-once-in-work": serial(
            station(
                "a",
                1,
                fails=(mode(2.5, "cycles", 1, crew="fitters"), mode(2.5, "clock", 2, crew="fitters", name="slip")),
            ),
            station(
                "b",
                1,
                fails=(mode(2.5, "clock", 2, crew="fitters"), mode(2.5, "cycles", 1, crew="fitters", name="slip")),
            ),
            station(
                "p",
                4,
                machines=3,
                fails=(mode(2.5, "cycles", 1, crew="fitters"), mode(10, "clock", 2, crew="fitters", name="slip")),
            ),
            crews=CREW,
            buffers=[1, 2],
        ),
        "crew-clock-at-once": serial(
            *(
                station(
                    n, 1, fails=(mode(6, "clock", 2, crew="fitters"), mode(6, "cycles", 1, crew="fitters", name="slip"))
                )
                for n in "abcd"
            ),
            crews=CREW,
        ),
    }


def _machines_named() -> dict[str, model.Plant]:
    """Machines in parallel, batches, containers."""
    a, c = station("a", 1), station("c", 1)
    slow = station("p", exponential(3), machines=3)
    crewed = mode(exponential(12), "cycles", exponential(9), crew="fitters")
    shifts = {"calendars": (SHORT_SHIFTS,)}
    oven = station("o", 4, kind="batch", size=3)
    carton = station("k", 2, kind="packing", size=3)
    return {
        "parallel": serial(a, slow, c),
        "parallel-ties": serial(a, station("p", 3, machines=3), c, buffers=[0, 0]),
        "parallel-first": serial(station("p", 2, machines=2), c, buffers=[1]),
        "parallel-without-buffer": serial(a, slow, station("d", 1.1), buffers=[0, 0]),
        "parallel-scrap": serial(a, replace(slow, scrap=0.3), station("d", 1.1), buffers=[1, 0]),
        "parallel-parallel": serial(
            station("a", exponential(2), machines=2), replace(slow, scrap=0.1), replace(slow, id="q")
        ),
        "parallel-crew": serial(a, replace(slow, fails=(crewed,)), c, crews=CREW),
        "parallel-clock": serial(a, replace(slow, fails=(mode(exponential(25), "clock", 12),)), c, buffers=[2, 1]),
        "parallel-clock-without-buffer": serial(
            a, replace(slow, fails=(mode(exponential(25), "clock", 12),)), c, buffers=[0, 0]
        ),
        "parallel-shifts": serial(a, replace(slow, stops=(stop(40, "shift", 9),)), c, calendar="short", **shifts),
        "parallel-stops": serial(
            a, station("p", 2, machines=2, stops=(stop(5, "cycles", 3), stop(20, "clock", 3, "oil"))), c
        ),
        "parallel-campaigns": serial(a, replace(slow, changeover=SETUP), c, sequence=TURNS, products=ABC),
        "parallel-first-campaigns": serial(
            station("p", 2, machines=2),
            replace(slow, id="q", changeover=SETUP),
            c,
            sequence=TURNS,
            products=ABC,
            buffers=[0, 1],
        ),
        "parallel-route": serial(
            a,
            station("p", 3, machines=2),
            c,
            sequence=TURNS,
            products=(ABC[0], replace(ABC[1], route=("l.a", "l.c")), ABC[2]),
        ),
        "batch": serial(a, oven, c, buffers=[4, 2]),
        "batch-without-buffer": serial(a, oven, c, buffers=[0, 0]),
        "batch-scrap": serial(a, replace(oven, scrap=0.3), station("c", 1.4), buffers=[1, 0]),
        "batch-parallel": serial(a, replace(oven, machines=2, cycle=exponential(5), scrap=0.1), c, buffers=[2, 1]),
        "batch-parallel-without-buffer": serial(a, replace(oven, machines=2, cycle=exponential(5)), c, buffers=[0, 0]),
        "batch-campaigns": serial(a, replace(oven, changeover=SETUP), c, sequence=TURNS, products=ABC),
        "batch-campaigns-shifts": serial(a, oven, c, sequence=TURNS, products=ABC, calendar="short", **shifts),
        "batch-last": serial(a, replace(oven, scrap=0.2)),
        "batch-crew": serial(a, replace(oven, fails=(crewed,)), replace(c, fails=(crewed,)), crews=CREW),
        "packing": serial(a, carton, c),
        "packing-without-buffer": serial(a, carton, station("c", 9), buffers=[0, 0]),
        "packing-campaigns": serial(a, carton, c, sequence=TURNS, products=ABC, lots=model.Lots(9, 0.5)),
        "packing-campaigns-without-buffer": serial(a, carton, c, sequence=TURNS, products=ABC, buffers=[0, 0]),
        "packing-parallel": serial(a, replace(carton, machines=2, cycle=exponential(7), scrap=0.1), c, buffers=[2, 0]),
        "packing-twice": serial(a, carton, replace(carton, id="m", size=2), sequence=TURNS, products=ABC),
        "batch-transport": serial(a, oven, way("t", 3, 2), carton, buffers=[2, 0, 3]),
    }


def _joins_named() -> dict[str, model.Plant]:
    """Assemblies, merges, splits and stores."""
    x, y = line("x", station("a", 2)), line("y", station("b", 3))
    noisy = line("x", station("a", exponential(2), scrap=0.1)), line("y", station("b", exponential(2)))
    in_turns = line("x", station("a", 1), sequence=TURNS), line("y", station("b", 1, scrap=0.2), sequence=TURNS)
    products = {"products": ABC}
    crewed = mode(exponential(12), "cycles", exponential(9), crew="fitters")

    def joined(two, *inputs, stores=(), kind="assembly", tail=(), cycle=1, more=None, **rest):
        last = station("c", cycle, *inputs, kind=kind, **(more or {}))
        return plant(*two, line("z", last, *tail), stores=stores, **rest)

    both = ("x.a", 2), ("y.b", 1)
    none = ("x.a", 0), ("y.b", 0)
    split = station("a", 1)
    tail = station("d", 1.5, ("z.c", 1))
    return {
        "assembly": joined((x, y), ("x.a", 2, 2), ("y.b", 1, 1)),
        "assembly-without-buffer": joined((x, y), ("x.a", 0, 3), ("y.b", 0, 2)),
        "assembly-ties": joined((line("x", station("a", 1)), line("y", station("b", 1))), *none, tail=(tail,)),
        "assembly-parallel": joined(
            noisy, ("x.a", 3, 1), ("y.b", 2, 2), cycle=exponential(4), more={"machines": 2}, tail=(tail,)
        ),
        "assembly-parallel-without-buffer": joined(noisy, ("x.a", 0, 1), ("y.b", 0, 2), cycle=3, more={"machines": 2}),
        "assembly-campaigns": joined(in_turns, *both, tail=(tail,), **products),
        "assembly-campaigns-without-buffer": joined(in_turns, ("x.a", 0, 2), ("y.b", 0, 1), tail=(tail,), **products),
        "assembly-campaigns-counts": joined(
            in_turns, ("x.a", 3, 2), ("y.b", 4, 3), more={"changeover": SETUP}, **products
        ),
        "assembly-campaigns-parallel": joined(in_turns, *both, more={"machines": 2}, cycle=exponential(3), **products),
        "assembly-campaigns-shifts": joined(in_turns, *both, calendar="short", calendars=(SHORT_SHIFTS,), **products),
        "assembly-of-one": joined((x,), ("x.a", 2, 3)),
        "assembly-three": plant(
            x,
            y,
            line("w", station("a", exponential(2))),
            line("z", station("c", 1, *both, ("w.a", 2), kind="assembly")),
        ),
        "merge": joined((x, y), *both, kind="machine"),
        "merge-ties": joined(
            (line("x", station("a", 2)), line("y", station("b", 2))), ("x.a", 1), ("y.b", 1), kind="machine", cycle=1.5
        ),
        "merge-without-buffer": joined((x, y), *none, kind="machine", cycle=2, tail=(tail,)),
        "merge-without-buffer-parallel": joined(
            (line("x", station("a", 2, machines=2)), y),
            *none,
            kind="machine",
            cycle=exponential(1.5),
            more={"machines": 2},
        ),
        "merge-batch-without-buffer": joined(
            (line("x", station("a", 5, kind="batch", size=3, scrap=0.2)), y), *none, kind="machine", cycle=1.5
        ),
        "merge-transport-without-buffer": plant(
            line("x", station("a", 2), way("t", 3, 2, ("x.a", 0))),
            y,
            line("z", station("c", 2, ("x.t", 0), ("y.b", 0))),
        ),
        "merge-into-transport": plant(x, y, line("z", way("c", 4, 2, *none), station("d", 1.5, ("z.c", 0)))),
        "merge-into-batch": joined((x, y), *both, kind="batch", cycle=3, more={"size": 3}),
        "merge-campaigns": joined(in_turns, *both, kind="machine", more={"changeover": SETUP}, **products),
        "merge-campaigns-without-buffer": joined(in_turns, *none, kind="machine", tail=(tail,), **products),
        "merge-crew": joined(
            (line("x", station("a", 2, fails=(crewed,))), line("y", station("b", 2, fails=(crewed,)))),
            *both,
            kind="machine",
            more={"fails": (crewed,)},
            crews=CREW,
        ),
        "split": plant(line("l", split, station("x", 4, ("l.a", 1)), station("y", 3, ("l.a", 0)))),
        "split-ties": plant(line("l", split, station("x", 2, ("l.a", 0)), station("y", 2, ("l.a", 0)))),
        "split-in-turn": plant(
            line("l", replace(split, output="round robin"), station("x", 4, ("l.a", 1)), station("y", 1, ("l.a", 2)))
        ),
        "split-campaigns": plant(
            line(
                "l", split, station("x", 3, ("l.a", 1), changeover=SETUP), station("y", 2, ("l.a", 0)), sequence=TURNS
            ),
            **products,
        ),
        "split-and-merge": plant(
            line(
                "l",
                split,
                station("x", 2, ("l.a", 1)),
                station("y", 2, ("l.a", 1)),
                station("m", 1, ("l.x", 1), ("l.y", 1)),
            )
        ),
        "split-and-merge-without-buffer": plant(
            line(
                "l",
                split,
                station("x", 2, ("l.a", 0)),
                station("y", 2, ("l.a", 0)),
                station("m", 1, ("l.x", 0), ("l.y", 0)),
            )
        ),
        "split-and-merge-campaigns": plant(
            line(
                "l",
                split,
                station("x", 2, ("l.a", 1), scrap=0.2),
                station("y", exponential(2), ("l.a", 0), changeover=SETUP),
                station("m", 1, ("l.x", 1), ("l.y", 0)),
                sequence=TURNS,
            ),
            **products,
        ),
        "split-straight-into-merge": plant(
            line("l", split, station("x", 3, ("l.a", 0)), station("m", 1.5, ("l.a", 1), ("l.x", 1)))
        ),
        "split-into-assembly": plant(
            line(
                "l",
                replace(split, output="round robin"),
                station("x", 1, ("l.a", 1)),
                station("y", 2, ("l.a", 1)),
                station("m", 1, ("l.x", 1), ("l.y", 1), kind="assembly"),
            )
        ),
        "split-batch": plant(
            line(
                "l",
                station("a", 3, kind="batch", size=4, scrap=0.1),
                station("x", 1.5, ("l.a", 1)),
                station("y", 2, ("l.a", 0)),
            )
        ),
        "split-parallel": plant(
            line(
                "l",
                station("a", exponential(2), machines=3),
                station("x", 1.5, ("l.a", 0)),
                station("y", 2, ("l.a", 0)),
            )
        ),
    } | _stores_named(x, y, in_turns, tail)


def _stores_named(x, y, in_turns, tail) -> dict[str, model.Plant]:
    two = model.Store("s", 3, ("x.a", "y.b"))
    one = model.Store("s", 3, ("x.a",))
    second = line("w", station("e", 2, ("s", 1)))
    return {
        "store": plant(x, line("z", station("c", 2.5, ("s", 0)), tail), stores=(one,)),
        "store-and-buffer": plant(x, line("z", station("c", 2.5, ("s", 2)), tail), stores=(one,)),
        "store-two-feeds": plant(x, y, line("z", station("c", 1.5, ("s", 0)), tail), stores=(two,)),
        "store-two-feeds-buffer": plant(x, y, line("z", station("c", 1.5, ("s", 2)), tail), stores=(two,)),
        "store-two-takers": plant(x, line("z", station("c", 3, ("s", 0)), tail), second, stores=(one,)),
        "store-two-by-two": plant(x, y, line("z", station("c", 3, ("s", 0)), tail), second, stores=(two,)),
        "store-ties": plant(
            line("x", station("a", 2)),
            line("y", station("b", 2)),
            line("z", station("c", 2, ("s", 0))),
            line("w", station("e", 2, ("s", 0))),
            stores=(two,),
        ),
        "store-into-merge": plant(x, y, line("z", station("c", 1.5, ("s", 0), ("y.b", 1))), stores=(one,)),
        "store-into-assembly": plant(
            x, y, line("z", station("c", 1, ("s", 0, 2), ("y.b", 1), kind="assembly")), stores=(one,)
        ),
        "store-campaigns": plant(
            *in_turns, line("z", station("c", 1, ("s", 1), changeover=SETUP), tail), stores=(two,), products=ABC
        ),
        "store-two-by-two-campaigns": plant(
            *in_turns, line("z", station("c", 3, ("s", 0)), tail), second, stores=(two,), products=ABC
        ),
        "store-fed-by-a-split": plant(
            x, line("z", station("c", 3, ("x.a", 1)), station("d", 2, ("s", 0))), stores=(one,)
        ),
    }


def named() -> dict[str, model.Plant]:
    """Every plant made by hand, by name."""
    return _lines_named() | _times_named() | _called_by_clock() | _machines_named() | _joins_named()

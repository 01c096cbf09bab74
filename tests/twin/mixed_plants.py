"""Plants made by hand in which features meet at one station, and slow ones for several days."""

from __future__ import annotations

from dataclasses import replace

from fabrika.plant import model
from twin.plants import (
    ABC,
    BROKEN_SHIFT,
    CREW,
    EVERY_DAY,
    SETUP,
    SHORT_SHIFTS,
    TURNS,
    exponential,
    line,
    mode,
    plant,
    serial,
    station,
    stop,
    way,
)


def mixtures() -> dict[str, model.Plant]:
    """Pairs of features that meet at one station."""
    a, c = station("a", 1), station("c", 1)
    e3 = exponential(3)
    night = {"calendar": "short", "calendars": (SHORT_SHIFTS, BROKEN_SHIFT)}
    clock = mode(exponential(25), "clock", 12)
    called = mode(exponential(25), "busy", 12, crew="fitters")
    x, y = line("x", station("a", 1), sequence=TURNS), line("y", station("b", exponential(1)), sequence=TURNS)
    joined = station("c", e3, ("x.a", 2, 2), ("y.b", 2), kind="assembly", machines=2)
    oven = station("o", exponential(5), kind="batch", size=3, machines=2)
    carton = station("k", exponential(5), kind="packing", size=3, machines=2)
    campaigns = {"sequence": TURNS, "products": ABC}
    out = station("d", 1.5, ("z.c", 0))
    both = (replace(clock, id="slip"), called)
    return {
        "assembly-parallel-clock": plant(x, y, line("z", replace(joined, fails=(clock,)), out), products=ABC),
        "assembly-parallel-crew-and-clock": plant(
            x, y, line("z", replace(joined, fails=both), out), products=ABC, crews=CREW
        ),
        "assembly-parallel-shifts": plant(
            x, y, line("z", replace(joined, stops=(stop(20, "shift", 9),)), out), products=ABC, **night
        ),
        "assembly-without-buffer-clock": plant(
            x,
            y,
            line("z", station("c", e3, ("x.a", 0, 2), ("y.b", 0), kind="assembly", fails=(clock,)), out),
            products=ABC,
        ),
        "batch-parallel-clock": serial(a, replace(oven, fails=(clock,), scrap=0.1), c, buffers=[2, 1]),
        "batch-parallel-crew-and-clock": serial(
            a, replace(oven, fails=both), c, buffers=[0, 0], crews=CREW, **campaigns
        ),
        "batch-parallel-campaigns": serial(
            a, replace(oven, changeover=SETUP, scrap=0.1), c, buffers=[4, 0], **campaigns
        ),
        "batch-fails-stops": serial(
            a, replace(oven, machines=1, fails=(mode(2.5, "cycles", 3), clock), stops=(stop(7, "busy", 2),)), c, **night
        ),
        "packing-parallel-campaigns": serial(a, replace(carton, changeover=SETUP), c, buffers=[4, 0], **campaigns),
        "packing-parallel-crew-and-clock": serial(a, replace(carton, fails=both), c, crews=CREW, **campaigns),
        "packing-shifts": serial(a, replace(carton, machines=1), c, **night, **campaigns),
        "parallel-works-shifts": serial(
            a, station("p", e3, machines=3, fails=(replace(called, works="shifts"),)), c, crews=CREW, **night
        ),
        "parallel-campaigns-crew-and-clock": serial(
            a,
            station("p", e3, machines=3, fails=both, changeover=SETUP, scrap=0.2),
            c,
            buffers=[1, 0],
            crews=CREW,
            **campaigns,
        ),
        "parallel-first-clock": serial(station("p", 2, machines=2, fails=(clock,)), c, **campaigns),
        "parallel-two-clocks-tie": serial(
            a, station("p", 2, machines=2, fails=(mode(6, "clock", 2), mode(6, "clock", 2, name="slip"))), c
        ),
        "transport-split": plant(
            line(
                "l",
                a,
                way("t", 3, 2, ("l.a", 0)),
                station("x", 2, ("l.t", 0)),
                station("y", 3, ("l.t", 1)),
                sequence=TURNS,
            ),
            products=ABC,
        ),
        "transport-of-no-time": serial(a, way("t", 0, 1), c, way("u", 0, 3), buffers=[0, 0, 0], **campaigns),
        "transport-into-assembly": plant(
            line("x", a, way("t", 4, 3, ("x.a", 0)), sequence=TURNS),
            y,
            line("z", station("c", 1, ("x.t", 0), ("y.b", 1), kind="assembly"), out),
            products=ABC,
        ),
        "merge-into-parallel": plant(
            line("x", a),
            line("y", station("b", e3)),
            line("z", station("c", e3, ("x.a", 0), ("y.b", 2), machines=3, fails=(clock,)), out),
        ),
        "merge-without-buffer-scrap": plant(
            line("x", station("a", 2, machines=2, scrap=0.3)),
            line("y", station("b", 2, machines=2, scrap=0.3)),
            line("z", station("c", 1.5, ("x.a", 0), ("y.b", 0)), out),
        ),
        "merge-of-three-ties": plant(
            *(line(n, station("a", 2)) for n in "xyw"),
            line("z", station("c", 1, ("x.a", 0), ("y.a", 1), ("w.a", 0)), out),
        ),
        "crew-stop-in-setup": serial(
            a,
            replace(
                c,
                changeover=SETUP,
                fails=(mode(6, "busy", 3, crew="fitters"), mode(3, "cycles", 2, crew="fitters", name="slip")),
            ),
            crews=CREW,
            **campaigns,
        ),
        "crew-in-shifts-and-outage": serial(
            *(
                station(
                    n,
                    1.5,
                    fails=(
                        replace(called, works="shifts"),
                        mode(7, "busy", 5, crew="fitters", name="slip"),
                    ),
                )
                for n in "abc"
            ),
            crews=CREW,
            outages=(model.Outage("power", None, exponential(60), "shift", exponential(10), 5.0),),
            **night,
        ),
        "stop-in-gap": serial(
            station("a", 20, fails=(mode(20, "busy", 30),), stops=(stop(30, "busy", 15),)), c, **night
        ),
        "everything-at-once": serial(
            a,
            station("p", e3, machines=3, scrap=0.1, fails=both, stops=(stop(9, "cycles", 2),), changeover=SETUP),
            oven,
            way("t", 3, 4),
            carton,
            buffers=[3, 5, 0, 3],
            crews=CREW,
            lots=model.Lots(6, 0.4),
            outages=(model.Outage("power", None, exponential(90), "clock", exponential(10), 5.0),),
            **night,
            **campaigns,
        ),
    }


def over_days() -> dict[str, model.Plant]:
    """Slow plants to be run over several days: the ramp-up goes day by day, calendars turn over at midnight."""
    minutes = 60.0
    fails = (
        mode(exponential(300 * minutes), "busy", 20 * minutes),
        mode(exponential(700 * minutes), "clock", 30 * minutes, name="c"),
    )
    row = (
        station("a", exponential(7 * minutes), scrap=0.1, fails=fails),
        station("b", 8 * minutes, ("l.a", 3), machines=2, scrap=0.05),
        station("o", 9 * minutes, ("l.b", 3), kind="batch", size=2, scrap=0.05),
    )
    night = model.Calendar(
        "night", (model.Shift(EVERY_DAY, 1320, 360, breaks=((1380, 1410), (60, 75))), model.Shift((0, 2), 600, 900))
    )
    slow = model.RampUp(2 * 86_400.0, "exponential", 0.5, 4.0, 3.0)
    return {
        "ramp-up-exponential": plant(line("l", *row), ramp_up=slow),
        "ramp-up-linear": plant(line("l", *row), ramp_up=replace(slow, curve="linear", time_s=1.5 * 86_400)),
        "night-shift": plant(line("l", *row), ramp_up=slow, calendars=(night,), calendar="night"),
    }

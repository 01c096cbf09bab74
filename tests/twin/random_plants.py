"""Random small plants over all features, each from its seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from fabrika.plant import model
from twin.plants import ABC, BROKEN_SHIFT, SETUP, SHORT_SHIFTS, law, line, mode, plant

FEATURES = (
    "exponential", "parallel", "scrap", "fails", "crews", "stops", "campaigns", "route", "lots", "calendar", "outages",
    "supplies", "ramp-up", "batch", "packing", "transport",
)  # fmt: skip


@dataclass
class _Draft:
    """A random plant while it is made."""

    rng: random.Random
    features: frozenset[str]
    packs: bool = True
    lines: dict[str, list[model.Station]] = field(default_factory=dict)
    stores: list[model.Store] = field(default_factory=list)

    def __contains__(self, feature: str) -> bool:
        return feature in self.features

    def chance(self, feature: str, share: float) -> bool:
        return feature in self.features and self.rng.random() < share

    def seconds(self, choices: tuple[float, ...]) -> model.Distribution:
        mean = self.rng.choice(choices)
        if self.chance("exponential", 0.4):
            family = self.rng.choice(["exponential", "exponential", "gamma", "lognormal", "weibull", "erlang"])
            return law(mean, family, {"gamma": 0.6, "lognormal": 0.8, "weibull": 1.5, "erlang": 3.0}.get(family, 0.0))
        return law(mean)

    def modes(self) -> tuple[model.Mode, ...]:
        found = []
        for k in range(self.rng.choice([0, 1, 1, 2]) if "fails" in self else 0):
            clock = self.rng.choice(["cycles", "busy", "shift", "clock"])
            after = self.seconds((2, 2.5, 7, 20) if clock in ("cycles", "busy") else (11, 20, 35))
            crew = self.rng.choice(["fitters", "electricians", None]) if "crews" in self else None
            works = self.rng.choice(["plant", "shifts"])
            found.append(mode(after, clock, self.seconds((0.5, 2, 9)), crew=crew, works=works, name=f"m{k}"))
        return tuple(found)

    def stops(self) -> tuple[model.PlannedStop, ...]:
        if not self.chance("stops", 0.5):
            return ()
        clock = self.rng.choice(["cycles", "busy", "shift", "clock"])
        return (model.PlannedStop("clean", self.rng.choice([4, 7.5, 30]), clock, self.seconds((1, 5))),)

    def station(self, name: str, inputs: tuple[model.Input, ...], kind: str = "") -> model.Station:
        rng = self.rng
        kinds = (
            ["machine"] * 5
            + ["inspection"]
            + [k for k in ("batch", "packing") if k in self and inputs and (self.packs or k != "packing")]
        )
        kind = kind or rng.choice(kinds)
        if kind == "transport":
            inputs = tuple(replace(i, buffer=0) for i in inputs)
            return model.Station(
                name, kind, inputs=inputs, time=rng.choice([0.0, 1.0, 3.0, 5.0]), capacity=rng.choice([1, 2, 5])
            )
        machines = rng.choice([1, 2, 2, 3, 4]) if self.chance("parallel", 0.5) else 1
        size = rng.choice([2, 3, 4]) if kind in ("batch", "packing") else 1
        cycle = self.seconds((0.5, 1, 1, 2, 2, 3))
        cycle = replace(cycle, mean=cycle.mean * size * machines)
        return model.Station(
            name, kind, machines=machines, cycle=cycle, inputs=inputs, size=size,
            cycle_of={"b": self.seconds((1, 2))} if self.chance("campaigns", 0.15) else {},
            scrap=rng.choice([0.05, 0.3]) if self.chance("scrap", 0.5) else 0.0,
            scrap_of={"a": rng.choice([0.5, 1.0])} if "campaigns" in self and self.chance("scrap", 0.1) else {},
            output=rng.choice(["first free", "round robin"]), fails=self.modes(), stops=self.stops(),
            changeover=SETUP if self.chance("campaigns", 0.5) else None,
            area="wing" if rng.random() < 0.3 else None,
            calendar=rng.choice(["short", "broken"]) if self.chance("calendar", 0.3) else None,
        )  # fmt: skip

    def buffer(self, least: int = 0) -> int:
        return max(least, self.rng.choice([0, 0, 1, 1, 2, 3, 8]))

    def row(self, name: str, sources: tuple[model.Input, ...], length: int) -> str:
        """Add stations in a row; returns the last one's reference."""
        made = self.lines.setdefault(name, [])
        for _ in range(length):
            kind = "transport" if len(sources) == 1 and self.chance("transport", 0.15) else ""
            made.append(self.station(f"s{len(made)}", sources, kind))
            sources = (model.Input(f"{name}.{made[-1].id}", self.buffer()),)
        return f"{name}.{made[-1].id}"

    def gather(self, name: str, sources: tuple[model.Input, ...]) -> str:
        """Add an assembly."""
        counted = tuple(replace(i, count=self.rng.choice([1, 1, 2, 3])) for i in sources)
        self.lines.setdefault(name, []).append(self.station("join", counted, "assembly"))
        return f"{name}.join"


def _serial(d: _Draft) -> None:
    d.row("l", (), d.rng.randint(2, 6))


def _merge(d: _Draft) -> None:
    d.packs = False  # units of one piece and containers do not meet in a merge
    ends = [d.row(n, (), d.rng.randint(1, 2)) for n in "xy"]
    d.packs = True
    d.row("z", tuple(model.Input(e, d.buffer()) for e in ends), d.rng.randint(1, 3))


def _assembly(d: _Draft) -> None:
    ends = [d.row(n, (), d.rng.randint(1, 2)) for n in "xyw"[: d.rng.choice([2, 2, 3])]]
    end = d.gather("z", tuple(model.Input(e, d.buffer()) for e in ends))
    d.row("z", (model.Input(end, d.buffer()),), d.rng.randint(1, 2))


def _split(d: _Draft) -> None:
    d.packs = False  # units of one piece and containers do not meet in a merge
    end = d.row("x", (), d.rng.randint(1, 2))
    ends = [d.row(n, (model.Input(end, d.buffer()),), 1) for n in "yw"]
    d.packs = True
    if d.rng.random() < 0.7:
        d.row("z", tuple(model.Input(e, d.buffer()) for e in ends), d.rng.randint(1, 2))


def _bypass(d: _Draft) -> None:
    d.packs = False  # units of one piece and containers do not meet in a merge
    end = d.row("x", (), 1)
    other = d.row("y", (model.Input(end, d.buffer()),), 1)
    d.packs = True
    d.row("z", (model.Input(end, d.buffer(1)), model.Input(other, d.buffer())), 2)


def _store(d: _Draft) -> None:
    d.packs = False  # units of one piece and containers do not meet in a merge
    ends = [d.row(n, (), d.rng.randint(1, 2)) for n in "xy"[: d.rng.choice([1, 2])]]
    d.packs = True
    d.stores.append(model.Store("s", d.rng.choice([1, 2, 5]), tuple(ends)))
    for n in "zw"[: d.rng.choice([1, 2])]:
        d.row(n, (model.Input("s", d.buffer()),), d.rng.randint(1, 2))


def _store_and_assembly(d: _Draft) -> None:
    ends = [d.row(n, (), 1) for n in "xyv"]
    d.stores.append(model.Store("s", d.rng.choice([1, 3]), tuple(ends[:2])))
    end = d.gather("z", (model.Input("s", d.buffer()), model.Input(ends[2], d.buffer())))
    d.row("z", (model.Input(end, d.buffer()),), 1)


SHAPES = (_serial, _merge, _assembly, _split, _bypass, _store, _store_and_assembly)


def random_plant(seed: int, *, features: frozenset[str] | None = None) -> model.Plant:
    """Return the random plant number ``seed``: 2 to 8 stations, a random half of the features unless they are given."""
    rng = random.Random(seed)
    chosen = frozenset(f for f in FEATURES if rng.random() < 0.5) if features is None else features
    draft = _Draft(rng, chosen)
    SHAPES[seed % len(SHAPES)](draft)
    sequence = tuple(model.Campaign(p, 1) for p in ("a", "b", "c", "a")) if "campaigns" in chosen else ()
    lines = tuple(
        line(
            name, *stations, sequence=_quantities(rng, sequence) if not stations[0].inputs else (),
            lots=model.Lots(rng.choice([1, 5, 9]), 0.3) if draft.chance("lots", 0.8) else None,
            calendar="short" if draft.chance("calendar", 0.3) else None,
        )
        for name, stations in draft.lines.items()
    )  # fmt: skip
    return plant(*lines, **_surroundings(draft, lines))


def _quantities(rng: random.Random, sequence: tuple[model.Campaign, ...]) -> tuple[model.Campaign, ...]:
    return tuple(replace(c, quantity=rng.choice([1, 5, 8, 20])) for c in sequence)


def _surroundings(draft: _Draft, lines: tuple[model.Line, ...]) -> dict[str, object]:
    rng = draft.rng
    workers = [f"{n.id}.{s.id}" for n in lines for s in n.stations]
    plain = {f"{n.id}.{s.id}" for n in lines for s in n.stations if s.kind in ("machine", "inspection")}
    around: dict[str, object] = {"stores": tuple(draft.stores), "areas": (model.Area("wing"),)}
    if "campaigns" in draft:
        kept = tuple(w for w in workers if w not in plain or rng.random() < 0.6)
        bypass = replace(ABC[1], route=kept) if kept and "route" in draft else ABC[1]
        around["products"] = (ABC[0], bypass, ABC[2])
    if "crews" in draft:
        around["crews"] = (model.Crew("fitters", rng.choice([1, 2])), model.Crew("electricians", 1))
    if "calendar" in draft:
        around["calendars"] = (SHORT_SHIFTS, BROKEN_SHIFT)
        around["calendar"] = rng.choice(["short", "broken", None])
    if "outages" in draft:
        around["outages"] = (
            model.Outage("power", None, draft.seconds((60, 90)), "clock", draft.seconds((5, 10)), 2.0),
            model.Outage("air", "wing", draft.seconds((40, 70)), "shift", draft.seconds((5, 10))),
        )
    if "supplies" in draft:
        late = model.Supply(
            "parts", (rng.choice(sorted(plain) or workers),), draft.seconds((50,)), "shift", draft.seconds((10,))
        )
        around["supplies"] = (late,)
    if "ramp-up" in draft:
        around["ramp_up"] = model.RampUp(120.0, rng.choice(["linear", "exponential"]), 0.6, 3.0, 2.0)
        around["warm_up_s"] = 30.0
    return around

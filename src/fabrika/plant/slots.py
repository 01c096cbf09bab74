"""Where each number of the plant sits in the model: its path, what it is now, and its bounds.

Every number that can be changed is a :class:`Slot`; :mod:`fabrika.plant.parameters` is the way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from fabrika.errors import UnknownParameterError
from fabrika.plant.distributions import text_of_law
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Changeover, Clock, Distribution, Input, Line, Plant, Station
from fabrika.plant.nearness import nearest
from fabrika.plant.quantities import Dimension, text_of
from fabrika.wording import Worded

Step = str | int | tuple[str, str]
BUFFER_LIMIT: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the plant.

    Attributes:
        path: its name.
        value: in SI units: seconds, cycles, fraction, count or factor; the mean of a distribution.
        dimension: what it is measured in.
        text: as the file would write it, with its unit and distribution.
        about: in plain words.
    """

    path: str
    value: float
    dimension: Dimension
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a parameter sits in the model.

    Attributes:
        parameter: its name and value.
        steps: attribute names, indices and keys from the plant down to the value.
        law: the distribution if it has one.
        clock: the clock it runs on, if any.
        low, high: bounds of the value, both allowed.
        kind: ``law`` (distribution allowed), ``work`` (likewise, with a clock), ``plain``.
        clocked: the steps to the clock that goes with it; empty if none.
    """

    parameter: Parameter
    steps: tuple[Step, ...]
    law: Distribution | None
    low: float
    high: float
    kind: str
    clocked: tuple[Step, ...] = ()

    def text(self, value: float) -> str:
        """A value of the parameter in SI units as the file would write it, without distribution and clock."""
        return text_of(value, self.parameter.dimension, hours=bool(self.clocked))


def slot(plant: Plant, path: str) -> Slot:
    """Where one parameter sits.

    Raises:
        UnknownParameterError: the path names nothing.
    """
    for candidate in _near(plant, path):
        if candidate.parameter.path == path:
            return candidate
    raise UnknownParameterError(path, nearest(path, (item.parameter.path for item in slots(plant)), 3))


def _near(plant: Plant, path: str) -> Iterator[Slot]:
    """The slots among which a path must be: of one station or line, or around the lines; this is asked often."""
    head, _, rest = path.partition(".")
    index = next((index for index, line in enumerate(plant.lines) if line.id == head), None)
    if index is None:
        return _around(plant)
    line = plant.lines[index]
    name = rest.partition(".")[0]
    number = next((number for number, station in enumerate(line.stations) if station.id == name), None)
    if number is None:
        return _of_line(plant, index)
    return _of_station(line, number, ("lines", index, "stations", number))


def slots(plant: Plant) -> Iterator[Slot]:
    """All parameters with their places, lines first."""
    for index in range(len(plant.lines)):
        yield from _of_line(plant, index)
    yield from _around(plant)


def _plain(path: str, value: float, dimension: Dimension, about: str, steps: tuple[Step, ...]) -> Slot:
    low, high = _bounds(path, dimension)
    return Slot(
        Parameter(path, float(value), dimension, text_of(value, dimension), about), steps, None, low, high, "plain"
    )


def _bounds(path: str, dimension: Dimension) -> tuple[float, float]:
    last = path.rpartition(".")[2]
    if dimension == "share":
        return (0.01, 1.0) if path == "ramp_up.rate" else (0.0, 1.0)
    if dimension == "factor":
        return (1e-9, 1000.0) if last == "cycle_factor" else (1.0, 1000.0)
    if dimension == "cycles":
        return 1.0, 1e12
    if dimension == "time":
        if last in ("after", "every"):
            return 1.0, 315_360_000.0
        return (
            0.0 if last == "restart" or ".changeover" in path else 1e-9
        ), 43_200.0 if ".cycle" in path else 315_360_000.0
    return _count_bounds(path)


def _count_bounds(path: str) -> tuple[float, float]:
    table = {"machines": (1, 64), "capacity": (1, BUFFER_LIMIT), "takes": (1, 10_000), "buffer": (0, BUFFER_LIMIT)}
    parts = path.split(".")
    if parts[0] == "crews":
        return 1, 1000
    if parts[0] == "contract" or parts[-1] == "quantity":
        return 1, 10**12
    if parts[-2:] == ["lots", "size"]:
        return 1, 10**9
    if parts[-1] == "size":
        return 2, 1_000_000
    return next((table[part] for part in reversed(parts) if part in table), (0, BUFFER_LIMIT))


def _law(path: str, law: Distribution, about: str, steps: tuple[Step, ...], clock: Clock | None = None) -> Slot:
    dimension: Dimension = "cycles" if clock == "cycles" else "time"
    low, high = _bounds(path, dimension)
    text = text_of_law(law, dimension, clock)
    kind = "work" if clock is not None else "law"
    clocked = (*steps[:-1], "clock") if clock is not None else ()
    return Slot(Parameter(path, law.mean, dimension, text, about), steps, law, low, high, kind, clocked)


def _of_line(plant: Plant, index: int) -> Iterator[Slot]:
    line = plant.lines[index]
    at: tuple[Step, ...] = ("lines", index)
    for number, campaign in enumerate(line.sequence):
        about = Worded(
            "units of {product} in campaign {number} of line {line}",
            product=campaign.product,
            number=number + 1,
            line=line.id,
        )
        steps = (*at, "sequence", number, "quantity")
        yield _plain(f"{line.id}.sequence.{number}.quantity", campaign.quantity, "count", about, steps)
    if line.lots is not None:
        yield _plain(
            f"{line.id}.lots.size",
            line.lots.size,
            "count",
            Worded("units in a lot of line {line}", line=line.id),
            (*at, "lots", "size"),
        )
        about = Worded("share of lots of line {line} rejected whole", line=line.id)
        yield _plain(f"{line.id}.lots.rejected", line.lots.rejected, "share", about, (*at, "lots", "rejected"))
    for number in range(len(line.stations)):
        yield from _of_station(line, number, (*at, "stations", number))


def _of_station(line: Line, number: int, at: tuple[Step, ...]) -> Iterator[Slot]:
    station = line.stations[number]
    path = f"{line.id}.{station.id}"
    kind = KINDS[station.kind]
    if kind.primitive == "transport":
        yield _plain(
            f"{path}.time", station.time, "time", Worded("transit time of {station}", station=path), (*at, "time")
        )
        yield _plain(
            f"{path}.capacity",
            station.capacity,
            "count",
            Worded("units under way at once on {station}", station=path),
            (*at, "capacity"),
        )
        return
    if station.cycle is not None and not station.cycle_of:
        yield _law(f"{path}.cycle", station.cycle, Worded("cycle of {station}", station=path), (*at, "cycle"))
    for product, law in station.cycle_of.items():
        about = Worded("cycle of {station} for {product}", station=path, product=product)
        yield _law(f"{path}.cycle.{product}", law, about, (*at, "cycle_of", product))
    yield _plain(
        f"{path}.machines",
        station.machines,
        "count",
        Worded("identical machines of {station}", station=path),
        (*at, "machines"),
    )
    if kind.primitive in ("batch", "packing"):
        yield _plain(
            f"{path}.size",
            station.size,
            "count",
            Worded("units in a batch or container of {station}", station=path),
            (*at, "size"),
        )
    yield from _losses(station, path, at)
    yield from _inputs(station.inputs, path, at, counted=kind.primitive == "assembly")
    yield from _stops(station, path, at)
    if station.changeover is not None:
        yield from _changeovers(station.changeover, path, (*at, "changeover"))


def _losses(station: Station, path: str, at: tuple[Step, ...]) -> Iterator[Slot]:
    loss = KINDS[station.kind].loss
    if not station.scrap_of:
        yield _plain(
            f"{path}.{loss}",
            station.scrap,
            "share",
            Worded("share of units lost at {station}", station=path),
            (*at, "scrap"),
        )
    for product, share in station.scrap_of.items():
        about = Worded("share of {product} lost at {station}", product=product, station=path)
        yield _plain(f"{path}.{loss}.{product}", share, "share", about, (*at, "scrap_of", product))


def _inputs(inputs: tuple[Input, ...], path: str, at: tuple[Step, ...], *, counted: bool) -> Iterator[Slot]:
    for index, item in enumerate(inputs):
        name = f".{item.source}" if len(inputs) > 1 else ""
        steps = (*at, "inputs", index)
        about = Worded("places between {source} and {station}", source=item.source, station=path)
        yield _plain(f"{path}.buffer{name}", item.buffer, "count", about, (*steps, "buffer"))
        if counted:
            about = Worded("units of {source} in one product of {station}", source=item.source, station=path)
            yield _plain(f"{path}.takes{name}", item.count, "count", about, (*steps, "count"))


def _stops(station: Station, path: str, at: tuple[Step, ...]) -> Iterator[Slot]:
    for index, mode in enumerate(station.fails):
        steps = (*at, "fails", index)
        name = f"{path}.fails.{mode.id}"
        yield _law(
            f"{name}.after",
            mode.after,
            Worded("work of {station} until {mode}", station=path, mode=mode.id),
            (*steps, "after"),
            mode.clock,
        )
        yield _law(
            f"{name}.repair",
            mode.repair,
            Worded("repair of {mode} at {station}", mode=mode.id, station=path),
            (*steps, "repair"),
        )
    for index, stop in enumerate(station.stops):
        steps = (*at, "stops", index)
        name = f"{path}.stops.{stop.id}"
        dimension: Dimension = "cycles" if stop.clock == "cycles" else "time"
        low, high = _bounds(f"{name}.every", dimension)
        text = text_of_law(Distribution("constant", stop.every), dimension, stop.clock)
        every = Parameter(
            f"{name}.every",
            stop.every,
            dimension,
            text,
            Worded("work of {station} between two {stop}", station=path, stop=stop.id),
        )
        yield Slot(every, (*steps, "every"), None, low, high, "work", (*steps, "clock"))
        yield _law(
            f"{name}.takes",
            stop.takes,
            Worded("duration of {stop} at {station}", stop=stop.id, station=path),
            (*steps, "takes"),
        )


def _changeovers(changeover: Changeover, path: str, at: tuple[Step, ...]) -> Iterator[Slot]:
    yield _law(
        f"{path}.changeover", changeover.default, Worded("changeover of {station}", station=path), (*at, "default")
    )
    for pair, law in changeover.times.items():
        about = Worded("changeover of {station} from {first} to {last}", station=path, first=pair[0], last=pair[1])
        yield _law(f"{path}.changeover.{pair[0]}.{pair[1]}", law, about, (*at, "times", pair))


def _around(plant: Plant) -> Iterator[Slot]:
    for index, product in enumerate(plant.products):
        about = Worded("cycles of {product} as a multiple", product=product.id)
        steps: tuple[Step, ...] = ("products", index, "cycle_factor")
        yield _plain(f"products.{product.id}.cycle_factor", product.cycle_factor, "factor", about, steps)
    for index, crew in enumerate(plant.crews):
        yield _plain(
            f"crews.{crew.id}.size",
            crew.size,
            "count",
            Worded("repairers of {crew}", crew=crew.id),
            ("crews", index, "size"),
        )
    for index, store in enumerate(plant.stores):
        about = Worded("places of store {store}", store=store.id)
        yield _plain(f"stores.{store.id}.capacity", store.capacity, "count", about, ("stores", index, "capacity"))
    yield from _rare(plant)
    if plant.ramp_up is not None:
        ramp = plant.ramp_up
        yield _plain("ramp_up.time", ramp.time_s, "time", Worded("time constant of the ramp-up"), ("ramp_up", "time_s"))
        yield _plain(
            "ramp_up.rate", ramp.rate, "share", Worded("initial rate as a share of the final one"), ("ramp_up", "rate")
        )
        yield _plain("ramp_up.scrap", ramp.scrap, "factor", Worded("initial scrap as a multiple"), ("ramp_up", "scrap"))
        yield _plain(
            "ramp_up.repair", ramp.repair, "factor", Worded("initial repair times as a multiple"), ("ramp_up", "repair")
        )
    if plant.contract is not None:
        steps = ("contract", "units_per_year")
        about = Worded("good units a year that were promised")
        yield _plain("contract.units_per_year", plant.contract.units_per_year, "count", about, steps)


def _rare(plant: Plant) -> Iterator[Slot]:
    for index, outage in enumerate(plant.outages):
        at, path = ("outages", index), f"outages.{outage.id}"
        yield _law(
            f"{path}.after",
            outage.after,
            Worded("time until outage {outage}", outage=outage.id),
            (*at, "after"),
            outage.clock,
        )
        yield _law(
            f"{path}.lasts", outage.lasts, Worded("duration of outage {outage}", outage=outage.id), (*at, "lasts")
        )
        yield _plain(
            f"{path}.restart",
            outage.restart_s,
            "time",
            Worded("restart after {outage}", outage=outage.id),
            (*at, "restart_s"),
        )
    for index, supply in enumerate(plant.supplies):
        at, path = ("supplies", index), f"supplies.{supply.id}"
        yield _law(
            f"{path}.after",
            supply.after,
            Worded("time until {supply} come late", supply=supply.id),
            (*at, "after"),
            supply.clock,
        )
        yield _law(
            f"{path}.lasts", supply.lasts, Worded("how long {supply} come late", supply=supply.id), (*at, "lasts")
        )


def held(thing: Any, steps: tuple[Step, ...]) -> Any:
    """The value at the end of some steps."""
    for step in steps:
        thing = getattr(thing, step) if isinstance(step, str) and not isinstance(thing, dict) else thing[step]
    return thing


def put(thing: Any, steps: tuple[Step, ...], change: Callable[[Any], Any]) -> Any:
    """A copy of a frozen thing in which the value at the end of some steps is changed."""
    if not steps:
        return change(thing)
    step, rest = steps[0], steps[1:]
    if isinstance(thing, dict):
        return {**thing, step: put(thing[step], rest, change)}
    if isinstance(thing, tuple) and isinstance(step, int):
        return (*thing[:step], put(thing[step], rest, change), *thing[step + 1 :])
    name = str(step)
    return replace(thing, **{name: put(getattr(thing, name), rest, change)})

"""What became of an edition's ids in the next one: kept, renamed by ``was``, or gone; and the old plant under the new ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from fabrika.plant.composition import Needed
from fabrika.plant.model import Changeover, Line, Plant, Station
from fabrika.plant.roles import roles_of
from fabrika.plant.slots import slots

Ids = dict[str, dict[str, str]]
"""By list (``lines``, ``stations``, ``roles`` and so on), the path of each thing and its kind in a word."""

PLAIN: Final = (
    "calendars",
    "areas",
    "products",
    "crews",
    "stores",
    "outages",
    "supplies",
    "levers",
    "reasons",
    "starts",
    "lot_rule",
    "materials", "locations", "containers", "routes",
)  # fmt: skip


def ids_of(plant: Plant) -> Ids:
    """Every id of a plant; of stations ``line.station``, of their modes and planned stops one part more."""
    found: Ids = {name: {thing.id: name for thing in getattr(plant, name)} for name in PLAIN}
    found["roles"] = {role.id: "roles" for role in roles_of(plant)}
    found["lines"] = {line.id: "lines" for line in plant.lines}
    found |= {"stations": {}, "fails": {}, "stops": {}}
    for line in plant.lines:
        for station in line.stations:
            path = f"{line.id}.{station.id}"
            found["stations"][path] = station.kind
            found["fails"] |= {f"{path}.{mode.id}": "fails" for mode in station.fails}
            found["stops"] |= {f"{path}.{stop.id}": "stops" for stop in station.stops}
    return found


class Names:
    """What the ids of an old edition are in a new one.

    Attributes:
        renamed: list, former and present path of everything that the new edition calls otherwise, without what only
            moved along with its line or station.
    """

    def __init__(self, old: Plant, new: Plant) -> None:
        before, after = ids_of(old), ids_of(new)
        self.renamed: list[tuple[str, str, str]] = []
        self._now: dict[str, dict[str, str]] = {}
        self._before: dict[str, dict[str, str]] = {}
        former = {(name.kind, name.path): name.was for name in new.renames}
        for kind in ("lines", *PLAIN, "roles", "stations", "fails", "stops"):
            self._now[kind], self._before[kind] = {}, {}
            for path in after[kind]:
                was = self._was(kind, path, former.get((kind, path)), before[kind])
                if was is not None:
                    self._now[kind][was], self._before[kind][path] = path, was

    def _was(self, kind: str, path: str, former: str | None, before: Mapping[str, str]) -> str | None:
        """The path in the old edition of a thing of the new one, None if it is new."""
        above, dot, own = path.rpartition(".")
        if above:
            above = self._before["lines" if kind == "stations" else "stations"].get(above, "")
            if not above:
                return None
        if f"{above}{dot}{own}" in before:
            return f"{above}{dot}{own}"
        was = f"{above}{dot}{former}"
        if former is None or was not in before:
            return None
        self.renamed.append((kind, was, path))
        return was

    def now(self, kind: str, path: str) -> str | None:
        """The path in the new edition of a thing of the old one; None if it is gone."""
        return self._now[kind].get(path)

    def before(self, kind: str, path: str) -> str | None:
        """The path in the old edition of a thing of the new one; None if it is new."""
        return self._before[kind].get(path)

    def kept(self, kind: str, path: str) -> str:
        """As :meth:`now`; what is gone keeps its own id under the present ids of its line and station."""
        found = self._now[kind].get(path)
        above, dot, own = path.rpartition(".")
        if found is not None or not dot:
            return found or path
        return f"{self.kept('lines' if kind == 'stations' else 'stations', above)}.{own}"


def under(plant: Plant, names: Names) -> Plant:
    """An old plant with every id, and every reference to one, as the new edition calls it."""
    moved = replace(
        plant,
        lines=tuple(_line(line, names) for line in plant.lines),
        calendar=_maybe(names, "calendars", plant.calendar),
        calendars=tuple(replace(item, id=names.kept("calendars", item.id)) for item in plant.calendars),
        areas=tuple(
            replace(item, id=names.kept("areas", item.id), calendar=_maybe(names, "calendars", item.calendar))
            for item in plant.areas
        ),
        products=tuple(
            replace(
                item,
                id=names.kept("products", item.id),
                route=_stations(names, item.route),
                needs=tuple(_needed(need, names) for need in item.needs),
            )
            for item in plant.products
        ),
        stores=tuple(
            replace(item, id=names.kept("stores", item.id), inputs=_stations(names, item.inputs))
            for item in plant.stores
        ),
        crews=tuple(replace(item, id=names.kept("crews", item.id)) for item in plant.crews),
        outages=tuple(
            replace(item, id=names.kept("outages", item.id), area=_maybe(names, "areas", item.area))
            for item in plant.outages
        ),
        supplies=tuple(
            replace(item, id=names.kept("supplies", item.id), stations=_stations(names, item.stations))
            for item in plant.supplies
        ),
        reasons=tuple(
            replace(
                item,
                id=names.kept("reasons", item.id),
                above=_maybe(names, "reasons", item.above),
                stations=_stations(names, item.stations),
            )
            for item in plant.reasons
        ),
        materials=tuple(replace(item, id=names.kept("materials", item.id)) for item in plant.materials),
        locations=tuple(
            replace(item, id=names.kept("locations", item.id), area=_maybe(names, "areas", item.area))
            for item in plant.locations
        ),
        containers=tuple(replace(item, id=names.kept("containers", item.id)) for item in plant.containers),
        roles=tuple(replace(role, id=names.kept("roles", role.id)) for role in plant.roles),
        starts=tuple(
            replace(item, id=names.kept("starts", item.id), stations=_stations(names, item.stations))
            for item in plant.starts
        ),
        lot_rule=tuple(
            replace(item, id=names.kept("lot_rule", item.id), stations=_stations(names, item.stations))
            for item in plant.lot_rule
        ),
        apart=tuple((names.kept("roles", first), names.kept("roles", second)) for first, second in plant.apart),
    )
    return _numbers(plant, _contract(moved, names), names)


def _maybe(names: Names, kind: str, id: str | None) -> str | None:  # noqa: A002 - the file's word
    return None if id is None else names.kept(kind, id)


def _needed(need: Needed, names: Names) -> Needed:
    return replace(need, material=names.kept("materials", need.material), line=_maybe(names, "lines", need.line))


def _stations(names: Names, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(names.kept("stations", path) for path in paths)


def _contract(plant: Plant, names: Names) -> Plant:
    contract = plant.contract
    if contract is None:
        return plant
    rare = {item.id for item in plant.outages} | {item.id for item in plant.supplies}
    excluded = []
    for word in contract.excluded:
        now = names.kept("outages", word)
        excluded.append(now if now in rare else names.kept("supplies", word))
    mix = {names.kept("products", product): share for product, share in contract.mix.items()}
    calendar = _maybe(names, "calendars", contract.calendar)
    return replace(plant, contract=replace(contract, mix=mix, calendar=calendar, excluded=tuple(excluded)))


def _numbers(before: Plant, after: Plant, names: Names) -> Plant:
    """Levers and beliefs on the present paths of their parameters, which stand in the same order in both plants."""
    pairs = zip(slots(before), slots(after), strict=True)
    paths = {old.parameter.path: new.parameter.path for old, new in pairs}
    return replace(
        after,
        levers=tuple(
            replace(lever, id=names.kept("levers", lever.id), path=paths.get(lever.path, lever.path))
            for lever in before.levers
        ),
        beliefs=tuple(replace(belief, path=paths.get(belief.path, belief.path)) for belief in before.beliefs),
    )


def _line(line: Line, names: Names) -> Line:
    return replace(
        line,
        id=names.kept("lines", line.id),
        stations=tuple(_station(line, station, names) for station in line.stations),
        sequence=tuple(replace(item, product=names.kept("products", item.product)) for item in line.sequence),
        area=_maybe(names, "areas", line.area),
        calendar=_maybe(names, "calendars", line.calendar),
    )


def _station(line: Line, station: Station, names: Names) -> Station:
    path = f"{line.id}.{station.id}"
    fails = tuple(
        replace(mode, id=_own(names.kept("fails", f"{path}.{mode.id}")), crew=_maybe(names, "crews", mode.crew))
        for mode in station.fails
    )
    return replace(
        station,
        id=_own(names.kept("stations", path)),
        cycle_of={names.kept("products", product): law for product, law in station.cycle_of.items()},
        scrap_of={names.kept("products", product): share for product, share in station.scrap_of.items()},
        inputs=tuple(replace(item, source=_source(names, item.source)) for item in station.inputs),
        fails=fails,
        stops=tuple(replace(stop, id=_own(names.kept("stops", f"{path}.{stop.id}"))) for stop in station.stops),
        changeover=_changeover(station.changeover, names),
        area=_maybe(names, "areas", station.area),
        calendar=_maybe(names, "calendars", station.calendar),
    )


def _own(path: str) -> str:
    return path.rpartition(".")[2]


def _source(names: Names, source: str) -> str:
    return names.kept("stations" if "." in source else "stores", source)


def _changeover(changeover: Changeover | None, names: Names) -> Changeover | None:
    if changeover is None:
        return None
    times = {
        (names.kept("products", first), names.kept("products", second)): law
        for (first, second), law in changeover.times.items()
    }
    return replace(changeover, times=times)

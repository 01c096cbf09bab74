"""A run whose every unit is known, from the oracle, beside what the twin tells of the same run; and whether trace is right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from fabrika.answers.passages import Span
from fabrika.answers.unit_ways import UnitWays
from fabrika.answers.ways import Ways
from fabrika.operations.genealogy.state import REDUCER, GenealogyState
from fabrika.plant import model
from operations.told import facts
from oracle import OracleResult
from oracle import run as run_oracle
from twin.plants import ORIGIN_US
from twin_tells.told_plants import BEYOND_US, LENGTH_US, WARM_UP_US, told

ZERO_NS = WARM_UP_US * 1000


@dataclass
class Truth:
    """Units by station: as which one each came in and left good (1 for the first of the book, less for those before), and when."""

    came: dict[str, dict[int, int]] = field(default_factory=dict)
    good: dict[str, dict[int, int]] = field(default_factory=dict)
    came_us: dict[tuple[str, int], int] = field(default_factory=dict)
    left_us: dict[tuple[str, int], int] = field(default_factory=dict)
    order: dict[str, list[object]] = field(default_factory=dict)


def _numbered(rows: list[tuple[int, object]]) -> dict[int, int]:
    before = sum(at < ZERO_NS for at, _ in rows)
    return {id(unit): place - before + 1 for place, (_, unit) in enumerate(rows)}


def truth_of(result: OracleResult) -> Truth:
    found = Truth()
    for station, rows in result.left.items():
        found.good[station] = _numbered(rows)
        found.order[station] = [unit for _, unit in rows]
        found.left_us |= {(station, id(unit)): ORIGIN_US + at // 1000 for at, unit in rows}
    for station, rows in result.came.items():
        found.came[station] = _numbered(rows)
        found.came_us |= {(station, id(unit)): ORIGIN_US + at // 1000 for at, unit in rows}
    return found


def folded_state(plant: model.Plant, *, seed: int = 1, every_s: int = 20) -> GenealogyState:
    state = REDUCER.empty()
    for fact in facts(*((one.at_us, one.event) for one in told(plant, seed=seed, every_s=every_s))):
        REDUCER.apply(state, fact)
    return state


def oracle_of(plant: model.Plant, *, seed: int = 1) -> OracleResult:
    end_ns = (WARM_UP_US + LENGTH_US + BEYOND_US) * 1000
    shifted = replace(plant, warm_up_s=WARM_UP_US / 1e6)
    return run_oracle(shifted, end_ns=end_ns, seed=seed, window=(ZERO_NS, end_ns), origin_us=ORIGIN_US)


def ancestors(result: OracleResult, unit: object) -> list[object]:
    found, wanted = [], [unit]
    while wanted:
        one = wanted.pop()
        found.append(one)
        wanted += result.parts.get(id(one), [])
    return found


def check_back(plant: model.Plant, *, seed: int = 1, every_s: int = 20) -> dict[str, list[int]]:
    """Trace every good unit of the last stations back; returns the widths of the answers by station."""
    state, result = folded_state(plant, seed=seed, every_s=every_s), oracle_of(plant, seed=seed)
    truth, plan = truth_of(result), Ways(plant)
    finder = UnitWays(state, plan)
    widths: dict[str, list[int]] = defaultdict(list)
    ends = [path for path in plan.stations if not plan.ahead[path]]
    for end in ends:
        for unit in truth.order.get(end, ()):
            number = truth.good[end][id(unit)]
            if not 1 <= number <= finder.series(end).good:
                continue
            visits = {visit.station: visit for visit in finder.back(end, Span(number, number, number, 0))}
            for one in ancestors(result, unit):
                for station in plan.stations:
                    if id(one) not in truth.good.get(station, {}):
                        continue
                    _check_visit(visits, truth, station, one, (end, number))
            for station, visit in visits.items():
                widths[station].append(visit.good.width)
    assert widths, "nothing was made"
    return widths


def _check_visit(visits, truth: Truth, station: str, one: object, where: tuple[str, int]) -> None:
    place = truth.good[station][id(one)]
    visit = visits.get(station)
    if visit is None:
        assert place < 1, (station, where, place)
        return
    assert visit.good.surely <= place <= visit.good.last or place < 1, (station, where, place, visit)
    if not visit.good.strays:
        assert visit.good.first <= place or place < 1, (station, where, place, visit)
    came = truth.came.get(station, {}).get(id(one))
    if place < 1 or came is None:
        return
    if visit.to_us is not None:
        assert truth.left_us[station, id(one)] <= visit.to_us, (station, where, visit)


def check_ahead(plant: model.Plant, *, seed: int = 1, every_s: int = 20) -> None:
    """Follow good units of every station forwards; what each became lies within the answer, unless it is a stray."""
    state, result = folded_state(plant, seed=seed, every_s=every_s), oracle_of(plant, seed=seed)
    truth, plan = truth_of(result), Ways(plant)
    finder = UnitWays(state, plan)
    became = {id(part): int(whole) for whole, parts in result.parts.items() for part in parts}
    followed, beyond = 0, {path: stations_beyond(plan, path) for path in plan.stations}
    for start in plan.stations:
        for unit in truth.order.get(start, ())[:: 3 if len(plan.stations) > 3 else 1]:
            number = truth.good[start][id(unit)]
            if not 1 <= number <= finder.series(start).good:
                continue
            followed += 1
            visits = {visit.station: visit for visit in finder.ahead(start, Span(number, number, number, 0))}
            line = [id(unit)]
            while line[-1] in became:
                line.append(became[line[-1]])
            for station in plan.stations:
                for one in line:
                    place = truth.good.get(station, {}).get(one)
                    if station == start or place is None or not 1 <= place <= finder.series(station).good:
                        continue
                    if station not in beyond[start]:
                        continue
                    visit = visits.get(station)
                    assert visit is not None, (start, number, station, place)
                    assert visit.good.first <= place, (start, number, station, place, visit)
                    assert place <= visit.good.last or visit.good.strays, (start, number, station, place, visit)
    assert followed, "nothing was made"


def stations_beyond(plan: Ways, start: str) -> set[str]:
    found, wanted = set[str](), [start]
    while wanted:
        for link in plan.ahead[wanted.pop()]:
            wanted += [taker for taker in link.takers if taker not in found]
            found |= set(link.takers)
    return found

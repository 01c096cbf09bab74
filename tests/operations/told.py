"""What machines and persons tell, as facts and as books of a small plant."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from fabrika.app.files import read_file
from fabrika.events.fields import Key
from fabrika.events.production import StateTime, StationChanged, UnitsCounted
from fabrika.journal.entries import Fact
from fabrika.journal.pen import Pen
from fabrika.page import Asked
from fabrika.plant.model import Plant
from fabrika.plant.roles import usual_roles

ROOT = Path(__file__).resolve().parents[2]
PLANT_FILE = ROOT / "plants" / "teaching" / "contract.yaml"
ZONE = ZoneInfo("Europe/Belgrade")
EPOCH = "0123456789abcdef"
MINUTE = 60_000_000
HOUR = 60 * MINUTE


def at(hour: int, minute: int = 0, day: int = 2) -> int:
    """An instant of March 2026 on the plant's clock; the 2nd is a Monday, with a shift from 6 to 14."""
    return int(datetime(2026, 3, day, hour, minute, tzinfo=ZONE).timestamp()) * 1_000_000


def plant() -> Plant:
    from dataclasses import replace

    return replace(read_file(PLANT_FILE), roles=usual_roles())


def facts(*told, source: str = "line-1"):
    """Pairs of an instant and an event as the facts of one source."""
    numbers = itertools.count()
    pen = Pen("line", Key(source, EPOCH, 0))
    found = []
    for at_us, event in told:
        written = pen.write(event, at_us)
        found.append(Fact(next(numbers), written.message, written.event, at_us))
    return found


def counted(from_us, to_us, good, *, station="line.press", scrapped=0, **fields):
    """A pair for :func:`facts`: units that were good or scrapped."""
    times = fields.pop("times", None)
    parts = tuple(StateTime(state=state, duration_us=took) for state, took in (times or {}).items())
    event = UnitsCounted(
        station=station,
        from_us=from_us,
        to_us=to_us,
        entered=good + scrapped,
        good=good,
        scrapped=scrapped,
        times=parts,
        **fields,
    )
    return to_us, event


def changed(at_us, state, *, station="line.press", mode=None):
    return at_us, StationChanged(station=station, state=state, mode=mode)


def folded(reducer, *told):
    state = reducer.empty()
    for fact in facts(*told):
        reducer.apply(state, fact)
    return state


def asked(at_us: int, **fields) -> Asked:
    """A question of somebody who may do everything."""
    may = frozenset(act for role in usual_roles() for act in role.may)
    fields = {"person": "p-1", "may": may, **fields}
    return Asked(at_us=at_us, position=0, plant=fields.pop("plant", None) or plant(), edition=1, kind="plant", **fields)


def look(**fields):
    """The book as a rule sees it that only asks for these."""
    return SimpleNamespace(**fields)


def agree(service):
    """Which units belong to which lot is the same in the two rooms that know it."""
    states = service.states()
    for name, lot in states["production"].lots.items():
        for station, units in lot.counted.items():
            whole, apart = (getattr(states["genealogy"], way)(name, station) for way in ("counted", "apart"))
            assert [a - b for a, b in zip(whole, apart, strict=True)] == list(units), (name, station)

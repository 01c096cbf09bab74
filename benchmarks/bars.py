"""What the figures are held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

Rows = Mapping[tuple[str, str], list[dict[str, Any]]]
"""Good answers of every (engine, work), one a round."""

OWN = "Fabrika"
FLAT = 1.1
"""Memory counts as flat when four years need at most a tenth more than one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``found`` is None where it was not measured."""

    what: str
    unit: str
    found: float | None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether it is met; None where it was not measured."""
        if self.found is None:
            return None
        if self.at_least is not None:
            return self.found >= self.at_least
        return self.at_most is not None and self.found <= self.at_most


def middle(rows: Rows, engine: str, work: str, figure: str) -> float | None:
    """Median over the rounds."""
    values = [row[figure] for row in rows.get((engine, work), [])]
    return median(values) if values else None


def ratio(rows: Rows, work: str, peer: str, peer_work: str | None = None) -> float | None:
    """Median over the rounds of Fabrika's rate over the peer's in the same round."""
    own, other = rows.get((OWN, work), []), rows.get((peer, peer_work or work), [])
    pairs = [(a["operations_per_s"], b["operations_per_s"]) for a, b in zip(own, other, strict=False)]
    return median(a / b for a, b in pairs) if pairs else None


def _million(value: float | None) -> float | None:
    return None if value is None else value / 1e6


def _per_operation(rows: Rows, work: str) -> float | None:
    own, base = middle(rows, OWN, work, "operations_per_s"), middle(rows, OWN, "plant-30", "operations_per_s")
    return None if own is None or base is None else base / own


def _year_s(rows: Rows, full: bool) -> float | None:
    return middle(rows, OWN, "plant-30", "wall_s") if full else None


def bars(rows: Rows, apart: Mapping[str, dict[str, Any]], *, full: bool) -> list[Bar]:
    """All bars of the speed section.

    Args:
        rows: answers by engine and work.
        apart: start-up, proofs and memory by name.
        full: whether PLANT-30 made its whole year's output.
    """
    rate = {work: _million(middle(rows, OWN, work, "operations_per_s")) for work in ("line-a", "line-b", "line-a-8")}
    one, four = apart.get("memory 1 year", {}).get("peak_mb"), apart.get("memory 4 years", {}).get("peak_mb")
    start, told = apart.get("start", {}), apart.get("version", {})
    table = [
        Bar("LINE-A, one replication", "M operations/s", rate["line-a"], at_least=300),
        Bar("LINE-A against SimPy Store", "times", ratio(rows, "line-a", "SimPy Store"), at_least=1000),
        Bar("LINE-A against cimba", "times", ratio(rows, "line-a", "cimba"), at_least=50),
        Bar("LINE-B, one replication", "M operations/s", rate["line-b"], at_least=150),
        Bar("LINE-A, 8 replications", "M operations/s", rate["line-a-8"], at_least=1000),
        Bar("PLANT-30, 20 million good units", "s", _year_s(rows, full), at_most=5),
        Bar("PLANT-30 slowed to a calendar year", "s", middle(rows, OWN, "plant-30-year", "wall_s"), at_most=5),
        Bar("cartridge-20m, a year, per operation", "x PLANT-30", _per_operation(rows, "cartridge-20m"), at_most=2.5),
        Bar("bearings-6m, a year, per operation", "x PLANT-30", _per_operation(rows, "bearings-6m"), at_most=2.5),
    ]
    for plant in ("cartridge-20m", "bearings-6m"):
        proof = apart.get(f"prove {plant}", {})
        table.append(Bar(f"prove {plant}, first answer", "s", proof.get("first_s"), at_most=60))
        table.append(Bar(f"prove {plant}, done", "s", proof.get("total_s"), at_most=180))
    table += [
        Bar("memory, peak of 4 years of PLANT-30", "MB", four, at_most=500),
        Bar("memory, 4 years over 1 year", "times", four / one if one and four else None, at_most=FLAT),
        Bar("first use, cache empty", "s", start.get("first_s"), at_most=20),
        Bar("later starts", "s", start.get("later_s"), at_most=2),
        Bar("fabrika --version", "s", told.get("wall_s"), at_most=0.5),
    ]
    return table

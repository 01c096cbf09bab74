"""What the oracle tells."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any


def _lists() -> defaultdict[str, list[int]]:
    return defaultdict(list)


@dataclass
class OracleResult:
    """One run, every instant in ns since the start of the warm-up.

    Attributes:
        departures: by node, the instants at which units left it, in order (batch: one a unit; junction: passings).
        starts: by station, the instants at which products began.
        scraps: by station, the instants at which units were scrapped.
        states: by (station, machine), ns in the window by class.
        good, rejected: by (exit, product), pieces in the window.
        exits: by exit, (instant, product, pieces, rejected) of every unit.
        surplus: by station, (instant, product) of every withdrawn unit.
        grants: (instant, crew, station, machine, mode) of every repairer sent.
        sizes: by edge ``from -> to``, the integral of the places taken over the window, unit ns.
        levels: by edge, the time in the window by number of places taken, ns.
        came, left, scrapped: by station, (instant, unit) of every unit that came in, left good or was scrapped.
        parts: by the number (id) of a unit that was made of others, these.
    """

    departures: dict[str, list[int]] = field(default_factory=_lists)
    starts: dict[str, list[int]] = field(default_factory=_lists)
    scraps: dict[str, list[int]] = field(default_factory=_lists)
    states: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    good: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    rejected: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    exits: dict[str, list[tuple[int, str, int, bool]]] = field(default_factory=lambda: defaultdict(list))
    surplus: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    grants: list[tuple[int, str, str, int, str]] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    levels: dict[str, dict[int, int]] = field(default_factory=dict)
    came: dict[str, list[tuple[int, Any]]] = field(default_factory=lambda: defaultdict(list))
    left: dict[str, list[tuple[int, Any]]] = field(default_factory=lambda: defaultdict(list))
    scrapped: dict[str, list[tuple[int, Any]]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[int, list[Any]] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

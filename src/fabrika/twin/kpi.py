"""Key figures of a station by their ISO 22400-2 names, from summed machine time and summed counts, never from ratios.

The standard's time elements are taken from the twin's states (ISO 22400-2:2014, clause 5 for the elements, clause 6 for
the figures; the correspondence is ours):

====  ======================================  =============================================
POT   planned operation time                  window less ``off_shift``
PBT   planned busy time                       POT less ``planned``
APT   actual production time                  ``processing``
AUST  actual unit setup time                  ``setup``
AUPT  actual unit processing time             APT + AUST
ADET  actual unit delay time                  ``blocked`` + ``starved`` + ``no_order``
AUBT  actual unit busy time                   AUPT + ADET
ADOT  actual unit down time                   ``down`` + ``waiting``
====  ======================================  =============================================

so that PBT = AUBT + ADOT exactly. ``down`` holds everything that stops the machine against its will: its own modes and
outages of its area.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fabrika.plant.model import Plant, Station
from fabrika.twin.results import COUNTS, STATES
from fabrika.wording import Worded

MtbfFormula = Literal["per failure", "per failure plus one"]
MTBF_FORMULA: MtbfFormula = "per failure"
"""``per failure`` is the usual practice, sum / FE; ``per failure plus one``, sum / (FE + 1), is the other reading of the standard."""

MTBF_TEXT = {
    "per failure": Worded(
        "MTBF = actual production time / failures; MTTR = down time / failures (outages of the area included)"
    ),
    "per failure plus one": Worded("MTBF = actual production time / (failures + 1); MTTR = down time / (failures + 1)"),
}

EFFECTIVENESS_TOLERANCE = 1.001
"""Effectiveness beyond this says that the planned run time per item is wrong; it is shown as it is, never cut to 1."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over machines and replications.

    Attributes:
        state_ns: machine time by state, in the order of :data:`~fabrika.twin.results.STATES`.
        counts: in the order of :data:`~fabrika.twin.results.COUNTS`.
        failures: stops of the station's failure modes.
        run_time_s: planned run time per item (PRI), seconds; None where the station has none (transport).
    """

    state_ns: tuple[int, ...]
    counts: tuple[int, ...]
    failures: int
    run_time_s: float | None


def planned_run_time_s(plant: Plant, line_id: str, station: Station, share: dict[str, float]) -> float | None:
    """Planned run time per item (PRI), seconds: the mean cycle over products weighted by ``share``; None for a transport.

    A batch counts its units, so its cycle is divided by its size.
    """
    if station.cycle is None:
        return None
    items = station.size if station.kind == "batch" else 1
    name = f"{line_id}.{station.id}"
    total = 0.0
    for product in plant.products:
        if product.route and name not in product.route:
            continue
        own = station.cycle_of.get(product.id)
        cycle_s = own.mean if own is not None else station.cycle.mean * product.cycle_factor
        total += share.get(product.id, 0.0) * cycle_s
    if not plant.products:
        total = station.cycle.mean
    return total / items


def key_figures(totals: Totals, formula: MtbfFormula = MTBF_FORMULA) -> dict[str, float | None]:
    """ISO 22400-2 figures of one station; None where a denominator is zero."""
    time = {state: ns / 1e9 for state, ns in zip(STATES, totals.state_ns, strict=True)}
    count = dict(zip(COUNTS, totals.counts, strict=True))
    busy_planned = sum(time.values()) - time["off_shift"] - time["planned"]
    production = time["processing"]
    processing = production + time["setup"]
    delay = time["blocked"] + time["starved"] + time["no_order"]
    down = time["down"] + time["waiting"]
    produced = count["left"] + count["scrapped"]
    availability = _ratio(production, busy_planned)
    effectiveness = None if totals.run_time_s is None else _ratio(totals.run_time_s * produced, production)
    quality = _ratio(count["left"], produced)
    failures = totals.failures + (1 if formula == "per failure plus one" else 0)
    return {
        "availability": availability,
        "effectiveness": effectiveness,
        "quality_ratio": quality,
        "overall_equipment_effectiveness_index": _product(availability, effectiveness, quality),
        "net_equipment_effectiveness_index": _product(_ratio(processing, busy_planned), effectiveness, quality),
        "allocation_efficiency": _ratio(processing + delay, busy_planned),
        "utilization_efficiency": _ratio(production, processing + delay),
        "technical_efficiency": _ratio(production, production + delay),
        "setup_ratio": _ratio(time["setup"], processing),
        "scrap_ratio": _ratio(count["scrapped"], produced),
        "corrective_maintenance_ratio": _ratio(time["down"], time["down"] + time["planned"]),
        "mean_operating_time_between_failures_h": _ratio(production / 3600, failures),
        "mean_time_to_repair_h": _ratio(down / 3600, failures),
    }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _product(*factors: float | None) -> float | None:
    result = 1.0
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return result

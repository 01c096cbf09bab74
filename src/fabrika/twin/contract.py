"""What was promised, measured on a replication: units on the contract's basis, and the margin over what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fabrika.plant.model import Plant
from fabrika.twin.proof_result import Basis
from fabrika.twin.results import Layout, Replication
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOTAL = "total"
LARGEST_CREDIT = 0.5
"""Excluded time is credited up to this share of the contractual time; beyond it the year is no basis for a rate."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The contract as bars to clear.

    Attributes:
        ids: ``total``, then each product promised.
        promised: units a year of each.
        needed: units a year of each after the tolerance.
        products: index of each product among the layout's, -1 for the total.
        excluded: indices of the interruptions that are not counted against the vendor.
        contractual_ns: length of the contractual calendar within the year, ns.
    """

    ids: tuple[str, ...]
    promised: tuple[float, ...]
    needed: tuple[float, ...]
    products: tuple[int, ...]
    excluded: tuple[int, ...]
    contractual_ns: int


def promise(plant: Plant, layout: Layout, contractual_ns: int) -> Promise | None:
    """The bars of the plant's contract; None if it has none.

    Met means: the total reaches promise x (1 - tolerance), and every product its share x promise x (1 - mix tolerance).
    """
    contract = plant.contract
    if contract is None:
        return None
    shares = sorted(contract.mix.items(), key=lambda item: layout.products.index(item[0]))
    units = contract.units_per_year
    return Promise(
        ids=(TOTAL, *(name for name, _ in shares)),
        promised=(units, *(units * share for _, share in shares)),
        needed=(
            units * (1 - contract.tolerance),
            *(units * share * (1 - contract.mix_tolerance) for _, share in shares),
        ),
        products=(-1, *(layout.products.index(name) for name, _ in shares)),
        excluded=tuple(i for i, name in enumerate(layout.interruptions) if name in contract.excluded),
        contractual_ns=contractual_ns,
    )


def credit(bars: Promise | None, run: Replication) -> float:
    """Factor T / (T - E): output at the pace of the time that counts.

    T is the contractual calendar's time in the year and E the part of it lost to excluded interruptions, at most half of T.
    """
    if bars is None or not bars.excluded:
        return 1.0
    lost = sum(int(run.interruption_ns[i, 1]) for i in bars.excluded)
    whole = bars.contractual_ns
    return whole / (whole - min(lost, LARGEST_CREDIT * whole)) if whole > 0 else 1.0


def units(bars: Promise | None, run: Replication, basis: Basis) -> float:
    """Good units of the year, all products together."""
    factor = credit(bars, run) if basis == "contractual" else 1.0
    return float(run.good.sum()) * factor


def criterion_units(bars: Promise, run: Replication, basis: Basis) -> list[float]:
    """Good units of the year against each of the promise's bars."""
    factor = credit(bars, run) if basis == "contractual" else 1.0
    total = float(run.good.sum())
    return [factor * (total if i < 0 else float(run.good[i])) for i in bars.products]


def margin(bars: Promise, run: Replication, basis: Basis) -> float:
    """The worst bar's share above (or below, negative) what is needed; the contract is met from 0 on."""
    pairs = zip(criterion_units(bars, run, basis), bars.needed, strict=True)
    return min(made / need - 1.0 for made, need in pairs)


def margins(bars: Promise, runs: list[Replication], basis: Basis = "contractual") -> NDArray[Any]:
    """Margins of several replications, shape (n,)."""
    import numpy as np

    return np.array([margin(bars, run, basis) for run in runs])


def basis_text(plant: Plant) -> str:
    """The basis in one sentence."""
    contract = plant.contract
    if contract is None:
        return Worded("No contract is stated; good units are counted around the clock.")
    calendar = (
        Worded("calendar {calendar}", calendar=contract.calendar) if contract.calendar else Worded("around the clock")
    )
    if not contract.excluded:
        return Worded(
            "Contractual basis: {calendar}; nothing is excluded; counted: {conforming}.",
            calendar=calendar,
            conforming=contract.conforming,
        )
    return Worded(
        "Contractual basis: {calendar}; not counted against the vendor: {excluded} (output is credited at the pace of the "
        "rest); counted: {conforming}.",
        calendar=calendar,
        excluded=", ".join(contract.excluded),
        conforming=contract.conforming,
    )

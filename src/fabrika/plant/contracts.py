"""From the form of the contract to the model."""

from __future__ import annotations

from typing import Any, Final

from fabrika.plant.draft import Draft
from fabrika.plant.model import Contract

MIX_SLACK: Final = 1e-9


def contract(draft: Draft) -> Contract | None:
    """The contract of the model, or None if the file has none."""
    form = draft.form.contract
    if form is None:
        return None
    basis = form.basis
    stated: dict[str, Any] = {
        "units_per_year": float(form.units_per_year),
        "date": form.date,
        "mix": _mix(draft),
        "tolerance": form.tolerance,
        "mix_tolerance": form.mix_tolerance,
        "confidence": form.confidence,
    }
    if basis is not None:
        stated["calendar"] = draft.exists(basis.calendar, "calendars", "calendar")
        stated["excluded"] = _excluded(draft)
        if basis.conforming is not None:
            stated["conforming"] = basis.conforming
    return Contract(**stated)


def _mix(draft: Draft) -> dict[str, float]:
    form = draft.form.contract
    if form is None or form.mix is None:
        return {}
    place = form.place("mix")
    for product in form.mix:
        draft.exists(product, "products", "product")
    if draft.lost.touched("products") or "contract.mix" in draft.lost.parents:
        return {}
    for known in draft.form.products:
        if known.id not in form.mix:
            wrong = f"The mix says nothing about product `{known.id}`."
            draft.findings.add(place, wrong, f"Add `{known.id}: 0 %` or its share.")
    total = sum(form.mix.values())
    if abs(total - 1) > MIX_SLACK:
        draft.findings.add(place, f"The mix adds up to {total * 100:g} %.", "Make the shares add up to 100 %.")
    return {str(product): part for product, part in form.mix.items()}


def _excluded(draft: Draft) -> tuple[str, ...]:
    form = draft.form.contract
    words = form.basis.excluded if form is not None and form.basis is not None else []
    known = draft.ids["outages"] | draft.ids["supplies"]
    for word in words:
        if word not in known and not (draft.lost.covers("outages", word) or draft.lost.covers("supplies", word)):
            wrong = f"There is no outage or supply `{word}` to exclude."
            draft.missing(word, wrong, known, "outages")
    return tuple(dict.fromkeys(str(word) for word in words))

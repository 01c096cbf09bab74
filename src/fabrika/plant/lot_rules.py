"""From the forms of the lot rule, and of what products need, to the model; and what things they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fabrika.plant.authority import acts_lost
from fabrika.plant.composition import LotRule, Needed
from fabrika.plant.draft import Draft
from fabrika.plant.forms import LotRuleForm, ProductForm
from fabrika.plant.model import Plant, Role
from fabrika.plant.quantities import text_of
from fabrika.plant.roles import usual_roles
from fabrika.plant.starts import named_stations


def lot_rule(draft: Draft, found: tuple[Role, ...]) -> tuple[LotRule, ...]:
    """The lot rule of the file, after noting what could never be kept, or says nothing.

    Args:
        found: the roles of the file.
    """
    allowed = frozenset(act for role in found or usual_roles() for act in role.may)
    if draft.form.lot_rule and "open_lots" not in allowed and not acts_lost(draft):
        wrong = "No role may `open_lots`, so that a lot that is due would stay so for ever."
        draft.findings.add(draft.form.lot_rule[0].at, wrong, "Add `open_lots` to the `may` of a role.")
    return tuple(_rule(draft, form) for form in draft.form.lot_rule)


def _rule(draft: Draft, form: LotRuleForm) -> LotRule:
    if form.after == "long_stop" and form.lasting is None:
        draft.findings.add(
            form.place("after"), "Nothing says from when on a stop is long.", "Write `lasting: 2 h` beside it."
        )
    if form.after not in {"long_stop", "repair"} and form.lasting is not None:
        wrong = "Such a change counts however long it lasts."
        draft.findings.add(form.place("lasting"), wrong, "Remove `lasting`; it is for stops and repairs.")
    if form.after == "campaign" and form.makes == "sub_lot":
        wrong = "Another product cannot be part of the same lot."
        draft.findings.add(form.place("makes"), wrong, "Write `makes: lot`, or leave it out.")
    return LotRule(
        id=str(form.id),
        after=form.after,
        makes="lot" if form.after == "campaign" else form.makes or "sub_lot",
        block=form.then == "block",
        lasting_s=form.lasting or 0.0,
        stations=_stations(draft, form),
        name=form.name,
    )


def _stations(draft: Draft, form: LotRuleForm) -> tuple[str, ...]:
    """The stations that are named, and all of the lines that are; transports count nothing by themselves."""
    found: list[str] = []
    for word in form.lines:
        line = draft.lines.get(str(word)) if draft.exists(word, "lines", "line") is not None else None
        if line is not None:
            found += [f"{word}.{station.id}" for station in line.stations if str(station.kind) != "transport"]
    carried = "A transport carries what others make; nothing changes there."
    return named_stations(draft, form.stations, carried, found)


def needed(draft: Draft, form: ProductForm) -> tuple[Needed, ...]:
    """What a product needs, after noting materials and lines that there are not, and what is named twice."""
    made: list[Needed] = []
    for item in form.needs:
        material = draft.exists(item.material, "materials", "material")
        line = draft.exists(item.line, "lines", "line")
        if line is not None and line not in draft.lines:
            draft.findings.add(item.place("line"), f"`{line}` is a store, not a line.", "Name the line that uses it.")
        if material is None or (item.line is not None and line not in draft.lines):
            continue
        if any(other.material == material and other.line == line for other in made):
            draft.findings.add(item.place("material"), f"`{material}` is named twice.", "Name each once for a line.")
            continue
        made.append(Needed(material=material, quantity=item.quantity, per=item.per, line=line))
    return tuple(made)


def said(plant: Plant) -> Iterator[tuple[LotRule, dict[str, tuple[Any, str]]]]:
    """Each part of the lot rule, and by key what is compared and how it is written."""
    for rule in plant.lot_rule:
        yield (
            rule,
            {
                "after": (rule.after, rule.after),
                "makes": (rule.makes, rule.makes),
                "lasting": (rule.lasting_s, text_of(rule.lasting_s, "time") if rule.lasting_s else ""),
                "then": (rule.block, "block" if rule.block else "warn"),
            },
        )


def need_texts(needs: tuple[Needed, ...]) -> Iterator[str]:
    """What a product needs, as the file says it."""
    for need in needs:
        per = f" per {need.per}" if need.per != 1 else ""
        yield f"{need.material} {need.quantity}{per}{f' on {need.line}' if need.line is not None else ''}"

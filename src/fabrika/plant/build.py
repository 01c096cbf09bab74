"""From forms to the plant: everything around the lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

from fabrika.plant import authority, stock
from fabrika.plant.contracts import contract
from fabrika.plant.distributions import Stated
from fabrika.plant.draft import Draft
from fabrika.plant.flow import check_flow
from fabrika.plant.former import former_ids
from fabrika.plant.forms import StatementForm
from fabrika.plant.levers import levers
from fabrika.plant.lot_rules import lot_rule, needed
from fabrika.plant.model import (
    Area,
    Crew,
    Outage,
    Plant,
    Product,
    RampUp,
    Statement,
    Store,
    Supply,
)
from fabrika.plant.reasons import reasons
from fabrika.plant.starts import starts
from fabrika.plant.stations import line
from fabrika.plant.workweek import calendar, check_year

ZoneOf = Callable[[str], tzinfo | None]


def build(draft: Draft, zone_of: ZoneOf) -> Plant:
    """The plant that the forms mean; draft.findings tells whether it may be used."""
    form = draft.form
    head = form.plant
    zone, zone_name = _zone(draft, zone_of)
    roles = authority.roles(draft)
    plant = Plant(
        id=str(head.id),
        name=head.name,
        zone=zone,
        zone_name=zone_name,
        lines=tuple(line(draft, item) for item in form.lines),
        calendar=draft.exists(head.calendar, "calendars", "calendar"),
        calendars=tuple(calendar(draft, item) for item in form.calendars),
        areas=tuple(
            Area(str(item.id), draft.exists(item.calendar, "calendars", "calendar"), item.name) for item in form.areas
        ),
        products=_products(draft),
        stores=_stores(draft),
        crews=tuple(Crew(str(item.id), item.size, item.name) for item in form.crews),
        outages=_outages(draft),
        supplies=_supplies(draft),
        ramp_up=_ramp_up(draft),
        contract=contract(draft),
        facts=_statements(head.facts),
        assumptions=_statements(head.assumptions),
        warm_up_s=head.warm_up,
        roles=roles,
        two_people=authority.two_people(draft, roles),
        apart=authority.apart(draft, roles),
        lot_number=head.lot_number,
        reasons=reasons(draft),
        short_stop_s=form.short_stop,
        starts=starts(draft, roles),
        lot_rule=lot_rule(draft, roles),
        **stock.sections(draft),
        counts_within=head.counts_within,
        renames=former_ids(draft),
    )
    check_flow(draft, plant)
    check_year(draft, plant)
    return levers(draft, plant)


def _zone(draft: Draft, zone_of: ZoneOf) -> tuple[tzinfo, str]:
    word = draft.form.plant.zone
    if word is None or word == "UTC":
        return UTC, "UTC"
    zone = zone_of(str(word)) if len(word) <= 60 else None
    if zone is None:
        wrong = f"`{str(word)[:60]}` is not a time zone that is known here."
        draft.findings.add(word, wrong, "Write a name of the IANA list, such as `Europe/Belgrade`, or `UTC`.")
        return UTC, "UTC"
    return zone, str(word)


def _mean(stated: Stated | None, default: float) -> float:
    return stated.law.mean if stated is not None else default


def _products(draft: Draft) -> tuple[Product, ...]:
    products = []
    for form in draft.form.products:
        draft.believe(f"products.{form.id}.cycle_factor", form.cycle_factor)
        route = [draft.station(word, None) for word in form.route or ()]
        found = tuple(station for station in route if station is not None)
        if form.route == []:
            wrong = f"No station works on `{form.id}`."
            draft.findings.add(form.place("route"), wrong, "Name at least one station, or remove `route`.")
        if len(set(found)) < len(found):
            draft.findings.add(form.place("route"), "A station stands twice in the route.", "Name each once.")
        for word, station in zip(form.route or (), route, strict=True):
            if station is not None and str(draft.stations[station].kind) == "transport":
                wrong = "A transport carries every product; it is not part of a route."
                draft.findings.add(word, wrong, "Remove it from the route.")
        products.append(Product(str(form.id), _mean(form.cycle_factor, 1.0), found, form.name, needed(draft, form)))
    return tuple(products)


def _stores(draft: Draft) -> tuple[Store, ...]:
    stores = []
    for form in draft.form.stores:
        feeds = [draft.station(word, None) for word in form.feed]
        found = tuple(feed for feed in feeds if feed is not None)
        if len(set(found)) < len(found):
            draft.findings.add(form.place("feed"), "A feed is named twice.", "Name each feed once.")
        if None in feeds:
            draft.unsourced.add(str(form.id))
        stores.append(Store(str(form.id), form.capacity, tuple(dict.fromkeys(found)), form.order or "mixed", form.name))
    return tuple(stores)


def _rare(draft: Draft, name: str, form: Any) -> dict[str, Any]:
    draft.believe(f"{name}.{form.id}.after", form.after)
    draft.believe(f"{name}.{form.id}.lasts", form.lasts)
    return {
        "id": str(form.id),
        "after": form.after.law,
        "clock": form.after.clock or "clock",
        "lasts": form.lasts.law,
        "name": form.name,
    }


def _outages(draft: Draft) -> tuple[Outage, ...]:
    outages = []
    for form in draft.form.outages:
        draft.believe(f"outages.{form.id}.restart", form.restart)
        area = draft.exists(form.area, "areas", "area")
        restart_s = _mean(form.restart, 0.0)
        outages.append(Outage(area=area, restart_s=restart_s, **_rare(draft, "outages", form)))
    return tuple(outages)


def _supplies(draft: Draft) -> tuple[Supply, ...]:
    supplies = []
    for form in draft.form.supplies:
        found = [draft.station(word, None) for word in form.stations]
        stations = tuple(station for station in found if station is not None)
        if len(set(stations)) < len(stations):
            draft.findings.add(form.place("stations"), "A station is named twice.", "Name each once.")
        supplies.append(Supply(stations=stations, **_rare(draft, "supplies", form)))
    return tuple(supplies)


def _ramp_up(draft: Draft) -> RampUp | None:
    form = draft.form.ramp_up
    if form is None:
        return None
    for key in ("time", "rate", "scrap", "repair"):
        draft.believe(f"ramp_up.{key}", getattr(form, key))
    rate = _mean(form.rate, 1.0)
    if rate < 0.01:
        wrong = "A rate of nearly nothing would never start."
        draft.findings.add(form.place("rate"), wrong, "Write at least `1 %`.")
    scrap, repair = _mean(form.scrap, 1.0), _mean(form.repair, 1.0)
    return RampUp(form.time.law.mean, form.curve, rate, scrap, repair)


def _statements(items: list[str | StatementForm]) -> tuple[Statement, ...]:
    return tuple(
        Statement(item.text, item.source) if isinstance(item, StatementForm) else Statement(item) for item in items
    )

"""From the forms of lines and stations to the model."""

from __future__ import annotations

from fabrika.plant.distributions import Stated
from fabrika.plant.draft import Draft
from fabrika.plant.forms import ChangeoverForm, LineForm, ModeForm, ObservedForm, PlannedStopForm, StationForm
from fabrika.plant.kinds import KINDS, Kind
from fabrika.plant.model import (
    MIXED,
    Campaign,
    Changeover,
    Distribution,
    Input,
    Line,
    Lots,
    Mode,
    PlannedStop,
    Station,
)

LONGEST_CYCLE_S = 12 * 3600.0


def line(draft: Draft, form: LineForm) -> Line:
    """One line of the model."""
    path = str(form.id)
    stations = tuple(station(draft, form, index) for index in range(len(form.stations)))
    return Line(
        id=path,
        stations=stations,
        sequence=_sequence(draft, form),
        lots=_lots(draft, form),
        name=form.name,
        area=draft.exists(form.area, "areas", "area"),
        calendar=draft.exists(form.calendar, "calendars", "calendar"),
    )


def _sequence(draft: Draft, form: LineForm) -> tuple[Campaign, ...]:
    first = form.stations[0]
    fed = first.feed is not None or first.needs is not None
    damaged = draft.lost.touched("stations", "feed", "needs") or "sequence" in draft.lost.names
    if form.sequence is None:
        if draft.ids["products"] and not fed and not damaged:
            example = min(draft.ids["products"])
            draft.findings.add(
                form.place("id"),
                f"The plant has products, but line `{form.id}` does not say what it makes.",
                f"Add `sequence: [{{product: {example}, quantity: 1000000}}]` to the line, or remove `products`.",
            )
        return ()
    if fed:
        draft.findings.add(
            form.key("sequence"),
            f"Line `{form.id}` is fed by others, so that its sequence comes from them.",
            "Remove `sequence`, and write it where the units begin.",
        )
    for campaign in form.sequence:
        draft.exists(campaign.product, "products", "product")
    return tuple(Campaign(str(campaign.product), campaign.quantity) for campaign in form.sequence)


def _lots(draft: Draft, form: LineForm) -> Lots | None:
    if form.lots is None:
        return None
    draft.believe(f"{form.id}.lots.rejected", form.lots.rejected)
    return Lots(form.lots.size, form.lots.rejected.law.mean)


def station(draft: Draft, line_form: LineForm, index: int) -> Station:
    """One station of the model; problems leave defaults behind, for the plant is then not returned anyway."""
    form = line_form.stations[index]
    path = f"{line_form.id}.{form.id}"
    kind = _kind(draft, form)
    if kind is not None:
        _check_keys(draft, form, kind)
    machines = form.machines or 1
    cycle, cycle_of = _by_product(draft, form, "cycle", path)
    loss = "rejects" if form.rejects is not None else "scrap"
    scrap, scrap_of = _by_product(draft, form, loss, path)
    _check_cycles(draft, form, cycle, cycle_of)
    draft.believe(f"{path}.time", form.time)
    mixed = machines > 1 or (kind is not None and kind.order == MIXED)
    return Station(
        id=str(form.id),
        kind=str(form.kind),
        machines=machines,
        cycle=cycle.law if cycle else None,
        cycle_of={product: stated.law for product, stated in cycle_of.items()},
        scrap=scrap.law.mean if scrap else 0.0,
        scrap_of={product: stated.law.mean for product, stated in scrap_of.items()},
        inputs=_inputs(draft, line_form, index),
        output=form.output or "first free",
        fails=tuple(_mode(draft, mode, path) for mode in form.fails),
        stops=tuple(_planned(draft, stop, path) for stop in form.stops),
        changeover=_changeover(draft, form, path),
        size=form.size or 1,
        time=form.time.law.mean if form.time else 0.0,
        capacity=form.capacity or 0,
        order=form.order or ("mixed" if mixed else "fifo"),
        area=draft.exists(form.area, "areas", "area"),
        calendar=draft.exists(form.calendar, "calendars", "calendar"),
        name=form.name,
        counts_within=form.counts_within,
    )


def _kind(draft: Draft, form: StationForm) -> Kind | None:
    kind = KINDS.get(str(form.kind))
    if kind is None:
        near = draft.findings.guesses.nearest(str(form.kind), KINDS)
        remedy = f"Write `{near[0]}`." if near else f"Write one of: {', '.join(KINDS)}."
        draft.findings.add(form.kind, f"`{str(form.kind)[:60]}` is not a kind of station.", remedy)
    return kind


def _check_keys(draft: Draft, form: StationForm, kind: Kind) -> None:
    article = "An" if kind.name[0] in "aeiou" else "A"
    for key in kind.needs:
        if key not in form.at and f"{form.at.where}.{key}" not in draft.lost.keys:
            purpose = (StationForm.model_fields[key].description or "").rstrip(".")
            draft.findings.add(form.at, f"{article} {kind.name} needs `{key}`.", f"Add `{key}:` ({purpose}).")
    for key in form.at:
        if key in kind.keys:
            continue
        instead = {"scrap": "rejects", "rejects": "scrap", "feed": "needs", "buffer": "needs", "cycle": "time"}.get(key)
        hint = f"Write `{instead}` instead." if instead in kind.keys else "Remove it."
        draft.findings.add(form.key(key), f"{article} {kind.name} takes no `{key}`.", hint)


def _by_product(draft: Draft, form: StationForm, key: str, path: str) -> tuple[Stated | None, dict[str, Stated]]:
    """The value for all, and the values by product; the first product's stands for all if it is stated by product."""
    value = getattr(form, key)
    if not isinstance(value, dict):
        draft.believe(f"{path}.{key}", value)
        return value, {}
    if f"{form.at.where}.{key}" in draft.lost.parents:
        return None, {}
    for product in value:
        draft.exists(product, "products", "product")
    missing = draft.passing(path).difference(value)
    if missing and not draft.lost.touched("products"):
        first = min(missing)
        wrong = f"`{key}` is stated by product, but not for `{first}`."
        draft.findings.add(form.place(key), wrong, f"Add `{first}:` to it.")
    by_product = {str(product): stated for product, stated in value.items()}
    for product_id, stated in by_product.items():
        draft.believe(f"{path}.{key}.{product_id}", stated)
    order = [str(product.id) for product in draft.form.products if product.id in by_product]
    return (by_product[order[0]] if order else None), by_product


def _check_cycles(draft: Draft, form: StationForm, cycle: Stated | None, cycle_of: dict[str, Stated]) -> None:
    for stated in [cycle, *cycle_of.values()]:
        if stated is not None and stated.law.mean > LONGEST_CYCLE_S:
            wrong = f"A cycle of `{stated.text}` is longer than 12 hours."
            draft.findings.add(form.place("cycle"), wrong, "Write at most `12 h`; a long rest is a `transport`.")
            return


def _inputs(draft: Draft, line_form: LineForm, index: int) -> tuple[Input, ...]:
    form = line_form.stations[index]
    line_id = str(line_form.id)
    if form.needs is not None:
        found = [(draft.source(need.source, line_id), need) for need in form.needs]
        inputs = tuple(Input(source, need.buffer, need.count) for source, need in found if source is not None)
        _check_needs(draft, form, inputs)
        return _once(draft, f"{line_id}.{form.id}", inputs, len(found))
    if form.feed is None:
        return _before(draft, line_form, index)
    sources = [draft.source(word, line_id) for word in form.feed]
    known = [source for source in sources if source is not None]
    if len(set(known)) < len(known):
        draft.findings.add(form.place("feed"), "A feed is named twice.", "Name each feed once.")
    buffers = _buffers(draft, form, len(sources))
    pairs = zip(sources, buffers, strict=True)
    inputs = tuple(Input(source, buffer) for source, buffer in pairs if source is not None)
    return _once(draft, f"{line_id}.{form.id}", inputs, len(sources))


def _once(draft: Draft, path: str, inputs: tuple[Input, ...], stated: int) -> tuple[Input, ...]:
    """The inputs, each source once; those that could not be told are remembered."""
    if len(inputs) < stated:
        draft.unsourced.add(path)
    return tuple({item.source: item for item in inputs[::-1]}.values())[::-1]


def _check_needs(draft: Draft, form: StationForm, inputs: tuple[Input, ...]) -> None:
    sources = [item.source for item in inputs]
    if len(set(sources)) < len(sources):
        wrong = "An assembly needs the same input twice."
        draft.findings.add(form.place("needs"), wrong, "Name it once, with `count`.")
    elif len(inputs) == len(form.needs or ()) == 1 and inputs[0].count == 1 and "count" not in draft.lost.names:
        wrong = "An assembly of one unit of one input joins nothing."
        draft.findings.add(form.place("needs"), wrong, "Add an input or a `count`, or make it a `machine`.")
    if sum(item.count for item in inputs) > 100_000:
        wrong = "An assembly takes more than 100,000 units for one product."
        draft.findings.add(form.place("needs"), wrong, "Count in larger units.")


def _before(draft: Draft, line_form: LineForm, index: int) -> tuple[Input, ...]:
    """The station before, for a station without a feed."""
    form = line_form.stations[index]
    if str(form.kind) == "assembly":
        draft.unsourced.add(f"{line_form.id}.{form.id}")
        return ()
    if index == 0:
        if form.buffer is not None and not draft.lost.touched("stations"):
            wrong = "The first station has nothing before it, so it has no buffer."
            draft.findings.add(form.key("buffer"), wrong, "Remove `buffer`, or say where units come from by `feed`.")
        if str(form.kind) == "transport" and "feed" not in form.at and not draft.lost.touched("stations", "feed"):
            wrong = "A transport cannot begin a line without a feed."
            draft.findings.add(form.at, wrong, "Add `feed:`, or put a machine before it.")
            draft.unsourced.add(f"{line_form.id}.{form.id}")
        return ()
    source = f"{line_form.id}.{line_form.stations[index - 1].id}"
    return (Input(source, _buffers(draft, form, 1)[0]),)


def _buffers(draft: Draft, form: StationForm, inputs: int) -> list[int]:
    written = form.buffer or [0]
    if len(written) == 1:
        return written * inputs
    if len(written) != inputs:
        wrong = f"There are {len(written)} buffers for {inputs} feed{'s' if inputs != 1 else ''}."
        if not draft.lost.touched("feed", "buffer"):
            draft.findings.add(form.place("buffer"), wrong, "Write one number, or one for each feed in the same order.")
        return [0] * inputs
    return written


def _mode(draft: Draft, form: ModeForm, path: str) -> Mode:
    after = form.after.observed if isinstance(form.after, ObservedForm) else form.after
    draft.believe(f"{path}.fails.{form.id}.after", after)
    draft.believe(f"{path}.fails.{form.id}.repair", form.repair)
    clock = after.clock or "clock"
    return Mode(
        id=str(form.id),
        after=after.law,
        clock=clock,
        repair=form.repair.law,
        crew=draft.exists(form.repaired_by, "crews", "crew"),
        works=form.works,
        name=form.name,
    )


def _planned(draft: Draft, form: PlannedStopForm, path: str) -> PlannedStop:
    draft.believe(f"{path}.stops.{form.id}.every", form.every)
    draft.believe(f"{path}.stops.{form.id}.takes", form.takes)
    return PlannedStop(str(form.id), form.every.law.mean, form.every.clock or "clock", form.takes.law, form.name)


def _changeover(draft: Draft, form: StationForm, path: str) -> Changeover | None:
    stated = form.changeover
    if stated is None:
        return None
    if not draft.ids["products"] and not draft.lost.touched("products"):
        wrong = "There are no products to change over between."
        draft.findings.add(form.key("changeover"), wrong, "Add `products` and a `sequence`, or remove `changeover`.")
    if not isinstance(stated, ChangeoverForm):
        draft.believe(f"{path}.changeover", stated)
        return Changeover(stated.law)
    draft.believe(f"{path}.changeover", stated.default)
    times: dict[tuple[str, str], Distribution] = {}
    for item in stated.times:
        pair = (str(item.start), str(item.end))
        draft.exists(item.start, "products", "product")
        draft.exists(item.end, "products", "product")
        if pair[0] == pair[1]:
            draft.findings.add(item.end, "A changeover needs two different products.", "Name another product.")
        if pair in times:
            draft.findings.add(item.at, f"The changeover from `{pair[0]}` to `{pair[1]}` stands twice.", "Keep one.")
        draft.believe(f"{path}.changeover.{pair[0]}.{pair[1]}", item.takes)
        times[pair] = item.takes.law
    return Changeover(stated.default.law, times)

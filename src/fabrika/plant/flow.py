"""The way of the units through the plant: every unit must come from somewhere and reach an end.

Checked where lines, stations and stores were all readable, whatever else is wrong in the file; half a plant leads
nowhere by necessity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Plant, Station

if TYPE_CHECKING:  # the twin uses Flow, and needs no forms for it
    from fabrika.plant.draft import Draft

MOST_PLACES: Final = 20_000_000


class Flow:
    """Who gives to whom, by ``line.station`` or store id, in the order of the file.

    Attributes:
        stations: by ``line.station``.
        takers: whoever takes from a source, each with the places in between.
        sources: whoever feeds a taker.
    """

    def __init__(self, plant: Plant) -> None:
        self.stations: dict[str, Station] = {
            f"{line.id}.{station.id}": station for line in plant.lines for station in line.stations
        }
        self.sources: dict[str, list[str]] = {
            name: [item.source for item in station.inputs] for name, station in self.stations.items()
        }
        for store in plant.stores:
            self.sources[store.id] = list(store.inputs)
        self.takers: dict[str, list[str]] = {name: [] for name in self.sources}
        for name, sources in self.sources.items():
            for source in sources:
                self.takers.setdefault(source, []).append(name)
        self.exits = [
            f"{line.id}.{line.stations[-1].id}"
            for line in plant.lines
            if not self.takers[f"{line.id}.{line.stations[-1].id}"]
        ]


def check_flow(draft: Draft, plant: Plant) -> None:
    """Note what is wrong with the way of the units."""
    _check_places(draft, plant)
    if draft.doubled or _is_torn(draft):
        return
    lost, flow = draft.lost, Flow(plant)
    circles = _check_cycles(draft, flow)
    if draft.unsourced:
        return
    _check_ends(draft, flow, plant)
    if not flow.exits and not circles:
        wrong = "No line ends in the open: the plant has no exit."
        draft.findings.add(_place(draft, next(iter(flow.stations))), wrong, "Let the last station of a line be free.")
    if all(str(station.kind) in KINDS for station in flow.stations.values()):
        if not lost.touched("buffer") and not _is_lost(draft, "buffer"):
            _check_splits(draft, flow)
        if not _is_lost(draft, "size"):
            _check_pieces(draft, flow)
    if not lost.touched("sequence", "products"):
        _check_sequences(draft, flow, plant)


def _is_torn(draft: Draft) -> bool:
    """Whether a way of the units may have been lost in reading, so that others would seem to be wrong."""
    lost = draft.lost
    if lost.touched("lines", "stations", "stores", "feed", "needs", "id") or lost.meant("", "lines", "stores"):
        return True
    return _is_lost(draft, "feed", "needs")


def _is_lost(draft: Draft, *keys: str) -> bool:
    """Whether one of these keys was lost at some station, or may stand there misspelt."""
    places = [station.at.where for line in draft.form.lines for station in line.stations]
    return any(
        draft.lost.meant(where, *keys) or any(f"{where}.{key}" in draft.lost.keys for key in keys) for where in places
    )


def _place(draft: Draft, name: str, key: str = "") -> Any:
    """Where a station or store stands in the file."""
    form: Any = draft.stations.get(name)
    if form is None:
        form = next(store for store in draft.form.stores if store.id == name)
    if not key:
        return form.place("id")
    return next((form.key(part) for part in (key, "needs") if part in form.at), form.place("id"))


def _check_places(draft: Draft, plant: Plant) -> None:
    total = sum(store.capacity for store in plant.stores)
    for line in plant.lines:
        for station in line.stations:
            total += station.capacity + sum(item.buffer for item in station.inputs)
            if total > MOST_PLACES:
                wrong = f"Buffers, stores and transports have more than {MOST_PLACES:,} places up to here."
                draft.findings.add(_place(draft, f"{line.id}.{station.id}"), wrong, "Write smaller buffers.")
                return


def _check_cycles(draft: Draft, flow: Flow) -> bool:
    """Note the cycles in the feeds that share no station; True if there is one."""
    number_of = {name: number for number, name in enumerate(flow.sources)}
    rings = _rings(flow)
    for ring in rings:
        turn = ring.index(min(ring, key=number_of.__getitem__))
        words = " -> ".join([*ring[turn:], *ring[:turn], ring[turn]][:12])
        remedy = "Remove one of these feeds; units must not come round again."
        draft.findings.add(_place(draft, ring[turn], "feed"), f"The feeds go in a circle: {words}.", remedy)
    return bool(rings)


def _rings(flow: Flow) -> list[list[str]]:
    """Cycles without a common place, found by taking away whatever waits for nothing (Kahn 1962), then a cycle, and so on."""
    waiting = {name: len(sources) for name, sources in flow.sources.items()}
    ready = [name for name, number in waiting.items() if number == 0]
    rings: list[list[str]] = []
    while True:
        while ready:
            name = ready.pop()
            waiting.pop(name, None)
            for taker in flow.takers[name]:
                if taker in waiting:
                    waiting[taker] -= 1
                    if waiting[taker] == 0:
                        ready.append(taker)
        if not waiting:
            return rings
        at, seen = next(iter(waiting)), dict[str, None]()
        while at not in seen:
            seen[at] = None
            at = next(source for source in flow.sources[at] if source in waiting)
        walked = list(seen)
        rings.append(walked[walked.index(at) :][::-1])
        ready = rings[-1].copy()
        for name in ready:
            del waiting[name]


def _check_ends(draft: Draft, flow: Flow, plant: Plant) -> None:
    for line in plant.lines:
        for station in line.stations[:-1]:
            name = f"{line.id}.{station.id}"
            if not flow.takers[name]:
                wrong = f"`{name}` leads nowhere: no station or store takes from it."
                remedy = "Name it in a `feed`, `needs` or store, or make it the last of its line."
                draft.findings.add(_place(draft, name), wrong, remedy)
    for store in plant.stores:
        if not flow.takers[store.id]:
            wrong = f"The store `{store.id}` leads nowhere: no station takes from it."
            draft.findings.add(_place(draft, store.id), wrong, f"Write `feed: {store.id}` at the station that does.")


def _check_splits(draft: Draft, flow: Flow) -> None:
    """A split and a merge need a place between them, for neither has one of its own."""
    for source, takers in flow.takers.items():
        if len(takers) < 2:
            continue
        for taker in takers:
            station = flow.stations.get(taker)
            if station is None:
                if len(flow.sources[taker]) > 1:
                    wrong = f"`{source}` gives to several, and one is a store with several feeds."
                    remedy = "Put a station or a transport between them."
                    draft.findings.add(_place(draft, taker, "feed"), wrong, remedy)
            elif station.kind != "assembly" and len(station.inputs) > 1:
                buffer = next(item.buffer for item in station.inputs if item.source == source)
                if buffer == 0:
                    if station.kind == "transport":
                        remedy = "Put a station between them."
                    else:
                        remedy = "Write a buffer of at least 1 for this feed."
                    wrong = f"`{source}` gives to several, and `{taker}` takes from several without a buffer between."
                    draft.findings.add(_place(draft, taker, "feed"), wrong, remedy)


def _check_pieces(draft: Draft, flow: Flow) -> None:
    """Where units come together they must hold the same number of pieces, or what comes out could not be counted."""
    pieces: dict[str, int] = {}
    waiting = {name: len(sources) for name, sources in flow.sources.items()}
    ready = [name for name, number in waiting.items() if number == 0]
    while ready:
        name = ready.pop()
        station = flow.stations.get(name)
        sources = flow.sources[name]
        primitive = KINDS[station.kind].primitive if station is not None else "store"
        held = [1] if primitive == "assembly" or not sources else [pieces[source] for source in sources]
        other = next((n for n, number in enumerate(held) if number != held[0]), None)
        if other is not None:
            wrong = f"Units of {held[0]} and of {held[other]} pieces meet, from `{sources[0]}` and `{sources[other]}`."
            draft.findings.add(_place(draft, name, "feed"), wrong, "Pack them after they have come together.")
        pieces[name] = held[0] * (station.size if station is not None and primitive == "packing" else 1)
        for taker in flow.takers[name]:
            waiting[taker] -= 1
            if waiting[taker] == 0:
                ready.append(taker)


def _check_sequences(draft: Draft, flow: Flow, plant: Plant) -> None:
    """Lines whose units meet must make the same products in the same order."""
    groups = _groups(flow)
    first_of: dict[str, tuple[str, list[str]]] = {}
    for line in plant.lines:
        start = f"{line.id}.{line.stations[0].id}"
        if flow.sources[start]:
            continue
        products = [campaign.product for campaign in line.sequence]
        if not draft.ids["products"].keys() >= set(products) or bool(products) != bool(draft.ids["products"]):
            continue  # so much has been reported
        group = groups[start]
        other, expected = first_of.setdefault(group, (line.id, products))
        if products != expected:
            wrong = f"Lines `{other}` and `{line.id}` meet, but do not make the same products in the same order."
            remedy = f"Name the products {', '.join(expected[:8]) or 'as there'} in this order in both sequences."
            form = draft.lines[line.id]
            draft.findings.add(form.key("sequence"), wrong, remedy)


def _groups(flow: Flow) -> dict[str, str]:
    """For each place, a representative of the part of the plant that it is joined with."""
    group: dict[str, str] = {}
    for root in flow.sources:
        if root in group:
            continue
        reach = [root]
        group[root] = root
        while reach:
            at = reach.pop()
            for next_to in (*flow.sources[at], *flow.takers[at]):
                if next_to not in group:
                    group[next_to] = root
                    reach.append(next_to)
    return group

"""What is known while forms become a plant: names, problems, beliefs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Final

from fabrika.plant.distributions import Stated
from fabrika.plant.document import Word
from fabrika.plant.findings import Findings
from fabrika.plant.forms import LineForm, Named, PlantForm, StationForm
from fabrika.plant.model import Belief
from fabrika.plant.shape import Lost

RESERVED: Final = (
    "plant", "contract", "calendars", "areas", "products", "crews", "stores", "outages", "supplies", "levers", "roles",
    "apart", "starts", "lot_rule", "lines", "reasons", "short_stop",
    "materials", "locations", "containers", "routes",
)  # fmt: skip
OF_STOCK: Final = ("materials", "locations", "containers", "routes")
IN_LINE: Final = ("sequence", "lots")


class Draft:
    """The names of a plant file and what was found about it so far.

    Attributes:
        lines: by id, the first of each.
        stations: by ``line.station``.
        ids: by list (``crews``, ``calendars`` and so on), the ids that exist.
        beliefs: collected on the way.
        unsourced: stations and stores of which a source could not be told, after that was noted.
        doubled: whether a line, store or station has the id of another, after that was noted.
    """

    def __init__(self, form: PlantForm, findings: Findings, lost: Lost) -> None:
        self.form = form
        self.findings = findings
        self.lost = lost
        self.beliefs: list[Belief] = []
        self.unsourced: set[str] = set()
        self.lines: dict[str, LineForm] = {}
        self.stations: dict[str, StationForm] = {}
        self.ids: dict[str, dict[str, Named]] = {}
        for name in ("calendars", "areas", "products", "crews", "outages", "supplies", *OF_STOCK):
            self.ids[name] = self.unique(getattr(form, name))
        self.unique(form.levers)
        self.unique(form.starts)
        self.unique(form.lot_rule)
        self.ids["roles"] = self.unique(form.roles or [])
        self.ids["lines"] = self.unique([*form.lines, *form.stores])
        self.ids["stores"] = {str(store.id): store for store in form.stores}
        self.unique([*form.outages, *form.supplies])
        self._number_stations()
        stations = sum(len(line.stations) for line in form.lines)
        self.doubled = (len(self.ids["lines"]), len(self.stations)) < (len(form.lines) + len(form.stores), stations)
        self.unrouted = {str(product.id) for product in form.products if product.route is None}
        self.routed: dict[str, set[str]] = {}
        for product in form.products:
            for word in product.route or ():
                self.routed.setdefault(self._station(str(word), None) or "", set()).add(str(product.id))

    def passing(self, path: str) -> set[str]:
        """Ids of the products that are worked on at a station."""
        return self.unrouted | self.routed.get(path, set())

    def _number_stations(self) -> None:
        for line in self.form.lines:
            if line.id in RESERVED:
                self.findings.add(
                    line.place("id"), f"`{line.id}` has a meaning of its own.", "Call the line otherwise."
                )
            self.unique(line.stations)
            self.lines.setdefault(str(line.id), line)
            for station in line.stations:
                if station.id in IN_LINE:
                    wrong = f"`{station.id}` has a meaning of its own in a line."
                    self.findings.add(station.place("id"), wrong, "Call the station otherwise.")
                self.stations.setdefault(f"{line.id}.{station.id}", station)
                self.unique([*station.fails, *station.stops])

    def unique(self, things: Sequence[Named]) -> dict[str, Named]:
        """Some things by id, the first of each, after noting those that stand twice."""
        seen: dict[str, Named] = {}
        for thing in things:
            first = seen.setdefault(str(thing.id), thing)
            if first is not thing:
                wrong = f"The id `{thing.id}` is used twice, first in line {first.id.line}."
                self.findings.add(thing.place("id"), wrong, "Give each its own id.")
        return seen

    def exists(self, word: Word | None, name: str, singular: str) -> str | None:
        """The id if the list has it; else None, after noting that."""
        if word is None or word in self.ids[name]:
            return str(word) if word is not None else None
        if not self.lost.covers(name, str(word)):
            self.missing(word, f"There is no {singular} `{word}`.", self.ids[name], name)
        return None

    def missing(self, word: Word, wrong: str, known: Iterable[str], name: str) -> None:
        """Note a reference to nothing, with what may have been meant."""
        near = self.findings.guesses.nearest(str(word), known) or list(islice(known, 5))
        remedy = f"Write {' or '.join(f'`{item}`' for item in near)}" if near else f"Add it to `{name}`"
        self.findings.add(word, wrong, f"{remedy}." if near else f"{remedy}, or remove the reference.")

    def station(self, word: Word, line: str | None) -> str | None:
        """The station ``line.station`` that a reference means, or None after noting that there is none."""
        found = self._station(str(word), line)
        if found is not None:
            return found
        first, _, second = str(word).partition(".")
        if not (self.lost.covers("stations", second or first) or self.lost.covers("lines", first)):
            known = self.stations if second else chain(self.stations, self.lines)
            self.missing(word, f"There is no station `{word}`.", known, "lines")
        return None

    def source(self, word: Word, line: str) -> str | None:
        """The station or store that a feed means, or None after noting that there is none."""
        own = f"{line}.{word}"
        if own not in self.stations and word in self.ids["stores"]:
            return str(word)
        if self.lost.covers("stores", str(word)) and own not in self.stations:
            return None
        return self.station(word, line)

    def _station(self, text: str, line: str | None) -> str | None:
        if line is not None and f"{line}.{text}" in self.stations:
            return f"{line}.{text}"
        if text in self.stations:
            return text
        if text in self.lines and self.lines[text].stations:
            last = f"{text}.{self.lines[text].stations[-1].id}"
            return last if not self.lost.touched("stations") else None
        return None

    def believe(self, path: str, stated: Stated | None) -> None:
        """Keep the belief that a stated value carries."""
        if stated is not None and stated.doubt is not None:
            doubt = stated.doubt
            self.beliefs.append(Belief(path, doubt.kind, doubt.low, doubt.high, doubt.events, stated.text))

"""The plant as data: what a plant file means once it is read, in SI units and without syntax.

Times are float seconds, shares are fractions in [0, 1], counts are integers. Every thing that can be referred to has an
``id``; a parameter is named by ids joined with dots (see :mod:`fabrika.plant.parameters`). All classes are frozen: a
what-if is a new plant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Literal

from fabrika.plant.composition import LotRule, Needed
from fabrika.plant.lot_numbers import USUAL
from fabrika.wording import Worded

Family = Literal["constant", "exponential", "gamma", "lognormal", "weibull", "erlang"]
Use = Literal["stop", "scrap"]
Clock = Literal["cycles", "busy", "shift", "clock"]
FIFO, MIXED = "fifo", "mixed"
Cause = Literal["changeover", "repair", "long_stop"]
Need = Literal["clearance", "first_piece", "approval"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A positive quantity: ``mean`` times a draw of mean 1.

    Attributes:
        family: the shape of the law.
        mean: mean in the quantity's unit (seconds, or cycles for a clock of cycles), > 0; 0 is allowed for a constant only.
        shape: cv of gamma and lognormal, shape of weibull, stages of erlang; unused otherwise.
    """

    family: Family
    mean: float
    shape: float = 0.0


@dataclass(frozen=True, slots=True)
class Belief:
    """How uncertain one parameter is; the proof draws one factor a replication.

    Attributes:
        path: the parameter, such as ``line.station.cycle``.
        kind: ``relative`` (normal factor, 95 % within 1 -+ low .. 1 + high), ``between`` (two-piece lognormal factor, 95 %
            within low .. high), ``observed`` (gamma law of a rate after ``events`` stops: the factor of the mean time is
            ``events / Gamma(events + 1/2)``, Jeffreys' prior for a Poisson rate).
        low, high: as above (``between``: factors around the stated value, low < 1 < high); 0 for ``observed``.
        events: number of stops observed; 0 otherwise.
        text: as written in the file.
    """

    path: str
    kind: Literal["relative", "between", "observed"]
    low: float
    high: float
    events: int
    text: str


@dataclass(frozen=True, slots=True)
class Lever:
    """Something the owner may change.

    Attributes:
        id: name of the lever.
        path: the parameter it moves.
        low, high: range of the parameter in its own unit (seconds, fraction, count).
        cost: cost of moving it all the way from today's value to the far end of its range, in ``currency``; None if
            not stated.
        currency: name of the unit of cost, such as ``EUR``; empty if no cost.
        step: smallest useful step, 1 for counts, 0 for a continuous value.
    """

    id: str
    path: str
    low: float
    high: float
    cost: float | None = None
    currency: str = ""
    step: float = 0.0
    name: str = ""

    def ends(self, today: float) -> tuple[float, ...]:
        """The ends of its range that differ from today's value: where it may go."""
        return tuple(end for end in (self.low, self.high) if abs(end - today) > 1e-12 * max(abs(end), 1e-9))


@dataclass(frozen=True, slots=True)
class Mode:
    """A way in which a machine stops by itself.

    Attributes:
        id: name, unique in its station.
        after: work until the next stop, counted from the end of the last repair, in cycles (clock ``cycles``) or seconds.
        clock: ``cycles`` and ``busy`` run only while the machine processes; ``shift`` runs while its calendar is open;
            ``clock`` runs day and night.
        repair: seconds.
        crew: id of the crew that repairs, None if hands are always there.
        works: ``plant``: the repair goes on day and night; ``shifts``: only while the station's calendar is open.
    """

    id: str
    after: Distribution
    clock: Clock
    repair: Distribution
    crew: str | None = None
    works: Literal["plant", "shifts"] = "plant"
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop that is planned: every so many cycles or seconds on a clock, for so long.

    Attributes:
        every: cycles (clock ``cycles``) or seconds.
        takes: seconds. While it lasts the machine is in the state *planned stop*.
    """

    id: str
    every: float
    clock: Clock
    takes: Distribution
    name: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """One place where units come in.

    Attributes:
        source: ``line.station`` or a store's id.
        buffer: places between, the machine excluded; 0 if none.
        count: units of this input in one product (assembly); 1 otherwise.
    """

    source: str
    buffer: int = 0
    count: int = 1


@dataclass(frozen=True, slots=True)
class Changeover:
    """Setup when the product changes: ``times[(from, to)]`` if stated, else ``default``; seconds."""

    default: Distribution
    times: dict[tuple[str, str], Distribution] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Station:
    """A station of a line.

    Attributes:
        kind: name of one of :data:`fabrika.plant.kinds.KINDS`.
        machines: identical machines in parallel, >= 1.
        cycle: seconds a product (a batch for ``batch``, a container for ``packing``); None for ``transport``.
        cycle_of: cycle by product id where it differs from ``cycle`` times the product's factor.
        scrap: share of products scrapped after processing (``rejects`` of an inspection).
        scrap_of: scrap by product id where it differs.
        inputs: none for the first station of a line that has no feed (never starved). More than one input is a merge,
            except for ``assembly``, which needs ``count`` of each.
        output: ``first free`` or ``round robin`` where several places take from this station.
        size: units in a batch or container.
        time: transit seconds (transport only).
        capacity: units under way at once (transport only).
        order: ``fifo`` or ``mixed``, for trace.
        counts_within: its counter is within this share of what it counts, in 95 of 100 cases; None: as the plant's are.
    """

    id: str
    kind: str
    machines: int = 1
    cycle: Distribution | None = None
    cycle_of: dict[str, Distribution] = field(default_factory=dict)
    scrap: float = 0.0
    scrap_of: dict[str, float] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    output: Literal["first free", "round robin"] = "first free"
    fails: tuple[Mode, ...] = ()
    stops: tuple[PlannedStop, ...] = ()
    changeover: Changeover | None = None
    size: int = 1
    time: float = 0.0
    capacity: int = 0
    order: str = FIFO
    area: str | None = None
    calendar: str | None = None
    name: str = ""
    counts_within: float | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """So many units of a product, counted at the line's first station."""

    product: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Lots:
    """Units out of the line's last station come in lots of ``size`` a product; a share of lots is rejected whole."""

    size: int
    rejected: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line: stations in order. ``sequence`` repeats for ever; empty means one product without a name."""

    id: str
    stations: tuple[Station, ...]
    sequence: tuple[Campaign, ...] = ()
    lots: Lots | None = None
    name: str = ""
    area: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A named buffer: ``capacity`` places; takes from ``inputs`` (stations, first come first served), gives to whoever names it."""

    id: str
    capacity: int
    inputs: tuple[str, ...]
    order: str = MIXED
    name: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A product.

    Attributes:
        route: the stations (``line.station``) that work on it, empty for all; the others let it pass at once.
        needs: materials that go into it, as far as the owner states them.
    """

    id: str
    cycle_factor: float = 1.0
    route: tuple[str, ...] = ()
    name: str = ""
    needs: tuple[Needed, ...] = ()


@dataclass(frozen=True, slots=True)
class Crew:
    """Repairers shared by the plant; ``size`` of them, first called first served."""

    id: str
    size: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outage:
    """An area (or the whole plant, None) stands still: power, air, water. Afterwards ``restart`` is needed; all is *down*."""

    id: str
    area: str | None
    after: Distribution
    clock: Literal["shift", "clock"]
    lasts: Distribution
    restart_s: float = 0.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """Bought-in components come late now and then: the stations named have nothing to work with and are *starved*."""

    id: str
    stations: tuple[str, ...]
    after: Distribution
    clock: Literal["shift", "clock"]
    lasts: Distribution
    name: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time on some days of the week (0 Monday .. 6 Sunday), local minutes after midnight; ``end_min`` <= ``start_min`` ends next day."""

    days: tuple[int, ...]
    start_min: int
    end_min: int
    breaks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people work.

    Attributes:
        shifts: weekly pattern; a shift belongs to the day on which it begins.
        holidays: days on which no shift begins.
        shutdowns: inclusive ranges of days on which no shift begins.
        warm_up_s: after standing for ``warm_up_after_s`` or longer, the first ``warm_up_s`` of working time are a
            planned stop; 0 for none.
    """

    id: str
    shifts: tuple[Shift, ...]
    holidays: tuple[date, ...] = ()
    shutdowns: tuple[tuple[date, date], ...] = ()
    warm_up_s: float = 0.0
    warm_up_after_s: float = 0.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the plant; its calendar holds for its stations unless they name their own."""

    id: str
    calendar: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class RampUp:
    """Learning after the start of the year: at ``t`` seconds the distance to the final state is ``exp(-t / time_s)``
    (curve ``exponential``) or ``max(0, 1 - t / time_s)`` (curve ``linear``).

    Attributes:
        rate: initial rate as a share of the final one, in (0, 1]; cycles take ``1 / (1 - (1 - rate) * distance)`` times as long.
        scrap: initial scrap as a multiple of the final one, >= 1.
        repair: initial repair times as a multiple, >= 1.
    """

    time_s: float
    curve: Literal["exponential", "linear"] = "exponential"
    rate: float = 1.0
    scrap: float = 1.0
    repair: float = 1.0


@dataclass(frozen=True, slots=True)
class Contract:
    """What was promised.

    Attributes:
        date: day of signature; the first contract year is the calendar year after it. None: not stated.
        units_per_year: good units a year.
        mix: share by product id, adds up to 1; empty if one product or no promise.
        tolerance: the total may fall short by this share.
        mix_tolerance: each product's share of the promise may fall short by this share.
        calendar: id of the contractual calendar; None: around the clock.
        excluded: ids of outages and supplies whose duration is not counted against the vendor.
        conforming: in words, what counts.
        confidence: the wanted chance, in (0, 1).
    """

    units_per_year: float
    date: date | None = None
    mix: dict[str, float] = field(default_factory=dict)
    tolerance: float = 0.0
    mix_tolerance: float = 0.0
    calendar: str | None = None
    excluded: tuple[str, ...] = ()
    conforming: str = Worded("good units out of the last station, less rejected lots")
    confidence: float = 0.95


Unit = Literal["piece", "mg", "g", "kg", "mm", "m", "ml", "l"]
"""In what a material is counted; quantities are whole numbers of it."""

Held = Literal["stock", "line", "quarantine", "scrap", "dispatch"]
"""What a location is for."""

RouteId = Literal["rework", "sorting", "return"]


@dataclass(frozen=True, slots=True)
class Material:
    """Something that is bought in or made elsewhere and received in lots.

    Attributes:
        shelf_life_s: how long it may be used after it was received, seconds; None if it keeps.
        hazard: its hazard class, a word of the owner's; None if it has none.
        unit_kg: mass of one unit, kg; None if it is not stated.
        gtin: its number as a trade item, 14 digits (GS1 General Specifications, GTIN); empty if it has none.
    """

    id: str
    unit: Unit = "piece"
    shelf_life_s: float | None = None
    hazard: str | None = None
    unit_kg: float | None = None
    gtin: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A place where material and containers lie, and how much may.

    Attributes:
        holds: what it is for; ``line`` beside a line, ``scrap`` until it is destroyed.
        count: most pieces, those in containers included; None for no limit, as below.
        containers: most containers.
        mass_kg: most kg of materials whose mass is known.
        hazards: most kg by hazard class.
    """

    id: str
    holds: Held = "stock"
    area: str | None = None
    count: int | None = None
    containers: int | None = None
    mass_kg: float | None = None
    hazards: dict[str, float] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class ContainerKind:
    """A kind of bin, tote, hopper or drum; ``capacity`` units fit in."""

    id: str
    capacity: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A way beside the straight one, with its limits.

    Attributes:
        id: ``rework``, ``sorting`` or ``return``.
        units: most units of a lot that may be on the way at once; None for no limit.
        times: how often units of one container may go; None for no limit.
    """

    id: str
    units: int | None = None
    times: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence about the plant with its standing: a public fact with its source, or an assumption."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """What a person in this role may do.

    Attributes:
        may: acts of :data:`fabrika.plant.acts.ACTS`.
        first: name of the page on which the role lands, such as ``answers.board``.
    """

    id: str
    may: frozenset[str]
    first: str = "answers.board"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a station stands, or why units are scrapped, in the plant's own words.

    Attributes:
        use: for stops or for scrap.
        above: id of the group in which it stands; None if in none.
        stations: ``line.station`` of those at which it can be chosen; empty for all.
        group: whether it only holds others and cannot be chosen itself.
    """

    id: str
    use: Use
    above: str | None = None
    stations: tuple[str, ...] = ()
    name: str = ""
    group: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """What must be recorded before a station may run again; where several fit, all that they need is needed.

    Attributes:
        after: after what.
        needs: in the order in which they are recorded: clearance, first piece, approval.
        block: whether nothing may be reported at the station until then; else it is a warning.
        lasting_s: shortest time that counts, seconds; 0 for any. A long stop has one.
        stations: ``line.station``; empty for all that are no transports.
    """

    id: str
    after: Cause
    needs: tuple[Need, ...]
    block: bool = True
    lasting_s: float = 0.0
    stations: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rename:
    """A thing that had another id in an earlier edition of the file.

    Attributes:
        kind: the list it stands in, such as ``lines``, ``stations`` or ``products``.
        path: its id today; ``line.station`` for a station, ``line.station.mode`` for a mode or planned stop.
        was: its former id, without what stands before the last dot of the path.
    """

    kind: str
    path: str
    was: str


@dataclass(frozen=True, slots=True)
class Plant:
    """A whole plant.

    Attributes:
        zone: the plant's time zone (UTC if none is named) and ``zone_name`` its name.
        calendar: id of the plant's calendar; None: always open.
        warm_up_s: simulated before the period and not counted.
        roles: what persons in each role may do.
        two_people: acts that count only when a second person has approved them.
        apart: pairs of roles that no person may hold both of.
        lot_number: the template of lot numbers, see :mod:`fabrika.plant.lot_numbers`.
        reasons: why stations stand and units are scrapped, beside the stations' own modes.
        short_stop_s: stops shorter than this need no reason from a person, seconds; 0 if all do.
        starts: what a station is held for after a changeover, a repair or a long stop; without any it never is.
        lot_rule: which change wants a new lot; without any a lot goes on until somebody opens the next.
        materials, locations, containers, routes: what stock is kept of, where, in what, and which ways lead round.
        counts_within: counters are within this share of what they count, in 95 of 100 cases.
        renames: things that say by ``was`` which id they had before.
        sha256: hex digest of the file's bytes; empty for a plant made in Python or changed since.
        changes: what-if changes made since it was read, as ``path = text``.
    """

    id: str
    name: str
    zone: tzinfo
    zone_name: str
    lines: tuple[Line, ...]
    calendar: str | None = None
    contract: Contract | None = None
    calendars: tuple[Calendar, ...] = ()
    areas: tuple[Area, ...] = ()
    products: tuple[Product, ...] = ()
    stores: tuple[Store, ...] = ()
    crews: tuple[Crew, ...] = ()
    outages: tuple[Outage, ...] = ()
    supplies: tuple[Supply, ...] = ()
    ramp_up: RampUp | None = None
    levers: tuple[Lever, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    facts: tuple[Statement, ...] = ()
    assumptions: tuple[Statement, ...] = ()
    warm_up_s: float = 604800.0
    roles: tuple[Role, ...] = ()
    two_people: frozenset[str] = frozenset()
    apart: tuple[tuple[str, str], ...] = ()
    lot_number: str = USUAL
    reasons: tuple[Reason, ...] = ()
    short_stop_s: float = 0.0
    starts: tuple[Start, ...] = ()
    lot_rule: tuple[LotRule, ...] = ()
    materials: tuple[Material, ...] = ()
    locations: tuple[Location, ...] = ()
    containers: tuple[ContainerKind, ...] = ()
    routes: tuple[Route, ...] = ()
    counts_within: float = 0.0001
    renames: tuple[Rename, ...] = ()
    sha256: str = ""
    changes: tuple[str, ...] = ()

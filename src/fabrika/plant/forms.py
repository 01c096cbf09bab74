"""The plant file as pydantic models: which keys stand where, and what each takes.

These are the forms of the YAML, not the plant: :mod:`fabrika.plant.model` is what they mean. The JSON Schema comes from
here, so that the description of each key is its documentation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    Tag,
    model_validator,
)

from fabrika.plant import leaves as take
from fabrika.plant.distributions import Stated
from fabrika.plant.document import Branch, Row, Word
from fabrika.plant.lot_numbers import USUAL


class Form(BaseModel):
    """A mapping of the file; knows where it and its keys stand."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=False)

    _at: Branch = PrivateAttr()

    @model_validator(mode="wrap")
    @classmethod
    def _keep_place(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        form = handler(data)
        form._at = data  # noqa: SLF001 - its own
        return form

    @property
    def at(self) -> Branch:
        """The mapping as it stands in the file."""
        return self._at

    def place(self, key: str) -> Any:
        """Where the value of a key stands; the mapping itself if it has no such key."""
        return self._at.get(key, self._at)

    def key(self, key: str) -> Any:
        """Where a key stands; the mapping itself if it has no such key."""
        return self._at.keys_at.get(key, self._at)


class Named(Form):
    """What every thing with an id may carry."""

    id: take.Id = Field(description="Its name for ever: lower-case letters, digits and `-`.")
    was: take.Id | None = Field(None, description="Its id in the edition before; what is known of it stays with it.")
    name: take.Text = Field("", description="What people call it.")
    note: take.Text | None = Field(None, description="Free text; without effect.")


class StatementForm(Form):
    """A sentence about the plant with its source."""

    text: take.Text = Field(description="The sentence.")
    source: take.Text = Field("", description="Where it comes from.")


def _text_or_branch(value: Any) -> str:
    return "full" if isinstance(value, Branch) else "text"


Statements = list[
    Annotated[Annotated[take.Text, Tag("text")] | Annotated[StatementForm, Tag("full")], Discriminator(_text_or_branch)]
]


class PlantHead(Form):
    """The plant itself."""

    name: take.Text = Field(description="What people call the plant.")
    id: take.Id = Field(Word("plant"), description="Its name for ever.", json_schema_extra={"default": "plant"})
    was: take.Text | None = Field(None, description="A former id; without effect.")
    note: take.Text | None = Field(None, description="Free text; without effect.")
    zone: take.RawWord | None = Field(None, description="Time zone by its IANA name, `Europe/Belgrade`; UTC if absent.")
    calendar: take.Id | None = Field(None, description="Calendar of the plant; always open if absent.")
    warm_up: take.DurationOrZero = Field(604800.0, description="Simulated before the period and not counted; `7 d`.")
    lot_number: take.LotNumber = Field(
        USUAL, description="How lots are numbered: parts in braces and a running number at the end."
    )
    counts_within: take.AgreedShare = Field(
        0.0001, description="Counters are within this share of what they count, in 95 of 100 cases; `0.01 %` if absent."
    )
    facts: Statements = Field([], description="Public facts with their source.")
    assumptions: Statements = Field([], description="Assumptions.")


class BasisForm(Form):
    """On what basis the contract's figures are meant."""

    calendar: take.Id | None = Field(None, description="The contractual calendar; around the clock if absent.")
    excluded: list[take.Id] = Field([], description="Outages and supplies not counted against the vendor.")
    conforming: take.Text | None = Field(None, description="In words, what counts.")


class ContractForm(Form):
    """What was promised."""

    date: take.Day | None = Field(None, description="Day of signature; the first year is the calendar year after it.")
    units_per_year: Annotated[int, take.counted(1, 10**12)] = Field(description="Good units a year.")
    mix: dict[take.Id, take.AgreedShare] | None = Field(None, description="Share of each product; adds up to 100 %.")
    tolerance: take.AgreedShare = Field(0.0, description="The total may fall short by this share.")
    mix_tolerance: take.AgreedShare = Field(0.0, description="Each product's promise may fall short by this share.")
    basis: BasisForm | None = Field(None, description="Calendar, exclusions, what counts.")
    confidence: take.Confidence = Field(0.95, description="The wanted chance; 95 % if absent.")


class BreakForm(Form):
    """A break in a shift."""

    start: take.TimeOfDay = Field(alias="from", description="Local time of day.")
    end: take.TimeOfDay = Field(alias="to", description="Local time of day.")


class ShiftForm(Form):
    """Working time on some days of the week."""

    days: take.Days = Field(description="`mon-fri`, `sat` or `[mon, wed]`; the day on which the shift begins.")
    start: take.TimeOfDay = Field(alias="from", description="Local time of day.")
    end: take.TimeOfDay = Field(alias="to", description="Local time of day; not later than `from` ends next day.")
    breaks: list[BreakForm] = Field([], description="Breaks inside the shift.")


class ShutdownForm(Form):
    """Days on which no shift begins, both ends included."""

    start: take.Day = Field(alias="from", description="First day.")
    end: take.Day = Field(alias="to", description="Last day.")


class WarmUpForm(Form):
    """Planned stop at the start of work after standing."""

    takes: take.Duration = Field(description="How long; `20 min`.")
    after_standing: take.Duration = Field(description="After standing for so long or longer; `8 h`.")


class CalendarForm(Named):
    """When people work."""

    shifts: list[ShiftForm] = Field(description="The weekly pattern.")
    holidays: list[take.Day] = Field([], description="Days on which no shift begins.")
    shutdowns: list[ShutdownForm] = Field([], description="Ranges of days on which no shift begins.")
    warm_up: WarmUpForm | None = Field(None, description="Planned stop at the start of work after standing.")


class AreaForm(Named):
    """A part of the plant."""

    calendar: take.Id | None = Field(None, description="Its calendar; the plant's if absent.")


class NeededForm(Form):
    """Material that goes into a product."""

    material: take.Id = Field(description="Its id.")
    quantity: Annotated[int, take.counted(1, 10**9)] = Field(1, description="So many units of the material.")
    per: Annotated[int, take.counted(1, 10**9)] = Field(1, description="For so many good pieces; one if absent.")
    line: take.Id | None = Field(None, description="The line that uses it; each that makes the product if absent.")


class ProductForm(Named):
    """A product."""

    cycle_factor: Annotated[Stated, take.factor(0, 1000)] | None = Field(
        None, description="Cycles times this; 1 if absent."
    )
    route: list[take.Reference] | None = Field(None, description="Stations that work on it; all if absent.")
    needs: list[NeededForm] = Field([], description="Materials that go into it, for the readiness of its orders.")


class CrewForm(Named):
    """Repairers shared by the plant."""

    size: Annotated[int, take.counted(1, 1000)] = Field(description="How many.")


class StoreForm(Named):
    """A named buffer between stations."""

    capacity: Annotated[int, take.counted(1, take.BUFFER_LIMIT)] = Field(description="Places.")
    feed: list[take.Reference] = Field(description="Stations that fill it.", min_length=1)
    order: Annotated[Literal["fifo", "mixed"], take.chosen("fifo", "mixed")] | None = Field(
        None, description="For trace; mixed if absent."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _one_feed(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A single feed may be written without brackets."""
        return handler(listed(data, "feed"))


class OutageForm(Named):
    """An area, or the whole plant, stands still now and then."""

    area: take.Id | None = Field(None, description="The area; the whole plant if absent.")
    after: take.Passing = Field(description="Time from the end of one to the next.")
    lasts: take.Law = Field(description="How long.")
    restart: take.SpanOrZero | None = Field(None, description="Needed afterwards; 0 if absent.")


class SupplyForm(Named):
    """Bought-in components come late now and then."""

    stations: list[take.Reference] = Field(description="Stations that stand starved.", min_length=1)
    after: take.Passing = Field(description="Time from the end of one to the next.")
    lasts: take.Law = Field(description="How long.")


class RampUpForm(Form):
    """Learning after the start of the year."""

    time: take.Span = Field(description="Time constant of the curve; `90 d`.")
    curve: Annotated[Literal["exponential", "linear"], take.chosen("exponential", "linear")] = Field(
        "exponential", description="Shape."
    )
    rate: take.Share | None = Field(None, description="Initial rate as a share of the final one; 100 % if absent.")
    scrap: Annotated[Stated, take.factor(1, 1000)] | None = Field(None, description="Initial scrap as a multiple.")
    repair: Annotated[Stated, take.factor(1, 1000)] | None = Field(
        None, description="Initial repair times as a multiple."
    )


class LeverForm(Named):
    """Something the owner may change."""

    change: take.Path = Field(description="The parameter, `line.station.cycle`.")
    to: take.RawWord | None = Field(None, description="The far end of its range; today's value is the other.")
    range: list[take.RawWord] | None = Field(None, description="Both ends of its range.", min_length=2, max_length=2)
    cost: take.Cost | None = Field(None, description="Cost of moving it all the way.")
    step: take.RawWord | None = Field(None, description="Smallest useful step; 1 for counts.")


class RoleForm(Named):
    """What a person in this role may do."""

    may: list[take.Act] = Field(description="What it allows; whatever is not named is refused.", min_length=1)
    first: take.Screen | None = Field(None, description="Its first screen; `board` if absent.")

    @model_validator(mode="wrap")
    @classmethod
    def _one_act(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A single act may be written without brackets."""
        return handler(listed(data, "may"))


class ReasonForm(Named):
    """Why a station stands, or why units are scrapped."""

    only_at: list[take.Reference] | None = Field(
        None, description="Stations at which it can be chosen; all if absent.", min_length=1
    )

    @model_validator(mode="wrap")
    @classmethod
    def _one_station(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A single station may be written without brackets."""
        return handler(listed(data, "only_at"))


class ReasonGroupForm(ReasonForm):
    """A reason, or a group of them if it has `reasons`."""

    reasons: list[ReasonForm] | None = Field(None, description="The reasons of the group; it is then none itself.")


class ReasonsForm(Form):
    """Why stations stand and units are scrapped, in the plant's own words."""

    stop: list[ReasonGroupForm] = Field([], description="Of stops, beside the stations' own modes.")
    scrap: list[ReasonGroupForm] = Field([], description="Of scrap.")


class StartForm(Named):
    """What must be recorded before a station may run again; where several fit, all that they need is needed."""

    after: Annotated[Literal["changeover", "repair", "long_stop"], take.chosen("changeover", "repair", "long_stop")] = (
        Field(description="After what: a changeover, a repair by a crew, or a stop that lasted long.")
    )
    lasting: take.Duration | None = Field(
        None, description="Shortest stop or repair that counts, `2 h`; a long stop must say it."
    )
    needs: list[
        Annotated[Literal["clearance", "first_piece", "approval"], take.chosen("clearance", "first_piece", "approval")]
    ] = Field(
        description="What is needed: nothing foreign left, a first piece that is right, a second person's approval.",
        min_length=1,
    )
    until_then: Annotated[Literal["block", "warn"], take.chosen("block", "warn")] = Field(
        "block",
        description="Whether nothing may be reported at the station until then, or only a warning stands there.",
    )
    stations: list[take.Reference] = Field([], description="At which stations; at all if absent.")

    @model_validator(mode="wrap")
    @classmethod
    def _one_need(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A single need or station may be written without brackets."""
        return handler(listed(data, "needs", "stations"))


class LotRuleForm(Named):
    """A change after which what is made must be told apart from what was made before."""

    after: Annotated[
        Literal["campaign", "component_lot", "tool", "repair", "long_stop"],
        take.chosen("campaign", "component_lot", "tool", "repair", "long_stop"),
    ] = Field(
        description="After which change: another product, another lot of a material, another tool, a repair by a crew, "
        "or a stop that lasted long."
    )
    makes: Annotated[Literal["lot", "sub_lot"], take.chosen("lot", "sub_lot")] | None = Field(
        None, description="What is due then: the next lot, or a sub-lot of the one that is made; that if absent."
    )
    lasting: take.Duration | None = Field(
        None, description="Shortest stop or repair that counts, `2 h`; a long stop must say it."
    )
    then: Annotated[Literal["warn", "block"], take.chosen("warn", "block")] = Field(
        "warn",
        description="Whether it is only shown until it is opened, or units belong to no lot and none are reported.",
    )
    lines: list[take.Id] = Field([], description="At all stations of these lines.")
    stations: list[take.Reference] = Field([], description="At which stations; at all if absent, and no line is named.")

    @model_validator(mode="wrap")
    @classmethod
    def _one_place(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A single line or station may be written without brackets."""
        return handler(listed(data, "lines", "stations"))


class MaterialForm(Named):
    """Something that is received in lots."""

    unit: Annotated[str, take.chosen(*take.MATERIAL_UNITS)] = Field(
        "piece", description="In what it is counted, in whole numbers; pieces if absent."
    )
    shelf_life: take.Duration | None = Field(None, description="How long it keeps; for ever if absent.")
    hazard: take.Id | None = Field(None, description="Its hazard class, in the plant's own word.")
    mass: take.Mass | None = Field(None, description="Mass of one unit; `12 g`.")
    gtin: take.Gtin | None = Field(None, description="Its number as a trade item (GTIN-14), for labels.")


class LocationForm(Named):
    """A place where material and containers lie."""

    area: take.Id | None = Field(None, description="Its area.")
    holds: Annotated[str, take.chosen("stock", "line", "quarantine", "scrap", "dispatch")] = Field(
        "stock", description="What it is for; stock if absent."
    )
    count: Annotated[int, take.counted(1, 10**12)] | None = Field(None, description="Most pieces; no limit if absent.")
    containers: Annotated[int, take.counted(0, 10**6)] | None = Field(
        None, description="Most containers; no limit if absent."
    )
    mass: take.Mass | None = Field(None, description="Most of all materials by mass; `2 t`.")
    hazard: dict[take.Id, take.Mass] = Field({}, description="Most by hazard class; `{flammable: 50 kg}`.")


class ContainerForm(Named):
    """A kind of bin, tote, hopper or drum."""

    capacity: Annotated[int, take.counted(1, 10**9)] = Field(description="Units that fit in.")


class RouteForm(Named):
    """A way beside the straight one; its id is `rework`, `sorting` or `return`."""

    units: Annotated[int, take.counted(1, 10**9)] | None = Field(
        None, description="Most units of a lot on the way at once; no limit if absent."
    )
    times: Annotated[int, take.counted(1, 1000)] | None = Field(
        None, description="How often units of one container may go; no limit if absent."
    )


class CampaignForm(Form):
    """So many units of a product."""

    product: take.Id = Field(description="Its id.")
    quantity: Annotated[int, take.counted(1, 10**12)] = Field(description="Counted at the line's first station.")


class LotsForm(Form):
    """Units out of the line's last station come in lots."""

    size: Annotated[int, take.counted(1, 10**9)] = Field(description="Units in a lot.")
    rejected: take.Share = Field(description="Share of lots rejected whole.")


class ObservedForm(Form):
    """Stops that were counted."""

    observed: take.Observation = Field(description="Stops counted over a time.")


After = Annotated[
    Annotated[take.Work, Tag("text")] | Annotated[ObservedForm, Tag("full")], Discriminator(_text_or_branch)
]


class ModeForm(Named):
    """A way in which a machine stops by itself."""

    after: After = Field(description="Work or time until the next stop.")
    repair: take.Law = Field(description="How long the repair takes.")
    repaired_by: take.Id | None = Field(None, description="Crew; hands are always there if absent.")
    works: Annotated[Literal["plant", "shifts"], take.chosen("plant", "shifts")] = Field(
        "plant", description="Whether repairs go on out of shift."
    )


class PlannedStopForm(Named):
    """A planned stop."""

    every: take.Every = Field(description="Cycles or time between.")
    takes: take.Law = Field(description="How long.")


class ChangeoverTimeForm(Form):
    """A changeover between two products."""

    start: take.Id = Field(alias="from", description="Product before.")
    end: take.Id = Field(alias="to", description="Product after.")
    takes: take.LawOrZero = Field(description="How long.")


class ChangeoverForm(Form):
    """Changeovers by pair of products."""

    default: take.LawOrZero = Field(description="Where no pair is stated.")
    times: list[ChangeoverTimeForm] = Field([], description="Pairs that differ.")


class NeedForm(Form):
    """What an assembly needs of one input."""

    source: take.Reference = Field(alias="from", description="Station or store.")
    count: Annotated[int, take.counted(1, 10_000)] = Field(1, description="Units in one product.")
    buffer: take.Buffer = Field(0, description="Places.")


class StationForm(Named):
    """A station of a line; its kind says which keys it takes."""

    kind: take.RawWord = Field(description="What it does.")
    machines: Annotated[int, take.counted(1, 64)] | None = Field(
        None, description="Identical machines in parallel; 1 if absent."
    )
    cycle: take.LawByProduct | None = Field(None, description="Time a product, or by product.")
    buffer: list[take.Buffer] | None = Field(None, description="Places per input; 0 if absent.")
    feed: list[take.Reference] | None = Field(None, description="Where units come from.", min_length=1)
    needs: list[NeedForm] | None = Field(None, description="Inputs of an assembly.", min_length=1)
    scrap: take.ShareByProduct | None = Field(None, description="Share scrapped, or by product.")
    rejects: take.ShareByProduct | None = Field(None, description="Share an inspection rejects.")
    fails: list[ModeForm] = Field([], description="Ways in which it stops by itself.")
    stops: list[PlannedStopForm] = Field([], description="Planned stops.")
    changeover: (
        Annotated[
            Annotated[take.LawOrZero, Tag("text")] | Annotated[ChangeoverForm, Tag("full")],
            Discriminator(_text_or_branch),
        ]
        | None
    ) = Field(None, description="Setup when the product changes.")
    output: Annotated[Literal["first free", "round robin"], take.chosen("first free", "round robin")] | None = Field(
        None, description="Where several take from it."
    )
    order: Annotated[Literal["fifo", "mixed"], take.chosen("fifo", "mixed")] | None = Field(
        None, description="Order of passage, for trace."
    )
    counts_within: take.AgreedShare | None = Field(
        None, description="Its counter is within this share of what it counts; the plant's share if absent."
    )
    size: Annotated[int, take.counted(2, 1_000_000)] | None = Field(None, description="Units in a batch or container.")
    time: take.Span | None = Field(None, description="Transit time of a transport.")
    capacity: Annotated[int, take.counted(1, take.BUFFER_LIMIT)] | None = Field(
        None, description="Units under way at once."
    )
    area: take.Id | None = Field(None, description="Its area; its line's if absent.")
    calendar: take.Id | None = Field(None, description="Its calendar; its line's, area's or plant's if absent.")

    @model_validator(mode="wrap")
    @classmethod
    def _single_values(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """One feed or one buffer may be written without brackets."""
        return handler(listed(data, "feed", "buffer"))


class LineForm(Named):
    """A line: stations in order."""

    area: take.Id | None = Field(None, description="Area of its stations.")
    calendar: take.Id | None = Field(None, description="Calendar of its stations.")
    sequence: list[CampaignForm] | None = Field(None, description="Campaigns, repeated.", min_length=1)
    lots: LotsForm | None = Field(None, description="Lots out of its last station.")
    stations: list[StationForm] = Field(description="In the order of passage.", min_length=1)


class PlantForm(Form):
    """A plant file."""

    fabrika: take.Version = Field(description="Version of this language.")
    plant: PlantHead
    contract: ContractForm | None = None
    calendars: list[CalendarForm] = Field([])
    areas: list[AreaForm] = Field([])
    products: list[ProductForm] = Field([])
    crews: list[CrewForm] = Field([])
    stores: list[StoreForm] = Field([])
    outages: list[OutageForm] = Field([])
    supplies: list[SupplyForm] = Field([])
    materials: list[MaterialForm] = Field([], description="What is received in lots.")
    locations: list[LocationForm] = Field([], description="Where it lies, and how much may.")
    containers: list[ContainerForm] = Field([], description="Kinds of containers.")
    routes: list[RouteForm] = Field([], description="Rework, sorting and return, with their limits.")
    ramp_up: RampUpForm | None = None
    levers: list[LeverForm] = Field([])
    reasons: ReasonsForm | None = Field(None, description="Why stations stand and units are scrapped.")
    short_stop: take.DurationOrZero = Field(
        0.0, description="Shorter stops need no reason from a person; `5 min`. All need one if absent."
    )
    roles: list[RoleForm] | None = Field(None, description="Who may do what; the usual roles if absent.", min_length=1)
    two_people: list[take.ActOfTwo] = Field([], description="Acts that count once a second person has approved them.")
    apart: list[Annotated[list[take.Id], Field(min_length=2)]] = Field(
        [], description="Roles of which no person may hold two: `[[operator, quality-manager]]`."
    )
    starts: list[StartForm] = Field([], description="What is needed before a station may run again; nothing if absent.")
    lot_rule: list[LotRuleForm] = Field([], description="Which change wants a new lot or sub-lot; none if absent.")
    lines: list[LineForm] = Field(description="At least one.", min_length=1)


def listed(data: Any, *keys: str) -> Any:
    """The mapping with single words of some keys put into a list of one, at the same place."""
    if not isinstance(data, Branch) or not any(isinstance(data.get(key), Word) for key in keys):
        return data
    copy = Branch()
    copy.update(data)
    copy.keys_at, copy.line, copy.column, copy.where = data.keys_at, data.line, data.column, data.where
    for key in keys:
        word = data.get(key)
        if isinstance(word, Word) and not word.empty:
            row = Row([word])
            row.line, row.column, row.where = word.line, word.column, word.where
            copy[key] = row
    return copy

"""Proofs made up by hand, to be shown: their figures are inputs, true of no plant."""

from __future__ import annotations

from fabrika.plant.model import Statement
from fabrika.twin.proof_result import (
    AcceptanceRow,
    BeliefRow,
    Bottleneck,
    CalendarRow,
    Chances,
    Change,
    Criterion,
    Estimate,
    GradientRow,
    Header,
    LeverRow,
    Loss,
    Output,
    ProofResult,
    Sharpness,
    StationRow,
    StopRow,
    Unknown,
    Variance,
    Way,
    Ways,
    YearChances,
)

NEEDED = 20_000_000.0
STATIONS = (
    "case.blank", "case.form-1", "case.form-2", "case.form-3", "case.form-4", "case.wash-1", "case.heat-1",
    "case.wash-2", "case.heat-2", "case.trim", "case.head", "case.finish", "case.gauge", "bullet.form-1",
    "bullet.form-2", "bullet.core-feed", "bullet.assemble", "bullet.size", "bullet.gauge", "loading.load",
    "loading.close", "final.gauge", "final.vision", "packing.carton", "packing.case",
)  # fmt: skip
CONSTRAINT = "loading.load"


def around(mean: float, half: float) -> Estimate:
    return Estimate(mean, mean - half, mean + half)


def both(luck: Estimate, belief: Estimate) -> Chances:
    return Chances(luck, belief)


def sample(mean: float, sd: float, count: int) -> tuple[float, ...]:
    """A fixed bell-like set of years: the sum of three sawtooth sequences."""
    rows = []
    for index in range(count):
        u = sum((index * step % 1.0) - 0.5 for step in (0.6180339887, 0.7548776662, 0.5698402910))
        rows.append(round(mean + 2 * sd * u - (1.2 * sd if index % 17 == 0 else 0)))
    return tuple(float(row) for row in rows)


def output(year: str, knowledge: str, basis: str, mean: float, sd: float) -> Output:
    count = 240 if knowledge == "belief" else 160
    return Output(
        year, knowledge, basis, around(mean, 2 * sd / count**0.5), sd, mean - 2 * sd, mean + 1.8 * sd,
        sample(mean, sd, count),
    )  # fmt: skip


def outputs() -> tuple[Output, ...]:
    rows = []
    for basis, credit in (("contractual", 110_000.0), ("working", 0.0)):
        for year, gain in (("first_year", 0.0), ("steady_year", 240_000.0)):
            rows.append(output(year, "luck", basis, 20_240_000 + gain + credit, 430_000))
            rows.append(output(year, "belief", basis, 20_190_000 + gain + credit, 610_000))
    return tuple(rows)


def station(index: int, name: str) -> StationRow:
    off = 0.6045
    busy = 0.80 - 0.013 * (index % 7) + (0.075 if name == CONSTRAINT else 0.0)
    parts = {
        "processing": busy, "setup": 0.014, "planned": 0.026, "down": 0.028 + 0.003 * (index % 5), "waiting": 0.004,
        "blocked": 0.012 * (index % 4),
    }  # fmt: skip
    parts["starved"] = 1 - sum(parts.values())
    states = {state: share * (1 - off) for state, share in parts.items()}
    states["off_shift"] = off
    states["no_order"] = 0.0
    machines = 2 if index % 3 == 1 else 1
    made = 20_600_000.0 - 12_000 * index
    return StationRow(
        id=name, kind="inspection" if "gauge" in name else "packing" if "packing" in name else "machine",
        machines=machines, states=states,
        hours={state: share * 8760 * machines for state, share in states.items()},
        counts={"entered": made, "left": made - 61_000, "scrapped": 61_000.0, "surplus": 0.0},
        kpis={
            "availability": busy / 0.974, "effectiveness": 0.981, "quality_ratio": 0.997,
            "overall_equipment_effectiveness_index": busy * 0.978,
            "net_equipment_effectiveness_index": (busy + 0.014) * 0.978, "allocation_efficiency": 0.932,
            "utilization_efficiency": 0.913, "technical_efficiency": 0.951, "setup_ratio": 0.017, "scrap_ratio": 0.003,
            "corrective_maintenance_ratio": None if index % 2 else 0.517,
            "mean_operating_time_between_failures_h": 7.31 + index, "mean_time_to_repair_h": 0.071,
        },
    )  # fmt: skip


def gradient() -> tuple[GradientRow, ...]:
    rows = [
        ("loading.load.cycle", "cycle time of loading", "0.87 s +- 3 %", "path", "1 % faster", 168_400, 9_000),
        ("loading.load.machines", "machines at loading", "2", "paired", "1 more", 612_000, 41_000),
        ("case.form-4.cycle", "cycle time of the fourth forming", "0.87 s", "path", "1 % faster", 41_300, 6_100),
        ("loading.load.fails.jam.repair", "repair of jams at loading", "lognormal(3 min, cv 1)", "path", "10 % shorter", 52_700, 5_200),
        ("loading.load.fails.jam.after", "work between jams at loading", "exponential(2500 cycles)", "path", "10 % longer", 49_100, 5_500),
        ("lots.rejected", "rejected lots", "1 %", "paired", "0.1 points fewer", 22_300, 8_800),
        ("supply.components.delay", "delay of late components", "12 h", "paired", "10 % shorter", 14_000, 7_200),
        ("crews.fitters.size", "fitters", "3", "paired", "1 more", 11_500, 12_900),
        ("loading.close.buffer", "places before closing", "400", "paired", "400 more", 6_200, 4_100),
        ("case.blank.cycle", "cycle time of blanking", "0.41 s", "path", "1 % faster", 1_900, 1_100),
        ("loading.load.scrap", "scrap at loading", "0.4 %", "path", "0.1 points more", -20_300, 900),
        ("campaigns.size", "size of campaigns", "2.4 million", "paired", "halved", -389_000, 44_000),
    ]  # fmt: skip
    return tuple(
        GradientRow(p, w, v, m, s, around(float(u), float(h)), around(u / 10, h / 10) if m == "path" else None)
        for p, w, v, m, s, u, h in rows
    )


def losses() -> tuple[Loss, ...]:
    rows = [
        ("off_shift", "off shift", 10_590.0, 43_700_000.0),
        ("down: jam", "short stops (jam)", 240.0, 993_000.0),
        ("down: major", "major failures", 122.0, 505_000.0),
        ("starved", "starved: nothing came", 118.0, 488_000.0),
        ("planned", "planned stops", 180.0, 744_000.0),
        ("setup", "changeovers", 97.0, 401_000.0),
        ("waiting", "waiting for a fitter", 28.0, 116_000.0),
        ("blocked", "blocked: no room further down", 9.0, 37_000.0),
        ("scrap", "scrap here and further down", 0.0, 312_000.0),
        ("rejected lots", "rejected lots", 0.0, 202_000.0),
        ("surplus", "left over at the end of campaigns", 0.0, 4_100.0),
    ]
    return tuple(Loss(CONSTRAINT, cause, what, hours, units) for cause, what, hours, units in rows)


def unknowns() -> tuple[Unknown, ...]:
    rows = [
        ("loading.load.cycle", "0.87 s", "+- 3 %", 0.015, 252_000, 0.52),
        ("loading.load.fails.jam.after", "2500 cycles", "between 1700 and 3600", 0.19, 205_000, 0.34),
        ("case.form-4.cycle", "0.87 s", "+- 3 %", 0.015, 98_000, 0.08),
        ("lots.rejected", "1 %", "observed: 3 in 297 lots", 0.55, 84_000, 0.06),
    ]
    return tuple(Unknown(*row, "gradient, confirmed by regression") for row in rows)


def change(name: str, parameter: str, value_from: str, value_to: str, relative: float) -> Change:
    return Change(parameter.replace(".", "-"), name, parameter, value_from, value_to, relative)


def ways() -> Ways:
    today = Estimate(0.62, 0.56, 0.68)
    faster = change("loading cycle", "loading.load.cycle", "0.87 s", "0.853 s", -0.02)
    third = change("third loading machine", "loading.load.machines", "2", "3", 0.5)
    fitters = change("fitters", "crews.fitters.size", "3", "4", 0.33)
    repair = change("jam repair", "loading.load.fails.jam.repair", "3 min", "2.4 min", -0.2)
    return Ways(
        "cost", True,
        (
            Way((faster, repair), 140_000.0, "EUR", today, Estimate(0.915, 0.902, 0.93), around(402_000, 21_000), True, 240),
            Way((fitters, faster), 210_000.0, "EUR", today, Estimate(0.90, 0.88, 0.93), around(371_000, 24_000), True, 240),
            Way((third,), 1_900_000.0, "EUR", today, Estimate(0.97, 0.95, 0.985), around(612_000, 41_000), True, 240),
        ),
        "The cheapest way found reaches the wanted chance for 140 000 EUR.",
    )  # fmt: skip


def header(**changes: object) -> Header:
    values = {
        "plant_id": "cartridge-20m", "plant_name": "Cartridge plant, 20 million units a year",
        "sha256": "9f2c4e7ad1b05368aa41c0de7712f3b95e60d84c1fa2736b8890c5e4d3b2a190", "changes": (), "version": "0.1.0",
        "seed": 20261, "budget_s": 180.0, "spent_s": 176.4, "workers": 2, "wanted_chance": 0.9, "interval_level": 0.95,
        "period_from": "2027-01-01", "period_to": "2028-01-01", "zone": "Europe/Belgrade",
    } | changes  # fmt: skip
    return Header(**values)


def proof(**changes: object) -> ProofResult:
    """A whole plant whose contract is in doubt; ``changes`` replace fields."""
    first = both(Estimate(0.78, 0.73, 0.83), Estimate(0.62, 0.56, 0.68))
    steady = both(Estimate(0.91, 0.87, 0.94), Estimate(0.74, 0.69, 0.79))
    working = both(Estimate(0.70, 0.64, 0.76), Estimate(0.55, 0.49, 0.61))
    values = {
        "header": header(),
        "sharpness": Sharpness(
            240, 2_310, 0.12, "Normal distribution fitted to the simulated years, interval by bootstrap.", 41.0,
            Estimate(0.64, 0.48, 0.78), True, ("Gradients of 31 weak parameters were not confirmed.",), 3.9,
        ),
        "has_contract": True, "has_beliefs": True, "has_ramp_up": True, "promised": 20_000_000.0, "needed": NEEDED,
        "chance_met": first.belief,
        "chances": YearChances(first, steady),
        "chances_working": YearChances(working, both(Estimate(0.86, 0.81, 0.90), Estimate(0.68, 0.62, 0.74))),
        "units_per_year": around(20_300_000, 79_000),
        "criteria": (
            Criterion("total", 20e6, NEEDED, around(20_300_000, 79_000), YearChances(first, steady)),
            Criterion("variant-a", 12e6, 12e6, around(12_171_000, 52_000), YearChances(first, steady)),
            Criterion("variant-b", 5e6, 5e6, around(5_083_000, 31_000), YearChances(first, steady)),
            Criterion("variant-c", 3e6, 3e6, around(3_046_000, 19_000), YearChances(first, steady)),
        ),
        "outputs": outputs(),
        "variance": Variance(610_000, 430_000, 432_700, 0.497, 0.503, "Same luck simulated with and without beliefs."),
        "unknowns": unknowns(), "constraint": CONSTRAINT, "moves": 0.14, "moves_basis": "weeks",
        "bottleneck_method": "The station with the largest share of open time neither blocked nor starved.",
        "bottlenecks": (
            Bottleneck(CONSTRAINT, 0.86, 0.951, 168_400.0), Bottleneck("case.form-4", 0.11, 0.907, 41_300.0),
            Bottleneck("packing.case", 0.03, 0.881, None),
        ),
        "losses": losses(), "gradient": gradient(), "ways": ways(),
        "acceptance": (
            AcceptanceRow(0.05, 61, 4_998_000, 0.91, 0.05, 2_068), AcceptanceRow(0.1, 21, 1_640_000, 0.90, 0.05, 733),
        ),
        "stations": tuple(station(index, name) for index, name in enumerate(STATIONS)),
        "stops": (
            StopRow("loading.load.fails.jam", CONSTRAINT, 8_312.0), StopRow("loading.load.fails.major", CONSTRAINT, 15.2),
            StopRow("case.form-4.fails.jam", "case.form-4", 5_140.5),
        ),
        "beliefs": tuple(BeliefRow(u.parameter, u.value, u.belief) for u in unknowns()),
        "levers": (
            LeverRow("faster", "servo drive", "loading.load.cycle", "0.45 s", "0.4 s", 400_000.0, "EUR"),
            LeverRow("rarer", "", "loading.load.fails.jam.after", "exponential(2500 cycles)", "4000 cycles", None, ""),
            LeverRow("places", "more bins", "loading.load.buffer", "600", "200 to 2000", 25_000.0, "EUR"),
        ),
        "calendars": (
            CalendarRow("two-shift", "two shifts", "mon-fri 06:00 to 14:00 and 14:00 to 22:00, 12 holidays", 3_465.5, True),
            CalendarRow("day", "", "mon-fri 06:00 to 14:00 less 30 min", 1_867.5, False),
        ),
        "facts": (
            Statement("The plant makes 20,000,000 units a year.", "News report, December 2024"),
            Statement("It is complete in 2026.", "News report, December 2024, https://news.example/plant?a=1&b=2"),
        ),
        "assumptions": tuple(
            Statement(text, "")
            for text in (
                "Cycle times, stops and scrap of all stations are plausible figures for such machinery, not measured.",
                "One lot in a hundred is rejected.", "Eight outages of energy a year, of 1.5 h on average.",
            )
        ),
        "basis_text": "20 000 000 good units a year, 60 % variant a, 25 % variant b, 15 % variant c.\nCounted: good units out of the "
        "last station, less rejected lots.\nCalendar: 239 days, two shifts of 7.25 h. Excluded: outages that the owner "
        "causes.\nTolerance: none.",
        "mtbf_formula": "busy time divided by the number of failures",
    } | changes  # fmt: skip
    return ProofResult(**values)


HOSTILE = (
    "<script>alert('x')</script>\"'&{{ 7*7 }}</style></title>--><img src=http://evil.example/x.png>\u202etxt.exe\u2066"
)


def hostile(text: str = HOSTILE) -> ProofResult:
    """A proof in which every text that comes from the plant file is ``text``."""
    whole = proof()
    row = gradient()[0]
    return proof(
        header=header(plant_id=text, plant_name=text, changes=(text,), sha256="", zone=text),
        constraint=text, basis_text=text, mtbf_formula=text, bottleneck_method=text,
        criteria=(Criterion(text, 1.0, 1.0, around(2.0, 1.0), whole.chances),),
        unknowns=(Unknown(text, text, text, 0.1, 10.0, 1.0, text),),
        bottlenecks=(Bottleneck(text, 1.0, 0.9, None),),
        losses=(Loss(text, text, text, 1.0, 10.0),),
        gradient=(GradientRow(text, text, text, "path", text, row.units, None),),
        ways=Ways("cost", True, (Way((change(text, text, text, text, 0.1),), 1.0, text, around(0.5, 0.1),
                                     around(0.6, 0.1), around(10, 1), False, 10),), text),
        stations=(StationRow(text, text, 1, {text: 0.5, "processing": 0.5}, {text: 1.0}, {text: 1.0}, {text: 0.5}),),
        stops=(StopRow(text, text, 1.0),), beliefs=(BeliefRow(text, text, text),),
        levers=(LeverRow(text, text, text, text, text, 1.0, text),), calendars=(CalendarRow(text, text, text, 1.0, True),),
        facts=(Statement(text, text),), assumptions=(Statement(text, ""),),
        sharpness=Sharpness(10, 20, 0.12, text, 1.0, around(0.5, 0.1), False, (text,), 1.0),
    )  # fmt: skip

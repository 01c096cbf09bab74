"""The words of the report: states of a machine, key figures, and the glossary."""

from __future__ import annotations

STATE_WORDS = {
    "processing": "processing",
    "setup": "setup",
    "planned": "planned stop",
    "down": "down",
    "waiting": "waiting for repair",
    "blocked": "blocked",
    "starved": "starved",
    "no_order": "no order",
    "off_shift": "off shift",
}
"""States in the order in which bars and tables show them, in words."""

STATE_MEANINGS = {
    "processing": "The machine works on a unit.",
    "setup": "The machine is changed over to the next product.",
    "planned": "A stop that the plan asks for: cleaning, tool change, maintenance.",
    "down": "A failure is being repaired.",
    "waiting": "A failure waits for a fitter who is busy elsewhere, or for working hours.",
    "blocked": "The unit is done, but there is no room for it further down.",
    "starved": "The machine could work, but no unit has come.",
    "no_order": "All that was ordered is made.",
    "off_shift": "The calendar has the station closed.",
}

GLOSSARY = {
    "chance": "How often, in a hundred years like the one proved, the contract would be met.",
    "interval": "The range in which the true figure lies with the stated confidence. A wide interval means that the "
    "proof could not look closely enough, not that the plant is bad.",
    "luck": "What differs from year to year though nothing about the plant is unknown: when a machine fails, how long "
    "a repair takes, which lot is rejected.",
    "ignorance": "What nobody knows yet about this plant, such as the true rate of stops. It does not average out over "
    "the years; it shrinks only when somebody measures.",
    "belief": "The statement in the plant file of how uncertain a value is. The proof draws one value for each "
    "simulated year.",
    "first year": "The first year of the contract, with the ramp-up that the plant file states.",
    "steady year": "A year after the ramp-up.",
    "contractual calendar": "Counting as the contract says: time that it excludes, such as stops that the owner "
    "causes, is credited.",
    "working calendar": "Counting what really came out, nothing credited.",
    "conforming unit": "A unit that counts towards the contract; what makes it count is stated under "
    "\u201cContract and basis\u201d.",
    "replication": "One simulated year, unit by unit, with luck of its own.",
    "constraint": "The station that holds the plant back: an hour lost there is lost to the plant.",
    "gradient": "Good units a year gained by one stated step of one value, everything else unchanged.",
    "path derivative": "A gradient read off the simulated years themselves, without simulating again.",
    "paired difference": "A gradient from simulating the same years twice, with and without the step, on the same luck.",
    "lever": "A value that the plant file allows to be changed, in which range, and at which cost.",
    "seed": "The number from which all luck of the proof is drawn; the same seed gives the same years.",
    "SHA-256": "A fingerprint of the plant file. If one character of the file changes, it changes.",
    "buffer": "Places for units that wait in front of a station.",
    "ramp-up": "The stated improvement of rates, scrap and repairs during the first months.",
}
"""Terms that the report uses, each explained for a reader who is no engineer."""


def state_words(state: str) -> str:
    """A state in words; a state unknown here is shown by its own name."""
    return STATE_WORDS.get(state, state.replace("_", " "))


def ordered_states(found: set[str]) -> list[str]:
    """The states found, in the order of :data:`STATE_WORDS`, any others last."""
    return [state for state in STATE_WORDS if state in found] + sorted(found - STATE_WORDS.keys())


def kpi_words(kpi: str) -> str:
    """A key figure's name as a heading."""
    words = kpi.replace("_", " ").strip()
    known = {"oee": "OEE index", "nee": "NEE index", "mtbf": "MTBF", "mttr": "MTTR", "fpy": "first pass yield"}
    return known.get(words.lower(), words)

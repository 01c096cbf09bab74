"""The JSON Schemas of what ``simulate``, ``prove`` and ``score --json`` print, made from the rows that they are printed from."""

from __future__ import annotations

import inspect
import re
import types
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from fabrika.answers.score import Score
from fabrika.twin import proof_result, simulation_result
from fabrika.twin.kpi import Totals, key_figures
from fabrika.twin.results import COUNTS, STATES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
}
ATTRIBUTE = re.compile(r"^    (\w+(?:, \w+)*): (.*)$")


def simulation() -> dict[str, Any]:
    """Schema of ``SimulationResult.to_json``, which gathers its rows by hand."""
    defs: dict[str, Any] = {}
    estimate = of(proof_result.Estimate, defs)
    total = described(simulation_result.ProductRow)
    counts = {name: {"type": "integer", "description": f"`{name}`, summed over replications"} for name in COUNTS}
    shares = {name: {"type": "number", "description": f"share of the period in the state `{name}`"} for name in STATES}
    shares["no_order"]["description"] += "; always 0, because sequences repeat for ever"
    figures = {name: {"type": ["number", "null"]} for name in key_figures(_nothing())}
    text, whole, number = PLAIN[str], PLAIN[int], PLAIN[float]
    plant = {"id": text, "name": text, "sha256": text, "changes": {"type": "array", "items": text}}
    hours = number | {"description": "length of the period, hours"}
    asked = {"type": ["integer", "null"], "description": "`--units` asked for, if any"}
    period = {"from": text, "to": text, "hours": hours, "warm_up_hours": number, "asked_units": asked}
    defs["Plant"] = closed("Which plant was run, and what was changed since its file was read.", plant)
    defs["Period"] = closed("The time that counts, in plant time; the warm-up before it does not.", period)
    defs["Interval"] = closed("Level and method of every interval.", {"level": number, "method": text})
    defs["KeyFigures"] = closed("Key figures by their ISO 22400-2 names; null where undefined.", figures)
    defs["Station"] = closed(
        "One station: shares of machine time (they add up to 1), the integers behind them, counts and key figures.",
        {"id": text, "kind": text, "machines": whole}
        | shares
        | counts
        | {
            "state_ns": {"type": "object", "additionalProperties": whole, "description": "machine time by state, ns"},
            "machine_ns": whole | {"description": "sum of `state_ns`: machines x period x replications, ns"},
            "kpis": {"$ref": "#/$defs/KeyFigures"},
        },
    )
    buffers = of(simulation_result.BufferResult, defs)
    asked_for = defs["BufferResult"]
    asked_for["properties"]["levels"] |= of(simulation_result.Levels, defs)
    del asked_for["properties"]["levels"]["anyOf"]
    asked_for["required"].remove("levels")  # the key is not there unless `--levels` asks for it
    rows = {
        "fabrika_simulation": {"const": simulation_result.SCHEMA_VERSION, "description": "version of this schema"},
        "plant": {"$ref": "#/$defs/Plant"},
        "version": text | {"description": "version of Fabrika"},
        "seed": whole,
        "replications": whole,
        "complete": PLAIN[bool] | {"description": "false if interrupted; then all that was known is here"},
        "period": {"$ref": "#/$defs/Period"},
        "interval": {"$ref": "#/$defs/Interval"},
        "good": estimate | {"description": "good pieces in the period, all products"},
        "rejected": number | {"description": total.get("rejected", "")},
        **{name: estimate | {"description": total.get(name, "")} for name in _rates()},
        "products": {"type": "array", "items": of(simulation_result.ProductRow, defs)},
        "stations": {"type": "array", "items": {"$ref": "#/$defs/Station"}},
        "stops": {"type": "array", "items": of(simulation_result.StopResult, defs)},
        "buffers": {"type": "array", "items": buffers},
        "mtbf_formula": text | {"description": "how the mean time between failures is reckoned"},
        "hash": text | {"description": "SHA-256 over the integers of all replications"},
    }
    return {"$schema": DIALECT, **closed("What `./fabrika simulate FILE --json` prints.", rows), "$defs": defs}


def proof() -> dict[str, Any]:
    """Schema of ``ProofResult.to_json``, whose keys are the fields' names."""
    defs: dict[str, Any] = {}
    of(proof_result.ProofResult, defs)
    whole, ways = defs.pop("ProofResult"), defs.pop("Ways")
    rows = {"fabrika_proof": {"const": proof_result.SCHEMA_VERSION, "description": "version of this schema"}}
    rows |= whole["properties"] | {"ways": ways["properties"]["found"]}
    rows |= {f"ways_{name}": ways["properties"][name] for name in ("ranked_by", "needed", "statement")}
    return {"$schema": DIALECT, **closed("What `./fabrika prove FILE --json` prints.", rows), "$defs": defs}


def score() -> dict[str, Any]:
    """Schema of ``Score``, which is printed as it is."""
    defs: dict[str, Any] = {}
    of(Score, defs)
    rows = defs.pop("Score")["properties"]
    return {"$schema": DIALECT, **closed("What `./fabrika score FILE --data DIR --json` prints.", rows), "$defs": defs}


def closed(description: str, rows: dict[str, Any]) -> dict[str, Any]:
    """An object that has these keys and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": rows,
        "required": list(rows),
        "additionalProperties": False,
    }


def of(hint: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """Schema of one annotation; dataclasses and structs are put into ``defs`` and referred to."""
    if hint in PLAIN:
        return dict(PLAIN[hint])
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(parts)}
    if origin in {Union, types.UnionType}:
        return {"anyOf": [of(part, defs) for part in parts]}
    if origin is tuple:
        return {"type": "array", "items": of(parts[0], defs)}
    if origin is dict:
        return {"type": "object", "additionalProperties": of(parts[1], defs)}
    name = hint.__name__
    if name not in defs:
        defs[name] = {}  # the place is taken before its parts, so that the order is that of first use
        hints, told = get_type_hints(hint, vars(inspect.getmodule(hint))), described(hint)
        keys = [row.name for row in fields(hint)] if is_dataclass(hint) else hint.__struct_fields__
        rows = {key: of(hints[key], defs) for key in keys}
        rows = {key: row | ({"description": told[key]} if key in told else {}) for key, row in rows.items()}
        first = (inspect.getdoc(hint) or "").split("\n\n", 1)[0].replace("\n", " ")
        defs[name] = closed(first.replace("``", "`"), rows)
    return {"$ref": f"#/$defs/{name}"}


def described(row: type) -> dict[str, str]:
    """What a dataclass or struct says of its attributes; names told together share their words."""
    told: dict[str, str] = {}
    names: list[str] = []
    for line in (inspect.getdoc(row) or "").partition("Attributes:\n")[2].splitlines():
        if found := ATTRIBUTE.match(line):
            names = found[1].split(", ")
            told |= dict.fromkeys(names, found[2])
        elif line.strip():
            told |= {name: f"{told[name]} {line.strip()}" for name in names}
    return {name: words.replace("``", "`") for name, words in told.items()}


def _nothing() -> Totals:
    return Totals((0,) * len(STATES), (0,) * len(COUNTS), 0, None)


def _rates() -> list[str]:
    return [row.name for row in fields(simulation_result.ProductRow) if row.name.startswith("good_per_")]

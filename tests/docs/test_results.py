"""What ``--json`` prints is what the documented schema says: no key more, no key less, every value of its type."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

import fabrika
from fabrika.app.book_folder import BookFolder
from fabrika.app.twin_book import tell
from fabrika.faces.cli.app import call
from report import proofs

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))

import result_schemas  # noqa: E402 - it lies beside the documentation

TYPES = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}


def is_of(value: Any, word: str) -> bool:
    if word in {"integer", "number"}:
        kinds = int if word == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, TYPES[word])


def faults(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "") -> list[str]:
    """Where a value differs from the part of JSON Schema that our schemas use."""
    if "$ref" in schema:
        return faults(value, whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]], whole, at)
    if "anyOf" in schema:
        tried = [faults(value, part, whole, at) for part in schema["anyOf"]]
        return [] if [] in tried else [fault for part in tried for fault in part]
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if value in allowed else [f"{at}: {value!r} is none of {allowed}"]
    words = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(is_of(value, word) for word in words):
        return [f"{at}: {value!r} is not {' or '.join(words)}"]
    if isinstance(value, list):
        return [fault for i, item in enumerate(value) for fault in faults(item, schema["items"], whole, f"{at}[{i}]")]
    if not isinstance(value, dict):
        return []
    rows, more = schema.get("properties", {}), schema["additionalProperties"]
    found = [f"{at}: {key} is missing" for key in schema.get("required", []) if key not in value]
    for key, item in value.items():
        part = rows.get(key, more)
        found += faults(item, part, whole, f"{at}.{key}") if part else [f"{at}: {key} is not documented"]
    return found


def test_faults_are_found():
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    assert faults({"n": 1}, schema, schema) == []
    assert faults({}, schema, schema) == [": n is missing"]
    assert faults({"n": 1.5}, schema, schema) == [".n: 1.5 is not integer"]
    assert faults({"n": 1, "m": 2}, schema, schema) == [": m is not documented"]


@pytest.mark.parametrize("name", ["two-machines", "calendar-and-campaigns", "parallel-and-crew"])
def test_a_simulation_is_as_documented(name):
    plant = fabrika.read(ROOT / "plants" / "teaching" / f"{name}.yaml")
    schema = result_schemas.simulation()
    for levels in (False, True):
        result = plant.simulate(days=0.2, replications=2, levels=levels)
        assert faults(json.loads(json.dumps(result.to_json(), allow_nan=False)), schema, schema) == []
        assert all(("levels" in row) == levels for row in result.to_json()["buffers"])


@pytest.mark.parametrize("make", [proofs.proof, proofs.hostile, lambda: proofs.proof(variance=None)])
def test_a_proof_is_as_documented(make):
    schema = result_schemas.proof()
    assert faults(json.loads(json.dumps(make().to_json(), allow_nan=False)), schema, schema) == []


def test_a_score_is_as_documented(tmp_path, capsys):
    plant, data = ROOT / "plants" / "teaching" / "calendar-and-campaigns.yaml", tmp_path / "data"
    tell(plant, BookFolder(data), 0.4, 5)
    assert call(["score", str(plant), "--data", str(data), "--json"]) == 0
    found, schema = json.loads(capsys.readouterr().out), result_schemas.score()
    assert faults(found, schema, schema) == []
    assert found["downtime"]
    assert found["balance"]["lots"]
    assert found["trace"]["back"]["units"]


@pytest.mark.parametrize("name", ["simulation", "proof", "score"])
def test_every_reference_leads_somewhere_and_everything_is_referred_to(name):
    schema = getattr(result_schemas, name)()
    text = json.dumps(schema)
    for row in schema["$defs"]:
        assert f'"#/$defs/{row}"' in text
    assert text.count('"$ref": "#/$defs/') == sum(text.count(f'"#/$defs/{row}"') for row in schema["$defs"])

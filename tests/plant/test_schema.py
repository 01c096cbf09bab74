"""The JSON Schema says what the reader says, as far as a schema can."""

from __future__ import annotations

import json

from fabrika.plant.forms import PlantForm, StationForm
from fabrika.plant.kinds import KINDS
from fabrika.plant.schema import json_schema


def test_the_schema_is_json_and_describes_every_key() -> None:
    schema = json_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert set(schema["properties"]) == set(PlantForm.model_fields)
    for name, definition in schema["$defs"].items():
        assert definition["additionalProperties"] is False, name
        for key, value in definition["properties"].items():
            assert value.get("description"), (name, key)


def test_the_schema_knows_every_kind_and_its_keys() -> None:
    station = json_schema()["$defs"]["StationForm"]
    assert station["properties"]["kind"]["enum"] == list(KINDS)
    rules = {rule["if"]["properties"]["kind"]["const"]: rule["then"] for rule in station["allOf"]}
    assert set(rules) == set(KINDS)
    assert rules["transport"]["required"] == ["time", "capacity"]
    assert rules["transport"]["properties"]["cycle"] is False
    assert "rejects" in rules["inspection"]["required"]
    for kind in KINDS.values():
        assert set(kind.keys) <= set(StationForm.model_fields)


def test_short_forms_are_in_the_schema() -> None:
    definitions = json_schema()["$defs"]
    assert definitions["ShiftForm"]["required"] == ["days", "from", "to"]
    kinds = [choice.get("type") for choice in definitions["StationForm"]["properties"]["feed"]["anyOf"]]
    assert kinds == ["string", "array", "null"]

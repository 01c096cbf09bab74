"""The JSON Schema of the plant file, generated from its forms and kinds, for editors and the reference pages."""

from __future__ import annotations

from typing import Any

from fabrika.plant.forms import PlantForm
from fabrika.plant.kinds import KINDS
from fabrika.plant.kinds.kind import Kind


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the plant file; what it accepts may still be refused by :func:`read_plant`."""
    schema = PlantForm.model_json_schema(by_alias=True)
    for definition in schema["$defs"].values():
        definition["title"] = definition["title"].removesuffix("Form")
    station = schema["$defs"]["StationForm"]
    station["properties"]["kind"] = {
        "enum": list(KINDS),
        "description": " ".join(f"`{kind.name}`: {kind.does}" for kind in KINDS.values()),
    }
    for key in ("feed", "buffer"):
        listed = station["properties"][key]["anyOf"][0]
        station["properties"][key]["anyOf"].insert(0, listed["items"])
    store_feed = schema["$defs"]["StoreForm"]["properties"]["feed"]
    description = store_feed.pop("description")
    schema["$defs"]["StoreForm"]["properties"]["feed"] = {
        "anyOf": [store_feed["items"], store_feed],
        "description": description,
    }
    station["allOf"] = [_only(kind, station["properties"]) for kind in KINDS.values()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Fabrika plant file, version 1",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _only(kind: Kind, properties: dict[str, Any]) -> dict[str, Any]:
    """What a station of one kind must and must not carry."""
    return {
        "if": {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]},
        "then": {
            "required": list(kind.needs),
            "properties": {key: False for key in properties if key not in kind.keys},
        },
    }

"""The interface for programs: the document says what is there, and what is there is what it says."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest

from fabrika.app.sitemap import COMMANDS, PAGES
from fabrika.faces.api.document import document, json_path
from web_pages.floor import DOWN, LOT

NAMES = {"line": "case", "station": DOWN, "position": "10", "edition": "1", "lot": LOT} | {
    "order": "order-case",
    "document": "wi-0",
    "revision": "1",
    "material_lot": "M-1",
    "container": "T-1",
}


def got(served, path: str):
    with urllib.request.urlopen(served.base + path, timeout=60) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return json.loads(answer.read())


def resolved(schema, whole):
    while "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def fits(value, schema, whole, at: str = "$") -> list[str]:
    """Where a value is not what a schema says; enough of JSON Schema for what we write."""
    schema = resolved(schema, whole)
    if "anyOf" in schema:
        tried = [fits(value, one, whole, at) for one in schema["anyOf"]]
        return [] if any(not wrong for wrong in tried) else min(tried, key=len)
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    wanted = schema.get("type")
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(
        isinstance(value, kinds[kind]) and not (kind in ("integer", "number") and isinstance(value, bool))
        for kind in wanted
    ):
        return [f"{at}: {value!r:.60} is no {wanted}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if "const" in schema and value != schema["const"]:
        return [f"{at}: {value!r} is not {schema['const']}"]
    wrong = []
    if isinstance(value, dict):
        wrong += [f"{at}.{key} is missing" for key in schema.get("required", ()) if key not in value]
        for key, item in value.items():
            inner = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
            if isinstance(inner, dict):
                wrong += fits(item, inner, whole, f"{at}.{key}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            wrong += fits(item, schema["items"], whole, f"{at}[{number}]")
    return wrong


@pytest.fixture(scope="module")
def whole(served):
    return got(served, "/api/openapi.json")


def test_document_names_every_page_and_command(whole):
    assert whole["openapi"] == "3.1.0"
    paths = {json_path(page) for page in PAGES} | {f"/do/{command.name}" for command in COMMANDS}
    assert set(whole["paths"]) == paths
    ids = [operation["operationId"] for row in whole["paths"].values() for operation in row.values()]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere(whole):
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(whole)):
        assert name in whole["components"]["schemas"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_what_the_document_says(served, whole, page):
    if page.act != "see_plant" and page.act not in ("see_journal", "see_people", "try_changes"):
        pytest.fail(f"{page.act} is new: let the demonstration's first person have it")
    path = json_path(page)
    answer = got(served, re.sub(r"\{(\w+)\}", lambda found: NAMES[found[1]], path))
    schema = whole["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert not fits(answer, schema, whole)
    assert answer["page"] == page.name
    assert answer["kind"] == "twin"


def test_document_is_plain_json_of_the_site_map():
    made = document(PAGES, COMMANDS)
    assert json.loads(json.dumps(made)) == made
    for command in COMMANDS:
        operation = made["paths"][f"/do/{command.name}"]["post"]
        assert [row["name"] for row in operation["parameters"]][:1] == ["Idempotency-Key"]
        assert "409" in operation["responses"]

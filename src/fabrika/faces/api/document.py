"""The interface for programs as an OpenAPI 3.1 document, made from the lists of pages and commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from fabrika import __version__
from fabrika.faces.language import told
from fabrika.page import Command, Page

REF = "#/components/schemas/{name}"
JSON = "application/json"
NAMES = {
    "line": "Id of a line.",
    "lot": "Number of a lot.",
    "order": "Number of an order.",
    "station": "Id of a station, `line.station`.",
    "position": "Position of an entry in the book, from 0.",
    "material_lot": "Number of a material lot.",
    "container": "Id of a container.",
    "document": "Id of a document.",
    "revision": "Number of a document's revision, from 1.",
    "edition": "Number of an edition of the plant file, from 1.",
}
"""What stands in paths in place of their names."""

AT = "Instant that the answer is for: microseconds since 1970 UTC, or `2026-11-22T06:30` on the plant's clock."
QUERIES: dict[str, tuple[tuple[str, str], ...]] = {
    "answers.journal": (
        ("type", "Beginning of the type."),
        ("source", "Beginning of the source."),
        ("person", "A person's id."),
        ("subject", "An id that the event names."),
        ("from", "First instant."),
        ("to", "Instant before which it happened."),
        ("before", "Position below which to begin; `before` of the answer for the next page."),
    ),
    "inventory.stock": (("scan", "A label as a scanner sends it, or an id: what it is."),),
    "answers.trace": (("id", "A number, or its beginning."),),
    "answers.lot_trace": (("unit", "Which good unit of the lot, from 1; all of it if absent."),),
    "answers.recall": (
        (
            "lot",
            "What the recall begins with: a lot; or `material`, `container`, `station`, `person`, `tool`, `shipment`.",
        ),
        ("from", "First instant."),
        ("to", "Instant before which it happened."),
    ),
    "documents.documents": (("station", "Id of a station, `line.station`: only what is in force there."),),
    "answers.trial": (
        ("path", "Path of a parameter, or the id of a lever; likewise `path2` and `path3`."),
        ("value", "Value to be tried, with its unit; likewise `value2` and `value3`."),
    ),
}
"""What can be asked beside a path."""

ABOUT = (
    "Every page of the plant is JSON at its own address with `.json`; every command is given by POST. A program signs in "
    "like a person, by POST to `/sign-in`, and keeps the session's cookie. A POST bears the form's mark of the session in "
    "`X-CSRFToken` and a key of its own in `Idempotency-Key`: sent again with the same key, a command is done once. "
    "Instants are microseconds since 1970 UTC (`_us`). What is not known is `null`, never 0. `kind` is `twin` where all "
    "figures are simulated. Sentences are in the language of `Accept-Language`."
)


def document(pages: Iterable[Page], commands: Iterable[Command]) -> dict[str, Any]:
    """The whole document.

    Args:
        pages, commands: of :mod:`fabrika.app.sitemap`.
    """
    pages, commands = tuple(pages), tuple(commands)
    contexts = [context_of(page) for page in pages]
    schemas, components = msgspec.json.schema_components(
        [*contexts, *(command.form for command in commands)], schema_hook=_plain_texts, ref_template=REF
    )
    paths: dict[str, Any] = {}
    for page, schema in zip(pages, schemas, strict=False):
        paths[json_path(page)] = {"get": _page(page, schema)}
    for command, schema in zip(commands, schemas[len(pages) :], strict=True):
        paths[f"/do/{command.name}"] = {"post": _command(command, schema)}
    found = {
        "openapi": "3.1.0",
        "info": {"title": "Fabrika", "version": __version__, "description": ABOUT},
        "paths": paths,
        "components": {
            "schemas": components | _own_schemas(),
            "responses": _responses(),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "fabrika_session"},
            },
        },
        "security": [{"session": []}],
    }
    # Defaults that are tuples become lists, as JSON has them.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))
    return plain


def json_path(page: Page) -> str:
    """Where a page lies for programs."""
    return "/index.json" if page.path == "/" else f"{page.path}.json"


def context_of(page: Page) -> Any:
    """The class of a page's context, as its builder says it returns."""
    from typing import get_type_hints

    return get_type_hints(page.build)["return"]


def _plain_texts(kind: type) -> dict[str, Any]:
    """Schemas of classes that are written in a way of their own."""
    if issubclass(kind, str):
        return {"type": "string"}
    raise NotImplementedError


def _page(page: Page, schema: Any) -> dict[str, Any]:
    asked = [*QUERIES.get(page.name, ()), ("at", AT)]
    return {
        "operationId": page.name.replace(".", "_"),
        "summary": told(page.title),
        "description": f"Needs the act `{page.act}`.",
        "tags": ["pages"],
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "description": NAMES[name], "schema": {"type": "string"}}
                for name in page.names
            ),
            *(
                {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}
                for name, words in asked
            ),
        ],
        "responses": {
            "200": {"description": "The page.", "content": {JSON: {"schema": _seen(page, schema)}}},
            **_refused("401", "403", "404", "503"),
        },
    }


def _seen(page: Page, schema: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["page", "kind", "position", "at_us", "edition", "data"],
        "properties": {
            "page": {"const": page.name},
            "kind": {"enum": ["plant", "twin"], "description": "`twin`: everything here is simulated."},
            "position": {"type": "integer", "description": "Entries of the book that are told of."},
            "at_us": {"type": "integer", "description": "Instant of the answer, microseconds since 1970 UTC."},
            "edition": {"type": "integer", "description": "Edition of the plant file in force."},
            "data": schema,
        },
    }


def _command(command: Command, schema: Any) -> dict[str, Any]:
    return {
        "operationId": f"do_{command.name.replace('.', '_')}",
        "summary": told(command.title),
        "description": f"Needs the act `{command.act}`.",
        "tags": ["commands"],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "Drawn anew for each act: 16 to 80 letters, digits, `_` and `-`.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,80}$"},
            },
            {
                "name": "X-CSRFToken",
                "in": "header",
                "required": True,
                "description": "The mark of the session, as its pages' forms bear it.",
                "schema": {"type": "string"},
            },
            {
                "name": "Fabrika-Password",
                "in": "header",
                "description": "The password once more, for acts that ask for it.",
                "schema": {"type": "string"},
            },
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": {
            "200": {
                "description": "Done, or proposed.",
                "content": {JSON: {"schema": {"$ref": REF.format(name="Done")}}},
            },
            **_refused("400", "401", "403", "404", "409", "422", "503"),
        },
    }


REFUSALS = {
    "400": "The request bears no key of its own.",
    "401": "Nobody is signed in.",
    "403": "The person's roles do not allow it, or the password is needed once more.",
    "404": "A name stands for nothing.",
    "409": "It may not be done now, or the key came before with other content.",
    "422": "A field is not as it must be.",
    "503": "The book cannot be written, or too much is asked at once.",
}
"""Why something is refused, by status."""


def _refused(*statuses: str) -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/Refused{status}"} for status in statuses}


def _responses() -> dict[str, Any]:
    schema = {"$ref": REF.format(name="Refused")}
    return {
        f"Refused{status}": {"description": words, "content": {JSON: {"schema": schema}}}
        for status, words in REFUSALS.items()
    }


def _own_schemas() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "Done": {
            "type": "object",
            "required": ["positions", "size", "proposal"],
            "properties": {
                "positions": {"type": "array", "items": {"type": "integer"}},
                "size": {
                    "type": "integer",
                    "description": "A page of this position or a later one shows what was done.",
                },
                "proposal": {
                    "type": ["string", "null"],
                    "description": "Id of the proposal, where a second person must approve.",
                },
            },
        },
        "Refused": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["kind", "problem", "remedy"],
                    "properties": {
                        "kind": text,
                        "problem": text,
                        "remedy": text,
                        "fields": {"type": "object", "additionalProperties": text},
                        "needs": text,
                    },
                }
            },
        },
    }

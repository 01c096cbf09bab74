"""Writes the pages under docs/lookup/ from the source: ``docs/generate.py``, or ``--check`` to only compare.

A page whose source does not exist yet is left out and appears by itself once it does. What the lessons show of the command
line stands in docs/learn/outputs/: the first line of each file is the command, the rest is what it printed.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOOKUP = ROOT / "docs" / "lookup"
SESSIONS = ROOT / "docs" / "learn" / "outputs"
SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Yields|Example|Examples|Source|Note):\s*$")
GROUPS = {
    "plant": "The plant",
    "kind": "Kinds of station",
    "time": "Time",
    "state": "States of a machine",
    "count": "Counts",
    "kpi": "Key figures",
    "proof": "The proof",
    "journal": "The journal",
    "error": "Errors",
    "command": "Commands",
}

sys.path[:0] = [str(ROOT / "src"), str(ROOT / "docs")]


def plain(text: str) -> str:
    """A docstring's words with its cross-references as code."""
    return re.sub(r":[a-z]+:`~?([^`]+)`", r"`\1`", text).replace("``", "`")


def entry(line: str) -> str:
    """One line of a section as a list item: its names as code, then what they are."""
    names, colon, meaning = line.partition(": ")
    if not colon or "`" in names or len(names) > 60:
        return f"- {line}"
    return f"- {', '.join(f'`{name.strip()}`' for name in names.split(','))}: {meaning}"


def described(thing: Any) -> Iterator[str]:
    """A docstring as Markdown: its sections become lists."""
    in_section = False
    indented_by = 0
    for line in plain(inspect.getdoc(thing) or "").splitlines():
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if SECTION.match(line):
            in_section, indented_by = True, 0
            yield from ("", f"**{stripped[:-1]}**", "")
        elif in_section and stripped and indent:
            indented_by = indented_by or indent
            yield entry(stripped) if indent == indented_by else f"  {stripped}"
        else:
            in_section = in_section and not stripped
            yield "" if line.rstrip() == "::" else line.rstrip()


def errors_page() -> list[str]:
    """The tree of errors and what each advises."""
    errors = import_module("fabrika.errors")
    tree = (inspect.getdoc(errors) or "").split("::\n\n", 1)[1].split("\n\n", 1)[0]
    lines = ["# Errors", "", "Each error says what is wrong and what to do next.", ""]
    lines += ["```text", inspect.cleandoc(tree), "```", ""]
    for name, error in vars(errors).items():
        if inspect.isclass(error) and issubclass(error, errors.FabrikaError):
            lines += [
                f"## {name}",
                "",
                *described(error),
                "",
                f"Remedy, unless the message names a better one: {error.remedy}",
                "",
            ]
    return lines


def kinds_page() -> list[str]:
    """Every kind of station."""
    kinds = import_module("fabrika.plant.kinds").KINDS
    lines = ["# Kinds of station", "", "The word after `kind:` in a plant file.", ""]
    for name in kinds:
        lines += [f"## {name}", "", *described(import_module(f"fabrika.plant.kinds.{name}")), ""]
    return lines


def glossary_page() -> list[str]:
    """Every term, by group."""
    terms = tomllib.loads((ROOT / "src/fabrika/glossary.toml").read_text(encoding="utf-8"))
    lines = ["# Glossary", ""]
    for group, title in GROUPS.items():
        lines += [f"## {title}", ""]
        for key, term in sorted(terms.items()):
            if term["group"] == group:
                notes = [f" ({term['standard']})" if "standard" in term else ""]
                notes += [f" See {', '.join(f'`{other}`' for other in term['see'].split())}." if "see" in term else ""]
                lines += [f"`{key}`, {term['term']}", f": {term['means']}{''.join(notes)}", ""]
    return lines


def run(words: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, output and complaints of the command line, at a fixed width and without colour."""
    shown = {
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "FABRIKA_LANGUAGE": "en",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-m", "fabrika", *words]
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env={**os.environ, **shown})  # noqa: S603
    told, complained = (
        "\n".join(line.rstrip() for line in part.decode().splitlines()) for part in (done.stdout, done.stderr)
    )
    return done.returncode, told, complained


def fabrika(*words: str) -> str:
    """What the command line prints."""
    code, told, complained = run(words)
    if code:
        raise ImportError(complained)
    return told


def session(first_line: str) -> str:
    """A lesson's command and what it prints: a refusal (exit code 1) tells its reasons, anything else is our mistake."""
    code, told, complained = run(shlex.split(first_line.removeprefix("$ ./fabrika")))
    if code > 1:
        raise SystemExit(f"{first_line}\n{complained}")
    return "\n".join((first_line, complained.strip() if code else told.strip(), ""))


def commands_page() -> list[str]:
    """The help of every command."""
    lines = ["# Commands", "", "Called as `./fabrika COMMAND`.", ""]
    for name in import_module("fabrika.faces.cli.app").COMMANDS:
        command = getattr(import_module(f"fabrika.faces.cli.{name}"), name)
        lines += [f"## {name}", "", "```text", fabrika(name, "--help").strip(), "```", ""]
        for part in () if inspect.isfunction(command) else sorted(command):
            if not part.startswith("-"):
                lines += [f"### {name} {part}", "", "```text", fabrika(name, part, "--help").strip(), "```", ""]
    return lines


def type_word(schema: dict[str, Any]) -> str:
    """The type of one property of a JSON Schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " or ".join(type_word(part) for part in schema[union])
    if schema.get("type") == "array":
        return f"list of {type_word(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def properties(schema: dict[str, Any]) -> Iterator[str]:
    """The properties of an object of a JSON Schema as a table."""
    yield from ("| key | value | needed | meaning |", "|---|---|---|---|")
    for key, value in schema.get("properties", {}).items():
        needed = "yes" if key in schema.get("required", []) else ""
        meaning = plain(value.get("description", "")).replace("\n", " ").replace("|", "\\|")
        yield f"| `{key}` | {type_word(value)} | {needed} | {meaning} |"


def schema_page() -> list[str]:
    """The plant file's JSON Schema as tables."""
    import_module("fabrika.faces.cli.schema")
    schema = json.loads(fabrika("schema"))
    lines = [
        "# Plant file",
        "",
        "Every key of a plant file. `./fabrika schema` prints the same as JSON Schema for editors.",
        "",
    ]
    lines += ["## The file", "", plain(schema.get("description", "")), "", *properties(schema), ""]
    for name, part in sorted(schema.get("$defs", {}).items()):
        lines += [f"## {name}", "", plain(part.get("description", "")), ""]
        lines += list(properties(part)) if "properties" in part else [f"Written as: {type_word(part)}."]
        lines += [""]
    return lines


def signature(function: Any) -> str:
    """A function's signature as it is written."""
    return re.sub(r"<function (\w+) at \w+>", r"\1", str(inspect.signature(function)).replace("'", ""))


def library_page() -> list[str]:
    """What ``import fabrika`` offers."""
    library = import_module("fabrika.app.library")
    lines = ["# Library", "", "The same in Python: `import fabrika`. The command line uses nothing else.", ""]
    public = {name: thing for name, thing in vars(library).items() if not name.startswith("_")}
    mine = ["read", "simulate", "prove"]
    mine += [name for name, thing in public.items() if inspect.isclass(thing) and thing.__module__ == library.__name__]
    mine += [name for name in ("SimulationResult", "ProofResult") if name in public]
    for name in mine:
        thing = public[name]
        lines += [f"## {name}", ""]
        if inspect.isfunction(thing):
            lines += ["```text", name + signature(thing), "```", ""]
        lines += [*described(thing), ""]
        members = vars(thing).items() if inspect.isclass(thing) else ()
        for member, value in members:
            function = value.fget if isinstance(value, property) else value
            if not member.startswith("_") and inspect.isfunction(function):
                lines += [f"### {name}.{member}", ""]
                if function is value:
                    lines += ["```text", member + signature(function), "```", ""]
                lines += [*described(function), ""]
    return lines


def results_page() -> list[str]:
    """What ``simulate``, ``prove`` and ``score --json`` print, as tables."""
    result_schemas = import_module("result_schemas")
    lines = [
        "# Results",
        "",
        "What `simulate`, `prove` and `score --json` print, and what the rows of the library's results hold.",
        "The same as JSON Schema: {download}`simulation.schema.json`, {download}`proof.schema.json` and",
        "{download}`score.schema.json`.",
        "",
        "Fields may be added within a version of the schema; none is removed or given another meaning.",
        "",
    ]
    shown: set[str] = set()
    made = (
        ("The result of simulate", "simulation"),
        ("The result of prove", "proof"),
        ("The result of score", "score"),
    )
    for title, make in made:
        schema = getattr(result_schemas, make)()
        lines += [f"## {title}", "", schema["description"], "", *properties(schema), ""]
        for name, part in sorted(schema["$defs"].items()):
            if name not in shown:
                lines += [f"### {name}", "", part["description"], "", *properties(part), ""]
            shown.add(name)
    return lines


def events_page() -> list[str]:
    """Every kind of event, by room."""
    catalog = import_module("fabrika.events.catalog").CATALOG
    lines = ["# Events", "", "What the journal can hold: facts that happened, by the room that tells them.", ""]
    room = ""
    for kind in catalog.kinds:
        if kind.NAME.partition(".")[0] != room:
            room = kind.NAME.partition(".")[0]
            lines += [f"## {room}", "", *described(import_module(f"fabrika.events.{room}")), ""]
        lines += [f"### {kind.NAME}", "", f"Version {kind.VERSION}.", "", *described(kind), ""]
        fields = import_module("msgspec").structs.fields(kind)
        for title, needed in (("Fields", True), ("May be absent", False)):
            names = [f"`{field.name}`" for field in fields if field.required is needed]
            lines += [f"{title}: {', '.join(names)}.", ""] if names else []
    return lines


def roles_page() -> list[str]:
    """Acts, first screens and the usual roles."""
    acts, roles = import_module("fabrika.plant.acts"), import_module("fabrika.plant.roles")
    lines = ["# Roles", "", "The words after `may:`, `two_people:` and `first:` in a plant file.", "", "## Acts", ""]
    lines += ["| act | allows to | may need two people |", "|---|---|---|"]
    lines += [f"| `{act}` | {means} | {'' if act in acts.ALONE else 'yes'} |" for act, means in acts.ACTS.items()]
    lines += ["", "## First screens", "", "| word | page | needs |", "|---|---|---|"]
    lines += [f"| `{word}` | `{screen.page}` | `{screen.act}` |" for word, screen in roles.FIRST_SCREENS.items()]
    lines += ["", "## The usual roles", "", "In force where a plant file names none.", ""]
    lines += ["| id | name | first | may |", "|---|---|---|---|"]
    for role in roles.usual_roles():
        may = ", ".join(f"`{act}`" for act in acts.ACTS if act in role.may)
        lines += [f"| `{role.id}` | {role.name} | `{roles.screen_of(role)}` | {may} |"]
    return lines


PAGES: dict[str, Callable[[], list[str]]] = {
    "commands": commands_page,
    "errors": errors_page,
    "events": events_page,
    "glossary": glossary_page,
    "kinds": kinds_page,
    "library": library_page,
    "plant-file": schema_page,
    "results": results_page,
    "roles": roles_page,
}
SCHEMAS = ("simulation", "proof", "score")


def pages() -> dict[Path, str]:
    """Every page that can be made now."""
    made = {}
    for name, make in PAGES.items():
        try:
            lines = make()
        except (ImportError, AttributeError) as missing:
            print(f"docs/lookup/{name}.md: left out, its source is not there yet ({missing})", file=sys.stderr)
            continue
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        made[LOOKUP / f"{name}.md"] = (
            f"<!-- Written by docs/generate.py; edit the source it names instead. -->\n\n{text}\n"
        )
    for name in SCHEMAS:
        schema = getattr(import_module("result_schemas"), name)()
        made[LOOKUP / f"{name}.schema.json"] = json.dumps(schema, indent=2) + "\n"
    for path in sorted(SESSIONS.glob("*.txt")):
        made[path] = session(path.read_text(encoding="utf-8").splitlines()[0])
    return made


def main() -> int:
    """Write the pages, or with ``--check`` say which differ."""
    made = pages()
    files = [path for path in LOOKUP.glob("*.md") if path.name != "index.md"]
    files += [*LOOKUP.glob("*.json"), *SESSIONS.glob("*.txt")]
    present = {path: path.read_text(encoding="utf-8") for path in files}
    different = sorted(path for path in made.keys() | present.keys() if made.get(path) != present.get(path))
    if "--check" in sys.argv[1:]:
        for path in different:
            print(f"{path.relative_to(ROOT)} differs from its source: run ./fabrika python docs/generate.py")
        return 1 if different else 0
    for path in different:
        if path in made:
            path.write_text(made[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())

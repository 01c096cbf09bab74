"""The messages of the faces and their translations.

::

    ./fabrika python recipes/messages.py            gather the messages of the source into every catalogue, then compile
    ./fabrika python recipes/messages.py --missing  tell which messages lack a translation

Messages are what stands literally in ``say``, ``say_many``, ``message`` and ``Worded`` in the source, in
``say`` and ``say_many`` in the templates, the terms of the glossary that the report explains, what acts mean, and the names of
the usual roles. Obsolete ones are dropped.
"""

from __future__ import annotations

import argparse
import ast
import io
import struct
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "fabrika"
LOCALE = SOURCE / "faces" / "locale"
CALLS = {"say": 1, "message": 1, "Worded": 1, "say_many": 2}
"""Functions that take messages, and how many of their first arguments are messages."""

Message = str | tuple[str, str]
"""What is translated; a pair where it has a plural."""

PLURALS = {
    "sq": "nplurals=2; plural=(n != 1);",
    "sr_Latn": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
    ),
    "tr": "nplurals=2; plural=(n > 1);",
}
"""Languages with their plural forms (Unicode CLDR; Turkish in gettext's usual two, which Babel would make one)."""

NAMES = {"sq": "Albanian", "sr_Latn": "Serbian (Latin)", "tr": "Turkish"}


def messages() -> Iterator[tuple[Message, str]]:
    """Every message, a pair where it has a plural, and the file in which it stands."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield from _called(path)
    for path in sorted(SOURCE.rglob("*.j2")):
        yield from _in_template(path)
    from fabrika.faces.report import terms
    from fabrika.plant.acts import ACTS
    from fabrika.plant.kinds import KINDS
    from fabrika.plant.roles import usual_roles

    glossary = terms.glossary()
    for key in terms.explained_keys():
        yield glossary[key].term, "src/fabrika/glossary.toml"
        yield glossary[key].means, "src/fabrika/glossary.toml"
    for kind in KINDS:
        yield glossary[kind].term, "src/fabrika/glossary.toml"
    for meaning in ACTS.values():
        yield meaning, "src/fabrika/plant/acts.py"
    for role in usual_roles():
        yield role.name, "src/fabrika/plant/usual_roles.toml"


def _called(path: Path) -> Iterator[tuple[Message, str]]:
    """Messages that stand literally in calls of a Python file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if name in CALLS:
            texts = [arg.value for arg in node.args[: CALLS[name]] if isinstance(arg, ast.Constant)]
            if len(texts) == CALLS[name] and all(isinstance(text, str) for text in texts):
                yield (texts[0] if len(texts) == 1 else (texts[0], texts[1])), str(path.relative_to(ROOT))


def _in_template(path: Path) -> Iterator[tuple[Message, str]]:
    """Messages of a template."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    tree = environment.parse(path.read_text(encoding="utf-8"))
    for _, name, found in extract_from_ast(tree, tuple(CALLS), babel_style=False):
        texts = [text for text in found if text is not None][: CALLS[name]]
        yield (texts[0] if len(texts) == 1 else (texts[0], texts[1])), str(path.relative_to(ROOT))


def gathered(language: str) -> Catalog:
    """The catalogue of a language: its translations so far, for the messages of the source and no other."""
    old, made = stored(language), Catalog()
    made.mime_headers = [("Plural-Forms", PLURALS[language])]
    places: dict[Message, set[str]] = {}
    for found, place in messages():
        places.setdefault(found, set()).add(place)
    for found in sorted(places, key=str):
        before = old.get(found)
        fits = before is not None and (before.id == found)
        made.add(found, before.string if fits else None, locations=[(place, None) for place in sorted(places[found])])
    return made


def stored(language: str) -> Catalog:
    """The catalogue as it lies in the source."""
    path = po_path(language)
    return read_po(io.StringIO(path.read_text(encoding="utf-8"))) if path.exists() else Catalog()


def po_path(language: str) -> Path:
    """Where the translations of a language lie as text."""
    return LOCALE / language / "LC_MESSAGES" / "fabrika.po"


def header(language: str) -> str:
    """What gettext must know of a catalogue; without dates, so that it is the same on every day."""
    return f"Language: {language}\nContent-Type: text/plain; charset=utf-8\nPlural-Forms: {PLURALS[language]}\n"


def as_text(catalogue: Catalog, language: str) -> str:
    """A catalogue as the text of its file."""
    out = io.BytesIO()
    write_po(out, catalogue, width=120, omit_header=True, include_lineno=False)
    head = [f"# {NAMES[language]} words of Fabrika.", 'msgid ""', 'msgstr ""']
    head += [f'"{line}\\n"' for line in header(language).splitlines()]
    return "\n".join(head) + "\n\n" + out.getvalue().decode().strip() + "\n"


def compiled(catalogue: Catalog, language: str) -> bytes:
    """A catalogue in the form that gettext reads (GNU gettext manual 0.22, section 10.3)."""
    rows = {b"": header(language).encode()}
    for entry in catalogue:
        if entry.id and all(_forms(entry.string)):
            key = "\0".join(_forms(entry.id))
            rows[key.encode()] = "\0".join(_forms(entry.string)).encode()
    keys = sorted(rows)
    begin = 28 + 16 * len(keys)
    tables, texts = [], b""
    for column in (keys, [rows[key] for key in keys]):
        for text in column:
            tables.append(struct.pack("<II", len(text), begin + len(texts)))
            texts += text + b"\0"
    first = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, begin)
    return first + b"".join(tables) + texts


def missing(catalogue: Catalog) -> list[str]:
    """Messages that lack a translation or one of its forms."""
    return [_forms(entry.id)[0] for entry in catalogue if entry.id and not all(_forms(entry.string))]


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def main() -> int:
    """Gather and compile, or only tell what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--missing", action="store_true", help="only tell what is missing")
    only_told = parser.parse_args().missing
    lacking = 0
    for language in PLURALS:
        catalogue = gathered(language)
        for text in missing(catalogue):
            lacking += 1
            print(f"{language}: {text}")
        if not only_told:
            path = po_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_text(catalogue, language), encoding="utf-8")
            path.with_suffix(".mo").write_bytes(compiled(catalogue, language))
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main())

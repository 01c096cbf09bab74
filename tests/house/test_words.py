"""Everything registered is documented, explained in the glossary, and drawn where it must be."""

from __future__ import annotations

import inspect
import pickle
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from fabrika import errors
from house.registries import ROOT, commands, counts, error_classes, glossary, kinds, kpis, library, states


def available(registry) -> list[str]:
    """Names in a registry; none while its module is still to be written (the test below then says so)."""
    try:
        return list(registry())
    except (ImportError, AttributeError):
        return []


def test_all_registries_are_there():
    for registry in (kinds, states, counts, kpis, commands, library, glossary):
        assert registry(), registry.__name__


@pytest.mark.parametrize("error", error_classes(), ids=lambda e: e.__name__)
def test_error_has_a_remedy_and_is_drawn(error):
    assert error.remedy.endswith(".")
    assert inspect.getdoc(error).endswith((".", ".)")) or "Attributes:" in inspect.getdoc(error)
    assert re.search(rf"(^|─ )\s*{error.__name__}\b", errors.__doc__, re.MULTILINE), "not in the tree of errors.py"


def test_the_drawn_tree_names_nothing_else():
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__))
    assert drawn == {error.__name__ for error in error_classes()}


@pytest.mark.parametrize("error", error_classes(), ids=lambda e: e.__name__)
def test_error_survives_the_way_between_processes(error):
    example = {
        "PlantFileError": ("plant.yaml", [errors.Problem(3, 7, "lines[0]", "This is wrong.", "Write that.")]),
        "UnknownParameterError": ("line.a.cycle", ["line.b.cycle"]),
    }.get(error.__name__, ("This is wrong.", "Do that."))
    sent = error(*example)
    came = pickle.loads(pickle.dumps(sent))
    assert type(came) is error
    assert (str(came), came.problem, came.remedy) == (str(sent), sent.problem, sent.remedy)
    assert vars(came) == vars(sent)


EVERY_WORD = [
    (registry.__name__, word) for registry in (kinds, states, counts, kpis, commands) for word in available(registry)
] + [("error_classes", error.__name__) for error in error_classes()]


@pytest.mark.parametrize(("registry", "word"), EVERY_WORD, ids=str)
def test_word_is_in_the_glossary(registry, word):
    entry = glossary().get(word)
    assert entry is not None, f"{word} ({registry}) has no entry in src/fabrika/glossary.toml"


@pytest.mark.parametrize("key", list(glossary()))
def test_glossary_entry_is_whole(key):
    entry = glossary()[key]
    assert set(entry) <= {"term", "group", "means", "see", "standard"}
    assert entry["term"]
    assert entry["means"].endswith(".")
    assert entry["group"] in {"plant", "kind", "time", "state", "count", "kpi", "proof", "journal", "error", "command"}
    assert all(other in glossary() for other in entry.get("see", "").split())


@pytest.mark.parametrize("name", available(kinds))
def test_kind_has_a_file_and_says_what_it_is(name):
    module = import_module(f"fabrika.plant.kinds.{name}")
    assert inspect.getdoc(module)


@pytest.mark.parametrize("name", available(kinds))
def test_kind_is_used_by_a_plant_that_reads_and_travels(name):
    import fabrika

    pattern = re.compile(rf"\bkind:\s*{name}\b")
    files = [p for p in sorted((ROOT / "plants").rglob("*.yaml")) if pattern.search(p.read_text(encoding="utf-8"))]
    assert files, f"no plant under plants/ has a station of kind {name}"
    model = fabrika.read(files[0])
    plant = getattr(model, "plant", model)
    assert name in {station.kind for line in plant.lines for station in line.stations}
    assert pickle.loads(pickle.dumps(plant)) == plant


@pytest.mark.parametrize("name", available(commands))
def test_command_is_there_and_says_how_it_is_used(name):
    command = getattr(import_module(f"fabrika.faces.cli.{name}"), name)
    assert inspect.getdoc(command) or command.help  # a family of commands is an object with a help of its own
    done = subprocess.run(
        [sys.executable, "-m", "fabrika", name, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"fabrika {name}" in done.stdout


@pytest.mark.parametrize("name", library())
def test_library_name_is_offered(name):
    import fabrika

    assert inspect.getdoc(getattr(fabrika, name))


def test_unknown_command_is_misuse_and_says_what_there_is():
    done = subprocess.run([sys.executable, "-m", "fabrika", "prov"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "prove" in done.stderr


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"\./fabrika(?: +([a-z]+))?", text)))


@pytest.mark.parametrize("word", readme_commands())
def test_readme_names_commands_that_exist(word):
    assert word in {"", "test", "bench", "mutate", "python", *commands()}


def test_readme_links_lead_somewhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)]
    assert links
    assert all((ROOT / Path(link)).exists() for link in links if link)

from __future__ import annotations

import os

import pytest

import fabrika
from fabrika.app.files import zone_of
from fabrika.errors import ChangeRefusedError, PlantFileError, UnknownParameterError

SMALLEST = """\
fabrika: 1
plant: {name: two machines}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: exponential(1 s)}
      - {id: b, kind: machine, cycle: exponential(1 s), buffer: 3}
"""


@pytest.fixture
def smallest(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text(SMALLEST)
    return path


def test_a_folder_means_its_plant_file(smallest):
    assert fabrika.read(smallest.parent).plant == fabrika.read(str(smallest)).plant


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("nowhere.yaml", "no such file"),
        ("empty-folder", "holds no plant.yaml"),
        ("deep/er/nowhere", "no such file"),
        ("a\0b", "cannot be read"),
        ("x" * 300, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, wrong):
    (tmp_path / "empty-folder").mkdir()
    with pytest.raises(PlantFileError) as caught:
        fabrika.read(tmp_path / name)
    (problem,) = caught.value.problems
    assert wrong in problem.wrong
    assert problem.remedy.endswith(".")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PlantFileError, match="1 problem"):
        fabrika.read(tmp_path / "pipe")


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff\xfe\x01", b"[" * 100_000, SMALLEST.encode("utf-16"), b" " * 5_000_000]
)
def test_files_that_hold_no_plant_are_refused(tmp_path, data):
    path = tmp_path / "plant.yaml"
    path.write_bytes(data)
    with pytest.raises(PlantFileError):
        fabrika.read(path)


def test_zones_are_those_of_the_tz_database():
    assert zone_of("Europe/Belgrade") is not None
    assert zone_of("Europe/Nowhere") is None
    assert zone_of("../../etc/passwd") is None
    assert zone_of("") is None


def test_what_if_is_a_new_plant(smallest):
    model = fabrika.read(smallest)
    changed = model.replace("line.b.cycle", "0.9 s").replace("line.b.buffer", "7")
    values = {row.path: row.value for row in changed.parameters()}
    assert (values["line.b.cycle"], values["line.b.buffer"]) == (0.9, 7)
    assert changed.plant.changes == ("line.b.cycle = 0.9 s", "line.b.buffer = 7")
    assert model.plant.changes == ()
    with pytest.raises(UnknownParameterError):
        model.replace("line.c.cycle", "1 s")
    with pytest.raises(ChangeRefusedError):
        model.replace("line.a.cycle", "-1 s")

"""``fabrika plant`` on a data folder: what a file changes, what is refused, and the editions of a book."""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from fabrika.app.sitemap import COMMANDS
from fabrika.events.codec import write
from fabrika.events.fields import Key
from fabrika.events.production import LotClosed, LotOpened
from fabrika.faces.cli.app import call

GIVEN = {command.name: command for command in COMMANDS}
PLANT = """\
fabrika: 1
plant: {id: works, name: Works}
roles:
  - {id: office, may: [see_plant, see_people, manage_people]}
  - {id: head, may: [see_plant, amend_plant]}
  - {id: lead, may: [see_plant, report_production]}
lines:
  - id: line
    stations:
      - {id: press, kind: machine, cycle: 1 s}
      - {id: pack, kind: machine, cycle: 1 s, buffer: 5}
"""
TWO = PLANT.replace("lines:\n", "two_people: [amend_plant]\nlines:\n")


@pytest.fixture
def make(tmp_path):
    """A plant's data folder with some persons in their roles."""

    def made(text: str = PLANT, **persons: str) -> Path:
        data = tmp_path / "data"
        adopt(BookFolder(data), written(tmp_path, text, "first.yaml"), "plant")
        with_service(data, lambda service: enrol(service, persons))
        return data

    return made


def written(folder: Path, text: str, name: str | None = None) -> Path:
    path = folder / (name or f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.yaml")
    path.write_text(text, encoding="utf-8")
    return path


def with_service(data: Path, work):
    service = PlantService.opened(BookFolder(data))
    try:
        return work(service)
    finally:
        service.close()


def enrol(service: PlantService, persons: dict[str, str]) -> None:
    service.first("p-0")
    for person, role in persons.items():
        service.do(GIVEN["personnel.enrol"], "p-0", {"person": person}, key=f"enrol-{person}")
        service.do(GIVEN["personnel.grant"], "p-0", {"person": person, "role": role}, key=f"grant-{person}")


def said(capsys, *words) -> tuple[int, str, str]:
    code = call(["plant", *map(str, words)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def amend(capsys, data, file, *more) -> tuple[int, str, str]:
    return said(capsys, "amend", file, "--data", data, *more)


def size(data: Path) -> int:
    reader = BookFolder(data).reader()
    try:
        return reader.size()
    finally:
        reader.close()


def test_a_file_is_put_in_force_and_listed(make, tmp_path, capsys) -> None:
    data = make(ann="head")
    new = written(tmp_path, PLANT.replace("buffer: 5", "buffer: 8"))
    code, out, err = amend(capsys, data, new, "--yes", "--reason", "More places")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["changed: line.pack.buffer from 5 to 8", "Edition 2 is in force."]
    code, out, _ = said(capsys, "editions", "--data", data)
    first, second = out.splitlines()
    assert code == 0
    assert first.split()[0] == "1"
    assert second.split()[0] == "2"
    assert second.endswith("ann  More places")
    assert said(capsys, "show", 2, "--data", data)[1] == new.read_text(encoding="utf-8")
    assert said(capsys, "show", 1, "--data", data)[1] == PLANT
    assert said(capsys, "show", 2, "--changes", "--data", data)[1] == "changed: line.pack.buffer from 5 to 8\n"
    assert said(capsys, "show", 1, "--changes", "--data", data)[1] == "This is the first edition.\n"
    # And back again: another edition, not the old one.
    code, out, _ = amend(capsys, data, written(tmp_path, PLANT), "--yes", "--reason", "Too many", "--person", "ann")
    assert (code, out.splitlines()[-1]) == (0, "Edition 3 is in force.")


def test_without_yes_it_is_only_shown(make, tmp_path, capsys) -> None:
    data = make(ann="head")
    before = size(data)
    code, out, _ = amend(capsys, data, written(tmp_path, PLANT.replace("buffer: 5", "buffer: 8")), "--reason", "x")
    assert code == 0
    assert "from 5 to 8" in out
    assert "Nothing was changed" in out
    assert size(data) == before


class Typed(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "edition"), [("yes\n", 2), ("no\n", 1), ("\n", 1), ("", 1)])
def test_at_a_terminal_it_asks(make, tmp_path, capsys, monkeypatch, answer, edition) -> None:
    data = make(ann="head")
    monkeypatch.setattr(sys, "stdin", Typed(answer))
    code, out, err = amend(capsys, data, written(tmp_path, PLANT.replace("buffer: 5", "buffer: 8")), "--reason", "x")
    assert code == 0
    assert "Write `yes`" in err
    assert ("is in force" in out) == (edition == 2)
    assert len(said(capsys, "editions", "--data", data)[1].splitlines()) == edition


@pytest.mark.parametrize("language", ["sq", "sr_Latn", "tr"])
def test_it_speaks_the_reader_s_language(make, tmp_path, capsys, language) -> None:
    data = make(ann="head", ben="lead")
    gone = PLANT.replace("  - {id: lead, may: [see_plant, report_production]}\n", "")
    code, out, err = amend(capsys, data, written(tmp_path, gone), "--language", language)
    assert code == 2
    assert "removed" not in out
    assert "ben" in err
    assert "holds" not in err


def test_comments_make_no_edition(make, tmp_path, capsys) -> None:
    data = make(ann="head")
    before = size(data)
    code, out, _ = amend(capsys, data, written(tmp_path, f"# said better\n{PLANT}"), "--yes", "--reason", "x")
    assert code == 0
    assert "edition 1 stays" in out
    assert size(data) == before


def test_two_people(make, tmp_path, capsys) -> None:
    data = make(TWO, ann="head", ben="head")
    new = written(tmp_path, TWO.replace("buffer: 5", "buffer: 8"))
    code, _, err = amend(capsys, data, new, "--yes", "--reason", "More places")
    assert code == 2
    assert "`--person`: ann, ben." in err
    code, out, _ = amend(capsys, data, new, "--yes", "--reason", "More places", "--person", "ann")
    assert code == 0
    assert "Proposed by ann" in out
    assert len(said(capsys, "editions", "--data", data)[1].splitlines()) == 1

    def approve(service: PlantService) -> int:
        (proposal,) = service.states()["personnel"].proposals
        service.do(GIVEN["personnel.approve"], "ben", {"proposal": proposal}, key="approve-1")
        return service.edition

    assert with_service(data, approve) == 2


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        (("--person", "p-1"), "do not allow"),
        (("--person", "nobody"), "do not allow"),
        ((), "A change of the plant needs a reason."),
        (("--reason", ""), "field"),
        (("--reason", "\u202eturned"), "signs that may not stand"),
    ],
)
def test_what_a_person_must_say(make, tmp_path, capsys, more, wrong) -> None:
    data = make(ann="head", **{"p-1": "lead"})
    before = size(data)
    new = written(tmp_path, PLANT.replace("buffer: 5", "buffer: 8"))
    code, _, err = amend(capsys, data, new, "--yes", *more)
    assert code == 2
    assert wrong in err
    assert size(data) == before


def test_nobody_may_amend_yet(make, tmp_path, capsys) -> None:
    data = make()
    code, _, err = amend(capsys, data, written(tmp_path, PLANT.replace("buffer: 5", "buffer: 8")), "--yes")
    assert code == 2
    assert "Nobody holds a role that may amend the plant." in err
    assert "head" in err


def test_open_work_is_not_broken(make, tmp_path, capsys) -> None:
    data = make(ann="head", ben="lead")
    epoch = "0" * 16
    opened = LotOpened(lot="lot-7", order="o-1", product="a", line="line", edition=1)
    lot = write(opened, plant="works", key=Key("line-1", epoch, 0), previous=None, at_us=10**15)
    with_service(data, lambda service: service.take([lot]))
    new = written(
        tmp_path, PLANT.replace("      - {id: press, kind: machine, cycle: 1 s}\n", "").replace(", buffer: 5", "")
    )
    code, out, err = amend(capsys, data, new, "--yes", "--reason", "x")
    assert code == 2
    assert "removed: station line.press" in out
    assert "Lot lot-7 is open, and station line.press of its line goes." in err
    assert "(lead)" in err
    gone = written(tmp_path, PLANT.replace("  - {id: lead, may: [see_plant, report_production]}\n", ""))
    assert "ben holds the role lead, which goes." in amend(capsys, data, gone, "--yes", "--reason", "x")[2]
    # The server decides by the same rule, whoever asks it.
    refused = with_service(data, lambda service: refusal(service, new))
    assert "Lot lot-7 is open" in refused
    closed = write(
        LotClosed(lot="lot-7", good=5, scrapped=0, person="ben"),
        plant="works",
        key=Key("line-1", epoch, 1),
        previous=digest(lot),
        at_us=10**15 + 1,
    )
    with_service(data, lambda service: service.take([closed]))
    assert amend(capsys, data, new, "--yes", "--reason", "x")[0] == 0
    # The id is gone for ever, but for the same thing.
    other = PLANT.replace(
        "{id: press, kind: machine, cycle: 1 s}", "{id: press, kind: inspection, cycle: 1 s, rejects: 1 %}"
    )
    code, _, err = amend(capsys, data, written(tmp_path, other), "--yes", "--reason", "x")
    assert code == 2
    assert "The id line.press (station) meant something else in an earlier edition." in err
    assert amend(capsys, data, written(tmp_path, PLANT), "--yes", "--reason", "x")[0] == 0


def digest(message) -> str:
    from fabrika.events.codec import digest as of

    return of(message.data)


def refusal(service: PlantService, file: Path) -> str:
    from fabrika.errors import ActRefusedError

    form = {"file": service.keep_file(file.read_bytes()), "reason": "x"}
    with pytest.raises(ActRefusedError) as caught:
        service.do(GIVEN["editions.amend"], "ann", form, key="amend-by-form")
    return str(caught.value)


def test_a_role_that_is_renamed_keeps_its_holders(make, tmp_path, capsys) -> None:
    data = make(ann="head", ben="lead")
    new = written(tmp_path, PLANT.replace("{id: head,", "{id: director, was: head,"))
    assert amend(capsys, data, new, "--yes", "--reason", "x")[0] == 0
    again = written(
        tmp_path, PLANT.replace("{id: head,", "{id: director, was: head,").replace("buffer: 5", "buffer: 6")
    )
    code, out, _ = amend(capsys, data, again, "--yes", "--reason", "x")
    assert (code, out.splitlines()[-1]) == (0, "Edition 3 is in force.")


def test_while_a_server_runs_it_is_told_where_to_go(make, tmp_path, capsys) -> None:
    data = make(ann="head")
    new = written(tmp_path, PLANT.replace("buffer: 5", "buffer: 8"))
    code, out, err = with_service(data, lambda _: amend(capsys, data, new, "--yes", "--reason", "x"))
    assert code == 2
    assert "from 5 to 8" in out
    assert "The plant's server is running" in err
    assert "`/plant`" in err
    assert len(with_service(data, lambda _: said(capsys, "editions", "--data", data))[1].splitlines()) == 1


def test_another_plant_and_broken_files(make, tmp_path, capsys) -> None:
    data = make(ann="head")
    code, out, err = amend(capsys, data, written(tmp_path, PLANT.replace("id: works", "id: mill")), "--yes")
    assert (code, out) == (2, "")
    assert "`id: works`" in err
    code, _, err = amend(capsys, data, written(tmp_path, PLANT.replace("cycle: 1 s}", "cycle: 1}")), "--yes")
    assert code == 1
    assert "has no unit" in err
    assert amend(capsys, data, tmp_path / "none.yaml", "--yes")[0] == 1
    assert amend(capsys, tmp_path / "nowhere", written(tmp_path, PLANT), "--yes")[0] == 2
    assert said(capsys, "show", 7, "--data", data)[0] == 2
    assert said(capsys, "editions", "--data", tmp_path / "nowhere")[0] == 2

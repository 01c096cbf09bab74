"""The only one who manages people is not locked out by a plant file that wants two."""

from __future__ import annotations

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from fabrika.app.sitemap import COMMANDS

PLANT = """\
fabrika: 1
plant: {id: works, name: Works}
roles: [{id: office, may: [see_plant, see_people, manage_people]}, {id: lead, may: see_plant}]
two_people: [manage_people]
lines: [{id: line, stations: [{id: a, kind: machine, cycle: 1 s}]}]
"""
GIVEN = {command.name: command for command in COMMANDS}


def do(service: PlantService, name: str, by: str, /, **form):
    return service.do(GIVEN[name], by, form, key=f"{name} {by} {sorted(form.items())}")


def test_two_manage_people_only_once_there_are_two(tmp_path):
    file = tmp_path / "plant.yaml"
    file.write_text(PLANT)
    adopt(BookFolder(tmp_path / "data"), file, "plant")
    service = PlantService.opened(BookFolder(tmp_path / "data"))
    service.first("ann")
    assert do(service, "personnel.enrol", "ann", person="ben").proposal is None
    assert do(service, "personnel.grant", "ann", person="ben", role="office").proposal is None
    proposal = do(service, "personnel.enrol", "ann", person="cora").proposal
    assert proposal is not None
    assert "cora" not in service.states()["personnel"].persons
    do(service, "personnel.approve", "ben", proposal=proposal)
    assert "cora" in service.states()["personnel"].persons
    service.close()

"""The way in: the bytes of a plant file become a plant, or all the problems that it has."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from fabrika.errors import PlantFileError
from fabrika.plant.build import ZoneOf, build
from fabrika.plant.document import compose
from fabrika.plant.draft import Draft
from fabrika.plant.findings import Findings
from fabrika.plant.guard import guard
from fabrika.plant.model import Plant
from fabrika.plant.shape import shape


def read_plant(data: bytes, file: str, zone_of: ZoneOf) -> Plant:
    """The plant that a file describes.

    Args:
        data: the bytes of the file.
        file: its name as the user gave it, for messages.
        zone_of: the time zone of an IANA name, None if there is none.

    Raises:
        PlantFileError: with every problem found, each with its line, its column and a remedy.
    """
    text, problems = guard(data)
    findings = Findings()
    findings.problems.extend(problems)
    plant = None if problems else _read(text, findings, zone_of)
    if plant is None or findings.problems:
        raise PlantFileError(file, findings.listed())
    return replace(plant, sha256=hashlib.sha256(data).hexdigest())


def _read(text: str, findings: Findings, zone_of: ZoneOf) -> Plant | None:
    tree = compose(text, findings)
    form, lost = shape(tree, findings) if tree is not None else (None, None)
    if form is not None and lost is not None:
        return build(Draft(form, findings, lost), zone_of)
    if not findings.problems:
        findings.at(0, 0, "", "The file holds no plant.", "Begin it with `fabrika: 1`.")
    return None

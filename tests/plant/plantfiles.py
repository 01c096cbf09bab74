"""Plant files for these tests: how to read one, and where those of the project lie."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from fabrika.errors import PlantFileError, Problem
from fabrika.plant.model import Plant
from fabrika.plant.read import read_plant

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").iterdir())
TEACHING = sorted((HERE.parents[1] / "plants" / "teaching").glob("*.yaml"))


def zone_of(name: str) -> tzinfo | None:
    """The time zone of an IANA name, as the app floor looks it up."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read(text: str) -> Plant:
    """The plant of a valid text."""
    return read_plant(text.encode(), "plant.yaml", zone_of)


def problems(data: str | bytes) -> list[Problem]:
    """All problems of a broken file."""
    with pytest.raises(PlantFileError) as caught:
        read_plant(data.encode() if isinstance(data, str) else data, "plant.yaml", zone_of)
    return caught.value.problems


def line_of(stations: str, around: str = "") -> str:
    """A plant file with one line of these stations."""
    body = "\n".join(f"      {row}" for row in stations.strip().splitlines())
    return f"fabrika: 1\nplant: {{name: x}}\n{around}lines:\n  - id: line\n    stations:\n{body}\n"

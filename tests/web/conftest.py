"""A plant served in this process for Django's client, and one served by the real server for what only that shows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from web.browsers import Server, Site, served

ROOT = Path(__file__).resolve().parents[2]
PLANT = ROOT / "plants" / "teaching" / "two-machines.yaml"


@pytest.fixture(scope="session")
def adopted(tmp_path_factory) -> Path:
    """A data folder that has adopted a small plant; to be copied."""
    folder = tmp_path_factory.mktemp("adopted") / "data"
    adopt(BookFolder(folder), PLANT, "plant")
    return folder


@pytest.fixture
def data(adopted, tmp_path) -> Path:
    """A data folder of one's own."""
    return Path(shutil.copytree(adopted, tmp_path / "data"))


@pytest.fixture
def site(data) -> Iterator[Site]:
    """The plant served in this process, with an administrator."""
    service = PlantService.opened(BookFolder(data))
    try:
        yield Site.opened(service, data)
    finally:
        service.close()


@pytest.fixture
def server(data) -> Iterator[Server]:
    """The plant served by ``fabrika serve`` in a process of its own."""
    with served(data) as found:
        yield found

"""A plant served in this process for Django's client, and one served by the real server for what only that shows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from web.browsers import Server, Site, served

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt

ROOT = Path(__file__).resolve().parents[2]
PLANT = ROOT / "plants" / "teaching" / "two-machines.yaml"


@pytest.fixture(scope="session")
def fresh(tmp_path_factory) -> Path:
    """A data folder that has adopted a small plant and was never served; to be copied."""
    folder = tmp_path_factory.mktemp("fresh") / "data"
    adopt(BookFolder(folder), PLANT, "plant")
    return folder


@pytest.fixture(scope="session")
def begun(fresh, tmp_path_factory) -> Path:
    """The same with an administrator who has chosen a password; to be copied."""
    folder = Path(shutil.copytree(fresh, tmp_path_factory.mktemp("begun") / "data"))
    service = PlantService.opened(BookFolder(folder))
    Site(service, folder).configured().begun()
    service.close()
    return folder


@pytest.fixture
def data(begun, tmp_path) -> Path:
    """A data folder of one's own."""
    return Path(shutil.copytree(begun, tmp_path / "data"))


@pytest.fixture
def site(data) -> Iterator[Site]:
    """The plant served in this process."""
    service = PlantService.opened(BookFolder(data))
    try:
        yield Site(service, data).configured()
    finally:
        service.close()


@pytest.fixture
def server(data) -> Iterator[Server]:
    """The plant served by ``fabrika serve`` in a process of its own."""
    with served(data) as found:
        yield found

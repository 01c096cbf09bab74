"""What tests of the storages share: a PostgreSQL server for each process of tests."""

from __future__ import annotations

import pytest

from storage import postgres_server


@pytest.fixture(scope="session")
def postgres():
    """A running server; see :mod:`storage.postgres_server`."""
    programs = postgres_server.programs()
    if programs is None:
        pytest.skip(postgres_server.MISSING)
    server = postgres_server.Server(programs)
    yield server
    server.stop()

"""Tablets that report at once, lose answers and meet a server that is killed: every report is in the book, once."""

from __future__ import annotations

import random
import socket

from benchmarks.tablets import run

BELOW_CLIENTS = range(20_000, 30_000)


def free_port() -> int:
    """A port that no client is given; see ``benchmarks.tablets.run``."""
    for port in random.sample(BELOW_CLIENTS, 50):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def test_nothing_is_lost_or_doubled(tmp_path):
    told = run(tmp_path / "data", 12, 4, free_port(), kills=1, after_s=0.02)
    assert told["wrong"] == []
    assert (told["reported"], told["missing"], told["doubled"], told["strange"]) == (96, 0, 0, 0)

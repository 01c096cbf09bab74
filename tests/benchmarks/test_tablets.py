"""Tablets that report at once, lose answers and meet a server that is killed: every report is in the book, once."""

from __future__ import annotations

import socket

from benchmarks.tablets import run


def test_nothing_is_lost_or_doubled(tmp_path):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    told = run(tmp_path / "data", 12, 4, port, kills=1, after_s=0.02)
    assert told["wrong"] == []
    assert (told["reported"], told["missing"], told["doubled"], told["strange"]) == (96, 0, 0, 0)

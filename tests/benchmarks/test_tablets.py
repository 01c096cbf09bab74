"""Tablets that report at once, lose answers and meet a server that is killed: every report is in the book, once."""

from __future__ import annotations

from benchmarks.tablets import run

from ports import free_port


def test_nothing_is_lost_or_doubled(tmp_path):
    told = run(tmp_path / "data", 12, 4, free_port(), kills=1, after_s=0.02)
    assert told["wrong"] == []
    assert (told["reported"], told["missing"], told["doubled"], told["strange"]) == (96, 0, 0, 0)

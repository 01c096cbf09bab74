"""``machine``: takes a unit, works for a cycle, lets it go; ``machines`` of them work in parallel."""

from __future__ import annotations

from fabrika.plant.kinds.kind import WORKING, Kind

MACHINE = Kind(
    name="machine",
    does="Takes one unit, works on it for a cycle, lets it go; several identical ones may work in parallel.",
    primitive="single",
    needs=("cycle",),
    takes=(*WORKING, "buffer", "feed", "scrap"),
)

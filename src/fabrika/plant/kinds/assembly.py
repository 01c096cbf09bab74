"""``assembly``: joins so many units of each of its ``needs`` into one; products are never mixed."""

from __future__ import annotations

from fabrika.plant.kinds.kind import WORKING, Kind

ASSEMBLY = Kind(
    name="assembly",
    does="Joins so many units of each input into one unit, in one cycle.",
    primitive="assembly",
    needs=("cycle", "needs"),
    takes=(*WORKING, "scrap"),
)

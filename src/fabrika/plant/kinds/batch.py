"""``batch``: collects ``size`` units, works on all of them for one cycle, lets them go one by one."""

from __future__ import annotations

from fabrika.plant.kinds.kind import WORKING, Kind

BATCH = Kind(
    name="batch",
    does="Collects so many units, works on all of them for one cycle, and lets them go one by one.",
    primitive="batch",
    needs=("cycle", "size"),
    takes=(*WORKING, "buffer", "feed", "scrap"),
    order="mixed",
)

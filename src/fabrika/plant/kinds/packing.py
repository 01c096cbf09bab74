"""``packing``: puts ``size`` units into one container in one cycle; from there on containers are counted as pieces."""

from __future__ import annotations

from fabrika.plant.kinds.kind import WORKING, Kind

PACKING = Kind(
    name="packing",
    does="Puts so many units into one container in one cycle; containers go on, pieces stay counted.",
    primitive="packing",
    needs=("cycle", "size"),
    takes=(*WORKING, "buffer", "feed", "scrap"),
    order="mixed",
)

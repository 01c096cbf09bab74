"""``inspection``: looks at every unit for a cycle and takes out the share it ``rejects``."""

from __future__ import annotations

from fabrika.plant.kinds.kind import WORKING, Kind

INSPECTION = Kind(
    name="inspection",
    does="Looks at each unit for a cycle and takes out the share that it rejects.",
    primitive="single",
    needs=("cycle", "rejects"),
    takes=(*WORKING, "buffer", "feed"),
    loss="rejects",
)

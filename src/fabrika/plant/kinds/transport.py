"""``transport``: carries units, up to ``capacity`` at once, each for ``time``; it neither stops nor scraps."""

from __future__ import annotations

from fabrika.plant.kinds.kind import Kind

TRANSPORT = Kind(
    name="transport",
    does="Carries units for a time, so many at once, in order.",
    primitive="transport",
    needs=("time", "capacity"),
    takes=("feed",),
    loss="",
)

"""The station kinds. To add one: write its file, import it, and add it to the table below."""

from __future__ import annotations

from typing import Final

from fabrika.plant.kinds.assembly import ASSEMBLY
from fabrika.plant.kinds.batch import BATCH
from fabrika.plant.kinds.inspection import INSPECTION
from fabrika.plant.kinds.kind import Kind
from fabrika.plant.kinds.machine import MACHINE
from fabrika.plant.kinds.packing import PACKING
from fabrika.plant.kinds.transport import TRANSPORT

KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in (MACHINE, INSPECTION, ASSEMBLY, BATCH, PACKING, TRANSPORT)}

__all__ = ["KINDS", "Kind"]

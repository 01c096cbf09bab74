"""What a station kind is: its name, the keys it takes, and the primitive of the twin that runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Primitive = Literal["single", "batch", "packing", "assembly", "transport"]
COMMON = ("id", "was", "name", "note", "kind", "area", "calendar", "output", "order", "counts_within")
WORKING = ("machines", "cycle", "fails", "stops", "changeover")


@dataclass(frozen=True, slots=True)
class Kind:
    """A station kind.

    Attributes:
        name: as the file writes it.
        does: one sentence for the documentation.
        primitive: how the twin runs it.
        needs: keys that must be there.
        takes: keys that may be there besides.
        loss: the key of its scrap: ``scrap``, ``rejects`` or none.
        order: default order of passage with one machine.
    """

    name: str
    does: str
    primitive: Primitive
    needs: tuple[str, ...]
    takes: tuple[str, ...]
    loss: Literal["scrap", "rejects", ""] = "scrap"
    order: Literal["fifo", "mixed"] = "fifo"

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys that a station of this kind may carry."""
        return (*COMMON, *self.needs, *self.takes)

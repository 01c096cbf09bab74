"""Of what a lot may be made: which change wants a new lot, and what one of a product needs, as the plant's owner states it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Change = Literal["campaign", "component_lot", "tool", "repair", "long_stop"]
"""What can change while a lot is made: another product, another lot of a material, another tool, a repair, a long stop."""

CHANGES: Final[tuple[Change, ...]] = get_args(Change)
"""Where several happen at once, the first of them is named."""

Makes = Literal["lot", "sub_lot"]


@dataclass(frozen=True, slots=True)
class LotRule:
    """What must be told apart from what was made before.

    Attributes:
        after: which change.
        makes: whether the next lot is due then, or a sub-lot of the one that is made.
        block: whether units belong to no lot, and nothing may be reported at the station, until it is opened; else it is a warning.
        lasting_s: shortest stop or repair that counts, seconds; 0 for any. A long stop has one.
        stations: ``line.station`` at which the change counts; empty for all that are no transports.
    """

    id: str
    after: Change
    makes: Makes = "sub_lot"
    block: bool = False
    lasting_s: float = 0.0
    stations: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Needed:
    """Material of which so much goes into so many pieces of a product; the owner's figures.

    Attributes:
        material: id of the material.
        quantity: whole units of the material ...
        per: ... for so many good pieces of the product.
        line: id of the line that uses it; None for each line that makes the product.
    """

    material: str
    quantity: int
    per: int = 1
    line: str | None = None

    def for_pieces(self, pieces: int) -> int:
        """How much so many pieces need, rounded up to a whole unit of the material."""
        return -(-pieces * self.quantity // self.per)

"""Orders and lots of a line, as its campaigns go: what is open, and what each station works on.

Every campaign is an order. Its units are one lot; where the line states a size of lots, the next lot begins with the first count
at which the lot before is full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fabrika.events.production import LotClosed, LotOpened, OrderClosed, OrderReleased

if TYPE_CHECKING:
    from fabrika.plant.model import Campaign, Line

EDITION = 1


@dataclass(slots=True)
class Lot:
    """One lot: what has been counted in it so far, in units of the line's last station and of each that scrapped.

    Attributes:
        before: good units of the parts of the same lot that came before it.
        root: the lot of which it is a sub-lot; empty for a whole one.
        parts: which part it is, 1 for the lot itself.
    """

    id: str
    campaign: int
    good: int = 0
    scrapped: int = 0
    before: int = 0
    root: str = ""
    parts: int = 1


class LineLots:
    """The lots of one line.

    Args:
        line: the line.
        sequence: the campaigns that its units come in; empty if it has none, and then it has no lots.
        pieces: pieces in one unit that leaves it.
    """

    def __init__(self, line: Line, sequence: tuple[Campaign, ...], pieces: int) -> None:
        self.line, self.sequence, self.pieces = line.id, sequence, pieces
        self.size = line.lots.size if line.lots is not None else 0
        self.open: dict[int, Lot] = {}
        self.opened = 0
        self.due: dict[str, str] = {}
        self.ordered = -1

    def lot(self, campaign: int) -> Lot | None:
        """The lot that is open in a campaign."""
        return self.open.get(campaign)

    def begin(self, campaign: int) -> list[OrderReleased | LotOpened]:
        """Some station turns to a campaign: the events that follow, none if another one did before."""
        if not self.sequence or campaign in self.open:
            return []
        return [*self._release(campaign), self._next_lot(campaign), *self._release(campaign + 1)]

    def renew(self, lot: Lot) -> LotOpened:
        """The next lot of the same campaign, as this one is full."""
        return self._next_lot(lot.campaign)

    def is_full(self, lot: Lot) -> bool:
        """Whether the line's lots are no larger."""
        return self.size > 0 and (lot.before + lot.good) * self.pieces >= self.size

    def is_due(self, lot: Lot) -> str:
        """What is due of a lot by the plant's rule: ``lot``, ``sub_lot`` or nothing."""
        return self.due.get(lot.id, "")

    def part(self, lot: Lot) -> LotOpened:
        """The next sub-lot of the same lot."""
        root, n = lot.root or lot.id, lot.parts + 1
        new = Lot(f"{root}.{n}", lot.campaign, before=lot.before + lot.good, root=root, parts=n)
        self.open[lot.campaign] = new
        return self._opened(new, root)

    def end_before(self, campaign: int) -> list[Lot]:
        """No station works on an earlier campaign any more: the lots that are finished."""
        return [self.open.pop(past) for past in sorted(self.open) if past < campaign]

    @staticmethod
    def closed(lot: Lot, person: str) -> LotClosed:
        """A person closes a lot that is finished."""
        return LotClosed(lot=lot.id, good=lot.good, scrapped=lot.scrapped, person=person)

    def made(self, lot: Lot, person: str) -> OrderClosed:
        """A person closes the order of a campaign that is over, with its last lot."""
        return OrderClosed(order=self._order(lot.campaign), reason="The campaign is over.", person=person)

    def _order(self, campaign: int) -> str:
        return f"{self.line}-o{campaign + 1}"

    def _release(self, campaign: int) -> list[OrderReleased | LotOpened]:
        if campaign <= self.ordered:
            return []
        self.ordered = campaign
        what = self.sequence[campaign % len(self.sequence)]
        return [
            OrderReleased(order=self._order(campaign), product=what.product, line=self.line, quantity=what.quantity)
        ]

    def _next_lot(self, campaign: int) -> LotOpened:
        self.opened += 1
        lot = self.open[campaign] = Lot(f"{self.line}-{self.opened:04d}", campaign)
        return self._opened(lot)

    def _opened(self, lot: Lot, parent: str | None = None) -> LotOpened:
        product, order = self.sequence[lot.campaign % len(self.sequence)].product, self._order(lot.campaign)
        return LotOpened(lot=lot.id, order=order, product=product, line=self.line, edition=EDITION, parent=parent)

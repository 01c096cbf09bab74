"""The plant's exits: pieces by product, and lots."""

from __future__ import annotations

from fabrika.plant import model

from .draws import Draws
from .flow import Unit
from .outcome import OracleResult


class Exit:
    """Counts what leaves the plant at one station."""

    def __init__(self, lots: model.Lots | None, draws: Draws, window: tuple[int, int], result: OracleResult):
        self.lots, self.draws, self.window, self.result = lots, draws, window, result
        self.number, self.filled = -1, 0
        self.kind: tuple[int, str] | None = None

    def leave(self, name: str, unit: Unit, now: int) -> None:
        """Count one unit that leaves now."""
        rejected = False
        if self.lots:
            kind = unit.campaign, unit.product
            if kind != self.kind or self.filled >= self.lots.size:
                self.kind, self.filled, self.number = kind, 0, self.number + 1
            self.filled += unit.pieces
            rejected = self.draws.uniform(f"{name}/lots", self.number) < self.lots.rejected
        self.result.exits[name].append((now, unit.product, unit.pieces, rejected))
        if self.window[0] <= now < self.window[1]:
            count = self.result.rejected if rejected else self.result.good
            count[name, unit.product] += unit.pieces

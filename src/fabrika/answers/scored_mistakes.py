"""Mistakes of people in a told run, and whether the rooms doubt what was entered by mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from msgspec import Struct

from fabrika.twin.told_truth import Mistake


class MistakeScore(Struct, frozen=True, kw_only=True):
    """One kind of mistake; see :class:`fabrika.twin.told_truth.Mistake`.

    Attributes:
        made: how many there were.
        found: of these, those whose entry is doubted as such.
        in_vain: entries that are doubted as such and were none.
    """

    kind: str
    made: int
    found: int
    in_vain: int


def scored_mistakes(
    made: Sequence[Mistake], doubted: Collection[tuple[str, str, int]], until_us: int
) -> tuple[MistakeScore, ...]:
    """Compare mistakes with doubts.

    Args:
        made: what was truly done wrong.
        doubted: (kind, station, at_us) of the entries that the rooms doubt or doubted.
        until_us: what was said later is left out.
    """
    true = {(one.kind, one.station, one.at_us) for one in made if one.at_us <= until_us}
    known = {one for one in doubted if one[2] <= until_us}
    kinds = Counter(kind for kind, _, _ in (*true, *known))
    return tuple(
        MistakeScore(
            kind=kind,
            made=sum(one[0] == kind for one in true),
            found=sum(one[0] == kind for one in true & known),
            in_vain=sum(one[0] == kind for one in known - true),
        )
        for kind in sorted(kinds)
    )

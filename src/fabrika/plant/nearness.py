"""The known word that a person probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice


def distance(first: str, second: str) -> int:
    """Edits (insert, delete, replace, swap of neighbours) between two words: optimal string alignment, Damerau 1964."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and b == first[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


class Guesses:
    """So many comparisons of words are made for one file, and no more, for a hostile file may ask for millions."""

    def __init__(self, left: int = 3000) -> None:
        self.left = left

    def nearest(self, word: str, known: Iterable[str], most: int = 1) -> list[str]:
        """As :func:`nearest`; nothing once all comparisons are used up."""
        known = list(islice(known, self.left + 1))
        self.left -= len(known)
        return nearest(word, known, most) if self.left > 0 else []


def nearest(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Up to ``most`` known words close to the word, closest first; none if nothing is close."""
    if len(word) > 200:
        return []
    reach = max(2, len(word) // 3)
    close = []
    for index, candidate in enumerate(known):
        if abs(len(candidate) - len(word)) <= reach or candidate.endswith("." + word) or word in candidate.split("."):
            edits = distance(word, candidate)
            if edits <= reach:
                close.append((edits, index, candidate))
            elif candidate.endswith("." + word) or word in candidate.split("."):
                close.append((reach, index, candidate))
    return [candidate for _, _, candidate in sorted(close)[:most]]

"""What genealogy knows, standing still: for many questions one after the other, each count is read out once."""

from __future__ import annotations

from msgspec import structs

from fabrika.operations.genealogy.series import Series, Step
from fabrika.operations.genealogy.state import GenealogyState


class StillSeries(Series, dict=True):
    """A series to which no count is added any more."""

    def piece(self, place: int) -> list[Step]:
        """As in :class:`Series`, kept from the first time on."""
        kept: dict[int, list[Step]] = self.__dict__.setdefault("pieces", {})
        found = kept.get(place)
        if found is None:
            found = kept[place] = super().piece(place)
        return found


def still(state: GenealogyState) -> GenealogyState:
    """The same knowledge, of which nothing may be told any more; its lists are those of the one that was given."""
    stations = {
        name: structs.replace(
            book, series=StillSeries(*(getattr(book.series, key) for key in Series.__struct_fields__))
        )
        for name, book in state.stations.items()
    }
    return structs.replace(state, stations=stations)

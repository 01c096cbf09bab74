"""Putting another plant file in force: what the editions allow, and what is under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fabrika.errors import ActRefusedError, NotFoundError, PlantFileError
from fabrika.events.event import Event
from fabrika.operations.editions.rules import Amend, amend
from fabrika.operations.editions.state import EditionsState
from fabrika.operations.inventory.records import InventoryState
from fabrika.operations.personnel.state import PersonnelState
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Command, Shelf, States
from fabrika.plant.difference import difference
from fabrika.plant.model import Plant
from fabrika.plant.open_work import HeldRole, HeldStock, OpenLot, OpenWork, Reason, breaks, reused
from fabrika.wording import Worded


def decide(states: States, asked: Asked, form: Amend) -> Sequence[Event]:
    """The plant file is replaced, if it is one, breaks no open work and uses no id anew.

    Raises:
        ActRefusedError: it may not be.
    """
    shelf: Shelf = states["shelf"]
    try:
        new = shelf.plant(form.file)
    except NotFoundError:
        raise ActRefusedError(
            Worded("The file is not in the content store."), Worded("Hand in the file first.")
        ) from None
    except PlantFileError as error:
        raise ActRefusedError(
            Worded("The file has {count} problems: it is no plant yet.", count=len(error.problems)),
            Worded("Run `fabrika check` with it and correct what it names."),
        ) from None
    return amend(states["editions"], asked, form, new, reasons(states, asked.plant, new))


def reasons(states: States, plant: Plant, new: Plant) -> tuple[Reason, ...]:
    """Why a plant cannot become the next edition: open work that would break, and ids that once meant something else.

    Args:
        states: what the rooms know.
        plant: the edition in force.
        new: the one that is to be.
    """
    return (*breaks(difference(plant, new), open_work(states)), *reused(_earlier(states), new))


def open_work(states: States) -> OpenWork:
    """What is under way: which lots are open, who holds which role, and what is in stock."""
    production: ProductionState = states["production"]
    personnel: PersonnelState = states["personnel"]
    return OpenWork(
        lots=tuple(
            OpenLot(name, lot.product, lot.line) for name, lot in production.lots.items() if lot.closed_us is None
        ),
        roles=tuple(
            HeldRole(person, held.role, held.area) for person in personnel.persons for held in personnel.held(person)
        ),
        stock=tuple(_stock(states["inventory"])),
    )


def _stock(state: InventoryState) -> Iterator[HeldStock]:
    """What the book holds of each material, location and kind of container."""
    for name, lot in state.lots.items():
        if any(lot.at.values()):
            yield HeldStock("materials", lot.material, name)
        yield from (HeldStock("locations", place, name) for place in lot.at)
    for name, box in state.containers.items():
        if box.kind is not None and box.shipment is None:
            yield HeldStock("containers", box.kind, name)
        if box.location is not None:
            yield HeldStock("locations", box.location, name)
    yield from (HeldStock("locations", place, name) for place, kept in state.scrap.items() for name in kept)


def _earlier(states: States) -> list[Plant]:
    """All editions so far that this program can read."""
    editions: EditionsState = states["editions"]
    shelf: Shelf = states["shelf"]
    found = []
    for edition in editions.editions:
        try:
            found.append(shelf.plant(edition.file))
        except (NotFoundError, PlantFileError):
            continue
    return found


COMMANDS: tuple[Command, ...] = (
    Command(name="editions.amend", title=Worded("Put in force"), act="amend_plant", form=Amend, decide=decide),
)

"""``fabrika plant``: put another plant file in force, and show the editions of a book."""

from __future__ import annotations

import sys
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from fabrika.errors import ActRefusedError, BookInUseError, NotFoundError
from fabrika.faces.cli.exits import EXIT_REFUSED
from fabrika.faces.cli.notices import refuse, shown, tell
from fabrika.faces.language import say, told

if TYPE_CHECKING:
    from fabrika.app.plant_service import PlantService
    from fabrika.operations.editions.state import EditionsState
    from fabrika.plant.difference import Difference
    from fabrika.plant.model import Plant

plant = App(name="plant", help="The plant file in force: put another one in force, list and show the editions.")

Flag = Parameter(negative="")


@plant.command
def amend(
    file: str,
    /,
    *,
    data: Path,
    reason: str | None = None,
    person: str | None = None,
    yes: Annotated[bool, Flag] = False,
) -> int:
    """Show what a plant file changes, and put it in force: its next edition.

    Lots keep the edition under which they were opened. What would break open work is refused. If the plant file wants
    two people for it, the change is proposed, and in force once a second person has approved it. While a server runs
    the plant, hand the file in there.

    Exit code 0 if it was put in force, proposed, or only shown; 1 if the file has problems; 2 if it was refused.

    Args:
        file: The new plant file, or the folder that holds it.
        data: The plant's data folder.
        reason: Why; it stays in the book.
        person: Who answers for it, by id; who may write the data folder is believed. By default the only one who may.
        yes: Put it in force without asking.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.files import read_bytes, zone_of
    from fabrika.app.plant_service import PlantService
    from fabrika.plant.read import read_plant

    content = read_bytes(file)
    new = read_plant(content, file, zone_of)
    folder = BookFolder(data)
    try:
        service, served = PlantService.opened(folder), False
    except BookInUseError:
        service, served = PlantService.following(folder), True
    try:
        if not _shown(service, new):
            return 0
        if _refused(service, new):
            return EXIT_REFUSED
        if served:
            raise BookInUseError(
                say("The plant's server is running, and it alone writes the book."),
                say("Hand the file in on its page `/plant`, or end the server first."),
            )
        who = _person(service, person)
        if not _agreed(yes=yes):
            print(say("Nothing was changed; add `--yes` to put it in force."))
            return 0
        _put_in_force(service, content, who, reason)
    finally:
        service.close()
    return 0


def _shown(service: PlantService, new: Plant) -> bool:
    """Print what a plant changes; whether it is anything."""
    from fabrika.plant.difference import difference

    if new.id != service.plant.id:
        return True  # told as a refusal; every single thing would differ
    found = difference(service.plant, new)
    _print(found)
    if not found:
        print(say("Nothing changes but comments, notes or the way of writing; edition {n} stays.", n=service.edition))
        return False
    return True


def _print(found: Difference) -> None:
    for change in found.changes:
        print(shown(told(change.sentence)))


def _refused(service: PlantService, new: Plant) -> bool:
    """Tell every reason why a plant cannot be put in force; whether there is any."""
    from fabrika.answers.amendment import reasons

    found = reasons(service.states(), service.plant, new)
    for reason in found:
        refuse(told(reason.wrong), told(reason.remedy))
    return bool(found)


def _person(service: PlantService, named: str | None) -> str:
    """The person who answers for the change.

    Raises:
        ActRefusedError: nobody may, or it does not say who of several.
    """
    persons: list[str] = list(service.states()["personnel"].persons)
    able = [name for name in persons if "amend_plant" in service.asked(name).may]
    if named is not None:
        service.asked(named).require("amend_plant")
        return named
    if len(able) == 1:
        return able[0]
    roles = ", ".join(role.id for role in service.plant.roles if "amend_plant" in role.may) or "-"
    if not able:
        raise ActRefusedError(
            say("Nobody holds a role that may amend the plant."),
            say("Grant one of these roles first, on the page of people: {roles}.", roles=roles),
        )
    raise ActRefusedError(
        say("Several persons may amend the plant."),
        say("Say who by `--person`: {names}.", names=", ".join(sorted(able))),
    )


def _agreed(*, yes: bool) -> bool:
    """Whether the change is to be put in force; asks where somebody can answer."""
    if yes or not sys.stdin.isatty():
        return yes
    tell(say("Put this in force? Write `yes`."))
    return sys.stdin.readline().strip().lower() in {"yes", say("yes")}


def _put_in_force(service: PlantService, content: bytes, person: str, reason: str | None) -> None:
    from secrets import token_hex

    from fabrika.answers.amendment import COMMANDS

    if reason is None:
        raise ActRefusedError(
            say("A change of the plant needs a reason."), say("Write it behind `--reason`; it stays in the book.")
        )
    form = {"file": service.keep_file(content), "reason": reason}
    done = service.do(COMMANDS[0], person, form, key=token_hex(16), device="terminal")
    if done.proposal is None:
        print(say("Edition {n} is in force.", n=service.edition))
        return
    print(
        say(
            "Proposed by {person}; it is in force once a second person has approved it on the page of people.",
            person=shown(person),
        )
    )


@plant.command
def editions(*, data: Path) -> None:
    """List the editions of the plant file, the oldest first.

    Args:
        data: The plant's data folder.
    """
    service = _followed(data)
    try:
        for edition in _editions(service).editions:
            words = [f"{edition.number:>4}", _instant(edition.at_us, service.plant.zone), edition.file[:12]]
            words += [text for text in (edition.person, edition.reason) if text]
            print(shown("  ".join(words)))
    finally:
        service.close()


@plant.command
def show(number: int, /, *, data: Path, changes: Annotated[bool, Flag] = False) -> None:
    """Print an edition of the plant file as it was put in force.

    Args:
        number: Its number, as `fabrika plant editions` lists it.
        data: The plant's data folder.
        changes: Print what it changed from the edition before instead.
    """
    from fabrika.plant.difference import difference

    service = _followed(data)
    try:
        known = {edition.number: edition for edition in _editions(service).editions}
        edition, before = known.get(number), known.get(number - 1)
        if edition is None:
            raise NotFoundError(
                say("The plant file has no edition {n}.", n=number),
                say("Write one of: {names}.", names=", ".join(map(str, known))),
            )
        shelf = service.states()["shelf"]
        if not changes:
            print(shelf.text(edition.file), end="")
        elif before is None:
            print(say("This is the first edition."))
        else:
            _print(difference(shelf.plant(before.file), shelf.plant(edition.file)))
    finally:
        service.close()


def _followed(data: Path) -> PlantService:
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService

    return PlantService.following(BookFolder(data))


def _editions(service: PlantService) -> EditionsState:
    found: EditionsState = service.states()["editions"]
    return found


def _instant(at_us: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, zone).strftime("%Y-%m-%d %H:%M")

"""What of stock needs a person: past its shelf life, below nought, over a limit, waiting for a release, a witness or a count."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.operations.inventory import limits
from fabrika.operations.inventory.lookups import roles_for
from fabrika.operations.inventory.records import InventoryState
from fabrika.page import Asked, Notice, Source, States
from fabrika.wording import Worded

DAY_US = 86_400_000_000
UNRELEASED_US = 3 * DAY_US
"""Material that lies in quarantine for longer needs somebody who decides."""
UNSETTLED_US = DAY_US
"""A stocktaking, or a destruction that nobody witnessed, that lasts longer needs somebody who ends it."""


def notices(state: InventoryState, asked: Asked) -> Iterator[Notice]:
    """All that needs a person, in no order."""
    yield from _lots(state, asked)
    yield from _places(state, asked)
    yield from _waiting(state, asked)
    strangers = [name for name, box in state.containers.items() if box.kind is None and box.location is not None]
    for name in strangers:
        yield Notice(
            priority="low",
            kind="strange_container",
            subject=name,
            path=f"/containers/{name}",
            since_us=None,
            sentence=Worded("The container {container} is in use, and nobody has registered it.", container=name),
            remedy=Worded(
                "Somebody in one of these roles registers it: {roles}.", roles=roles_for(asked.plant, "receive_stock")
            ),
        )


def _lots(state: InventoryState, asked: Asked) -> Iterator[Notice]:
    releases = roles_for(asked.plant, "release_stock")
    for name, lot in state.lots.items():
        short = [place for place, quantity in lot.at.items() if quantity < 0]
        if short:
            yield Notice(
                priority="high",
                kind="below_nought",
                subject=name,
                path=f"/stock/{name}",
                since_us=None,
                sentence=Worded(
                    "More of {lot} was taken from {location} than the book ever had there.", lot=name, location=short[0]
                ),
                remedy=Worded(
                    "Have the location counted; another lot was taken, perhaps, or one was moved and nobody said so."
                ),
            )
        if not any(quantity > 0 for quantity in lot.at.values()):
            continue
        if lot.expired(asked.at_us) and lot.status != "blocked":
            yield Notice(
                priority="medium",
                kind="expired",
                subject=name,
                path=f"/stock/{name}",
                since_us=lot.expires_at_us,
                sentence=Worded("The lot {lot} is past its shelf life and not blocked.", lot=name),
                remedy=Worded("Somebody in one of these roles blocks it: {roles}.", roles=releases),
            )
        elif lot.status == "quarantine" and asked.at_us - lot.received_us > UNRELEASED_US:
            yield Notice(
                priority="low",
                kind="unreleased",
                subject=name,
                path=f"/stock/{name}",
                since_us=lot.received_us,
                sentence=Worded("The lot {lot} waits in quarantine.", lot=name),
                remedy=Worded("Somebody in one of these roles releases or blocks it: {roles}.", roles=releases),
            )


def _places(state: InventoryState, asked: Asked) -> Iterator[Notice]:
    for place in asked.plant.locations:
        wrong = limits.passed(place, limits.held(state, asked.plant, place.id))
        if wrong is not None:
            yield Notice(
                priority="high" if place.hazards else "medium",
                kind="over_limit",
                subject=place.id,
                path="/stock",
                since_us=None,
                sentence=Worded("Too much is stored: {problem}", problem=wrong),
                remedy=Worded("Take something away there, or correct the limit in the plant file."),
            )


def _waiting(state: InventoryState, asked: Asked) -> Iterator[Notice]:
    for name, one in state.stocktakes.items():
        if one.closed_us is None and asked.at_us - one.begun_us > UNSETTLED_US:
            yield Notice(
                priority="medium",
                kind="counting",
                subject=name,
                path="/stocktaking",
                since_us=one.begun_us,
                sentence=Worded(
                    "{location} is being counted since more than a day; its stock may not be moved.",
                    location=one.location,
                ),
                remedy=Worded("Have it counted to the end, look into the differences, and close it."),
            )
    for name, prepared in state.destructions.items():
        if prepared.destroyed_us is None and asked.at_us - prepared.prepared_us > UNSETTLED_US:
            yield Notice(
                priority="medium",
                kind="unwitnessed",
                subject=name,
                path="/stock",
                since_us=prepared.prepared_us,
                sentence=Worded(
                    "{person} said that scrap of {subject} is destroyed, and nobody has witnessed it.",
                    person=prepared.prepared_by,
                    subject=prepared.subject,
                ),
                remedy=Worded(
                    "Somebody else in one of these roles sees it destroyed and says so: {roles}.",
                    roles=roles_for(asked.plant, "destroy_stock"),
                ),
            )


def _stock(states: States, asked: Asked) -> Iterator[Notice]:
    return notices(states["inventory"], asked)


NOTICES: tuple[Source, ...] = (_stock,)

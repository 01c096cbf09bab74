"""One history from one seed, and what must be true of it in the end."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from fabrika.journal.entries import fact_of
from fabrika.journal.merkle import root_at
from fabrika.journal.verify import verify
from journal.books import BOOK_KEY
from simulation.places import Server, Source, Witness
from simulation.world import MS, SECOND, Network, World

TROUBLE_US, HEALING_US = 25 * SECOND, 120 * SECOND
SOURCES = 3


class History(NamedTuple):
    """How it ended.

    Attributes:
        faults: what is wrong, sentence by sentence; none if all is well.
        root: the book's root.
        events: entries in the book.
        steps: things that happened.
        crashes: of sources and server.
        visits: cosignatures of the witness.
    """

    faults: list[str]
    root: bytes
    events: int
    steps: int
    crashes: int
    visits: int


def lived(seed: int, bug: str = "") -> History:
    """Trouble for a while, then peace until everything has come to rest."""
    world = World(seed)
    network = Network(world)
    server = Server(world, network, bug)
    sources = [Source(world, network, server, f"line-{number}", bug) for number in range(SOURCES)]
    witness = Witness(world, network, server)
    crashes = 0

    def strike() -> None:
        nonlocal crashes
        if not world.healed:
            crashes += 1
            victims = world.chance.choice([[server], [world.chance.choice(sources)], [server, *sources]])
            for victim in victims:
                victim.crash()
            world.later(world.chance.randrange(200 * MS, 4 * SECOND), strike)

    world.later(SECOND, strike)
    world.later(SECOND, network.trouble, ["server", "witness", *(source.name for source in sources)])
    world.run(TROUBLE_US)
    world.healed = True
    for place in (server, *sources):
        place.boot()
    seen_before = witness.visits

    def at_rest() -> bool:
        return all(not source.durable for source in sources) and witness.visits > seen_before

    world.run(TROUBLE_US + HEALING_US, at_rest)
    found = list(faults(server, sources, witness))
    return History(found, server.book.head().root, server.book.size, world.steps, crashes, witness.visits)


def faults(server: Server, sources: list[Source], witness: Witness):
    """What must not be: lost, doubled, out of order, rewritten, or stuck."""
    book = server.book
    facts = [fact_of(position, data) for position, data in enumerate(book.storage.read())]
    for finding in verify(book.storage, book.files, [BOOK_KEY.verifier]).findings:
        yield f"verify: {finding}"
    for source in sources:
        mine = [fact.event.entered for fact in facts if getattr(fact.event, "station", "") == source.name]
        doubled = [number for number, count in Counter(mine).items() if count > 1]
        lost = source.answered - set(mine)
        kept = {number for life in source.counted for number in life} - source.forgotten
        stuck = kept - set(mine)
        if doubled:
            yield f"{source.name}: {len(doubled)} are there twice"
        if lost:
            yield f"{source.name}: {len(lost)} were acknowledged and are lost"
        if stuck:
            yield f"{source.name}: {len(stuck)} were durable at the source and never came"
        for life in source.counted:
            there = [number for number in mine if number in set(life)]
            if there != sorted(there):
                yield f"{source.name}: out of order"
    if server.alarms or book.alarms:
        yield f"{server.alarms} conflicts of identities"
    yield from witness.refused
    if witness.seen is not None and root_at(witness.seen.size, book.trees()) != witness.seen.root:
        yield "the book is not the one that the witness saw"

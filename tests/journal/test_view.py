"""Views: at every moment what folding from the beginning gives, however it was come by."""

from __future__ import annotations

import json
import random

import pytest

from fabrika.errors import BookDamagedError
from fabrika.events.house import Corrected
from fabrika.journal.corrections import facts
from fabrika.journal.view import Snapshot, View
from journal.books import AT, EPOCH, opened, told, units


class Counts:
    """Good units by station, and the order in which they came; the order matters to nobody but the test."""

    name, version = "counts", 1

    def empty(self):
        return {"good": {}, "order": []}

    def apply(self, state, fact):
        if fact.message.type == "production.units_counted":
            state["good"][fact.event.station] = state["good"].get(fact.event.station, 0) + fact.event.good
            state["order"].append(fact.event.good)

    def dump(self, state):
        return json.dumps(state, sort_keys=True).encode()

    def load(self, data):
        return json.loads(data)


class Short(View):
    RUNG, RUNGS = 8, 4


def naive(book):
    counts = Counts()
    state = counts.empty()
    for fact in facts(book.storage):
        counts.apply(state, fact)
    return state


@pytest.mark.parametrize("seed", range(6))
def test_a_view_that_follows_is_one_that_is_folded_anew(seed):
    chance = random.Random(seed)
    book = opened()
    view = Short(book.storage, Counts())
    said = []
    for step in range(120):
        pen = book.pen("line-1", EPOCH)
        target = chance.choice(said) if said else None
        if target is None or chance.random() < 0.6:
            written = [pen.write(units(step, station=chance.choice("abc")), AT + step)]
        elif chance.random() < 0.5 or target.message.type == "house.corrected":
            written = [pen.write(Corrected(target=target.message.key, reason="r", person="p"), AT)]
        else:
            new = pen.write(units(1000 + step), AT, correction_of=target.message.key)
            naming = Corrected(target=target.message.key, reason="r", person="p", replacement=new.message.key)
            written = [new, pen.write(naming, AT)]
        book.append(written, AT)
        said += written
        if chance.random() < 0.4:
            assert view.follow() == book.size
            assert view.state == naive(book), step
    view.check()
    resumed = Short(book.storage, Counts())
    assert resumed.resume(view.snapshot())
    assert resumed.state == view.state
    assert resumed._notices == view._notices
    (target,) = [written for written in said if written.message.type == "production.units_counted"][:1]
    book.append([book.pen("line-1", EPOCH).write(Corrected(target=target.message.key, reason="r", person="p"), AT)], AT)
    resumed.follow()
    assert resumed.state == naive(book)
    resumed.check()


def test_states_to_go_back_to_are_few():
    book = opened()
    view = Short(book.storage, Counts())
    for start in range(0, 400, 50):
        told(book, *range(start, start + 50))
        view.follow()
    assert len(view._rungs) == Short.RUNGS
    assert view._rungs[-1][0] == 400


def test_a_snapshot_is_used_only_if_it_is_of_this_book_version_and_whole():
    book = opened()
    told(book, 1, 2, 3)
    view = View(book.storage, Counts())
    view.follow()
    snapshot = view.snapshot()
    assert snapshot.size == 4
    assert snapshot.root == book.head().root
    told(book, 4)

    def used(changed: Snapshot) -> bool:
        fresh = View(book.storage, Counts())
        done = fresh.resume(changed)
        assert fresh.size == (changed.size if done else 0)
        fresh.check()
        return done

    def sealed(**changes) -> Snapshot:
        changed = snapshot._replace(**changes)
        return changed._replace(state_hash=changed.computed_hash())

    assert used(snapshot)
    assert not used(snapshot._replace(state=snapshot.state.replace(b"6", b"7")))
    assert not used(snapshot._replace(state_hash=bytes(32)))
    assert not used(sealed(version=2))
    assert not used(sealed(name="other"))
    assert not used(sealed(root=bytes(32)))
    assert not used(sealed(size=3))
    assert not used(sealed(size=99))


def test_going_on_from_a_snapshot_reads_nothing_of_what_came_before():
    book = opened()
    told(book, *range(600))
    (wrong,) = told(book, 7)
    book.append([book.pen("line-1", EPOCH).write(Corrected(target=wrong.message.key, reason="r", person="p"), AT)], AT)
    view = View(book.storage, Counts())
    view.follow()
    snapshot = view.snapshot()
    assert [notice.target for notice in snapshot.notices] == [wrong.message.key]
    assert not View(book.storage, Counts()).resume(snapshot._replace(notices=()))
    told(book, 8)
    reads, read = [], book.storage.read
    book.storage.read = lambda start=0, stop=None: (reads.append(start), read(start, stop))[1]
    resumed = View(book.storage, Counts())
    assert resumed.resume(snapshot)
    resumed.follow()
    assert min(reads) >= 512  # the last leaves of the tree, which no full tile holds yet
    resumed.check()


def test_a_state_that_was_tampered_with_is_found():
    book = opened()
    told(book, 1)
    view = View(book.storage, Counts())
    view.follow()
    view.state["good"]["a"] = 2
    with pytest.raises(BookDamagedError, match="counts"):
        view.check()

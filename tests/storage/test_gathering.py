"""What many hand in, one takes: in order, nothing lost, and a thread that waits is woken."""

from __future__ import annotations

import threading

from fabrika.storage.gathering import Gathering


def test_what_was_handed_in_is_taken_in_order_and_no_more_than_asked_for():
    gathering = Gathering()
    assert gathering.is_empty()
    assert gathering.take(5, 0) == []
    for number in range(7):
        gathering.put(number)
    assert gathering.take(5) == [0, 1, 2, 3, 4]
    assert gathering.take(5) == [5, 6]
    assert gathering.is_empty()


def test_who_waits_is_woken_by_the_first():
    gathering, found = Gathering(), []
    thread = threading.Thread(target=lambda: found.append(gathering.take(9)))
    thread.start()
    gathering.put("one")
    thread.join()
    assert found == [["one"]]


def test_as_many_as_were_answered_are_waited_for_together():
    gathering, found = Gathering(), []
    gathering.answered(3, 60.0)
    gathering._until_s += 3_600
    thread = threading.Thread(target=lambda: found.append(gathering.take(9)))
    thread.start()
    for number in range(3):
        assert not found
        gathering.put(number)
    thread.join()
    assert found == [[0, 1, 2]]


def test_who_does_not_come_again_is_not_waited_for_long():
    gathering = Gathering()
    gathering.answered(3, 0.0)
    gathering.put("one")
    assert gathering.take(9) == ["one"]
    gathering.put("two")
    assert gathering.take(9) == ["two"]


def test_nothing_is_lost_or_doubled_among_many_threads():
    gathering, taken = Gathering(), []

    def hand_in(name):
        for number in range(500):
            gathering.put((name, number))

    threads = [threading.Thread(target=hand_in, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    while len(taken) < 4_000:
        together = gathering.take(64)
        gathering.answered(len(together), 0.0)
        taken += together
    for thread in threads:
        thread.join()
    assert gathering.is_empty()
    for name in range(8):
        assert [number for who, number in taken if who == name] == list(range(500))

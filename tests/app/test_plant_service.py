"""One service for a plant: what is answered is durable, what is decided is decided on the head, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from app.served import ADMIN, BOSS, LEAD, Clock, do, machine, new_folder, see, staffed, started
from fabrika.app.plant_service import PlantService, adopt
from fabrika.errors import (
    ActRefusedError,
    BookInUseError,
    EventRefusedError,
    IdentityConflictError,
    NotFoundError,
    StorageFailedError,
    StorageRefusedError,
)
from fabrika.events.house import RoleGranted
from fabrika.journal.book import Receipt
from fabrika.journal.verify import verify
from operations.told import MINUTE, PLANT_FILE, ROOT, at, changed, counted


@pytest.fixture
def folder(tmp_path):
    return new_folder(tmp_path)


@pytest.fixture
def service(folder):
    service = staffed(started(folder))
    yield service
    service.close()


def told(pen, *pairs):
    return [pen.write(event, at_us) for at_us, event in pairs]


def test_a_plant_is_adopted_once(folder):
    adopt(folder, PLANT_FILE, "plant")
    with pytest.raises(StorageRefusedError, match="is of"):
        adopt(folder, PLANT_FILE, "twin")
    with pytest.raises(StorageRefusedError, match="is of"):
        adopt(folder, ROOT / "plants" / "bearings-6m", "plant")
    service = started(folder)
    assert (service.plant_id, service.kind, service.edition, service.size) == (service.plant.id, "plant", 1, 2)
    with pytest.raises(BookInUseError):
        started(folder)
    service.close()


def test_a_first_start_that_was_cut_off_goes_on(tmp_path):
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.files import read_file

    folder = BookFolder(tmp_path / "data")
    folder.create(read_file(PLANT_FILE).id, "plant").storage.close()
    with pytest.raises(StorageRefusedError, match="adopted no plant"):
        started(folder)
    adopt(folder, PLANT_FILE, "plant")
    service = started(folder)
    assert service.edition == 1
    service.close()


def test_a_command_is_done_and_seen(service):
    done = do(service, "personnel.enrol", ADMIN, person="p-9")
    assert done.size == service.size == done.positions[-1] + 1
    people = see(service, "/people", ADMIN)
    assert people.position == done.size
    assert "p-9" in {row.person for row in people.persons}


def test_only_the_first_person_comes_without_another(service):
    with pytest.raises(ActRefusedError, match="manages people already"):
        service.first("p-7")


def test_what_a_role_does_not_allow_is_refused_with_those_who_may(service):
    with pytest.raises(ActRefusedError, match="do not allow") as refused:
        do(service, "personnel.enrol", LEAD, person="p-9")
    assert "Administrator" in refused.value.remedy
    with pytest.raises(ActRefusedError, match="signed in"):
        see(service, "/", None)
    with pytest.raises(ActRefusedError):
        see(service, "/", "nobody")
    with pytest.raises(NotFoundError):
        see(service, "/lines/none")
    with pytest.raises(NotFoundError, match="no instant"):
        see(service, "/", at="yesterday")


@pytest.mark.parametrize(
    "form", [{}, {"person": "p 9"}, {"person": "p-9", "more": "x"}, {"person": "\u202ep"}, {"person": 7}]
)
def test_a_form_that_is_not_right_is_refused(service, form):
    size = service.size
    with pytest.raises(EventRefusedError):
        do(service, "personnel.enrol", ADMIN, **form)
    assert service.size == size


def test_a_key_stands_for_one_request_for_ever(folder, service):
    first = do(service, "personnel.enrol", ADMIN, key="key-0001", person="p-9")
    assert do(service, "personnel.enrol", ADMIN, key="key-0001", person="p-9") == first
    do(service, "personnel.leave", ADMIN, person="p-9")
    size = service.size
    for _ in range(2):
        # Long decided otherwise, and still answered as it was.
        assert do(service, "personnel.enrol", ADMIN, key="key-0001", person="p-9") == first
        for name, form in (("personnel.enrol", {"person": "p-8"}), ("personnel.leave", {"person": "p-9"})):
            with pytest.raises(IdentityConflictError, match="other content"):
                do(service, name, ADMIN, key="key-0001", **form)
        assert service.size == size
        service.close()
        service = started(folder)
    service.close()


def test_another_person_has_keys_of_their_own(service):
    do(service, "personnel.grant", ADMIN, person=BOSS, role="administrator")
    first = do(service, "personnel.enrol", ADMIN, key="key-0001", person="p-9")
    with pytest.raises(ActRefusedError, match="enrolled already"):
        do(service, "personnel.enrol", BOSS, key="key-0001", person="p-9")
    assert do(service, "personnel.enrol", BOSS, key="key-0001", person="p-8").positions != first.positions


def test_a_refusal_is_no_answer_for_ever(service):
    with pytest.raises(ActRefusedError):
        do(service, "personnel.leave", ADMIN, key="key-0001", person="p-9")
    do(service, "personnel.enrol", ADMIN, person="p-9")
    assert do(service, "personnel.leave", ADMIN, key="key-0001", person="p-9").positions


def test_sixteen_who_press_at_once_do_it_once(service):
    """Four keys, each sent by four threads over and over: every key has one answer, every person is enrolled once."""
    answers, refused = {}, []

    def press(number):
        for step in range(10):
            name = f"n-{number % 4}-{step}"
            try:
                done = do(service, "personnel.enrol", ADMIN, key=f"key of {name} {number // 8}", person=name)
            except ActRefusedError as error:
                refused.append(error)
            else:
                answers.setdefault((name, number // 8), set()).add(done.positions)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(positions) == 1 for positions in answers.values())
    assert len(answers) == 40
    # Two keys enrol each person; the one that came second is refused, whoever sent it.
    assert len(refused) == 80
    service._view.check()


def test_what_machines_tell_is_counted_and_seen(service):
    pen = machine(service)
    morning = told(pen, changed(at(6), "processing"), counted(at(6), at(6, 5), 80, scrapped=2))
    receipts = service.take(morning)
    assert [receipt.fresh for receipt in receipts] == [True, True]
    assert service.take(morning) == [Receipt(receipt.position, fresh=False) for receipt in receipts]
    station = see(service, "/stations/line.press", at=str(at(6, 6)))
    assert (station.good_shift, station.scrapped_shift, station.state) == (80, 2, "processing")


@pytest.mark.parametrize("source", ["desk/p-1", "journal", "server"])
def test_machines_cannot_speak_as_persons(service, source):
    pen = machine(service, source)
    with pytest.raises(EventRefusedError, match="not taken from outside"):
        service.take(told(pen, counted(at(6), at(6, 5), 1)))


def test_machines_grant_no_roles(service):
    with pytest.raises(EventRefusedError, match="not taken from outside"):
        service.take(told(machine(service), (at(6), RoleGranted(person=LEAD, role="administrator"))))


def test_one_identity_with_two_contents_raises_one_alarm_that_a_person_clears(service):
    pen = machine(service)
    key = pen.next_key
    service.take(told(pen, counted(at(6), at(6, 5), 80)))
    for good in (81, 82):
        pen.next_key, pen.previous = key, None
        with pytest.raises(IdentityConflictError, match="other content"):
            service.take(told(pen, counted(at(6), at(6, 5), good)))
    alarms = [item for item in see(service, "/attention").items if item.kind == "alarm"]
    assert len(alarms) == 1
    assert key.source in alarms[0].sentence
    assert alarms[0].priority == "high"
    do(service, "watch.clear_alarm", LEAD, alarm=alarms[0].subject, reason="a cloned disk, replaced")
    assert not [item for item in see(service, "/attention").items if item.kind == "alarm"]
    with pytest.raises(NotFoundError, match="not open"):
        do(service, "watch.clear_alarm", LEAD, key="again and again", alarm=alarms[0].subject, reason="r")


def test_a_count_is_withdrawn_and_all_others_stay(service):
    pen = machine(service)
    service.take(told(pen, *(counted(at(6, 5 * n), at(6, 5 * n + 5), 10 + n) for n in range(3))))
    row = see(service, "/stations/line.press", at=str(at(6, 30))).counts[1]
    do(service, "production.correct", LEAD, target=row.key, reason="counted by hand, twice")
    after = see(service, "/stations/line.press", at=str(at(6, 30)))
    assert after.good_shift == 10 + 12
    entry = see(service, f"/journal/{service.size - 1}")
    assert entry.corrects == row.key
    position = next(iter(row.position for row in see(service, "/journal").entries if row.at_us == at(6, 10)))
    assert see(service, f"/journal/{position}").corrected_by == (service.size - 1,)
    service._view.check()


def test_what_follows_a_correction_in_the_same_breath_is_decided_on_it(service):
    pen = machine(service)
    service.take(told(pen, counted(at(6), at(6, 5), 10)))
    row = see(service, "/stations/line.press", at=str(at(6, 30))).counts[0]
    threads = [
        threading.Thread(target=lambda: do(service, "production.correct", LEAD, target=row.key, reason="r")),
        *(
            threading.Thread(target=lambda n=n: do(service, "personnel.enrol", ADMIN, person=f"n-{n}"))
            for n in range(12)
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    service._view.check()
    assert see(service, "/stations/line.press", at=str(at(6, 30))).good_shift is None


def two_people(service):
    service.plant = replace(service.plant, two_people=frozenset({"correct"}))


def test_an_act_of_two_people_waits_for_the_second(service):
    two_people(service)
    service.take(told(machine(service), counted(at(6), at(6, 5), 10)))
    row = see(service, "/stations/line.press", at=str(at(6, 30))).counts[0]
    done = do(service, "production.correct", LEAD, key="key-0001", target=row.key, reason="by hand")
    assert done.proposal is not None
    assert do(service, "production.correct", LEAD, key="key-0001", target=row.key, reason="by hand") == done
    assert see(service, "/stations/line.press", at=str(at(6, 30))).good_shift == 10
    (item,) = [item for item in see(service, "/attention", BOSS).items if item.kind == "proposal"]
    assert item.subject == done.proposal
    for person, wrong in ((LEAD, "proposed this yourself"), (BOSS, "do not allow")):
        with pytest.raises(ActRefusedError, match=wrong):
            do(service, "personnel.approve", person, proposal=done.proposal)
    do(service, "personnel.grant", ADMIN, person=BOSS, role="shift-lead")
    approved = do(service, "personnel.approve", BOSS, key="key-0002", proposal=done.proposal)
    assert do(service, "personnel.approve", BOSS, key="key-0002", proposal=done.proposal) == approved
    assert len(approved.positions) == 2
    assert see(service, "/stations/line.press", at=str(at(6, 30))).good_shift is None
    entry = see(service, f"/journal/{approved.positions[1]}")
    assert [position for _, position in entry.causes] == [done.positions[0], approved.positions[0]]
    assert f'"actor": "{LEAD}"' in entry.envelope
    service._view.check()


def test_what_the_proposer_may_do_no_more_is_not_approved(service):
    two_people(service)
    service.take(told(machine(service), counted(at(6), at(6, 5), 10)))
    row = see(service, "/stations/line.press", at=str(at(6, 30))).counts[0]
    done = do(service, "production.correct", LEAD, target=row.key, reason="by hand")
    do(service, "personnel.grant", ADMIN, person=BOSS, role="shift-lead")
    do(service, "personnel.withdraw", ADMIN, person=LEAD, role="shift-lead", reason="moved")
    size = service.size
    with pytest.raises(ActRefusedError, match="may not do it any more"):
        do(service, "personnel.approve", BOSS, proposal=done.proposal)
    assert service.size == size + 1
    (trace,) = see(service, "/journal", BOSS, type="house.act_refused").entries
    assert trace.position == size, "what was refused leaves its trace, and nothing else"
    do(service, "personnel.reject", BOSS, proposal=done.proposal, reason="no longer here")


def test_what_could_not_be_done_is_not_proposed(service):
    two_people(service)
    with pytest.raises(NotFoundError, match="no entry"):
        do(service, "production.correct", LEAD, target=f"plc-1/{'0' * 16}/7", reason="by hand")


def test_another_plant_file_comes_into_force(folder, service):
    text = PLANT_FILE.read_text()
    better = service.keep_file(text.replace("cycle: 0.98 s", "cycle: 0.9 s").encode())
    with pytest.raises(ActRefusedError):
        do(service, "editions.amend", LEAD, file=better, reason="faster")
    do(service, "editions.amend", BOSS, file=better, reason="faster")
    assert (service.edition, service.plant.sha256) == (2, better)
    page = see(service, "/plant")
    assert [row.edition for row in page.editions] == [2, 1]
    assert (page.file, page.editions[0].person) == (better, BOSS)
    assert see(service, "/plant/1").text == text
    service.close()
    again = started(folder)
    assert (again.edition, again.plant.sha256) == (2, better)
    again.close()


def test_what_two_people_put_in_force_names_its_file(service):
    service.plant = replace(service.plant, two_people=frozenset({"amend_plant"}))
    do(service, "personnel.enrol", ADMIN, person="p-4")
    do(service, "personnel.grant", ADMIN, person="p-4", role="manager")
    better = service.keep_file(PLANT_FILE.read_text().replace("cycle: 0.98 s", "cycle: 0.9 s").encode())
    done = do(service, "editions.amend", BOSS, file=better, reason="faster")
    approved = do(service, "personnel.approve", "p-4", proposal=done.proposal)
    assert service.plant.sha256 == better
    entry = json.loads(service.states()["book"].entry(approved.positions[-1]))
    assert (entry["event"]["type"], entry["event"]["files"]) == ("plant.amended", [better])


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda text: text, "in force"),
        (lambda text: text.replace("plant:\n", "plant:\n  id: another\n", 1), "not of"),
        (lambda text: text.replace("fabrika: 1", "fabrika: 99"), "problems"),
    ],
)
def test_a_plant_file_that_does_not_fit_is_refused(service, change, wrong):
    name = service.keep_file(change(PLANT_FILE.read_text()).encode())
    with pytest.raises(ActRefusedError, match=wrong):
        do(service, "editions.amend", BOSS, file=name, reason="r")
    with pytest.raises(ActRefusedError, match="content store"):
        do(service, "editions.amend", BOSS, file="0" * 64, reason="r")


def test_what_an_open_lot_needs_stays_in_the_plant_file(service):
    from fabrika.events.production import LotOpened

    pen = machine(service)
    service.take(told(pen, (at(6), LotOpened(lot="l-1", order="o-1", product="a", line="line", edition=1))))
    text = PLANT_FILE.read_text().replace("id: finish", "id: polish").replace("line.finish", "line.polish")
    name = service.keep_file(text.encode())
    with pytest.raises(ActRefusedError, match=r"Lot l-1 is open, and station line\.finish") as refused:
        do(service, "editions.amend", BOSS, file=name, reason="r")
    assert "lot" in refused.value.remedy


def test_those_who_wait_hear_of_what_comes(service):
    seen = []
    size = service.size
    waiting = threading.Thread(target=lambda: seen.append(service.wait(size, 20)))
    waiting.start()
    do(service, "personnel.enrol", ADMIN, person="p-9")
    waiting.join()
    assert seen == [service.size]
    assert service.wait(service.size, 0.01) == service.size


def test_a_follower_sees_and_refuses(folder, service):
    follower = PlantService.following(folder, now_us=Clock(at(7)))
    do(service, "personnel.enrol", ADMIN, person="p-9")
    assert follower.wait(service.size - 1, 20) == service.size
    assert see(follower, "/people", ADMIN) == see(service, "/people", ADMIN)
    with pytest.raises(StorageRefusedError, match="only reads"):
        do(follower, "personnel.enrol", ADMIN, person="p-8")
    follower.close()


def test_a_start_goes_on_from_the_snapshot(folder, service, monkeypatch):
    pen = machine(service)
    service.take(told(pen, *(counted(at(6) + n * MINUTE, at(6) + (n + 1) * MINUTE, n) for n in range(50))))
    before = see(service, "/stations/line.press")
    service.close()
    read = []
    original = PlantService._in_force
    monkeypatch.setattr(PlantService, "_in_force", lambda self: (read.append(self._view._rungs), original(self))[1])
    again = started(folder)
    assert [size for size, _ in read[0]] == [again.size]
    assert see(again, "/stations/line.press") == before
    again._view.check()
    again.close()


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "foreign", "gone"])
def test_a_snapshot_that_is_harmed_is_not_believed(folder, service, tmp_path, harm):
    before = see(service, "/people", ADMIN)
    service.close()
    paths = list((folder.folder / "snapshots").iterdir())
    assert paths
    for path in paths:
        data = path.read_bytes()
        match harm:
            case "flip":
                path.write_bytes(data.replace(b"p-2", b"p-7"))
            case "cut":
                path.write_bytes(data[:-9])
            case "empty":
                path.write_bytes(b"")
            case "foreign":
                path.write_bytes(b"\x97\x01\x02")
            case "gone":
                path.unlink()
    again = started(folder)
    assert see(again, "/people", ADMIN) == before
    again.close()


def test_a_disk_that_fails_makes_the_service_read_only(folder, service):
    def full(*_):
        raise apsw.FullError("database or disk is full")

    service.take(told(machine(service), counted(at(6), at(6, 5), 10)))
    size = service.size
    # The storage itself is told that its disk is full, at the moment of a commit.
    service._book.storage._at = lambda point: full() if point == "entries written, not committed" else None
    with pytest.raises(StorageFailedError):
        do(service, "personnel.enrol", ADMIN, person="p-9")
    with pytest.raises(StorageFailedError) as refused:
        do(service, "personnel.enrol", ADMIN, person="p-8")
    assert "Mend the disk" in refused.value.remedy
    assert service.size == size
    assert "p-9" not in {row.person for row in see(service, "/people", ADMIN).persons}
    (item,) = [item for item in see(service, "/").attention if item.kind == "read_only"]
    assert (item.priority, item.kind) == ("high", "read_only")
    assert "full" in item.remedy
    service.close()
    again = started(folder)
    assert again.size == size
    assert do(again, "personnel.enrol", ADMIN, person="p-9").positions
    again.close()


def test_a_twin_lives_by_what_it_was_told(tmp_path):
    folder = new_folder(tmp_path, "twin")
    service = started(folder, at(12, day=20))
    service.first(ADMIN)
    assert service.asked(ADMIN).at_us == at(12, day=20)
    service.take(told(machine(service), changed(at(6), "processing"), counted(at(6), at(6, 5), 10)))
    assert service.asked(ADMIN).at_us == at(6, 5)
    assert see(service, "/", ADMIN).kind == "twin"
    service.close()


def test_a_closed_service_takes_nothing(service):
    service.close()
    with pytest.raises(StorageFailedError, match="closed"):
        do(service, "personnel.enrol", ADMIN, person="p-9")
    service.close()


def test_a_checkpoint_is_signed_and_proves_an_entry(service):
    service.sign()
    page = see(service, "/journal")
    assert page.checkpoint.startswith(f"{page.origin}\n{service.size}\n")
    assert see(service, "/journal/2").proof.startswith("c2sp.org/tlog-proof@v1\nindex 2\n")
    do(service, "personnel.enrol", ADMIN, person="p-9")
    assert see(service, f"/journal/{service.size - 1}").proof is None


WRITER = Path(__file__).with_name("service_process.py")


def test_a_service_that_is_killed_keeps_what_it_answered_and_answers_again(folder):
    service = staffed(started(folder))
    service.close()
    answered: dict[str, str] = {}
    for begin in range(0, 400, 100):
        process = subprocess.Popen(
            [sys.executable, str(WRITER), str(folder.folder), str(begin)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        for _ in range(20):
            line = process.stdout.readline().decode()
            assert line, process.stderr.read().decode()
        os.kill(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
        for line in out.decode().splitlines(keepends=True):
            if line.endswith("\n"):
                key, positions = line.split(" ", 1)
                answered[key] = positions.strip()
    again = started(folder)
    size = again.size
    for key, positions in answered.items():
        done = do(again, "personnel.enrol", ADMIN, key=key, person=f"n{key}")
        assert repr(done.positions) == positions
    assert again.size == size
    again._view.check()
    result = verify(again._book.storage, again._book.files, [])
    assert not result.findings
    again.close()


def test_whatever_came_in_before_the_end_is_answered(service):
    """Threads go on sending while the service closes: each request is either done or refused, and none waits for ever."""
    done, refused = [], []

    def press(number):
        for step in range(200):
            try:
                done.append(do(service, "personnel.enrol", ADMIN, person=f"n-{number}-{step}"))
            except StorageFailedError:
                refused.append(number)
                return

    threads = [threading.Thread(target=press, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    service.wait(service.size + 20, 20)
    service.close()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert len(done) >= 20
    assert len(refused) == 8


def test_a_book_that_cannot_be_signed_is_only_read(service):
    service.folder.keys.joinpath("journal.key").write_text("no key")
    (service.folder.keys / "journal.key").chmod(0o600)
    service.sign()
    assert [item.kind for item in see(service, "/attention").items if item.priority == "high"] == ["read_only"]
    with pytest.raises(StorageFailedError):
        do(service, "personnel.enrol", ADMIN, person="p-9")

"""The one object that serves a plant: it decides commands on the state at the head, writes, folds, and answers after the commit.

A thread of its own holds the book. What came in while the disk was busy is decided one after the other, each on the state that
the one before left, and written in one commit; nobody sees a state, or gets an answer, before it is durable.
See ``docs/decisions/0020-one-thread-decides.md``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from fabrika.app import clock, cosigned, reactions, refused_acts, reports, requests
from fabrika.app.adoption import adopt
from fabrika.app.answered import done_before
from fabrika.app.book_folder import BookFolder, new_epoch
from fabrika.app.book_look import FolderLook
from fabrika.app.house import House
from fabrika.app.plant_files import PlantFiles
from fabrika.app.proofs import Proofs
from fabrika.app.service_answers import Done, Request, Seen, check_outside, nothing_adopted, only_follows, told
from fabrika.app.sitemap import COMMANDS, REACTIONS, ROOMS
from fabrika.app.snapshots import Snapshots
from fabrika.errors import (
    ActRefusedError,
    BookError,
    FabrikaError,
    IdentityConflictError,
    NotFoundError,
    StorageFailedError,
)
from fabrika.events.codec import Written
from fabrika.events.event import Event
from fabrika.events.fields import Key
from fabrika.events.house import AlarmRaised
from fabrika.journal.book import Book, Draft, Receipt, opening_of
from fabrika.journal.corrections import is_correction
from fabrika.journal.entries import Fact
from fabrika.journal.view import View
from fabrika.operations.personnel.rules import APPROVE, acts, first_person, needs_two
from fabrika.operations.personnel.state import PersonnelState, Proposal
from fabrika.operations.watch.state import WatchState
from fabrika.page import Asked, Command, Page, States
from fabrika.plant.acts import ACTS
from fabrika.plant.model import Plant
from fabrika.storage.gathering import Gathering
from fabrika.wording import Worded

__all__ = ["Done", "PlantService", "Seen", "adopt"]

MOST_TOGETHER = 500
"""Requests that share a commit at most."""
TICK_S = 1.0
SIGN_US = 60_000_000
"""A checkpoint is signed so long after the last one, if the book has grown."""
SNAPSHOT_ENTRIES, SNAPSHOT_US = 250_000, 1_800_000_000
"""Snapshots are stored after so many entries, or so long after the last ones."""

T = TypeVar("T")


class PlantService:
    """See the module; made by :meth:`opened` or :meth:`following`.

    Attributes:
        kind: ``plant`` or ``twin``.
        plant_id: the plant's id.
        plant: the edition in force.
        edition: its number.
        size: entries that are folded in.
    """

    def __init__(self, folder: BookFolder, book: Book | None, now_us: Callable[[], int]) -> None:
        self.folder, self._book, self._now_us = folder, book, now_us
        self._reader = folder.reader() if book is None else book.storage
        opening = opening_of(self._reader)
        self.kind, self.plant_id = opening.kind, opening.plant
        self._files = folder.content() if book is None else book.files
        self._shelf = PlantFiles(self._files)
        self._snapshots = Snapshots(folder.folder / "snapshots")
        self._view: View[dict[str, Any]] = View(self._reader, House(ROOMS))
        self._snapshots.resume(self._view)
        self._view.follow()
        self._look = FolderLook(folder, lambda: self._view.notices, lambda: self._view.size)
        self._proofs = Proofs(folder.folder / "proofs")
        self._lock = threading.RLock()
        self._grown = threading.Condition()
        self._waiting: Gathering[Request | None] = Gathering()
        self._door, self._closed = threading.Lock(), threading.Event()
        self._epoch = new_epoch()
        self._said: dict[str, int] = {}
        self._correction = False
        self._held: list[Fact] | None = None
        self._signed_us = self._kept_us = now_us()
        self._signed_size = self._kept_size = self.size = self._view.size
        self.plant, self.edition = self._in_force()
        run = self._follow if book is None else self._serve
        self._thread = threading.Thread(target=run, name="plant service", daemon=True)
        self._thread.start()

    @classmethod
    def opened(cls, folder: BookFolder, *, now_us: Callable[[], int] | None = None) -> PlantService:
        """Serve a book that has adopted a plant; it is this process's until :meth:`close`.

        Args:
            folder: the data folder.
            now_us: the clock, microseconds since 1970 UTC; by default one that goes on steadily and raises an alarm when
                the machine's is set.

        Raises:
            StorageRefusedError: there is no book, or it has adopted no plant.
            BookInUseError: another process serves it.
            BookDamagedError: it is not the book that was signed.
        """
        book = folder.open()
        try:
            return cls(folder, book, now_us or clock.SteadyClock())
        except BaseException:
            book.storage.close()
            raise

    @classmethod
    def following(cls, folder: BookFolder, *, now_us: Callable[[], int] = clock.now_us) -> PlantService:
        """Only look at a book that another process serves; commands are refused."""
        return cls(folder, None, now_us)

    # What is asked

    def states(self) -> States:
        """What the rooms know at the head, with the book and the shelf; to be read under the service's own calls only."""
        return {**self._view.state, "book": self._look, "shelf": self._shelf, "proofs": self._proofs}

    def asked(
        self,
        person: str | None,
        names: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        *,
        at_us: int | None = None,
        may: frozenset[str] | None = None,
        only: frozenset[str] | None = None,
    ) -> Asked:
        """Who asks for what, filled in from the head.

        Args:
            person: the id of the person who has signed in, if any.
            names: what stands in the path.
            query: what was asked beside it; ``at`` is the instant (us) that the answer is for.
            at_us: likewise; without either it is now, in a twin's book the last instant that was told.
            may: the acts of who asks, whatever their roles.
            only: acts to which who asks is confined, beside their roles.

        Raises:
            NotFoundError: ``at`` is no instant.
        """
        query = query or {}
        with self._lock:
            if at_us is None:
                at_us = requests.instant_of(query["at"], self.plant.zone) if query.get("at") else self._now_told_us()
            allowed, within = acts(self._view.state["personnel"], self.plant, person)
            allowed = allowed if only is None else allowed & only
            return Asked(
                at_us=at_us,
                position=self.size,
                plant=self.plant,
                edition=self.edition,
                kind=self.kind,
                person=person,
                may=allowed if may is None else may,
                within=within if may is None else {},
                names=names or {},
                query=query,
            )

    def see(
        self,
        page: Page,
        person: str | None,
        names: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        *,
        may: frozenset[str] | None = None,
    ) -> Seen:
        """A page as a person may see it; ``may``: as somebody with these acts sees it, whoever asks.

        Raises:
            ActRefusedError: the person's roles do not allow it.
            NotFoundError: a name in the path stands for nothing.
        """
        with self._lock:
            asked = self.asked(person, names, query, may=may)
            if page.act not in asked.may:
                asked.require(page.act)
            return Seen(asked, page.build(self.states(), asked))

    def overlooked(
        self, page: Page, names: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> Struct:
        """A page as whoever may read the data folder sees it: all of it, as nobody in particular.

        Raises:
            NotFoundError: a name in the path stands for nothing.
        """
        return self.see(page, None, names, query, may=frozenset(ACTS)).context

    def wait(self, beyond: int, timeout_s: float) -> int:
        """Block until the book has more than so many entries, the service is closed or the time is up; the size then."""
        with self._grown:
            self._grown.wait_for(lambda: self.size > beyond or self._closed.is_set(), timeout_s)
            return self.size

    # What is done

    def do(
        self,
        command: Command,
        person: str,
        form: Struct | Mapping[str, Any],
        *,
        key: str,
        device: str | None = None,
        only: frozenset[str] | None = None,
    ) -> Done:
        """Do what a person wants, once, and answer when it is durable.

        Args:
            command: one of :data:`fabrika.app.sitemap.COMMANDS`.
            person: the id of the person who has signed in.
            form: the command's form, or its fields as they were entered.
            key: drawn by the face for this form; the same key again is answered again and does nothing.
            device: the tablet or terminal.
            only: acts to which the person is confined, beside their roles.

        Raises:
            ActRefusedError: it may not be done now, or not by this person.
            NotFoundError: a name stands for nothing.
            EventRefusedError: a field has not the form that it must have.
            IdentityConflictError: the key came before, with another command or form.
            StorageFailedError: nothing can be written.
        """
        filled = requests.filled(command, form)
        request = requests.Request.of(self.plant_id, person, key, command, filled)._replace(only=only)
        attempt = refused_acts.Attempt.of(command.name, person, filled, device)
        return self._submit(lambda draft: self._do(draft, command, filled, request, device), attempt=attempt)

    def refuse(self, command: str, person: str, act: str, *, device: str | None = None) -> None:
        """Keep that a person tried what their roles do not allow; never raises for what the book cannot take now."""
        with contextlib.suppress(FabrikaError):
            attempt = refused_acts.Attempt(command, person, None, device)
            self._submit(lambda _: self.asked(person).require(act), attempt=attempt)

    def report(self, report: reports.Report) -> Done:
        """Take what a browser kept while there was no network, once; what came too late is in the book as refused.

        Raises:
            FabrikaError: it is refused, and the person who pressed is told so at once.
            StorageFailedError: nothing can be written.
        """
        hands = reports.Hands(
            plant=self.plant_id,
            before=done_before,
            do=self._do,
            admit=self._admitted,
            own_pen=lambda draft: requests.own_pen(self.plant_id, self._own_head(draft)),
            alarm=self._alarm,
            now_us=self._decided_us,
        )
        attempt = refused_acts.Attempt.of(report.name, report.person, report.form, report.device)
        return self._submit(lambda draft: reports.taken(draft, report, hands), attempt=attempt)

    def take(self, messages: Sequence[Written]) -> list[Receipt]:
        """What machines, connectors and the live twin tell; all or none, answered when it is durable.

        Raises:
            EventRefusedError: an event is of a kind that only commands make, or of another plant.
            SequenceGapError: a message came without the one before it.
            IdentityConflictError: an identity came with other content than before; an alarm stays in the book.
            StorageFailedError: nothing can be written.
        """
        check_outside(messages, self.kind)
        told = not reactions.awake(REACTIONS, self.plant, (written.event for written in messages))
        return self._submit(lambda draft: self._admitted(draft, messages), told=told)

    def first(self, person: str, *, device: str | None = None) -> Done:
        """Enrol the first person and grant a role that manages people, in a book in which nobody does.

        Raises:
            ActRefusedError: somebody manages people already, or the plant has no such role.
        """
        return self._submit(lambda draft: self._first(draft, person, device))

    def note_alarm(self, kind: str, subject: str, detail: str) -> None:
        """Write an alarm, unless one of this kind about this subject is open; never raises."""
        try:
            self._submit(lambda draft: self._alarm(draft, kind, subject, detail))
        except BookError:
            return

    def keep_file(self, data: bytes) -> str:
        """Put a file into the content store and give its SHA-256.

        Raises:
            StorageFailedError: the disk failed or is full.
        """
        if self._book is None:
            raise only_follows()
        with self._lock:
            return self._files.put(data)

    def close(self) -> None:
        """Answer what came in, store the snapshots and give the book back."""
        with self._door:
            if self._closed.is_set():
                return
            # Whatever came in stands before this in the queue, and is answered.
            self._closed.set()
            self._waiting.put(None)
        self._proofs.close()
        self._thread.join()
        with self._grown:
            self._grown.notify_all()
        with self._lock:
            if self._book is not None and self._look.failure is None:
                self._snapshots.keep(self._view)
            self._reader.close()
            self._look.close()

    # The thread that holds the book

    def _submit(
        self, work: Callable[[Draft], T], *, told: bool = False, attempt: refused_acts.Attempt | None = None
    ) -> T:
        if self._book is None:
            raise only_follows()
        if self._look.failure is not None:
            raise StorageFailedError(f"The book cannot be written: {self._look.failure}")
        answer: Future[T] = Future()
        with self._door:
            if self._closed.is_set():
                raise StorageFailedError("The plant's server is closed.", "Start it again and send it once more.")
            self._waiting.put(Request(work, answer, told, attempt))
        return answer.result()

    def _serve(self) -> None:
        left: list[Request] = []
        going = True
        last_us = self._book.last_at_us if self._book is not None else 0
        if self.kind == "plant":  # a twin's time runs by itself
            self._ask_clock(lambda now: now.doubt(last_us))
        while going or left:
            together = left or self._waiting.take(MOST_TOGETHER, TICK_S)
            self._ask_clock(clock.SteadyClock.step)
            going = going and None not in together
            requests_now = [request for request in together if request is not None]
            left = self._decide(requests_now) if requests_now else []
            if not left and self._waiting.is_empty():
                self._look_after()

    def _decide(self, together: list[Request]) -> list[Request]:
        """Decide requests one after the other and commit them together; returns those that must wait for the next commit."""
        assert self._book is not None
        answers: list[tuple[Future[Any], Any]] = []
        rest: list[Request] = []
        lasted_s = clock.stopwatch()
        # What machines tell is folded once it is durable; only what is decided on a state that is not must keep pages waiting.
        self._held = [] if all(request.told for request in together) else None
        with self._lock if self._held is None else contextlib.nullcontext():
            try:
                draft = self._book.draft(self._now_us())
                self._correction = False
                for place, request in enumerate(together):
                    try:
                        answers.append((request.answer, request.work(draft)))
                    except FabrikaError as refusal:
                        self._refused(draft, refusal, request.attempt)
                        answers.append((request.answer, refusal))
                    if self._correction:
                        rest = together[place + 1 :]
                        break
                self._book.commit(draft)
                with self._lock:
                    if self._correction:
                        self._view.follow()
                    elif self._held:
                        self._view.fold(self._held)
                    self._settle()
            except Exception as failure:  # noqa: BLE001 - whoever waits must hear of it
                with self._lock:
                    self._fail(failure)
                for request in together:
                    if not request.answer.done():
                        request.answer.set_exception(told(failure))
                return []
        self._waiting.answered(len(together) - len(rest), lasted_s())
        for answer, result in answers:
            (answer.set_exception if isinstance(result, FabrikaError) else answer.set_result)(result)
        with self._grown:
            self._grown.notify_all()
        return rest

    def _settle(self) -> None:
        """Let everybody see what is durable now."""
        self.size = self._view.size
        newest = self._view.state["editions"].newest
        if newest is not None and newest.number != self.edition:
            self.plant, self.edition = self._in_force()

    def _fail(self, failure: Exception) -> None:
        """Nothing more is written; pages show what the book holds, read anew."""
        self._look.failure = failure.problem if isinstance(failure, FabrikaError) else type(failure).__name__
        try:
            view: View[dict[str, Any]] = View(self.folder.reader(), House(ROOMS))
            self._snapshots.resume(view)
            view.follow()
        except BookError:
            return  # the book cannot be read either; what was shown last stays
        self._view = view
        self._settle()

    def _look_after(self) -> None:
        """Between requests: sign, and store snapshots, now and then."""
        if self._look.failure is not None:
            return
        self._take_in()
        now_us = self._now_us()
        if self.size > self._signed_size and abs(now_us - self._signed_us) >= SIGN_US:
            self.sign()
        grown = self.size - self._kept_size
        if grown >= SNAPSHOT_ENTRIES or (grown and abs(now_us - self._kept_us) >= SNAPSHOT_US):
            self._kept_size, self._kept_us = self.size, now_us
            with self._lock:
                self._snapshots.keep(self._view)

    def _ask_clock(self, look: Callable[[clock.SteadyClock], clock.Doubt | None]) -> None:
        """Tell what is doubtful about the machine's clock, each step under a subject of its own; the service's goes on steadily."""
        if isinstance(self._now_us, clock.SteadyClock) and (doubt := look(self._now_us)) is not None:
            subject = f"clock of the server ({self._now_us():d})"
            alarm = partial(self._alarm, kind="clock_stepped", subject=subject, **doubt._asdict())
            self._waiting.put(Request(alarm, Future()))

    def sign(self) -> None:
        """Sign a checkpoint of the head, on the service's own thread; a book that cannot be signed is only read from then on."""
        assert self._book is not None
        self._signed_size, self._signed_us = self.size, self._now_us()
        try:
            self._book.sign(self.folder.signer(self._look.origin))
        except Exception as failure:  # noqa: BLE001 - this thread must live on and answer
            with self._lock:
                self._fail(failure)

    def _take_in(self) -> None:
        """Let what witnesses left for this book be seen; a disk that fails while it is kept is told like any other failure."""
        assert self._book is not None
        try:
            if cosigned.take_in(self.folder, self._book):
                self._look.cosigned_anew()
        except Exception as failure:  # noqa: BLE001 - this thread must live on and answer
            with self._lock:
                self._fail(failure)

    def _follow(self) -> None:
        while not self._closed.wait(TICK_S / 5):
            try:
                if self._reader.size() == self._view.size:
                    continue
                with self._lock:
                    self._view.follow()
                    self._settle()
            except BookError as error:
                self._look.failure = error.problem
                continue
            with self._grown:
                self._grown.notify_all()

    # Decisions, made by that thread

    def _do(self, draft: Draft, command: Command, form: Struct, request: requests.Request, device: str | None) -> Done:
        before = done_before(draft, request)
        if before is not None:
            return before
        said_us = requests.said_us(self.kind, self._decided_us(draft), request, self._said)
        asked = self.asked(request.person, at_us=said_us, only=request.only)
        asked.require(command.act, next(iter(asked.within.get(command.act, ())), None))
        states = self.states()
        if needs_two(states["personnel"], self.plant, command):
            command.decide(
                states, asked, form
            )  # what could not be done anyway is refused now, not by the second person
            events: Sequence[Event] = [requests.proposed(request, command, form)]
            proposal: str | None = request.key.epoch
        else:
            events, proposal = command.decide(states, asked, form), None
        for data in command.brings(form):
            self._files.put(data)
        written = self._written(request, events, asked, device)
        if command.name == APPROVE.name:
            written += self._approved(draft, request, form, asked, written)
        receipts = self._admitted(draft, written)
        return Done(
            positions=tuple(receipt.position for receipt in receipts),
            size=receipts[-1].position + 1 if receipts else self.size,
            proposal=proposal,
        )

    def _approved(
        self, draft: Draft, request: requests.Request, form: Any, asked: Asked, written: list[Written]
    ) -> list[Written]:
        """What follows of an approval: the proposed command, decided now, for the person who proposed it."""
        personnel: PersonnelState = self._view.state["personnel"]
        found: Proposal = personnel.proposals[form.proposal]
        command = next((known for known in COMMANDS if known.name == found.command), None)
        if command is None:
            raise NotFoundError(Worded("There is no command {command}.", command=found.command))
        proposer = self.asked(found.person, at_us=asked.at_us)
        if found.act not in proposer.may:
            raise ActRefusedError(
                Worded("{person}, who proposed this, may not do it any more.", person=found.person),
                Worded("Reject it, or propose it yourself."),
            )
        events = command.decide(self.states(), proposer, msgspec.json.decode(found.form, type=command.form))
        causes = (requests.key_of(found.key), written[0].message.key)
        pen = requests.pen(self.plant_id, request, written[-1])
        of = {"actor": found.person, "cause": causes, "request": request.digest}
        return requests.written(pen, events, draft.at_us, **of)

    def _written(
        self, request: requests.Request, events: Sequence[Event], asked: Asked, device: str | None
    ) -> list[Written]:
        of = {"actor": request.person, "device": device, "request": request.digest}
        return requests.written(requests.pen(self.plant_id, request), events, asked.at_us, **of)

    def _first(self, draft: Draft, person: str, device: str | None) -> Done:
        events = first_person(self._view.state["personnel"], self.plant, person)
        pen = requests.own_pen(self.plant_id, self._own_head(draft))
        receipts = self._admitted(draft, [pen.write(event, draft.at_us, device=device) for event in events])
        return Done(positions=tuple(receipt.position for receipt in receipts), size=receipts[-1].position + 1)

    def _alarm(self, draft: Draft, kind: str, subject: str, detail: str, **figures: int | None) -> None:
        watch: WatchState = self._view.state["watch"]
        subject, detail = requests.plain(subject, 200), requests.plain(detail, 2_000)
        raised = [fact.event for fact in self._held or () if isinstance(fact.event, AlarmRaised)]
        if watch.knows(kind, subject) or (kind, subject) in [(found.kind, found.subject) for found in raised]:
            return
        name = f"{self._epoch}-{draft.start + len(draft.entries)}"
        event = AlarmRaised(alarm=name, kind=kind, subject=subject, detail=detail, **figures)  # type: ignore[arg-type]
        self._admitted(draft, [requests.own_pen(self.plant_id, self._own_head(draft)).write(event, draft.at_us)])

    def _refused(self, draft: Draft, refusal: FabrikaError, attempt: refused_acts.Attempt | None) -> None:
        """What is told to the person who sent it also stays in the book: a conflict of identities as an alarm."""
        if isinstance(refusal, IdentityConflictError) and draft.book.alarms:
            message = draft.book.alarms.pop().message
            self._alarm(draft, "identity_conflict", f"{message.source}/{message.epoch}", refusal.problem)
        elif attempt is not None:
            at_us = self._decided_us(draft)
            event = refused_acts.kept(self._view.state["watch"], attempt, refusal, at_us)
            if event is not None:
                pen = requests.own_pen(self.plant_id, self._own_head(draft))
                of = {"actor": attempt.person, "device": attempt.device}
                self._admitted(draft, [pen.write(event, at_us, **of)])

    def _admitted(self, draft: Draft, written: Sequence[Written]) -> list[Receipt]:
        """Admit messages and fold what is new, so that the next request is decided on it."""
        begin = len(draft.entries)
        receipts, facts = draft.admit(written), draft.facts(begin)
        # Behind a correction in the same commit nothing is folded: the view follows the book once it is written.
        self._correction = self._correction or any(map(is_correction, facts))
        if not self._correction:
            (self._view.fold if self._held is None else self._held.extend)(facts)
        if not self._correction and self._held is None:
            for fact, event in reactions.following(REACTIONS, self._view.state, self.plant, facts):
                pen = requests.own_pen(self.plant_id, self._own_head(draft))
                self._admitted(draft, [pen.write(event, fact.message.at_us, cause=(fact.key,))])
        return receipts

    def _own_head(self, draft: Draft) -> tuple[Key, str | None]:
        """The next identity of the service's own source, and the digest of what it said before."""
        source = "server", self._epoch
        sequence, previous = draft.heads.get(source) or draft.book.heads.get(source) or (-1, None)
        return Key(*source, sequence + 1), previous

    def _decided_us(self, draft: Draft) -> int:
        return draft.at_us if self.kind == "plant" else self._now_told_us()

    def _now_told_us(self) -> int:
        """Now; in a twin's book the last instant that was told, as its time runs by itself."""
        latest_us: int = self._view.state["production"].latest_us
        return latest_us if self.kind == "twin" and latest_us > -(2**53) else self._now_us()

    def _in_force(self) -> tuple[Plant, int]:
        newest = self._view.state["editions"].newest
        if newest is None:
            raise nothing_adopted(self.folder.folder)
        return self._shelf.plant(newest.file), newest.number

"""The places of a simulated plant: sources with an outbox, the server with the book, a witness; and the bugs they may have.

The server's book, the tree, the proofs and the witness are the real ones; simulated are time, network and disks.
"""

from __future__ import annotations

from fabrika.errors import BookError, IdentityConflictError, ProofRefusedError, SequenceGapError
from fabrika.events.codec import read
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened
from fabrika.events.production import UnitsCounted
from fabrika.journal.book import Book
from fabrika.journal.checkpoint import Checkpoint
from fabrika.journal.merkle import consistency_proof
from fabrika.journal.pen import Pen
from fabrika.journal.port import Batch
from fabrika.journal.witness import witnessed
from fabrika.storage.memory import MemoryFiles, MemoryStorage
from journal.books import AT, BOOK_KEY, EPOCH, WITNESS_KEY
from simulation.world import MS, SECOND, Network, World

BUGS = ("answer before the commit", "no identity", "no epoch", "send before the flush")


class Disk(MemoryStorage):
    """The server's storage: what was not flushed when the power went may be there or not, as a whole or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Batch] = []
        self.durable = 0

    def append(self, batch: Batch) -> None:
        """Take a batch that is not durable yet."""
        super().append(batch)
        self.batches.append(batch)

    def flush(self) -> None:
        """All that was taken is durable."""
        self.durable = len(self.batches)

    def after_a_cut(self, chance) -> Disk:
        """The disk as it is found after the power came back."""
        found = Disk()
        kept = chance.randrange(self.durable, len(self.batches) + 1)
        for batch in self.batches[:kept]:
            found.append(batch)
        found.flush()
        for size, note in self.checkpoints():
            if size <= found.size():
                found.keep_checkpoint(size, note)
        return found


class Source:
    """A machine's connector: keeps what it counts in an outbox, and sends it until the server has answered.

    Attributes:
        counted: every number that was ever durable in the outbox, by the life of the disk.
        answered: every number that the server acknowledged.
    """

    RESEND_US, WINDOW = 300 * MS, 12

    def __init__(self, world: World, network: Network, server: Server, name: str, bug: str) -> None:
        self.world, self.network, self.server, self.name, self.bug = world, network, server, name, bug
        self.number, self.life, self.up = 0, 0, True
        self.answered: set[int] = set()
        self.forgotten: set[int] = set()
        self.counted: list[list[int]] = []
        self.timer = 0
        self.new_disk()
        world.later(self.pause(), self.count)

    def pause(self) -> int:
        """Until the next count."""
        return self.world.chance.randrange(5 * MS, 120 * MS)

    def new_disk(self) -> None:
        """An empty outbox; a new disk draws a new epoch."""
        if self.counted:
            self.forgotten |= {number for number, _ in self.durable} - self.answered
        self.life += 1
        epoch = EPOCH if self.bug == "no epoch" else f"{self.world.chance.getrandbits(64):016x}"
        self.counted.append([])
        self.start = Key(self.name, epoch, 0), None
        self.durable: list = []
        self.waiting: list = []
        self.pen = Pen("kosovo", *self.start)

    def count(self) -> None:
        """Something is counted, and soon flushed."""
        if self.world.healed:
            return
        self.world.later(self.pause(), self.count)
        if self.up:
            self.number += 1
            event = UnitsCounted(station=self.name, from_us=AT, to_us=AT + 1, entered=self.number, good=0, scrapped=0)
            self.waiting.append((self.number, self.pen.write(event, AT + self.world.now_us)))
            slow = self.world.chance.random() < 0.15
            delay = self.world.chance.randrange(MS, (500 if slow else 30) * MS)
            self.world.later(delay, self.flush, self.life, self.number)
            if self.world.happens(0.004):
                self.world.later(delay // 2, self.crash)
            if self.bug == "send before the flush":
                self.send()

    def flush(self, life: int, until: int) -> None:
        """What was counted up to a number is durable."""
        if self.up and life == self.life:
            flushed = [one for one in self.waiting if one[0] <= until]
            self.waiting = self.waiting[len(flushed) :]
            self.durable += flushed
            self.counted[-1] += [number for number, _ in flushed]
            if flushed:
                self.start = self._behind(flushed[-1][1])
                self.send()

    def _behind(self, written):
        key = written.message.key
        after = Pen("kosovo", key, written.message.previous)
        after.write(written.event, written.message.at_us)
        return after.next_key, after.previous

    def send(self) -> None:
        """The oldest that were not answered, and again after a while."""
        outbox = self.durable + (self.waiting if self.bug == "send before the flush" else [])
        if self.up and outbox:
            self.network.send(self.name, self.server, self, [written.data for _, written in outbox[: self.WINDOW]])
            self.timer += 1
            self.world.later(self.RESEND_US, self.again, self.timer)

    def again(self, timer: int) -> None:
        """Send again, unless it was done meanwhile."""
        if timer == self.timer:
            self.send()

    def receive(self, epoch: str, sequence: int) -> None:
        """The server answered: all up to a number is in the book."""
        if not self.up or epoch != self.pen.next_key.epoch:
            return
        done = [one for one in self.durable + self.waiting if one[1].message.sequence <= sequence]
        self.answered |= {number for number, _ in done}
        self.durable = [one for one in self.durable if one[1].message.sequence > sequence]
        if done:
            self.send()

    def crash(self) -> None:
        """The power goes, if it is there; what was not flushed is gone. Sometimes the disk, too."""
        if not self.up or self.world.healed:
            return
        self.up, self.waiting = False, []
        if self.world.chance.random() < 0.25:
            self.new_disk()
        self.life += 1
        self.world.later(self.world.chance.randrange(50 * MS, SECOND), self.boot)

    def boot(self) -> None:
        """Go on with what the outbox holds."""
        if not self.up:
            self.up = True
            self.pen = Pen("kosovo", *self.start)
            self.send()


class Server:
    """The plant's server: gathers what comes in, commits it together, and answers."""

    name = "server"

    def __init__(self, world: World, network: Network, bug: str) -> None:
        self.world, self.network, self.bug = world, network, bug
        self.up, self.life = True, 0
        self.alarms, self.said = 0, 0
        disk = Disk()
        self.book = Book(disk, MemoryFiles())
        opening = Pen("kosovo", Key("journal", EPOCH, 0)).write(BookOpened(plant="kosovo", kind="plant"), AT)
        self.book.append([opening], AT)
        disk.flush()
        self.inbox: list = []
        self.committing = False

    def receive(self, source, messages: list[bytes]) -> None:
        """Messages of a source, or the call of a witness."""
        if self.up:
            self.inbox.append((source, messages))
            self.commit()

    def commit(self) -> None:
        """Take what came in while the disk was busy, and flush it."""
        if self.committing or not self.inbox:
            return
        inbox, self.inbox = self.inbox, []
        draft, answers = self.book.draft(AT + self.world.now_us), []
        for source, messages in inbox:
            answer = self.admitted(draft, source, [read(data) for data in messages])
            if answer is not None:
                answers.append((source, *answer))
        self.book.commit(draft)
        self.committing = True
        if self.bug == "answer before the commit":
            self.answer(answers)
            answers = []
        slow = self.world.chance.random() < 0.05
        delay = self.world.chance.randrange(MS, (500 if slow else 15) * MS)
        self.world.later(delay, self.committed, self.life, answers)
        if self.world.happens(0.01):
            self.world.later(delay // 2, self.crash)  # by chance alone the moment that matters is seldom met

    def admitted(self, draft, source, messages):
        """What is to be answered: epoch and number up to which all is in the book; None if nothing is."""
        last = messages[-1].message
        if self.bug == "no identity":
            for written in messages:
                draft.admit([self.pen(draft).write(written.event, written.message.at_us)])
            return last.epoch, last.sequence
        try:
            draft.admit(messages)
        except SequenceGapError:
            return None
        except IdentityConflictError:
            if self.bug == "no epoch":  # what usually goes with it: the same number is taken for the same message
                return last.epoch, last.sequence
            self.alarms += 1
            return None
        return last.epoch, last.sequence

    def pen(self, draft) -> Pen:
        """The server's own, in the bug without identities."""
        key = "server", EPOCH
        sequence, previous = draft.heads.get(key) or self.book.heads.get(key) or (-1, None)
        return Pen("kosovo", Key(*key, sequence + 1), previous)

    def committed(self, life: int, answers) -> None:
        """The disk is done."""
        if self.up and life == self.life:
            self.book.storage.flush()
            self.committing = False
            self.answer(answers)
            self.commit()

    def answer(self, answers) -> None:
        """Tell the sources."""
        for source, epoch, sequence in answers:
            self.network.send(self.name, source, epoch, sequence)

    def checkpoint(self, witness: Witness, seen: int) -> None:
        """A witness asks for the newest checkpoint and a proof that the book only grew; only what is durable is signed."""
        if self.up and not self.committing:
            head = self.book.head()
            note = self.book.sign(BOOK_KEY)
            if seen <= head.size:
                proof = consistency_proof(seen, head.size, self.book.trees())
                self.network.send(self.name, witness, str(note), seen, proof)

    def crash(self) -> None:
        """The power goes, if it is there."""
        if not self.up or self.world.healed:
            return
        self.up, self.committing, self.inbox = False, False, []
        self.life += 1
        self.world.later(self.world.chance.randrange(50 * MS, SECOND), self.boot)

    def boot(self) -> None:
        """Open what the disk holds."""
        if not self.up:
            self.book = Book(self.book.storage.after_a_cut(self.world.chance), self.book.files)
            self.up = True


class Witness:
    """Somebody outside, who remembers the largest checkpoint."""

    name = "witness"

    def __init__(self, world: World, network: Network, server: Server) -> None:
        self.world, self.network, self.server = world, network, server
        self.seen: Checkpoint | None = None
        self.refused: list[str] = []
        self.visits = 0
        world.later(SECOND, self.visit)

    def visit(self) -> None:
        """Ask, and again after a while."""
        self.network.send(self.name, _Desk(self.server), self, self.seen.size if self.seen else 0)
        self.world.later(self.world.chance.randrange(300 * MS, SECOND), self.visit)

    def receive(self, note: str, since: int, proof) -> None:
        """The server's answer; one to an older question is passed over."""
        if since == (self.seen.size if self.seen else 0):
            try:
                self.seen, _ = witnessed(
                    self.seen,
                    note,
                    book=BOOK_KEY.verifier,
                    proof=proof,
                    witness=WITNESS_KEY,
                    at_s=self.world.now_us // SECOND,
                )
                self.visits += 1
            except ProofRefusedError as error:
                self.refused.append(error.problem)


class _Desk:
    """Where the server receives witnesses."""

    def __init__(self, server: Server) -> None:
        self.name, self._server = server.name, server

    def receive(self, witness: Witness, seen: int) -> None:
        try:
            self._server.checkpoint(witness, seen)
        except BookError as error:
            witness.refused.append(str(error))

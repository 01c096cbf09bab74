"""What a page is, and what can be done from it. A face makes HTML, JSON and a terminal's table of the same page.

A page is a pure function of what the rooms know and of what was asked. A command decides: it returns the events that will
have happened, or refuses and says what is missing and who can mend it. Neither knows a browser, a clock or a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct, json

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.plant.model import Plant
from fabrika.wording import Worded, joined

States = Mapping[str, Any]
"""What the rooms know, by the room's name; each is the state that the room's reducer folds.

Beside the rooms stand ``book``, a :class:`BookLook`, ``shelf``, a :class:`Shelf`, and ``proofs``, a
:class:`fabrika.answers.proof.Prover`.
"""


class BookLook(Protocol):
    """The book as pages read it, beside the states that were folded from it.

    Attributes:
        size: entries of the book.
        origin: its name in checkpoints.
        failure: why nothing can be written now; None while all is well.
    """

    size: int
    origin: str
    failure: str | None

    def entry(self, position: int) -> bytes:
        """The canonical bytes of an entry; :class:`fabrika.errors.NotFoundError` if there is none."""
        ...

    def read(self, start: int, stop: int) -> list[bytes]:
        """The entries from position ``start`` to before ``stop``."""
        ...

    def corrections(self, key: str) -> tuple[int, ...]:
        """The positions of the corrections of an entry, by its identity ``source/epoch/sequence``."""
        ...

    def find(self, key: str) -> int | None:
        """The position of an identity ``source/epoch/sequence``, None if the book has none."""
        ...

    def root(self) -> str:
        """The Merkle root of all entries, in hexadecimal."""
        ...

    def checkpoint(self) -> str | None:
        """The last signed checkpoint with its cosignatures, None if none was signed."""
        ...

    def cosigned(self) -> Mapping[str, int]:
        """When which witness cosigned the last checkpoint that it saw: instants (us) by the witness's name."""
        ...

    def proof(self, position: int) -> str | None:
        """The proof (C2SP tlog-proof) that an entry is in the book; None if the last checkpoint is older than the entry."""
        ...


class Shelf(Protocol):
    """The files of the content store, by SHA-256: plant files and documents."""

    def text(self, sha256: str) -> str:
        """The file's text; :class:`fabrika.errors.NotFoundError` if it is not in the store."""
        ...

    def plant(self, sha256: str) -> Plant:
        """The plant that the file describes; :class:`fabrika.errors.PlantFileError` if it is none."""
        ...


class Asked(Struct, frozen=True, kw_only=True):
    """Who asks for what, as of when.

    Attributes:
        at_us: the instant that the answer is for, microseconds since 1970 UTC.
        position: entries of the book that the states hold.
        plant: the edition of the plant file that is in force.
        edition: its number, 1 for the first.
        kind: ``plant`` or ``twin``, as the book is.
        person: the id of the person who asks; absent if nobody is signed in.
        may: the acts that this person's roles allow, everywhere or in some area.
        within: the areas of those acts that are allowed only there; an act that is not named is allowed everywhere.
        names: what stands in the path in place of its ``{names}``.
        query: what was asked beside the path.
    """

    at_us: int
    position: int
    plant: Plant
    edition: int
    kind: str
    person: str | None = None
    may: frozenset[str] = frozenset()
    within: Mapping[str, frozenset[str]] = {}
    names: Mapping[str, str] = {}
    query: Mapping[str, str] = {}

    def require(self, act: str, area: str | None = None) -> None:
        """Refuse what this person's roles do not allow in this area.

        Raises:
            ActRefusedError: with the roles that may.
        """
        if act in self.may and (act not in self.within or area in self.within[act]):
            return
        roles = joined([role.name or role.id for role in self.plant.roles if act in role.may], ", ")
        if act in self.may:
            wrong: str = Worded("Your roles allow this in other areas only.")
        elif self.person is None:
            wrong = Worded("This needs a person who has signed in.")
        else:
            wrong = Worded("Your roles do not allow this.")
        remedy = (
            Worded("Ask somebody in one of these roles: {roles}.", roles=roles)
            if roles
            else Worded("Ask somebody who grants roles.")
        )
        raise ActRefusedError(wrong, remedy)

    @property
    def actor(self) -> str:
        """The id of the person who gives a command; there is one."""
        assert self.person is not None, "who gives a command has signed in"
        return self.person


_NAME = re.compile(r"\{([a-z_]+)\}")


class Notice(Struct, frozen=True, kw_only=True):
    """One thing that needs a person.

    Attributes:
        kind: ``down``, ``safety``, ``uncoded``, ``disagree``, ``silent``, ``doubled``, ``missed``, ``proposal``, ``alarm``, ``late``,
            ``late_delivery``, ``held``, ``handover``, ``witness``, ``read_only``, ``must_read``, ``unapproved``; of stock ``expired``, ``below_nought``,
            ``over_limit``, ``unreleased``, ``unwitnessed``, ``counting``, ``strange_container``; of reports ``report``, ``double_report``, ``wrong_lot_report``, ``late_report``; of balances ``unaccounted``; of lots ``lot_due``.
        subject: what it is about: a station, an order, a proposal, an alarm, a report, a document, stock, the book.
        path: the page where it is looked after.
        since_us: since when; None if that is not known.
        sentence: what is the matter.
        remedy: what to do, and who can.
    """

    priority: Literal["high", "medium", "low"]
    kind: str
    subject: str
    path: str
    since_us: int | None
    sentence: str
    remedy: str


Source = Callable[[States, Asked], Iterator[Notice]]
"""Says what of something needs a person."""


class Page(Struct, frozen=True, kw_only=True):
    """One page of the plant.

    Attributes:
        name: its own name, ``room.page``; the face's template has the same.
        path: where it lies, with ``{names}``: ``/stations/{station}``. The same path with ``.json`` is for programs.
        title: a message; what the page is called.
        act: what a person's role must allow for it to be seen.
        build: makes its context, a struct of plain values; raises :class:`fabrika.errors.NotFoundError` for a name that
            stands for nothing.
        commands: names of the commands that can be given from it.
        minds: acts beside those of itself and its commands whose holders see something else on it, such as a way to another
            page; whoever has the same of all these acts sees the same, but for proposals that wait for somebody.
        kept: whether a browser keeps it for the time in which there is no network.
        at_tablets: whether a shared tablet shows it before anybody there has said who they are; nothing can be done from it then.
    """

    name: str
    path: str
    title: str
    act: str
    build: Callable[[States, Asked], Struct]
    commands: tuple[str, ...] = ()
    minds: tuple[str, ...] = ()
    kept: bool = False
    at_tablets: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names in its path."""
        return tuple(_NAME.findall(self.path))

    def at(self, **names: str) -> str:
        """Its path with the names filled in."""
        return self.path.format(**names)


def _nothing(_form: Any) -> tuple[bytes, ...]:
    """The files of a form that brings none."""
    return ()


class Command(Struct, frozen=True, kw_only=True):
    """Something a person can do.

    Attributes:
        name: ``room.verb``: ``production.code_stop``. It is given by POST to ``/do/<name>``.
        title: a message; the words on its button.
        act: what a person's role must allow; the plant file may want a second person for it.
        form: the struct of its fields; a face checks what was entered against it before it is decided.
        decide: the events that follow; raises :class:`fabrika.errors.ActRefusedError`.
        brings: the files that a form brings with it; they lie in the content store before the events are written.
        queues: whether a browser keeps its forms while there is no network and sends them later; then ``asked.at_us`` is the
            instant at which the person pressed.
    """

    name: str
    title: str
    act: str
    form: type[Struct]
    decide: Callable[[States, Asked, Any], Sequence[Event]]
    brings: Callable[[Any], tuple[bytes, ...]] = _nothing
    queues: bool = False

    def __post_init__(self) -> None:
        # msgspec looks into a struct when it reads the first one, and two threads that do so at once read through a null
        # pointer (0.22): a server to which two people send the first forms of a day would be gone. So it looks here, alone.
        json.Decoder(self.form)

"""What the house itself tells: the book, persons, roles, keys, checkpoints, corrections, acts of two, alarms."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from fabrika.events.event import Event
from fabrika.events.fields import Count, Digest, Duration, Epoch, Id, Instant, Key, Text, Whole


class BookOpened(Event, frozen=True, kw_only=True):
    """The first entry of every book; its hash is below every root, so that no book can pass for another.

    Attributes:
        plant: the plant's id, fixed for ever.
        kind: ``plant`` for what happened, ``twin`` for what was simulated.
    """

    NAME: ClassVar[str] = "house.book_opened"
    plant: Id
    kind: Literal["plant", "twin"]


class BookRestored(Event, frozen=True, kw_only=True):
    """The book goes on from a backup; checkpoints from here on name the next generation.

    Attributes:
        size: entries that the backup held.
        root: the Merkle root of those entries.
        largest_known: the largest size that a witness or an edge is known to have seen; equal to size if none is larger.
        missing_from: first position that is known to be lost; absent if none is.
    """

    NAME: ClassVar[str] = "house.book_restored"
    size: Count
    root: Digest
    largest_known: Count
    missing_from: Count | None = None


class PersonEnrolled(Event, frozen=True, kw_only=True):
    """A person gets an id; name and contact lie elsewhere, erasable."""

    NAME: ClassVar[str] = "house.person_enrolled"
    person: Id


class PersonLeft(Event, frozen=True, kw_only=True):
    """A person no longer belongs to the plant."""

    NAME: ClassVar[str] = "house.person_left"
    person: Id


class RoleGranted(Event, frozen=True, kw_only=True):
    """A person may act in a role, everywhere or in one area."""

    NAME: ClassVar[str] = "house.role_granted"
    person: Id
    role: Id
    area: Id | None = None


class RoleWithdrawn(Event, frozen=True, kw_only=True):
    """A person may no longer act in a role."""

    NAME: ClassVar[str] = "house.role_withdrawn"
    person: Id
    role: Id
    area: Id | None = None
    reason: Text


class KeyEnrolled(Event, frozen=True, kw_only=True):
    """A key may sign.

    Attributes:
        key: the C2SP verifier key: name, key id and public key.
        owner: person, device or witness whose key it is.
        purpose: what its signatures mean.
    """

    NAME: ClassVar[str] = "house.key_enrolled"
    key: Text
    owner: Id
    purpose: Literal["journal", "witness", "person", "device", "package"]


class KeyWithdrawn(Event, frozen=True, kw_only=True):
    """A key may sign no longer; what it signed up to a size stays valid.

    Attributes:
        valid_to_size: size of the book up to which its signatures count.
    """

    NAME: ClassVar[str] = "house.key_withdrawn"
    key: Text
    reason: Text
    valid_to_size: Count


class CheckpointSigned(Event, frozen=True, kw_only=True):
    """A checkpoint of this book was signed or cosigned.

    Attributes:
        signers: names of the keys whose signatures the note bears.
    """

    NAME: ClassVar[str] = "house.checkpoint_signed"
    size: Count
    root: Digest
    signers: tuple[Id, ...]


class EpochOpened(Event, frozen=True, kw_only=True):
    """A source speaks with a new memory from here on."""

    NAME: ClassVar[str] = "house.epoch_opened"
    source: Id
    epoch: Epoch
    reason: Text


class TwinStarted(Event, frozen=True, kw_only=True):
    """A simulated plant started to tell: whoever has the plant file can tell the same again.

    Attributes:
        seed: of all draws.
        start_us: begin of what is told.
        every_us: time that a count covers.
    """

    NAME: ClassVar[str] = "house.twin_started"
    seed: Count
    start_us: Instant
    every_us: Duration


class Corrected(Event, frozen=True, kw_only=True):
    """An earlier fact is withdrawn, or replaced by a fact of the same type; nothing is erased.

    Attributes:
        target: identity of the fact; a correction can be withdrawn in the same way.
        replacement: identity of the fact, earlier in the book and marked ``correction_of`` the target, which takes its
            place; absent if the target is only withdrawn.
        person: who answers for it.
    """

    NAME: ClassVar[str] = "house.corrected"
    target: Key
    reason: Text
    person: Id
    replacement: Key | None = None


class ActProposed(Event, frozen=True, kw_only=True):
    """A person proposes an act that the plant file allows only to two people together.

    Attributes:
        proposal: the proposal's id.
        command: name of the command, such as ``editions.amend``.
        act: what a role must allow, of the one who proposes and of the one who approves.
        form: the canonical JSON of the command's form.
    """

    NAME: ClassVar[str] = "house.act_proposed"
    proposal: Id
    command: Id
    act: Id
    form: Annotated[str, Meta(min_length=1, max_length=20_000)]
    person: Id


class ActApproved(Event, frozen=True, kw_only=True):
    """A second person approved what was proposed; what follows of it stands behind this event."""

    NAME: ClassVar[str] = "house.act_approved"
    proposal: Id
    person: Id


class ActRejected(Event, frozen=True, kw_only=True):
    """What was proposed is not done: another person rejected it, or the proposer took it back."""

    NAME: ClassVar[str] = "house.act_rejected"
    proposal: Id
    person: Id
    reason: Text


class AlarmRaised(Event, frozen=True, kw_only=True):
    """The server of the book met what must not be, and a person has to look.

    Attributes:
        alarm: the alarm's id.
        kind: what was met.
        subject: whom it is about: a source, a file, a clock.
        detail: the sentence that the server gave.
        off_s: of a clock: by how many seconds it stood ahead of the book's last entry, or behind it if negative.
        step_s: of a clock: by how many seconds it was set forward, or back if negative.
    """

    NAME: ClassVar[str] = "house.alarm_raised"
    alarm: Id
    kind: Literal["identity_conflict", "storage_failed", "clock_stepped", "book_damaged", "witness_refused", "other"]
    subject: Text
    detail: Text
    off_s: Whole | None = None
    step_s: Whole | None = None


class AlarmCleared(Event, frozen=True, kw_only=True):
    """A person looked after an alarm."""

    NAME: ClassVar[str] = "house.alarm_cleared"
    alarm: Id
    person: Id
    reason: Text


class ReportRefused(Event, frozen=True, kw_only=True):
    """What a person reported while there was no network could not be taken when it came; it is kept here until somebody settles it.

    Attributes:
        report: its id: browser, epoch and number, as the browser gave them.
        command: name of the command, such as ``production.code_stop``.
        form: what was entered, JSON: texts by the field's name.
        problem: what is wrong with it.
        remedy: what is missing and who can mend it.
        said_at_us: when the person pressed, by the book's clock as far as the browser's own tells it.
        worded: problem and remedy with what they were made from, JSON, so that each reader has them in their language; empty where
            only the English is known.
    """

    NAME: ClassVar[str] = "house.report_refused"
    report: Id
    command: Id
    form: Annotated[str, Meta(min_length=1, max_length=20_000)]
    problem: Text
    remedy: Text
    person: Id
    said_at_us: Instant
    worded: Annotated[str, Meta(max_length=8_000)] = ""


class ActRefused(Event, frozen=True, kw_only=True):
    """A person wanted to do what may not be done now, or not by them, and was told so; nothing was done.

    Attributes:
        command: name of the command, such as ``inventory.fill_container``.
        subject: the station, container, lot or order that it was about, as it was entered; absent if it names none.
        problem, remedy, worded: as in :class:`ReportRefused`.
    """

    NAME: ClassVar[str] = "house.act_refused"
    command: Id
    person: Id
    subject: Id | None = None
    problem: Text
    remedy: Text
    worded: Annotated[str, Meta(max_length=8_000)] = ""


class ReportFlagged(Event, frozen=True, kw_only=True):
    """What a person reported was taken, but its time is to be looked at.

    Attributes:
        report, command, said_at_us: as in :class:`ReportRefused`.
        why: ``old`` if it came more than 72 hours after it was said, ``clock`` if the browser's clock stood wrong.
        off_s: by how many seconds that clock stood ahead of the book's, or behind it if negative.
    """

    NAME: ClassVar[str] = "house.report_flagged"
    report: Id
    command: Id
    why: Literal["old", "clock"]
    person: Id
    said_at_us: Instant
    off_s: Whole = 0


class ReportSettled(Event, frozen=True, kw_only=True):
    """A person looked after a report that was refused or came late."""

    NAME: ClassVar[str] = "house.report_settled"
    report: Id
    person: Id
    reason: Text


KINDS: tuple[type[Event], ...] = (
    BookOpened,
    BookRestored,
    PersonEnrolled,
    PersonLeft,
    RoleGranted,
    RoleWithdrawn,
    KeyEnrolled,
    KeyWithdrawn,
    CheckpointSigned,
    EpochOpened,
    TwinStarted,
    Corrected,
    ActProposed,
    ActApproved,
    ActRejected,
    AlarmRaised,
    AlarmCleared,
    ReportRefused,
    ActRefused,
    ReportFlagged,
    ReportSettled,
)

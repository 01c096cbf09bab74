"""What may be done with documents: write, approve, put in force, withdraw, read; and who mends what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.documents import (
    Approved,
    Drafted,
    EffectiveFrom,
    Kind,
    ReadAndUnderstood,
    Title,
    Translated,
    Withdrawn,
)
from fabrika.events.documents import Revision as Number
from fabrika.events.event import Event
from fabrika.events.fields import Id, Instant, Text
from fabrika.operations.documents.state import Document, DocumentsState, Revision
from fabrika.operations.documents.validity import current
from fabrika.page import Asked, Command, States
from fabrika.wording import Worded, joined

DocumentId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z", max_length=60)]
"""The id of a document: ASCII letters, digits and ``._-``, at most 60; it stands in the path of its page."""

Language = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=30)]
"""A language's code (BCP 47), such as ``sq`` or ``sr-Latn``."""

Written = Annotated[str, Meta(min_length=1, max_length=40_000)]
"""The text of a document, as it is pasted or sent."""


class DraftRevision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next revision of a document, or the first of a new one, with its whole text."""

    document: DocumentId
    kind: Kind
    title: Title
    language: Language
    text: Written
    stations: tuple[Id, ...] = ()


class TranslateRevision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text of a draft in one more language; the same language again replaces it."""

    document: DocumentId
    revision: Number
    language: Language
    title: Title
    text: Written


class ApproveRevision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The revision that is right."""

    document: DocumentId
    revision: Number


class PutInForce(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The revision that is to count, from an instant on or from a lot on; without either it counts at once."""

    document: DocumentId
    revision: Number
    from_us: Instant | None = None
    lot: Id | None = None


class WithdrawRevision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The revision that is to count no more, and why."""

    document: DocumentId
    revision: Number
    reason: Text


class ReadRevision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The revision that the person has read and understood."""

    document: DocumentId
    revision: Number


def draft(states: States, asked: Asked, form: DraftRevision) -> Sequence[Event]:
    """A revision is written; somebody else must approve it."""
    state: DocumentsState = states["documents"]
    stations = tuple(dict.fromkeys(form.stations))
    _know(asked, stations)
    file = hashlib.sha256(form.text.encode()).hexdigest()
    document = state.documents.get(form.document)
    if document is not None and document.kind != form.kind:
        raise ActRefusedError(
            Worded("{document} is an instruction.", document=form.document)
            if document.kind == "instruction"
            else Worded("{document} is a form.", document=form.document),
            Worded("Choose the same kind, or give the new document an id of its own."),
        )
    newest = document.revisions[-1] if document is not None and document.revisions else None
    if newest is not None and newest.withdrawn_us is None:
        same = (newest.file, newest.title, newest.language, newest.stations)
        if same == (file, form.title, form.language, stations):
            raise ActRefusedError(
                Worded("This is revision {revision} as it is.", revision=newest.number),
                Worded("Change its text, title, language or stations."),
            )
    return [
        Drafted(
            document=form.document,
            revision=1 if newest is None else newest.number + 1,
            kind=form.kind,
            title=form.title,
            language=form.language,
            file=file,
            stations=stations,
            person=asked.actor,
        )
    ]


def translate(states: States, asked: Asked, form: TranslateRevision) -> Sequence[Event]:
    """A draft gets its text in another language, before anybody approves it."""
    _, revision = _found(states, form.document, form.revision)
    _not_withdrawn(revision)
    if revision.approved_by is not None:
        raise ActRefusedError(
            Worded("Revision {revision} is approved already.", revision=revision.number),
            Worded("Draft its text anew as the next revision, and translate that."),
        )
    if form.language == revision.language:
        raise ActRefusedError(
            Worded("Revision {revision} is written in this language.", revision=revision.number),
            Worded("Enter the language of the translation, or draft the text anew as the next revision."),
        )
    file = hashlib.sha256(form.text.encode()).hexdigest()
    return [
        Translated(
            document=form.document,
            revision=form.revision,
            language=form.language,
            title=form.title,
            file=file,
            person=asked.actor,
        )
    ]


def approve(states: States, asked: Asked, form: ApproveRevision) -> Sequence[Event]:
    """A second person approves a draft."""
    _, revision = _found(states, form.document, form.revision)
    _not_withdrawn(revision)
    if revision.approved_by is not None:
        raise ActRefusedError(
            Worded("Revision {revision} is approved already.", revision=revision.number),
            Worded("There is nothing to do, or it can be put in force."),
        )
    if asked.person in revision.writers:
        raise ActRefusedError(
            Worded("Who wrote a revision, in any language, does not approve it."),
            Worded("Ask another person in one of these roles: {roles}.", roles=_roles(asked, "approve_documents")),
        )
    return [Approved(document=form.document, revision=form.revision, person=asked.actor)]


def put_in_force(states: States, asked: Asked, form: PutInForce) -> Sequence[Event]:
    """An approved revision counts from an instant or from a lot on."""
    document, revision = _found(states, form.document, form.revision)
    _not_withdrawn(revision)
    if revision.approved_by is None:
        raise ActRefusedError(
            Worded("Revision {revision} is not approved yet.", revision=revision.number),
            Worded(
                "Have it approved by somebody who did not write it, in one of these roles: {roles}.",
                roles=_roles(asked, "approve_documents"),
            ),
        )
    later = [found for found in document.revisions if found.number >= revision.number and _ordered(found)]
    if later:
        newest = later[-1].number
        raise ActRefusedError(
            Worded("When revision {revision} begins is decided already.", revision=newest)
            if newest == revision.number
            else Worded("Revision {revision}, which is newer, was put in force.", revision=newest),
            Worded("Draft its text anew as the next revision, or withdraw revision {revision}.", revision=newest),
        )
    from_us = _beginning(states["documents"], asked, form)
    return [
        EffectiveFrom(document=form.document, revision=form.revision, from_us=from_us, lot=form.lot, person=asked.actor)
    ]


def withdraw(states: States, asked: Asked, form: WithdrawRevision) -> Sequence[Event]:
    """A draft, or a revision in force, counts no more from now on."""
    _, revision = _found(states, form.document, form.revision)
    _not_withdrawn(revision)
    return [
        Withdrawn(document=form.document, revision=form.revision, reason=form.reason, person=asked.actor),
    ]


def read(states: States, asked: Asked, form: ReadRevision) -> Sequence[Event]:
    """A person has read and understood a revision in force."""
    document, revision = _found(states, form.document, form.revision)
    in_force = [found.number for found in current(document, asked.at_us)]
    if revision.number not in in_force:
        raise ActRefusedError(
            Worded("Revision {revision} is not in force.", revision=revision.number),
            Worded("Read the one that is: revision {revision}.", revision=in_force[0])
            if in_force
            else Worded(
                "No revision is; somebody in one of these roles can put one in force: {roles}.",
                roles=_roles(asked, "approve_documents"),
            ),
        )
    person = asked.actor
    if person in revision.readers:
        raise ActRefusedError(
            Worded("You have said already that you read and understood revision {revision}.", revision=revision.number),
            Worded("There is nothing to do until another revision is in force."),
        )
    return [ReadAndUnderstood(document=form.document, revision=form.revision, person=person)]


def text_of(form: DraftRevision | TranslateRevision) -> tuple[bytes, ...]:
    """The file that a text brings: its text in UTF-8."""
    return (form.text.encode(),)


def _beginning(state: DocumentsState, asked: Asked, form: PutInForce) -> int | None:
    """The instant from which the revision counts; None if its lot decides."""
    if form.lot is None:
        if form.from_us is not None and form.from_us < asked.at_us:
            raise ActRefusedError(
                Worded("A revision cannot begin in the past: people have worked by another one."),
                Worded("Enter a later time, or none to begin now."),
            )
        return asked.at_us if form.from_us is None else form.from_us
    if form.from_us is not None:
        raise ActRefusedError(
            Worded("Both an instant and a lot are entered."), Worded("Keep the one with which the revision begins.")
        )
    if form.lot in state.lots:
        raise ActRefusedError(
            Worded("The lot {lot} is open already, under what was in force when it began.", lot=form.lot),
            Worded("Enter a lot that is still to come, or a time."),
        )
    return None


def _ordered(revision: Revision) -> bool:
    return revision.ordered_by is not None and revision.withdrawn_us is None


def _found(states: States, document: str, number: int) -> tuple[Document, Revision]:
    state: DocumentsState = states["documents"]
    found = state.documents.get(document)
    revision = None if found is None else found.revision(number)
    if found is None or revision is None:
        raise NotFoundError(
            Worded("There is no revision {revision} of {document}.", revision=number, document=document)
        )
    return found, revision


def _not_withdrawn(revision: Revision) -> None:
    if revision.withdrawn_us is not None:
        raise ActRefusedError(
            Worded("Revision {revision} is withdrawn.", revision=revision.number),
            Worded("Draft its text anew as the next revision."),
        )


def _know(asked: Asked, stations: Sequence[str]) -> None:
    known = [f"{line.id}.{station.id}" for line in asked.plant.lines for station in line.stations]
    strange = [station for station in stations if station not in known]
    if strange:
        raise ActRefusedError(
            Worded("There is no station {station}.", station=strange[0]),
            Worded("Write stations as {station}, one a line; none means the whole plant.", station=known[0]),
        )


def _roles(asked: Asked, act: str) -> str:
    return joined([role.name or role.id for role in asked.plant.roles if act in role.may], ", ")


COMMANDS: tuple[Command, ...] = (
    Command(
        name="documents.draft",
        title=Worded("Write a revision"),
        act="write_documents",
        form=DraftRevision,
        decide=draft,
        brings=text_of,
    ),
    Command(
        name="documents.translate",
        title=Worded("Add it in another language"),
        act="write_documents",
        form=TranslateRevision,
        decide=translate,
        brings=text_of,
    ),
    Command(
        name="documents.approve", title=Worded("Approve"), act="approve_documents", form=ApproveRevision, decide=approve
    ),
    Command(
        name="documents.put_in_force",
        title=Worded("Put the revision in force"),
        act="approve_documents",
        form=PutInForce,
        decide=put_in_force,
    ),
    Command(
        name="documents.withdraw",
        title=Worded("Withdraw the revision"),
        act="approve_documents",
        form=WithdrawRevision,
        decide=withdraw,
    ),
    Command(
        name="documents.read",
        title=Worded("I have read and understood it"),
        act="read_documents",
        form=ReadRevision,
        decide=read,
    ),
)

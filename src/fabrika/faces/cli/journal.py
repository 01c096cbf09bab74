"""``fabrika journal``: verify a book, prove an entry, witness, export, back up and restore."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from fabrika.faces.cli.exits import EXIT_PROBLEMS
from fabrika.faces.cli.notices import ProgressLine, shown, tell
from fabrika.faces.language import say

if TYPE_CHECKING:
    from fabrika.journal.verify import Coverage, Verification

journal = App(name="journal", help="The plant's book: verify, prove, witness, export, back up, restore.")

Flag = Parameter(negative="")


@journal.command
def verify(
    *, data: Path, keys: Path | None = None, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False
) -> int:
    """Account for every stored value of a book, and say what is covered by whose signature until when.

    Exit code 0 only if all is accounted for, 1 if anything is not.

    Args:
        data: The plant's data folder, or a backup.
        keys: Verifier keys that you trust, one a line; by default those that lie in the folder itself.
        as_json: Print the result as JSON.
    """
    from fabrika.app.book_folder import BookFolder, read_keys
    from fabrika.journal.verify import verify as verified

    folder = BookFolder(data)
    trusted = read_keys(keys) if keys else folder.trusted()
    reader = folder.reader()
    with ProgressLine() as progress:
        result = verified(reader, folder.content(), trusted, progress=progress)
    reader.close()
    if as_json:
        print(json.dumps(_as_json(result), indent=2))
    else:
        _print(result, own_keys=keys is None)
    return 0 if result.whole else EXIT_PROBLEMS


def _as_json(result: Verification) -> dict[str, object]:
    return {
        "whole": result.whole,
        "origin": result.opening.origin if result.opening else None,
        "size": result.size,
        "root": result.root.hex(),
        "files": result.files,
        "coverage": [row._asdict() for row in result.coverage],
        "findings": [finding._asdict() for finding in result.findings],
    }


def _print(result: Verification, *, own_keys: bool) -> None:
    for where, wrong in result.findings:
        tell(shown(f"{where}: {wrong}"))
    origin = result.opening.origin if result.opening else say("an unknown book")
    print(
        say(
            "{origin}: {size:,} entries, {files:,} files, root {root}",
            origin=shown(origin),
            size=result.size,
            files=result.files,
            root=result.root.hex(),
        )
    )
    for row in result.coverage:
        print(shown(_covered(row, result.size)))
    if own_keys:
        print(say("The keys are the folder's own: they bind its keeper only where a witness is among them."))
    count = len(result.findings)
    print(
        say("Every stored value is accounted for.")
        if result.whole
        else say("Not accounted for: {count} findings.", count=count)
    )


def _covered(row: Coverage, size: int) -> str:
    if row.until_us is None:
        return say("{name}: has signed nothing of this book", name=row.name)
    words = {"name": row.name, "covered": row.size, "until": _instant(row.until_us), "newer": size - row.size}
    if row.at_s is None:
        return say("{name}: signed the first {covered:,} entries, until {until}; {newer:,} are newer", **words)
    seen = _instant(row.at_s * 1_000_000)
    return say(
        "{name}: witnessed the first {covered:,} entries on {seen}, until {until}; {newer:,} are newer",
        seen=seen,
        **words,
    )


def _instant(at_us: int) -> str:
    try:
        return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{at_us} us"


@journal.command
def head(*, data: Path, sign: Annotated[bool, Flag] = False) -> None:
    """Print the size and root of a book, and its last signed checkpoint.

    Args:
        data: The plant's data folder.
        sign: Sign a checkpoint of the whole book first; no other process may be writing it.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.journal.book import opening_of, tree_of

    folder = BookFolder(data)
    if sign:
        book = folder.open()
        book.sign(folder.signer(book.head().origin))
        book.storage.close()
    reader = folder.reader()
    tree = tree_of(reader)
    kept = reader.last_checkpoint()
    origin = opening_of(reader).origin
    reader.close()
    print(say("{origin}: {size:,} entries, root {root}", origin=shown(origin), size=tree.size, root=tree.root().hex()))
    print(f"\n{kept[1]}" if kept else say("No checkpoint was signed yet."), end="")


@journal.command
def prove(position: int, /, *, data: Path, entry: Path | None = None) -> None:
    """Print the proof that an entry is in the book, for anyone to check offline (C2SP tlog-proof).

    Args:
        position: The entry's position, counted from 0.
        data: The plant's data folder.
        entry: Also write the entry's exact bytes, which the proof is about, to this file.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.errors import ProofRefusedError
    from fabrika.journal.book import tree_of
    from fabrika.journal.entries import entry_at
    from fabrika.journal.note import Note
    from fabrika.journal.proof_file import proof_of
    from fabrika.journal.tiles import TiledTree

    reader = BookFolder(data).reader()
    kept = reader.last_checkpoint()
    if kept is None:
        raise ProofRefusedError(
            say("The book has no checkpoint yet."), say("Sign one with `fabrika journal head --sign`.")
        )
    proof = proof_of(position, Note.parse(kept[1]), TiledTree(tree_of(reader), reader.tile))
    if entry is not None:
        _write(entry, entry_at(reader, position))
    reader.close()
    print(proof, end="")


@journal.command
def witness(*, data: Path, folder: Annotated[Path, Parameter(name="--as")], name: str | None = None) -> None:
    """Check as a witness that a book only grew since the last visit, and cosign its last checkpoint.

    The cosignature is kept in the witness's folder and in the book; a server that writes the book takes it in by itself.

    Args:
        data: The plant's data folder.
        folder: The witness's folder, with its key and its memory; on a stick, for instance.
        name: The witness's name, such as commission.example/witness; the first time only.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.cosigned import leave
    from fabrika.app.witness_folder import WitnessFolder
    from fabrika.errors import BookInUseError, ProofRefusedError
    from fabrika.journal.note import ED25519

    book, visitor = BookFolder(data), WitnessFolder(folder, name)
    reader = book.reader()
    kept = reader.last_checkpoint()
    origin = book.origin()
    own = [key for key in book.trusted() if key.name == origin and key.type == ED25519]
    if kept is None or not own:
        raise ProofRefusedError(
            say("The book has no checkpoint yet."), say("Sign one with `fabrika journal head --sign`.")
        )
    note = visitor.visit(reader, kept[1], own[-1])
    reader.close()
    book.trust(visitor.signer.verifier)
    print(note, end="")
    try:
        writer = book.open()
    except BookInUseError:
        leave(book, note)
        tell(say("The book is being written; its server takes the cosigned checkpoint in by itself."))
        return
    writer.storage.keep_checkpoint(kept[0], str(note))
    writer.storage.close()


@journal.command
def export(*, data: Path, to: Path) -> None:
    """Write a book as plain files (C2SP tlog-tiles), up to its last checkpoint, for any web server and any reader.

    Args:
        data: The plant's data folder.
        to: The folder to write; it must not exist, or be empty.
    """
    from fabrika.app.book_copies import export as exported
    from fabrika.app.book_folder import BookFolder

    checkpoint = exported(BookFolder(data), to)
    print(
        say(
            "{size:,} entries of {origin} are in {folder}.",
            size=checkpoint.size,
            origin=shown(checkpoint.origin),
            folder=to,
        )
    )


@journal.command
def backup(*, data: Path, to: Path) -> None:
    """Copy a book with its files into a new folder, also while it is written, and verify the copy.

    The private key is not copied.

    Args:
        data: The plant's data folder.
        to: The folder to write; it must not exist, or be empty.
    """
    from fabrika.app.book_copies import back_up
    from fabrika.app.book_folder import BookFolder

    result = back_up(BookFolder(data), to)
    print(
        say(
            "{size:,} entries and {files:,} files are in {folder} and verified, root {root}.",
            size=result.size,
            files=result.files,
            folder=to,
            root=result.root.hex(),
        )
    )


@journal.command
def move(*, data: Path, to: str) -> None:
    """Move a book from its folder into a PostgreSQL database; the copy is verified and has the same root.

    Files and keys stay in the folder, which from then on names the database.

    Args:
        data: The plant's data folder; no other process may be writing the book.
        to: The database, such as postgresql://user@host/plant; it must hold no journal yet.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.book_move import move as moved

    head = moved(BookFolder(data), to)
    print(
        say("{origin}: {size:,} entries, root {root}", origin=shown(head.origin), size=head.size, root=head.root.hex())
    )
    print(say("The book lies in the database now; the old file is kept as journal.sqlite.moved."))


@journal.command
def restore(
    *,
    backup: Annotated[Path, Parameter(name="--from")],
    data: Path,
    known: list[Path] | None = None,
    keys: Path | None = None,
) -> None:
    """Make a data folder out of a backup; the book goes on in a new epoch and says what is missing.

    Args:
        backup: The folder of the backup.
        data: The data folder to make; it must not exist, or be empty.
        known: Checkpoints that others hold, such as a witness's; what they have seen beyond the backup is missing.
        keys: Verifier keys of those who signed them, one a line, beside those in the backup.
    """
    from fabrika.app.book_copies import restore as restored
    from fabrika.app.book_folder import BookFolder, read_keys, read_text

    result = restored(
        BookFolder(backup), data, [read_text(path) for path in known or []], read_keys(keys) if keys else []
    )
    print(
        say(
            "{size:,} entries are in {folder}; the book is named {origin} from here on.",
            size=result.size,
            folder=data,
            origin=shown(result.origin),
        )
    )
    if result.missing:
        print(say("Missing: {count:,} entries, from position {first:,} on.", count=result.missing, first=result.size))
    else:
        print(say("No checkpoint that was named goes beyond the backup; what came after it is not known."))
    for (source, epoch), sequence in sorted(result.next_sequences.items()):
        print(
            say(
                "{source}/{epoch} is to send again from {sequence} on.",
                source=shown(source),
                epoch=epoch,
                sequence=sequence,
            )
        )


def _write(path: Path, data: bytes) -> None:
    from fabrika.errors import SetupError

    try:
        path.write_bytes(data)
    except OSError as error:
        wrong = say("The entry cannot be written to {path} ({reason}).", path=path, reason=error.strerror)
        raise SetupError(wrong, say("Name a file in a folder that you may write to.")) from None

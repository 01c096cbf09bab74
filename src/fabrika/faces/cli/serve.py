"""``fabrika serve``: open a plant's book and answer browsers until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fabrika.faces.cli.notices import tell
from fabrika.faces.language import say

if TYPE_CHECKING:
    import socket

    from fabrika.app.book_folder import BookFolder
    from fabrika.app.live_feed import LiveFeed
    from fabrika.app.plant_service import PlantService
    from fabrika.faces.web.accounts.first import Told
    from fabrika.faces.web.authority import Papers
    from fabrika.faces.web.site import Site

PORT = 8470


def serve(  # noqa: PLR0913 - the words of a command
    plant: Path | None = None,
    /,
    *,
    data: Path,
    host: str = "127.0.0.1",
    port: int = PORT,
    tls: Annotated[bool, Parameter(negative="")] = False,
    live: float | None = None,
) -> None:
    """Serve a plant to browsers, until Ctrl-C.

    The first start makes the plant's book, and one administrator whose one-time password is shown once.

    Args:
        plant: The plant file; may be left out once the data folder holds the plant.
        data: The plant's data folder; made if it is missing.
        host: Name or address to listen at; 0.0.0.0 for all of this machine's.
        port: Port to listen at; 0 for any that is free.
        tls: Encrypt connections, with a certificate of the plant's own authority.
        live: Run the twin beside, so many times as fast as the clock; only in a twin's book.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService, adopt
    from fabrika.faces.web.server import listening

    folder = BookFolder(data)
    kind = _kind(folder)
    if plant is not None and kind is None and live is not None:
        _tell_a_day(plant, folder)
    elif plant is not None:
        adopt(folder, plant, kind or "plant")
    with listening(host, port) as at:
        service = PlantService.opened(folder)
        feed = None
        try:
            feed = _feed(folder, service, live) if live is not None else None
            _answer(service, at, data, host=host, tls=tls)
        finally:
            if feed is not None:
                feed.stop()
            service.close()
    tell(say("The book is closed; everything that was confirmed is in it."))


def _kind(folder: BookFolder) -> str | None:
    """The kind of the book that is there, None if there is none."""
    from fabrika.journal.book import opening_of

    if not folder.journal.exists():
        return None
    reader = folder.reader()
    try:
        return opening_of(reader).kind
    finally:
        reader.close()


def _tell_a_day(plant: Path, folder: BookFolder) -> None:
    """A twin's book needs a run that goes on: its first day."""
    from fabrika.app.twin_book import tell as told

    tell(say("Telling the first day of {plant}.", plant=plant))
    if not told(plant, folder, days=1, seed=1).complete:
        raise KeyboardInterrupt


def _feed(folder: BookFolder, service: PlantService, speed: float) -> LiveFeed:
    from fabrika.app.live_feed import LiveFeed
    from fabrika.app.twin_book import begun

    begun(folder)  # refuses a plant's book, and a twin's that no run tells
    return LiveFeed(folder, service.plant, speed, service.take).start()


def _answer(service: PlantService, at: socket.socket, data: Path, *, host: str, tls: bool) -> None:
    from fabrika.faces.web.addresses import is_loopback
    from fabrika.faces.web.opening import open_to_browsers, site_of

    if not tls and not is_loopback(host):
        tell(say("Without `--tls`, passwords cross the network as they are typed."))
    site = site_of(service, data, host=host, port=at.getsockname()[1], tls=tls)
    open_to_browsers(site, at, lambda told, papers: show(site, told, papers))


def show(site: Site, told: Told | None, papers: Papers | None) -> None:
    """Tell where the site is, who may sign in first, and what the browsers must believe."""
    from fabrika.faces.web.server import addresses

    if told is not None:
        print(say("Sign in as {person} with the one-time password {password}", person=told.person, password=told.password))
        print(say("It is shown this once and must be changed at the first sign-in."))
    if papers is not None:
        print(say("The plant's authority: {path}", path=papers.authority))
        print(say("Its fingerprint (SHA-256): {fingerprint}", fingerprint=papers.fingerprint))
        print(say("Put it into each browser of the plant, so that it believes the server."))
    for address in addresses(site):
        print(say("Serving {address} (Ctrl-C ends)", address=address), flush=True)

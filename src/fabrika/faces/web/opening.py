"""Opening a plant to browsers: everything between an open book and the last answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fabrika.faces.web.addresses import names_served
from fabrika.faces.web.settings import configure
from fabrika.faces.web.site import Site, policy_of

if TYPE_CHECKING:
    from fabrika.app.plant_service import PlantService
    from fabrika.faces.web.accounts.first import Told
    from fabrika.faces.web.authority import Papers


def site_of(  # noqa: PLR0913 - the words of a command
    service: PlantService, folder: Path, *, host: str, port: int, tls: bool = False, demo: dict[str, str] | None = None
) -> Site:
    """A site with the rules of its data folder.

    Raises:
        SetupError: the rules cannot be read.
    """
    return Site(
        service=service,
        folder=folder,
        policy=policy_of(folder),
        host=host,
        port=port,
        tls=tls,
        hosts=names_served(host),
        demo=demo or {},
    )


def open_to_browsers(site: Site, at: socket.socket, begun: Callable[[Told | None, Papers | None], None]) -> None:
    """Answer until a signal ends it.

    Args:
        site: what is served.
        at: where it listens.
        begun: called once when the first request can be answered, with the first administrator's one-time password if this
            is the first start, and the certificate's files if connections are encrypted.
    """
    from fabrika.faces.web.server import run

    configure(site)
    from fabrika.faces.web.accounts.first import first_administrator

    papers: Papers | None = None
    if site.tls:
        from fabrika.faces.web.authority import papers as papers_of

        papers = papers_of(site.folder, site.service.plant_id, names_served(site.host))
    told = None if site.demo else first_administrator(site)
    run(site, at, papers, lambda: begun(told, papers))

"""The server: it listens, answers until it is told to end, and then lets everybody go."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from fabrika.errors import SetupError
from fabrika.faces.language import say
from fabrika.faces.web.addresses import EVERYWHERE, in_url, own_addresses
from fabrika.faces.web.authority import Papers
from fabrika.faces.web.follow import end_all
from fabrika.faces.web.site import Site

SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_S = 3
"""Time for requests that are being answered when the server ends."""
MOST_HEADER_BYTES = 32 * 1024
KEEP_ALIVE_S = 30
SWITCH_S = 0.001
"""Time after which a thread that computes lets another go on, so that the loop is not kept waiting by pages that are made."""


class Server(uvicorn.Server):
    """uvicorn, which ends without raising the signal again: the caller closes the book and says so."""

    def __init__(self, config: uvicorn.Config, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self._begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say that it has begun."""
        await super().startup(sockets)
        if self.started:
            self._begun()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at the first signal, at once at the second."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let those go who follow, then end."""
        end_all()
        super().handle_exit(sig, frame)


def listening(host: str, port: int) -> socket.socket:
    """The socket of a site.

    Args:
        host: a name or an address of this machine.
        port: 0 for any that is free.

    Raises:
        SetupError: the address is taken, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(1_024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        wrong = say("{host}:{port} cannot be listened at ({reason}).", host=host, port=port, reason=reason)
        raise SetupError(wrong, say("Choose another with `--port` or `--host`.")) from None
    found.setblocking(False)
    return found


def run(at: socket.socket, papers: Papers | None, begun: Callable[[], None]) -> None:
    """Answer until a signal ends it; Django is configured.

    Args:
        at: where it listens.
        papers: certificate and key, if connections are encrypted.
        begun: called once when the first request can be answered.
    """
    from fabrika.faces.web.asgi import Application

    config = uvicorn.Config(
        Application(),
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        ssl_context_factory=None if papers is None else lambda _config, _usual: _context(papers),
    )
    sys.setswitchinterval(SWITCH_S)
    # A year's state would be gone through again and again for nothing, and everybody would wait meanwhile.
    gc.collect()
    gc.freeze()
    asyncio.run(Server(config, begun).serve(sockets=[at]))


def _context(papers: Papers) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(papers.certificate, papers.key)
    return context


def addresses(site: Site) -> list[str]:
    """Where a browser finds the site, the best first."""
    scheme = "https" if site.tls else "http"
    hosts = [site.host] if site.host not in EVERYWHERE else [*own_addresses()]
    return [f"{scheme}://{in_url(host)}:{site.port}/" for host in hosts]

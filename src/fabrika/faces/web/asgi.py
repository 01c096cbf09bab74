"""Between the wire and Django: bodies that are whole and not too large, and a bounded number of threads to answer them.

A request has a thread while it is answered and not a moment longer: a body that trickles in, or a page that is followed for
hours, holds none. Django answers it in one step of that thread; its own handler would change between thread and loop for each
layer, which takes longer than most pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from django.core import signals
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from fabrika.faces.web.settings import MOST_BYTES

THREADS = 12
BODY_S = 30.0
"""Time in which a body must have come."""
SLACK = 64 * 1024
"""What a form may have around its largest text."""

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _BodyRefusedError(Exception):
    """A body that is not taken.

    Attributes:
        status: of HTTP.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Django(ASGIHandler):
    """Django's handler, asked from a thread."""

    def __init__(self) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)

    def answer(self, scope: Message, body: bytes) -> tuple[HttpResponseBase, bytes]:
        """The answer with its whole body; one that streams is still open, and its body empty."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, response = self.create_request(scope, BytesIO(body))
        if request is not None:
            response = self.get_response(request)
        response._handler_class = type(self)  # noqa: SLF001 - as Django's own handlers say who ends the request
        if response.streaming:
            return response, b""
        text = response.content
        response.close()
        return response, text


class Traffic:
    """Whether somebody waits for an answer; belongs to the server's loop."""

    def __init__(self) -> None:
        self._answering = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    def begun(self) -> None:
        """A request is being answered."""
        self._answering += 1
        self._quiet.clear()

    def ended(self) -> None:
        """It has been."""
        self._answering -= 1
        if not self._answering:
            self._quiet.set()

    async def quiet(self, longest_s: float) -> None:
        """Return once nobody waits for an answer, or after a time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._quiet.wait()


TRAFFIC = Traffic()


class Application:
    """See the module; Django is configured before it is made."""

    def __init__(self) -> None:
        self._django = _Django()
        self._threads = ThreadPoolExecutor(THREADS, "answers")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            body = await _body(scope, receive)
        except _BodyRefusedError as refusal:
            await _refuse(send, refusal.status)
            return
        if body is None:
            return
        response, text = await self._in_thread(self._django.answer, scope, body)
        start = {"type": "http.response.start", "status": response.status_code, "headers": _headers(response)}
        if not response.streaming:
            await send(start)
            await send({"type": "http.response.body", "body": text})
            return
        try:
            await send(start)
            await _stream(response, receive, send)
        finally:
            await self._in_thread(response.close)

    async def _in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        """What the work returns; what it chooses for itself, such as a language, is forgotten with it."""
        run = contextvars.copy_context().run
        TRAFFIC.begun()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, run, work, *given)
        finally:
            TRAFFIC.ended()


async def _stream(response: Any, receive: Receive, send: Send) -> None:
    """Send what comes until there is no more, or the client has gone."""

    async def told() -> None:
        async with contextlib.aclosing(aiter(response)) as parts:
            async for part in parts:
                await send({"type": "http.response.body", "body": response.make_bytes(part), "more_body": True})
        await send({"type": "http.response.body"})

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.ensure_future(told()), asyncio.ensure_future(gone())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = (morsel.output(header="").strip().encode("ascii") for morsel in response.cookies.values())
    return headers + [(b"Set-Cookie", cookie) for cookie in cookies]


async def _body(scope: Message, receive: Receive) -> bytes | None:
    """The whole body; None if the client has gone.

    Raises:
        _BodyRefusedError: it is too large, or takes too long.
    """
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) > MOST_BYTES + SLACK:
        raise _BodyRefusedError(413)
    parts: list[bytes] = []
    size, more = 0, True
    try:
        async with asyncio.timeout(BODY_S):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                parts.append(message.get("body", b""))
                size, more = size + len(parts[-1]), message.get("more_body", False)
                if size > MOST_BYTES + SLACK:
                    raise _BodyRefusedError(413)
    except TimeoutError:
        raise _BodyRefusedError(408) from None
    return b"".join(parts)


async def _refuse(send: Send, status: int) -> None:
    text = b"The request is too large.\n" if status == 413 else b"The request took too long to come.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})

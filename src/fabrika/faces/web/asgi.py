"""Between the wire and Django: bodies that are whole and not too large, and a bounded number of threads to answer them.

A request has a thread while it is answered and not a moment longer: a body that trickles in, or a page that is followed for
hours, holds none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler

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


class Application:
    """See the module; Django is configured before it is made."""

    def __init__(self) -> None:
        self._django = ASGIHandler()
        self._free: asyncio.Queue[ThreadPoolExecutor] = asyncio.Queue()
        for number in range(THREADS):
            self._free.put_nowait(ThreadPoolExecutor(1, f"answers {number}"))

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
        thread = await self._free.get()
        held = [thread]

        def give_back() -> None:
            while held:
                self._free.put_nowait(held.pop())

        try:
            async with ThreadSensitiveContext(executor=thread):
                await self._django.handle(scope, _again(body, receive), _watched(send, give_back))
        finally:
            give_back()


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


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, then what comes."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        return left.pop() if left else await receive()

    return given


def _watched(send: Send, give_back: Callable[[], None]) -> Send:
    """Gives the thread back once a page that is followed begins."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            kinds = [value for name, value in message["headers"] if name.lower() == b"content-type"]
            if kinds == [b"text/event-stream"]:
                give_back()
        await send(message)

    return sent


async def _refuse(send: Send, status: int) -> None:
    text = b"The request is too large.\n" if status == 413 else b"The request took too long to come.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})

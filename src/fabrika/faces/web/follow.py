"""Pages that move with the book: server-sent events whose id is the position in the journal (WHATWG HTML, section 9.2).

One thread waits for the book on behalf of all who follow; what a page shows is made once for all who may see the same.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.urls import Resolver404, resolve

from fabrika.errors import FabrikaError, NotFoundError
from fabrika.faces import language
from fabrika.faces.language import say
from fabrika.faces.web.asgi import TRAFFIC
from fabrika.faces.web.refusals import Refusal, not_signed_in, refused
from fabrika.faces.web.visit import Visit, visit_of
from fabrika.page import Page

if TYPE_CHECKING:
    from fabrika.app.plant_service import PlantService

REFRESH_S = 10.0
"""Time after which a page is made again though the book has not grown: clocks run, and what is silent stays silent."""
RESTLESS = {"answers.proof": 2.0, "answers.trial": 2.0}
"""The same for pages on which something is being computed, by their names."""
PACE_S = 1.0
"""Least time between two messages to one client."""
LOOK_AGAIN_S = 20.0
"""Time after which it is looked anew whether the session still holds."""
STAND_BACK_S = 0.1
"""For so long at most a page that moves lets those go before who have just clicked."""
MOST_KEPT = 256
"""Fragments that are kept for those who come a moment later."""


class Followed(NamedTuple):
    """What one client follows.

    Attributes:
        page: the page, with the ``names`` in its path and the ``query`` beside it.
        path: its whole path.
        may: the acts of who follows, as far as they change what the page shows.
        language: in which it is shown.
        person: who follows, if the page shows them something else than others with the same acts; else None.
        named: whether persons are called by their names.
    """

    page: Page
    names: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...]
    path: str
    may: frozenset[str]
    language: str
    person: str | None
    named: bool


class SharedVisit(Visit):
    """The visit of a fragment that many see: of nobody, from nowhere, with the acts they have in common."""

    def __init__(self, request: HttpRequest, visit: Visit, followed: Followed) -> None:
        super().__init__(request, visit.site, visit.called)
        self.path = followed.path
        self._may, self._named, self.page = followed.may, followed.named, followed.page

    @property
    def may(self) -> frozenset[str]:
        """Acts of those who see it."""
        return self._may

    @property
    def names(self) -> Mapping[str, str]:
        """Persons' names by their ids, where those who see it have signed in."""
        return self.called() if self._named else {}

    def csrf(self) -> str:
        """Never: what is shared holds nobody's mark."""
        raise AssertionError("a shared fragment holds no form")


class _Made(NamedTuple):
    size: int
    at_s: float
    told: asyncio.Future[tuple[int, str]]


class Tide:
    """Tells all who follow that the book has grown.

    Args:
        service: the plant.
        loop: of the server.
    """

    def __init__(self, service: PlantService, loop: asyncio.AbstractEventLoop) -> None:
        self.service, self.loop = service, loop
        self.size = service.size
        self.followers = 0
        self.ended = False
        self._moved = asyncio.Event()
        self._maker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fragments")
        self._turn = asyncio.Lock()
        self._made: OrderedDict[Followed, _Made] = OrderedDict()
        threading.Thread(target=self._wait, name="tide", daemon=True).start()

    def _wait(self) -> None:
        size = self.size
        while not self.ended:
            size = self.service.wait(size, 1.0)
            if size > self.size and not self.loop.is_closed():
                self.loop.call_soon_threadsafe(self._rise, size)

    def _rise(self, size: int) -> None:
        self.size = size
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def end(self) -> None:
        """Let all go; called in the server's loop."""
        self.ended = True
        self._moved.set()
        self._maker.shutdown(wait=False, cancel_futures=True)

    async def beyond(self, seen: int, timeout_s: float) -> int:
        """The book's size once it is larger than ``seen``, or after the time."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.size <= seen and not self.ended:
                    await self._moved.wait()
        except TimeoutError:
            pass
        return self.size

    async def fragment(self, followed: Followed, request: HttpRequest) -> tuple[int, str]:
        """The page's live part as it is now, with its position; made once for all who follow the same."""
        kept, now_s = self._made.get(followed), time.monotonic()
        if kept is None or kept.size < self.size or now_s - kept.at_s > refresh_s(followed.page) / 2:
            made = asyncio.ensure_future(self._make(followed, request))
            self._made[followed] = kept = _Made(self.size, now_s, made)
            self._made.move_to_end(followed)
            while len(self._made) > MOST_KEPT:
                self._made.popitem(last=False)
        return await asyncio.shield(kept.told)

    async def _make(self, followed: Followed, request: HttpRequest) -> tuple[int, str]:
        """One after the other, and when nobody waits for a page that was clicked."""
        async with self._turn:
            await TRAFFIC.quiet(STAND_BACK_S)
            run = contextvars.copy_context().run
            return await self.loop.run_in_executor(self._maker, run, _made, self.service, followed, request)


def refresh_s(page: Page) -> float:
    """After how long a page is made again though the book has not grown."""
    return RESTLESS.get(page.name, REFRESH_S)


_tides: dict[int, Tide] = {}


def _tide(service: PlantService) -> Tide:
    loop = asyncio.get_running_loop()
    found = _tides.get(id(loop))
    if found is None or found.service is not service:
        _tides.clear()
        found = _tides[id(loop)] = Tide(service, loop)
    return found


def end_all() -> None:
    """Let everyone go who follows; the server ends."""
    for tide in _tides.values():
        tide.loop.call_soon_threadsafe(tide.end)


def _made(service: PlantService, followed: Followed, request: HttpRequest) -> tuple[int, str]:
    from fabrika.faces.web.pages import timed
    from fabrika.faces.web.render import render

    language.choose(followed.language)
    names, query = dict(followed.names), dict(followed.query)
    shown = timed(followed.page, lambda: service.see(followed.page, followed.person, names, query, may=followed.may))
    return shown.asked.position, render(shown, request, fragment=True)


def follow(request: HttpRequest) -> HttpResponseBase:
    """Messages of a page's changes, from the position that the client has seen on.

    Raises:
        NotFoundError: the path leads to no page.
    """
    from fabrika.faces.web.access import must_change_first
    from fabrika.faces.web.commands import local_path
    from fabrika.faces.web.refusals import not_allowed

    visit = visit_of(request)
    path = local_path(request.GET.get("path", ""))
    page, names, asked_for = _page_at(path)
    if visit.person is None and not visit.shows(page):
        return not_signed_in(request)
    if must_change_first(request) or not visit.can(page.act):
        return not_allowed(request, page.act)
    shadow, query = _as_if_at(request, path, asked_for)
    named = visit.person is not None
    followed = Followed(page, names, query, path, _minded(visit, page), language.wanted(), _apart(visit), named)
    shadow.visit = SharedVisit(shadow, visit, followed)
    seen = _position(request.headers.get("Last-Event-ID") or request.GET.get("position", ""))
    if sum(tide.followers for tide in _tides.values()) >= visit.site.policy.followers:
        problem, remedy = say("Too many pages are followed at once."), say("Close some of them.")
        return refused(request, Refusal("followers", problem, remedy, 503))
    stream = _messages(followed, shadow, seen, _Pass(request, visit, page.act))
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


def _minded(visit: Visit, page: Page) -> frozenset[str]:
    """The acts of who follows that change what the page shows: all of them while a proposal waits, which says for whom."""
    from fabrika.app.sitemap import COMMANDS

    if _proposers(visit):
        return visit.may
    return visit.may & {page.act, *page.minds, *(found.act for found in COMMANDS if found.name in page.commands)}


def _apart(visit: Visit) -> str | None:
    """Who follows, if they see something else than others with the same acts: whoever has proposed what is still open."""
    return visit.person if visit.person in _proposers(visit) else None


def _proposers(visit: Visit) -> set[str]:
    proposals = visit.site.service.states()["personnel"].proposals
    return {found.person for found in list(proposals.values()) if found.outcome == "open"}


def _page_at(path: str) -> tuple[Page, tuple[tuple[str, str], ...], str]:
    from fabrika.app.sitemap import PAGES

    bare, _, query = path.partition("?")
    try:
        match = resolve(bare)
    except Resolver404:
        match = None
    page = next((page for page in PAGES if match is not None and page.name == match.url_name), None)
    if page is None or match is None:
        raise NotFoundError(say("There is no page {path}.", path=bare[:200]))
    return page, tuple(sorted(match.kwargs.items())), query


def _as_if_at(request: HttpRequest, path: str, query: str) -> tuple[HttpRequest, tuple[tuple[str, str], ...]]:
    from fabrika.faces.web.pages import query_of

    shadow = copy(request)
    shadow.path = shadow.path_info = path.partition("?")[0]
    shadow.GET = QueryDict(query)
    shadow.META = {**request.META, "QUERY_STRING": query, "PATH_INFO": shadow.path}
    return shadow, tuple(sorted(query_of(shadow).items()))


def _position(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


class _Pass:
    """Whether who follows may still do so."""

    def __init__(self, request: HttpRequest, visit: Visit, act: str) -> None:
        self.visit, self.act = visit, act
        self.session = None if visit.account is None else request.session.session_key
        self.looked_s = time.monotonic()

    def due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() - self.looked_s > LOOK_AGAIN_S

    def holds(self) -> bool:
        """Look; in a thread, for it asks a database."""
        from django.db import connection

        from fabrika.faces.web.visit import still_holds

        self.looked_s = time.monotonic()
        try:
            if self.session is not None and not still_holds(self.session, self.visit):
                return False
            return self.act in self.visit.asked().may
        finally:
            connection.close()


async def _messages(followed: Followed, request: HttpRequest, seen: int, may: _Pass) -> AsyncIterator[bytes]:
    tide = _tide(may.visit.site.service)
    tide.followers += 1
    told = ""
    try:
        yield b"retry: 2000\n: here\n\n"
        while True:
            await tide.beyond(seen, refresh_s(followed.page))
            if tide.ended:
                break
            fragment = await _next(tide, followed, request, may)
            if fragment is None:
                yield framed("ended", "ended")
                break
            yield _news(fragment, seen, told)
            seen, told = fragment
            await asyncio.sleep(PACE_S)
    finally:
        tide.followers -= 1


async def _next(tide: Tide, followed: Followed, request: HttpRequest, may: _Pass) -> tuple[int, str] | None:
    """The page as it is now, with its position; None if it is no longer for this client."""
    if may.due() and not await asyncio.to_thread(may.holds):
        return None
    try:
        return await tide.fragment(followed, request)
    except FabrikaError:
        return None


def _news(fragment: tuple[int, str], seen: int, told: str) -> bytes:
    """What a client has not been told yet; at least a sign of life."""
    position, text = fragment
    moved = framed(str(position), "position", position) if position > seen else b""
    return moved + (framed(text, "", position) if text != told else b"") or b": still here\n\n"


def framed(data: str, event: str = "", position: int | None = None) -> bytes:
    """One message; each line of the data stands on a line of its own."""
    lines = [f"event: {event}"] if event else []
    if position is not None:
        lines.append(f"id: {position}")
    lines += [f"data: {line}" for line in data.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return ("\n".join(lines) + "\n\n").encode()

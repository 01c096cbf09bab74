"""Who asks, from which device, in which language: found out once for each request, before any page is reached."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import get_token

from fabrika.faces import language
from fabrika.faces.web import static_files
from fabrika.faces.web.addresses import is_loopback
from fabrika.faces.web.site import Site, current

if TYPE_CHECKING:
    from fabrika.page import Asked, Page

LANGUAGE_COOKIE = "fabrika_language"
MESSAGE_COOKIE = "fabrika_said"
VOUCHER = "voucher"
"""What vouchers are signed as, see :mod:`fabrika.faces.web.vouchers`."""
WALL_MAY = frozenset({"see_plant"})
"""What a wall screen may, whoever stands before it; and a shared tablet before which nobody has said who they are."""


SEEN_EVERY_S = 300.0
"""A session writes down at most this often that it was used."""
MOST_CLICKS = 10_000
"""Sessions whose last click is remembered beside what they wrote down."""


class Visit:
    """One request's who, where and how.

    Attributes:
        person: the id of the person who is signed in; None for nobody and for a wall screen.
        device: the id of the enrolled device; None for any other.
        device_kind: ``desk``, ``tablet`` or ``wall``.
        known_by: ``password`` (or a passkey), ``pin`` or ``badge``: how the person proved who they are.
        kiosk: the page is for a wall: no navigation.
        page: the page of the plant that is shown; None for a page of the face's own.
        path: the page's own path with what was asked beside it, also while it is followed.
        seals: gives the key with which a shared tablet seals; the accounts have it.
        message, message_kind: what the command before has said, and ``done`` or ``refused``; shown once.
    """

    def __init__(self, request: HttpRequest, site: Site, called: Callable[[], Mapping[str, str]]) -> None:
        self.request, self.site, self.called = request, site, called
        self.person: str | None = None
        self.device: str | None = None
        self.device_kind, self.known_by = "desk", "password"
        self.account: Any = None
        self.kiosk = request.GET.get("kiosk") == "1"
        self.path = request.get_full_path()
        self.message, self.message_kind = "", "done"
        self.page: Page | None = None
        self._asked: Asked | None = None
        self.seals: Callable[[Site], str] = lambda _: ""

    def forget(self) -> None:
        """Ask anew what is allowed: the person has changed."""
        self._asked = None

    def asked(self, names: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None) -> Asked:
        """What a page or command is asked with; a wall screen has acts of its own."""
        return self.site.service.asked(self.person, names or {}, query or {}, may=self.given)

    @property
    def given(self) -> frozenset[str] | None:
        """The acts of a shared device before which nobody has signed in; None where the person's roles decide."""
        return WALL_MAY if self.person is None and self.device_kind in {"wall", "tablet"} else None

    def shows(self, page: Page) -> bool:
        """Whether the device shows a page to whoever stands before it, though nobody has signed in."""
        return self.device_kind == "wall" or (self.device_kind == "tablet" and page.at_tablets)

    @property
    def only(self) -> frozenset[str] | None:
        """The acts to which the way in which the person proved who they are confines them; None if it does not."""
        from fabrika.plant.acts import AT_STATION

        return None if self.known_by == "password" or self.proved_lately else AT_STATION

    @property
    def proved_lately(self) -> bool:
        """Whether the own password was given just now."""
        return time.time() - self.request.session.get("proved", 0.0) < 60 * self.site.policy.proof_min

    @property
    def _now(self) -> Asked:
        if self._asked is None:
            self._asked = self.asked()
        return self._asked

    @property
    def may(self) -> frozenset[str]:
        """Acts that are allowed."""
        return self._now.may

    def can(self, act: str) -> bool:
        """Whether an act is allowed."""
        return act in self.may

    @property
    def kind(self) -> str:
        """``plant`` or ``twin``, as the book is."""
        return self.site.service.kind

    @property
    def plant(self) -> Any:
        """The edition of the plant that is in force."""
        return self.site.service.plant

    @property
    def edition(self) -> int:
        """Its number."""
        return self.site.service.edition

    @property
    def idle_s(self) -> float:
        """After how long without a tap whoever is at this device is taken to have left, seconds."""
        return idle_s(self)

    @property
    def seal(self) -> str:
        """The key with which a tablet seals what is typed to say who somebody is while there is no network."""
        return self.seals(self.site)

    @property
    def position(self) -> int:
        """Entries of the book that are folded in."""
        return self.site.service.size

    @property
    def roles(self) -> tuple[str, ...]:
        """Ids of the roles that the person holds."""
        from fabrika.faces.web.roles import roles_of

        return roles_of(self.site, self.person)

    @property
    def name(self) -> str:
        """How to call who asks; empty for nobody."""
        return self.name_of(self.person) if self.person else (self.device or "")

    @property
    def names(self) -> Mapping[str, str]:
        """Persons' names by their ids, as far as they are known and not erased; none for a wall screen."""
        return {} if self.person is None else self.called()

    def name_of(self, person: str) -> str:
        """A person's name, else the id."""
        return self.names.get(person) or person

    @property
    def language(self) -> str:
        """The language of the answer."""
        return language.wanted()

    @property
    def demo(self) -> tuple[tuple[str, str, str], ...]:
        """Whom a visitor of a demonstration may be: person, role and the role's name."""
        if not may_pretend(self.request, self.site):
            return ()
        names = {role.id: role.name or role.id for role in self.plant.roles}
        return tuple((person, role, names.get(role, role)) for person, role in self.site.demo.items())

    @property
    def next(self) -> str:
        """Where to come back to."""
        return self.path

    def csrf(self) -> str:
        """What a form must carry to be taken."""
        return str(get_token(self.request))

    def voucher(self) -> str:
        """What lets be attributed later what is pressed on this page while there is no network."""
        from django.core import signing

        if self.person is None:
            return ""
        return signing.dumps([self.person, self.device or "", int(time.time()), self.known_by], salt=VOUCHER)

    @staticmethod
    def new_key() -> str:
        """A key for one form: sent twice, it is done once."""
        return secrets.token_urlsafe(18)

    @staticmethod
    def static(name: str) -> str:
        """The address of a static file."""
        return static_files.url(name)


def visit_of(request: HttpRequest) -> Visit:
    """The visit of a request that has come through :class:`fabrika.faces.web.visiting.Visits`."""
    found: Visit = request.visit
    return found


def client_of(request: HttpRequest) -> str:
    """What a session is bound to: the address it began from and the browser; a copied cookie has another."""
    seen = f"{request.META.get('REMOTE_ADDR', '')}\0{request.headers.get('User-Agent', '')}"
    return hmac.new(settings.SECRET_KEY.encode(), seen.encode(), hashlib.sha256).hexdigest()[:32]


def who(visit: Visit) -> str:
    """A word that changes with the person, by which a browser forgets pages of another; empty for nobody."""
    if visit.person is None:
        return ""
    return hmac.new(settings.SECRET_KEY.encode(), f"who\0{visit.person}".encode(), hashlib.sha256).hexdigest()[:16]


def may_pretend(request: HttpRequest, site: Site) -> bool:
    """Whether a visitor needs no password: a twin's book, a demonstration, and a browser on this very machine."""
    return bool(site.demo) and site.service.kind == "twin" and is_loopback(str(request.META.get("REMOTE_ADDR", "")))


def in_time(session: Any, visit: Visit) -> bool:
    """Whether a session is neither too long nor too idle, and is used at the device at which it began."""
    policy, now = visit.site.policy, time.time()
    longest_s = 3600 * (policy.tablet_h if visit.device_kind == "tablet" else policy.desk_h)
    if now - session.get("begun", 0.0) > longest_s or now - last_click(session) > idle_s(visit):
        return False
    return bool(session.get("device") == visit.device)


_clicks: dict[str, tuple[float, float]] = {}
"""By session: the last click that the session itself remembers, and the last one since, which only this process does."""


def last_click(session: Any) -> float:
    """When a session was used last, seconds since 1970 UTC; 0 for one that was not begun by signing in."""
    kept = float(session.get("seen", 0.0))
    before, last = _clicks.get(session.session_key or "", (0.0, 0.0))
    return last if before == kept else kept


def clicked(session: Any, visit: Visit) -> None:
    """Remember that a session was used; written down only now and then, as a disk takes longer for it than a page does.

    After a restart a session may therefore end :data:`SEEN_EVERY_S` too early, never too late.
    """
    now, kept = time.time(), session["seen"]
    if now - kept > min(SEEN_EVERY_S, idle_s(visit) / 4):
        session["seen"] = now
        _clicks.pop(session.session_key, None)
        return
    if len(_clicks) >= MOST_CLICKS:
        oldest = sorted(_clicks, key=lambda key: _clicks.get(key, (0.0, 0.0))[1])
        for key in oldest[: MOST_CLICKS // 2]:
            _clicks.pop(key, None)
    _clicks[session.session_key] = kept, now


def idle_s(visit: Visit) -> float:
    """After how long without a click a session ends."""
    policy = visit.site.policy
    return 60 * (policy.tablet_idle_min if visit.device_kind == "tablet" else policy.desk_idle_min)


def still_holds(session_key: str | None, visit: Visit) -> bool:
    """Whether the session under which a page began to be followed is still there, in time and the same person's."""
    from django.contrib.auth import SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore(session_key)
    return session.get(SESSION_KEY) == visit.person and in_time(session, visit)


def say_next(response: HttpResponseBase, text: str, kind: str = "done") -> None:
    """Have the next page say something once; no names of persons, it is kept in the browser."""
    from django.core import signing

    signed = signing.dumps(json.dumps([kind, text]), salt="said")
    response.set_cookie(MESSAGE_COOKIE, signed, max_age=60, samesite="Strict", httponly=True, secure=current().tls)

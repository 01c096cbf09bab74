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

from fabrika.errors import FabrikaError
from fabrika.faces import language
from fabrika.faces.web import static_files
from fabrika.faces.web.addresses import is_loopback
from fabrika.faces.web.site import Site, current

if TYPE_CHECKING:
    from fabrika.page import Asked, Page

LANGUAGE_COOKIE = "fabrika_language"
MESSAGE_COOKIE = "fabrika_said"
SEEN_EVERY_S = 30
"""A session remembers at most this often that it was used."""
WALL_MAY = frozenset({"see_plant"})
"""What a wall screen may, whoever stands before it."""


class Visit:
    """One request's who, where and how.

    Attributes:
        person: the id of the person who is signed in; None for nobody and for a wall screen.
        device: the id of the enrolled device; None for any other.
        device_kind: ``desk``, ``tablet`` or ``wall``.
        kiosk: the page is for a wall: no navigation.
        page: the page of the plant that is shown; None for a page of the face's own.
        path: the page's own path with what was asked beside it, also while it is followed.
        message, message_kind: what the command before has said, and ``done`` or ``refused``; shown once.
    """

    def __init__(self, request: HttpRequest, site: Site) -> None:
        self.request, self.site = request, site
        self.person: str | None = None
        self.device: str | None = None
        self.device_kind = "desk"
        self.account: Any = None
        self.kiosk = request.GET.get("kiosk") == "1"
        self.path = request.get_full_path()
        self.message, self.message_kind = "", "done"
        self.page: Page | None = None
        self._asked: Asked | None = None

    def forget(self) -> None:
        """Ask anew what is allowed: the person has changed."""
        self._asked = None

    def asked(self, names: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None) -> Asked:
        """What a page or command is asked with; a wall screen has acts of its own."""
        return self.site.service.asked(self.person, names or {}, query or {}, may=self.given)

    @property
    def given(self) -> frozenset[str] | None:
        """The acts of a wall screen before which nobody has signed in; None where the person's roles decide."""
        return WALL_MAY if self.person is None and self.device_kind == "wall" else None

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
        """Persons' names by their ids, as far as they are known and not erased."""
        from fabrika.faces.web.accounts.names import names

        called = {role.id: role.name or role.id for role in self.plant.roles} if self.site.demo else {}
        return {person: called.get(role, role) for person, role in self.site.demo.items()} | dict(names())

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

    @staticmethod
    def new_key() -> str:
        """A key for one form: sent twice, it is done once."""
        return secrets.token_urlsafe(18)

    @staticmethod
    def static(name: str) -> str:
        """The address of a static file."""
        return static_files.url(name)


def visit_of(request: HttpRequest) -> Visit:
    """The visit of a request that has come through :class:`Visits`."""
    found: Visit = request.visit  # type: ignore[attr-defined]
    return found


def client_of(request: HttpRequest) -> str:
    """What a session is bound to: the address it began from and the browser; a copied cookie has another."""
    seen = f"{request.META.get('REMOTE_ADDR', '')}\0{request.headers.get('User-Agent', '')}"
    return hmac.new(settings.SECRET_KEY.encode(), seen.encode(), hashlib.sha256).hexdigest()[:32]


def may_pretend(request: HttpRequest, site: Site) -> bool:
    """Whether a visitor needs no password: a twin's book, a demonstration, and a browser on this very machine."""
    return bool(site.demo) and site.service.kind == "twin" and is_loopback(str(request.META.get("REMOTE_ADDR", "")))


class Visits:
    """Puts the visit on the request, and makes an answer of every refusal; in threads alone, see the settings."""

    async_capable, sync_capable = False, True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, in the language that was chosen."""
        site = current()
        visit = Visit(request, site)
        request.visit = visit  # type: ignore[attr-defined]
        _know_device(request, visit)
        _know_person(request, visit)
        chosen = _choose_language(request, visit)
        _take_message(request, visit)
        response = self.get_response(request)
        if chosen is not None:
            response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="Lax", secure=site.tls)
        if visit.message and response.status_code == 200:
            response.delete_cookie(MESSAGE_COOKIE, samesite="Strict")
        response["Content-Language"] = language.tag()
        response["Vary"] = "Cookie, Accept-Language"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """A page that says what is wrong and what to do; no traceback."""
        from fabrika.faces.web.refusals import answer_of

        return answer_of(request, error) if isinstance(error, FabrikaError) else None


def _know_device(request: HttpRequest, visit: Visit) -> None:
    from fabrika.faces.web.accounts.devices import device_of

    found = device_of(request)
    if found is not None:
        visit.device, visit.device_kind = found.device, found.kind


def _know_person(request: HttpRequest, visit: Visit) -> None:
    """From the session, if it is in time, of this client and of this device; a session that is not is ended."""
    site = visit.site
    if may_pretend(request, site):
        person = request.session.get("demo")
        visit.person = person if person in site.demo else next(iter(site.demo))
        return
    account = request.user  # type: ignore[attr-defined]
    if not account.is_authenticated:
        return
    if not _holds(request, visit):
        request.session.flush()
        return
    visit.person, visit.account = account.pk, account


def _holds(request: HttpRequest, visit: Visit) -> bool:
    session, now = request.session, time.time()
    if not _in_time(session, visit) or session.get("client") != client_of(request):
        return False
    # A page that only follows the book is no sign that somebody is there.
    if request.path_info != "/follow" and now - session["seen"] > min(SEEN_EVERY_S, _idle_s(visit) / 4):
        session["seen"] = now
    return True


def _in_time(session: Any, visit: Visit) -> bool:
    policy, now = visit.site.policy, time.time()
    longest_s = 3600 * (policy.tablet_h if visit.device_kind == "tablet" else policy.desk_h)
    if now - session.get("begun", 0.0) > longest_s or now - session.get("seen", 0.0) > _idle_s(visit):
        return False
    return bool(session.get("device") == visit.device)


def _idle_s(visit: Visit) -> float:
    policy = visit.site.policy
    return 60 * (policy.tablet_idle_min if visit.device_kind == "tablet" else policy.desk_idle_min)


def still_holds(session_key: str | None, visit: Visit) -> bool:
    """Whether the session under which a page began to be followed is still there, in time and the same person's."""
    from django.contrib.auth import SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore(session_key)
    return session.get(SESSION_KEY) == visit.person and _in_time(session, visit)


def _choose_language(request: HttpRequest, visit: Visit) -> str | None:
    """Choose by what was asked for, the cookie, the account, the browser; returns what is to be remembered."""
    asked = language.known(request.GET.get("language", "")) if "language" in request.GET else None
    kept = language.known(request.COOKIES.get(LANGUAGE_COOKIE, ""))
    account = language.known(getattr(visit.account, "language", "") or "")
    language.choose(asked or kept or account or _accepted(request.headers.get("Accept-Language", "")) or "en")
    return asked


def _accepted(header: str) -> str | None:
    """The first language spoken here, by the browser's order of preference (RFC 9110 section 12.5.4)."""
    wishes = []
    for place, part in enumerate(header[:500].split(",")):
        name, _, weight = part.partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, name.strip()))
        except ValueError:
            continue
    spoken = (language.known(name) for weight, _, name in sorted(wishes) if weight < 0)
    return next((found for found in spoken if found), None)


def _take_message(request: HttpRequest, visit: Visit) -> None:
    """What the command before has said; signed, so that nobody else can put words on a page."""
    from django.core import signing

    text = request.COOKIES.get(MESSAGE_COOKIE)
    if not text:
        return
    try:
        kind, said = json.loads(signing.loads(text, salt="said", max_age=60))
    except (signing.BadSignature, ValueError):
        return
    visit.message, visit.message_kind = str(said), str(kind)


def say_next(response: HttpResponseBase, text: str, kind: str = "done") -> None:
    """Have the next page say something once; no names of persons, it is kept in the browser."""
    from django.core import signing

    signed = signing.dumps(json.dumps([kind, text]), salt="said")
    response.set_cookie(MESSAGE_COOKIE, signed, max_age=60, samesite="Strict", httponly=True, secure=current().tls)

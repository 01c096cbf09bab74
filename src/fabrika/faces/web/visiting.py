"""Every request passes here before a page is reached: who asks, in which language, and a page for every refusal."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from fabrika.errors import FabrikaError
from fabrika.faces import language
from fabrika.faces.web.accounts.claims import public_text
from fabrika.faces.web.accounts.devices import device_of
from fabrika.faces.web.accounts.names import names
from fabrika.faces.web.refusals import answer_of
from fabrika.faces.web.site import current
from fabrika.faces.web.visit import (
    LANGUAGE_COOKIE,
    MESSAGE_COOKIE,
    Visit,
    clicked,
    client_of,
    in_time,
    may_pretend,
    who,
)


class Visits:
    """Puts the visit on the request, and makes an answer of every refusal; in threads alone, see the settings."""

    async_capable, sync_capable = False, True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, in the language that was chosen."""
        site = current()
        visit = Visit(request, site, names)
        request.visit = visit
        _know_device(request, visit)
        _know_person(request, visit)
        chosen = _choose_language(request, visit)
        _take_message(request, visit)
        response = self.get_response(request)
        if chosen is not None:
            response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="Lax", secure=site.tls)
        if visit.message and response.status_code == 200:
            response.delete_cookie(MESSAGE_COOKIE, samesite="Strict")
        response["Fabrika-Who"] = who(visit)
        response["Content-Language"] = language.tag()
        response["Vary"] = "Cookie, Accept-Language"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """A page that says what is wrong and what to do; no traceback."""
        return answer_of(request, error) if isinstance(error, FabrikaError) else None


def _know_device(request: HttpRequest, visit: Visit) -> None:
    found = device_of(request)
    if found is not None:
        visit.device, visit.device_kind, visit.seals = found.device, found.kind, public_text


def _know_person(request: HttpRequest, visit: Visit) -> None:
    """From the session, if it is in time, of this client and of this device; a session that is not is ended."""
    site = visit.site
    if may_pretend(request, site):
        person = request.session.get("demo")
        visit.person = person if person in site.demo else next(iter(site.demo))
        return
    account = request.user
    if not account.is_authenticated:
        return
    if not _holds(request, visit):
        request.session.flush()
        return
    visit.person, visit.account = account.pk, account
    visit.known_by = request.session.get("known_by", "password")


def _holds(request: HttpRequest, visit: Visit) -> bool:
    session = request.session
    if not in_time(session, visit) or session.get("client") != client_of(request):
        return False
    # A page that only follows the book is no sign that somebody is there.
    if request.path_info != "/follow":
        clicked(session, visit)
    return True


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

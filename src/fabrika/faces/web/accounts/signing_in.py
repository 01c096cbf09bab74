"""Signing in and out."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from fabrika.errors import ActRefusedError, FabrikaError, NotFoundError
from fabrika.faces.language import say, told
from fabrika.faces.web.accounts.backends import account_of
from fabrika.faces.web.accounts.claims import Claim, opened
from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.commands import local_path
from fabrika.faces.web.refusals import Refusal, as_json, refused, wants_json
from fabrika.faces.web.visit import client_of, say_next, visit_of
from fabrika.plant.acts import AT_STATION


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The page for signing in; with a password in the request, the attempt."""
    if request.method != "POST":
        return sign_in_page(request)
    password = request.POST.get("password", "")
    account = authenticate(request, username=account_of(request.POST.get("person", "")), password=password)
    if account is None:
        return _failed(request, say("The name or the password is not right."))
    return signed_in(request, account, proved=True)


def sign_in_at_tablet(request: HttpRequest) -> HttpResponseBase:
    """Badge, or badge or id and PIN, at a tablet that was enrolled; at a station the person signs on there, too."""
    if visit_of(request).device_kind != "tablet":
        problem = say("PINs are for enrolled tablets only.")
        remedy = say("Sign in with your password, or have this device enrolled by who manages people.")
        return refused(request, Refusal("no_tablet", problem, remedy, 403))
    claim = _claim(request)
    account = claim.account(request)
    if account is None:
        logout(request)  # whoever stands here now is not who stood here before
        visit_of(request).person = None
        visit_of(request).forget()
        return _failed(request, say("The badge or the PIN is not right."))
    answer = signed_in(request, account, proved=False, known_by=claim.known_by)
    said = _sign_on(request, account)
    if said is not None:
        say_next(answer, f"{told(said.problem)} {told(said.remedy)}", "refused")
    return answer


def _claim(request: HttpRequest) -> Claim:
    """Who somebody at a tablet says they are: typed, or typed and sealed while there was no network."""
    sealed = request.POST.get("sealed", "")
    if sealed:
        return opened(visit_of(request).site, sealed) or Claim("", "", 0)
    typed = request.POST.get("badge", "") or request.POST.get("person", "")
    return Claim(typed.strip()[:200], request.POST.get("pin", "")[:20], 0)


def _sign_on(request: HttpRequest, account: Account) -> FabrikaError | None:
    """Have the person sign on at the station before which they stand; why it was refused, if it was."""
    from fabrika.answers.attendance import COMMANDS
    from fabrika.app.sitemap import page_at

    visit, station = visit_of(request), request.POST.get("station", "")
    found = page_at(f"/work/{station}")
    if not station or found is None:
        return None
    key = f"{request.session.session_key}.{station}"[:200]
    try:
        seen = visit.site.service.see(found[0], account.pk, found[1])
        if not getattr(seen.context, "signed_on", False):
            form = {"station": station}
            visit.site.service.do(COMMANDS[0], account.pk, form, key=key, device=visit.device, only=AT_STATION)
    except (ActRefusedError, NotFoundError) as refusal:
        return refusal
    return None


def signed_in(request: HttpRequest, account: Account, *, proved: bool, known_by: str = "password") -> HttpResponseBase:
    """Begin the session of a person who has proven who they are.

    Args:
        request: as it came.
        account: whose session it is.
        proved: whether the proof was good enough for acts that ask for it anew.
        known_by: what the proof was, as the visit has it.
    """
    visit, now = visit_of(request), time.time()
    login(request, account)
    session = request.session
    session["begun"] = session["seen"] = now
    session["client"], session["device"] = client_of(request), visit.device
    session["proved"] = now if proved else 0.0
    session["landing"], session["known_by"] = True, known_by
    to = local_path(request.POST.get("next", ""))
    if wants_json(request):
        return as_json({"person": account.pk, "next": to})
    return HttpResponseRedirect("/account/password" if account.must_change else to, status=303)


def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session here and on the server."""
    logout(request)
    return HttpResponseRedirect("/sign-in", status=303)


def sign_in_page(request: HttpRequest, *, wrong: str = "", status: int = 200) -> HttpResponse:
    """The page for signing in."""
    from fabrika.faces.web.render import page

    asked: Any = request.POST if request.method == "POST" else request.GET
    visit = visit_of(request)
    text = page(
        "accounts/sign_in.html.j2",
        request,
        wrong=wrong,
        next=local_path(asked.get("next", "")),
        person=asked.get("person", "")[:100] if request.method == "POST" else "",
        tablet=visit.device_kind == "tablet",
        badge_alone=visit.site.policy.badge_alone,
        station=asked.get("station", "")[:200],
        device=visit.device,
    )
    return HttpResponse(text, status=status)


def _failed(request: HttpRequest, wrong: str) -> HttpResponseBase:
    if wants_json(request):
        return refused(request, Refusal("not_signed_in", wrong, say("Try again."), 401, needs="sign-in"))
    return sign_in_page(request, wrong=wrong, status=401)

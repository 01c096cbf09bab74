"""Signing in and out."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from fabrika.faces.language import say
from fabrika.faces.web.accounts.backends import account_of
from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.commands import local_path
from fabrika.faces.web.refusals import Refusal, as_json, refused, wants_json
from fabrika.faces.web.visit import client_of, visit_of


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
    """Badge or id and PIN, at a tablet that was enrolled."""
    if visit_of(request).device_kind != "tablet":
        problem = say("PINs are for enrolled tablets only.")
        remedy = say("Sign in with your password, or have this device enrolled by who manages people.")
        return refused(request, Refusal("no_tablet", problem, remedy, 403))
    typed = request.POST.get("badge", "") or request.POST.get("person", "")
    account = authenticate(request, username=account_of(typed), pin=request.POST.get("pin", ""))
    if account is None:
        return _failed(request, say("The badge or the PIN is not right."))
    return signed_in(request, account, proved=False)


def signed_in(request: HttpRequest, account: Account, *, proved: bool) -> HttpResponseBase:
    """Begin the session of a person who has proven who they are.

    Args:
        request: as it came.
        account: whose session it is.
        proved: whether the proof was good enough for acts that ask for it anew.
    """
    visit, now = visit_of(request), time.time()
    login(request, account)
    session = request.session
    session["begun"] = session["seen"] = now
    session["client"], session["device"] = client_of(request), visit.device
    session["proved"] = now if proved else 0.0
    session["landing"] = True
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
        device=visit.device,
    )
    return HttpResponse(text, status=status)


def _failed(request: HttpRequest, wrong: str) -> HttpResponseBase:
    if wants_json(request):
        return refused(request, Refusal("not_signed_in", wrong, say("Try again."), 401, needs="sign-in"))
    return sign_in_page(request, wrong=wrong, status=401)

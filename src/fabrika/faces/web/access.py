"""Nothing is reached without a declared permission: the three ways in which a view can be made."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponseBase

from fabrika.faces.language import say
from fabrika.faces.web.refusals import Refusal, not_allowed, not_signed_in, refused
from fabrika.faces.web.visit import may_pretend, visit_of
from fabrika.plant.acts import AT_STATION

if TYPE_CHECKING:
    from fabrika.page import Page

View = Callable[..., HttpResponseBase]

ANYONE, SIGNED_IN = "(anyone)", "(signed in)"
"""What stands in place of an act for the few addresses that need none."""


def needs(act: str, view: View, *, methods: tuple[str, ...] = ("GET", "HEAD"), page: Page | None = None) -> View:
    """A view that is reached only by those whose roles allow an act.

    Args:
        act: one of :data:`fabrika.plant.acts.ACTS`; or :data:`SIGNED_IN`, which any person may; or :data:`ANYONE`.
        view: what answers.
        methods: HTTP methods that are taken.
        page: the page of the plant that it is, which a wall screen or a tablet may show before which nobody has signed in.
    """
    from fabrika.plant.acts import ACTS

    assert act in ACTS or act in {ANYONE, SIGNED_IN}, act

    def guarded(request: HttpRequest, **names: Any) -> HttpResponseBase:
        if request.method not in methods:
            return _wrong_method(request, methods)
        stopped = _stopped(request, act, page)
        return view(request, **names) if stopped is None else stopped

    guarded.act = act  # type: ignore[attr-defined]
    guarded.methods = methods  # type: ignore[attr-defined]
    return guarded


def _stopped(request: HttpRequest, act: str, page: Page | None) -> HttpResponseBase | None:
    if act == ANYONE:
        return None
    visit = visit_of(request)
    if visit.person is None and not (page is not None and visit.shows(page) and visit.can(act)):
        return not_signed_in(request)
    if must_change_first(request):
        return _change_first(request)
    if act != SIGNED_IN and not visit.can(act):
        command = request.path_info.removeprefix("/do/")
        if request.method == "POST" and command != request.path_info and visit.person is not None:
            visit.site.service.refuse(command, visit.person, act, device=visit.device)
        return not_allowed(request, act)
    return None


def must_change_first(request: HttpRequest) -> bool:
    """Whether the person came with a one-time password and has not chosen an own one yet."""
    account = visit_of(request).account
    own_way = request.path_info in {"/account/password", "/sign-out"}
    return bool(account is not None and account.must_change and not own_way)


def _change_first(request: HttpRequest) -> HttpResponseBase:
    from django.http import HttpResponseRedirect

    from fabrika.faces.web.refusals import wants_json

    if wants_json(request) or request.method not in {"GET", "HEAD"}:
        problem = say("The one-time password must be changed first.")
        return refused(request, Refusal("change_password", problem, say("Choose a password of your own."), 403))
    return HttpResponseRedirect("/account/password", status=303)


def _wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponseBase:
    problem = say("{method} is not taken here.", method=(request.method or "")[:20])
    remedy = say("Use {methods}.", methods=", ".join(methods))
    response = refused(request, Refusal("method", problem, remedy, 405))
    response["Allow"] = ", ".join(methods)
    return response


FOR_TWO = frozenset({"personnel.approve", "personnel.reject"})
"""Commands by which a second person answers for an act; a badge is no proof that there is one."""


def proven(request: HttpRequest, act: str, command: str = "") -> bool:
    """Whether an act may be done now: it needs no fresh password, or one was given just now, or is given with it.

    Args:
        request: as it came.
        act: what is to be done.
        command: the command's name, if it is one.
    """
    from django.contrib.auth import authenticate

    visit = visit_of(request)
    unsure = visit.known_by != "password" and (act not in AT_STATION or command in FOR_TWO)
    if not (unsure or act in visit.site.policy.prove_again) or may_pretend(request, visit.site):
        return True
    if visit.proved_lately:
        return True
    password = given_password(request)
    if not password:
        return False
    account = authenticate(request, username=visit.person, password=password)
    if account is None:
        return False
    request.session["proved"] = time.time()
    return True


def given_password(request: HttpRequest) -> str:
    """The password that came with a form, or with a program's request."""
    header = request.headers.get("Fabrika-Password", "")
    return header if request.content_type == "application/json" else request.POST.get("password", "")

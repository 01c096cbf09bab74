"""A person's own account: password, PIN, language, passkeys."""

from __future__ import annotations

import time

from django.contrib.auth import authenticate, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from fabrika.faces import language as languages
from fabrika.faces.language import say
from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.accounts.passwords import set_pin, wrong_with_password, wrong_with_pin
from fabrika.faces.web.refusals import Refusal, refused
from fabrika.faces.web.visit import LANGUAGE_COOKIE, say_next, visit_of


def account(request: HttpRequest) -> HttpResponseBase:
    """What the person can change of their own."""
    from fabrika.faces.web.render import page

    kept = visit_of(request).account
    passkeys = list(kept.passkeys.order_by("made_at")) if kept is not None else []
    return HttpResponse(page("accounts/account.html.j2", request, account=kept, passkeys=passkeys))


def password(request: HttpRequest) -> HttpResponseBase:
    """Change the password; every other session of the person ends."""
    kept = _own(request)
    if isinstance(kept, HttpResponse):
        return kept
    if request.method != "POST":
        return _password_page(request, kept, {})
    wrong = _wrong_of_password(request, kept)
    if wrong:
        return _password_page(request, kept, wrong, status=422)
    kept.set_password(request.POST.get("new", ""))
    kept.must_change, kept.password_until = False, None
    kept.save()
    update_session_auth_hash(request, kept)
    request.session["proved"] = time.time()
    response = HttpResponseRedirect("/", status=303)
    say_next(response, say("The password is changed; other sessions of yours have ended."))
    return response


def _wrong_of_password(request: HttpRequest, kept: Account) -> dict[str, str]:
    policy = visit_of(request).site.policy
    new, wrong = request.POST.get("new", ""), {}
    if authenticate(request, username=kept.pk, password=request.POST.get("password", "")) is None:
        wrong["password"] = say("This is not your password.")
    unfit = wrong_with_password(new, kept, policy)
    if unfit:
        wrong["new"] = unfit
    elif new == request.POST.get("password", ""):
        wrong["new"] = say("Choose another one than before.")
    elif new != request.POST.get("again", ""):
        wrong["again"] = say("The two are not the same.")
    return wrong


def _password_page(request: HttpRequest, kept: Account, wrong: dict[str, str], status: int = 200) -> HttpResponse:
    from fabrika.faces.web.render import page

    length = visit_of(request).site.policy.password_length
    text = page("accounts/password.html.j2", request, account=kept, wrong=wrong, length=length)
    return HttpResponse(text, status=status)


def pin(request: HttpRequest) -> HttpResponseBase:
    """Choose the PIN for shared tablets; needs the password."""
    kept = _own(request)
    if isinstance(kept, HttpResponse):
        return kept
    given = request.POST.get("pin", "")
    wrong = wrong_with_pin(given, visit_of(request).site.policy)
    if not wrong and given != request.POST.get("again", ""):
        wrong = say("The two are not the same.")
    if not wrong and authenticate(request, username=kept.pk, password=request.POST.get("password", "")) is None:
        wrong = say("This is not your password.")
    if wrong:
        return refused(request, Refusal("pin", wrong, say("Go back and enter it again."), 422))
    set_pin(kept, given)
    response = HttpResponseRedirect("/account", status=303)
    say_next(response, say("The PIN is changed."))
    return response


def language(request: HttpRequest) -> HttpResponseBase:
    """Choose the language for wherever the person signs in."""
    kept = _own(request)
    if isinstance(kept, HttpResponse):
        return kept
    kept.language = languages.known(request.POST.get("language", "")) or ""
    kept.save()
    response = HttpResponseRedirect("/account", status=303)
    response.delete_cookie(LANGUAGE_COOKIE, samesite="Lax")
    return response


def _own(request: HttpRequest) -> Account | HttpResponse:
    """The person's account, or a refusal where there is none, as in a demonstration."""
    kept: Account | None = visit_of(request).account
    if kept is None:
        problem = say("This person has no account here.")
        return refused(request, Refusal("no_account", problem, say("Sign in with an account of your own."), 409))
    return kept

"""Accounts of others: for those who manage people. Names stand here alone; what concerns the book is done by its commands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from fabrika.errors import FabrikaError
from fabrika.faces.language import say, told
from fabrika.faces.web.access import proven
from fabrika.faces.web.accounts import names
from fabrika.faces.web.accounts.backends import badge_hash
from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.accounts.passwords import give_one_time_password
from fabrika.faces.web.commands import KEY
from fabrika.faces.web.roles import persons_of
from fabrika.faces.web.visit import say_next, visit_of

FIELDS = ("person", "name", "contact", "role", "badge")
LONGEST = 200


class Row(NamedTuple):
    """A person of the book or of the accounts, with what is kept of them here.

    Attributes:
        account: None if the person has none.
        present: whether the person belongs to the plant, as the book has it.
        locked: whether too many wrong passwords were tried.
    """

    person: str
    account: Account | None
    roles: tuple[str, ...]
    present: bool
    locked: bool


def rows(request: HttpRequest) -> list[Row]:
    """Everybody who is in the book or has an account."""
    site = visit_of(request).site
    kept = {account.pk: account for account in Account.objects.all()}
    held = persons_of(site)
    since = timezone.now() - timezone.timedelta(minutes=site.policy.locked_min)
    tried = AccessAttempt.objects.filter(attempt_time__gte=since, failures_since_start__gte=site.policy.failures)
    locked = set(tried.values_list("username", flat=True))
    return [
        Row(person, kept.get(person), held.get(person, ()), person in held, person in locked)
        for person in sorted(kept.keys() | held.keys())
    ]


def accounts(request: HttpRequest) -> HttpResponseBase:
    """The page of accounts."""
    return _page(request)


def enrol(request: HttpRequest) -> HttpResponseBase:
    """A new person: an id and a role in the book, a name and a one-time password here."""
    typed = {field: request.POST.get(field, "").strip() for field in FIELDS}
    key = request.POST.get("idempotency_key", "")
    if not KEY.fullmatch(key):
        return _page(request, say("Load the page again and fill it in again."), 400, typed)
    if any(len(text) > LONGEST for text in typed.values()):
        return _page(request, say("This text is too long."), 422, typed)
    if not proven(request, "manage_people"):
        return _page(request, say("For this, your password is needed once more."), 403, typed)
    person = typed["person"] or f"p{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    account = Account.objects.filter(pk=person).first()
    if account is not None and (not account.must_change or account.erased_at):
        return _page(request, say("{person} has an account already.", person=person), 409, typed)
    try:
        _enrol_in_book(request, person, typed["role"], key)
    except FabrikaError as error:
        return _page(request, f"{told(error.problem)} {told(error.remedy)}", 409, typed)
    account = account or Account(person=person)
    account.name, account.contact = typed["name"], typed["contact"]
    password = give_one_time_password(account, visit_of(request).site.policy)
    names.forget()
    return _told(request, person, password)


def _enrol_in_book(request: HttpRequest, person: str, role: str, key: str) -> None:
    from fabrika.app.sitemap import COMMANDS

    visit = visit_of(request)
    by_name = {command.name: command for command in COMMANDS}
    if person not in persons_of(visit.site):
        form = {"person": person}
        visit.site.service.do(by_name["personnel.enrol"], visit.person, form, key=f"{key}.e", device=visit.device)
    if role:
        granted = {"person": person, "role": role}
        visit.site.service.do(by_name["personnel.grant"], visit.person, granted, key=f"{key}.g", device=visit.device)


def _on_account(act: Callable[[HttpRequest, Account], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What is done to one account, after a fresh password."""

    def done(request: HttpRequest) -> HttpResponseBase:
        if not proven(request, "manage_people"):
            return _page(request, say("For this, your password is needed once more."), 403)
        person = request.POST.get("person", "")
        account = Account.objects.filter(pk=person).first()
        if account is None and person in persons_of(visit_of(request).site):
            account = Account(person=person)
        if account is None:
            return _page(request, say("There is no such person."), 404)
        return act(request, account)

    return done


@_on_account
def change_name(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Put another name or contact into an account."""
    account.name = request.POST.get("name", "").strip()[:LONGEST]
    account.contact = request.POST.get("contact", "").strip()[:LONGEST]
    account.erased_at = None
    account.save()
    names.forget()
    return _back(say("The account is changed."))


@_on_account
def one_time(request: HttpRequest, account: Account) -> HttpResponseBase:
    """A new one-time password; the old password and all sessions of the person are void."""
    password = give_one_time_password(account, visit_of(request).site.policy)
    end_sessions(account.pk)
    AxesProxyHandler.reset_attempts(username=account.pk)
    return _told(request, account.pk, password)


@_on_account
def badge(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Give a badge, or take it away with an empty number."""
    number = request.POST.get("badge", "").strip()
    hashed = badge_hash(number) if number else None
    if hashed and Account.objects.filter(badge=hashed).exclude(pk=account.pk).exists():
        return _page(request, say("This badge is another person's."), 409)
    account.badge = hashed
    account.save()
    return _back(say("The account is changed."))


@_on_account
def unlock(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Take passwords again after too many wrong ones."""
    AxesProxyHandler.reset_attempts(username=account.pk)
    return _back(say("The account is unlocked."))


@_on_account
def erase(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Erase name, contact, credentials and all traces of signing in; the id stays, in the book for ever."""
    if account.pk == visit_of(request).person:
        return _page(request, say("Your own account is erased by another person."), 409)
    account.name = account.contact = account.language = account.pin = ""
    account.badge = account.password_until = None
    account.must_change = False
    account.set_unusable_password()
    account.erased_at = timezone.now()
    account.save()
    account.passkeys.all().delete()
    end_sessions(account.pk)
    AccessLog.objects.filter(username=account.pk).delete()
    AccessAttempt.objects.filter(username=account.pk).delete()
    names.forget()
    return _back(say("The name is erased."))


def end_sessions(person: str) -> None:
    """End all sessions of a person."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == person:
            session.delete()


def _back(said: str) -> HttpResponseBase:
    response = HttpResponseRedirect("/accounts", status=303)
    say_next(response, said)
    return response


def _told(request: HttpRequest, person: str, password: str) -> HttpResponse:
    """The one time that a one-time password is shown."""
    from fabrika.faces.web.render import page

    hours = visit_of(request).site.policy.one_time_h
    return HttpResponse(page("accounts/one_time.html.j2", request, person=person, password=password, hours=hours))


def _page(
    request: HttpRequest, wrong: str = "", status: int = 200, typed: dict[str, str] | None = None
) -> HttpResponse:
    from fabrika.faces.web.render import page

    visit = visit_of(request)
    text = page(
        "accounts/accounts.html.j2",
        request,
        rows=rows(request),
        roles=visit.plant.roles,
        wrong=wrong,
        typed=typed or dict.fromkeys(FIELDS, ""),
        key=request.POST.get("idempotency_key") or visit.new_key(),
        needs_password=status == 403,
    )
    return HttpResponse(text, status=status)

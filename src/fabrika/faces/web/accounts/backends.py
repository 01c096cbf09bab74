"""How a person proves who they are: by a password at a desk, by badge or PIN at a shared tablet."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone

from fabrika.faces.web.accounts.models import Account


class _ByAccount(BaseBackend):
    """What both ways have in common: who a session belongs to."""

    def get_user(self, user_id: str) -> Account | None:
        """The account of a session."""
        return Account.objects.filter(pk=user_id).first()


class ByPassword(_ByAccount):
    """A person's id and password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Account | None:
        """The account, if the password is right and, where it is a one-time password, still in time."""
        if username is None or password is None:
            return None
        account = Account.objects.filter(pk=username).first()
        if account is None or not account.has_usable_password():
            make_password(password)  # takes as long as checking one: who has an account is not to be timed
            return None
        if not account.check_password(password):
            return None
        late = account.must_change and account.password_until is not None and account.password_until < timezone.now()
        return None if late else account


class ByPin(_ByAccount):
    """A badge's number, or a person's id, and a PIN; only at an enrolled tablet."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, pin: str | None = None, **_: Any
    ) -> Account | None:
        """The account, if the PIN is right and the request comes from a tablet."""
        visit = getattr(request, "visit", None)
        if username is None or pin is None or visit is None or visit.device_kind != "tablet":
            return None
        account = Account.objects.filter(pk=username).first()
        if account is None or not account.pin:
            make_password(pin)
            return None
        return account if check_password(pin, account.pin) else None


class ByBadge(_ByAccount):
    """A badge's number alone; only at an enrolled tablet, and only where the site's policy takes it."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, badge: str | None = None, **_: Any
    ) -> Account | None:
        """The account that has the badge, if the request comes from a tablet."""
        visit = getattr(request, "visit", None)
        if not badge or visit is None or visit.device_kind != "tablet" or not visit.site.policy.badge_alone:
            return None
        return Account.objects.filter(badge=badge_hash(badge)).first()


def badge_hash(number: str) -> str:
    """What is kept of a badge's number: nothing that can be guessed without this installation's secret."""
    return hmac.new(settings.SECRET_KEY.encode(), b"badge:" + number.strip().encode(), hashlib.sha256).hexdigest()


def account_of(typed: str) -> str:
    """The id under which a try is counted: the person's, by id or badge; else a keyed hash, for it may be a name."""
    typed = typed.strip()[:200]
    found = Account.objects.filter(pk=typed).first() or Account.objects.filter(badge=badge_hash(typed)).first()
    return found.pk if found else f"?{badge_hash(typed)[:16]}"

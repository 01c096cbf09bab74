"""After some wrong passwords an account is locked for a while, after more an address: django-axes with one change."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from fabrika.faces.language import say
from fabrika.faces.web.site import current


class Lockout(AxesDatabaseHandler):
    """Counts an account's failures and an address's; a shared tablet is given more of them than a person."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures on the account's scale: those of the address count as a share of theirs."""
        policy = current().policy
        share = max(1, policy.address_failures // policy.failures)
        of_account, of_address = (
            attempts.aggregate(n=Sum("failures_since_start"))["n"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        return int(max(of_account, of_address // share))

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """A right password forgets the wrong ones of its own account; not those of others who sit at the same address."""
        username = get_client_username(request, credentials)
        count, _ = AccessAttempt.objects.filter(username=username).delete()
        return int(count)


def locked(request: HttpRequest, response: HttpResponse | None = None, credentials: object = None) -> HttpResponse:
    """What is answered while an account or an address is locked."""
    from fabrika.faces.web.refusals import Refusal, refused

    minutes = current().policy.locked_min
    problem = say("There were too many wrong passwords; for {minutes:.0f} minutes none is taken.", minutes=minutes)
    remedy = say("Wait, or ask who manages people to unlock the account.")
    return refused(request, Refusal("locked", problem, remedy, status=429))

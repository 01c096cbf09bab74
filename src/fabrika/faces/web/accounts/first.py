"""The first start: one administrator with a one-time password, told once on the terminal."""

from __future__ import annotations

from typing import NamedTuple

from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.accounts.passwords import give_one_time_password
from fabrika.faces.web.roles import holders_of
from fabrika.faces.web.site import Site

FIRST = "administrator"


class Told(NamedTuple):
    """What is told once: the person's id and the one-time password."""

    person: str
    password: str


def first_administrator(site: Site) -> Told | None:
    """Enrol an administrator if nobody manages people, and make an account if there is none at all.

    Returns:
        what to tell; None if there are accounts already.
    """
    holders = holders_of(site, "manage_people")
    if not holders:
        site.service.first(FIRST)
        holders = (FIRST,)
    if Account.objects.exists():
        return None
    account = Account(person=holders[0])
    return Told(account.pk, give_one_time_password(account, site.policy))

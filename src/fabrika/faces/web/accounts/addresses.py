"""The addresses of signing in and of accounts, each with the permission that it needs."""

from __future__ import annotations

from typing import NamedTuple

from fabrika.faces.web.access import ANYONE, SIGNED_IN, View
from fabrika.faces.web.accounts import administration, devices, own, passkeys, pretending, signing_in

READ, SEND, BOTH = ("GET", "HEAD"), ("POST",), ("GET", "HEAD", "POST")


class Address(NamedTuple):
    """Where something of the accounts lies.

    Attributes:
        path: as a page's.
        view: what answers.
        act: what it needs; see :func:`fabrika.faces.web.access.needs`.
        methods: HTTP methods that are taken.
    """

    path: str
    view: View
    act: str
    methods: tuple[str, ...] = SEND


ADDRESSES = (
    Address("/sign-in", signing_in.sign_in, ANYONE, BOTH),
    Address("/sign-in/tablet", signing_in.sign_in_at_tablet, ANYONE),
    Address("/sign-in/passkey/begin", passkeys.begin_signing_in, ANYONE),
    Address("/sign-in/passkey", passkeys.sign_in, ANYONE),
    Address("/sign-out", signing_in.sign_out, ANYONE),
    Address("/demo/as", pretending.become, ANYONE),
    Address("/account", own.account, SIGNED_IN, READ),
    Address("/account/password", own.password, SIGNED_IN, BOTH),
    Address("/account/pin", own.pin, SIGNED_IN),
    Address("/account/language", own.language, SIGNED_IN),
    Address("/account/passkeys/begin", passkeys.begin_enrolling, SIGNED_IN),
    Address("/account/passkeys", passkeys.enrol, SIGNED_IN),
    Address("/account/passkeys/remove", passkeys.remove, SIGNED_IN),
    Address("/accounts", administration.accounts, "manage_people", READ),
    Address("/accounts/enrol", administration.enrol, "manage_people", SEND),
    Address("/accounts/name", administration.change_name, "manage_people"),
    Address("/accounts/one-time", administration.one_time, "manage_people"),
    Address("/accounts/badge", administration.badge, "manage_people"),
    Address("/accounts/unlock", administration.unlock, "manage_people"),
    Address("/accounts/erase", administration.erase, "manage_people"),
    Address("/accounts/devices", devices.devices, "manage_people", BOTH),
    Address("/accounts/devices/withdraw", devices.withdraw, "manage_people"),
)

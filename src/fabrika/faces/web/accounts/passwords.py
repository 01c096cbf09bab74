"""Passwords and PINs: what is good enough, and those that hold once."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from fabrika.faces.language import say, say_many
from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.site import Policy

SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like another."""
LONGEST = 200
_COMMON = ("password", "fabrika", "qwerty", "administrator", "123456", "abcdef")


def one_time_password() -> str:
    """Four groups of four signs: 79 bits, and it can be read out."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(4))


def give_one_time_password(account: Account, policy: Policy) -> str:
    """Put a new one-time password into an account, which ends its sessions, and return it; it is kept nowhere else."""
    password = one_time_password()
    account.set_password(password)
    account.must_change = True
    account.password_until = timezone.now() + timedelta(hours=policy.one_time_h)
    account.save()
    return password


def wrong_with_password(password: str, account: Account, policy: Policy) -> str:
    """Why this is no good password for the person; empty if it is one."""
    if len(password) < policy.password_length:
        n = policy.password_length
        return say_many("A password has at least {n} sign.", "A password has at least {n} signs.", n)
    if len(password) > LONGEST:
        return say("This password is too long.")
    plain = password.casefold()
    own = [account.person, account.name, *account.name.split()]
    if any(len(word) > 2 and word.casefold() in plain for word in own) or len(set(plain)) < 5:
        return say("This password is too easily guessed.")
    if any(word in plain for word in _COMMON) and len(plain) < 2 * policy.password_length:
        return say("This password is too easily guessed.")
    return ""


def wrong_with_pin(pin: str, policy: Policy) -> str:
    """Why this is no good PIN; empty if it is one."""
    if not (pin.isascii() and pin.isdigit() and policy.pin_length <= len(pin) <= 12):
        n = policy.pin_length
        return say_many("A PIN has at least {n} digit.", "A PIN has at least {n} digits.", n)
    steps = {(int(after) - int(before)) % 10 for before, after in zip(pin, pin[1:], strict=False)}
    return say("This PIN is too easily guessed.") if len(steps) == 1 and steps <= {0, 1, 9} else ""


def set_pin(account: Account, pin: str) -> None:
    """Put a PIN into an account."""
    account.pin = make_password(pin)
    account.save()

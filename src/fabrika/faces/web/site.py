"""What this process serves: one plant's book, its data folder and the rules of signing in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from fabrika.errors import SetupError

if TYPE_CHECKING:
    from fabrika.app.plant_service import PlantService

POLICY_FILE = "web.toml"


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a sign-in lasts and how often it may fail; ``DATA/web.toml`` changes it.

    Attributes:
        desk_h: hours until a person at a desk signs in again, whatever happens.
        desk_idle_min: minutes without a click after which a desk's session ends.
        tablet_h: the same at a shared tablet.
        tablet_idle_min: the same at a shared tablet.
        proof_min: minutes for which a password that was just given counts for acts that need it anew.
        failures: wrong passwords or PINs after which an account is locked.
        address_failures: the same for one address, whoever's account was tried; a multiple of ``failures``.
        locked_min: minutes for which it stays locked.
        one_time_h: hours for which a one-time password can be used.
        password_length: characters of the shortest password.
        pin_length: digits of the shortest PIN.
        badge_alone: whether a badge without a PIN is enough at a shared tablet, for an operator's acts.
        history_days: days for which it is remembered who signed in when and from where.
        prove_again: acts for which a password must have been given just now.
        followers: live connections at most.
    """

    desk_h: float = 8
    desk_idle_min: float = 60
    tablet_h: float = 12
    tablet_idle_min: float = 10
    proof_min: float = 5
    failures: int = 5
    address_failures: int = 20
    locked_min: float = 15
    one_time_h: float = 72
    password_length: int = 10
    pin_length: int = 4
    badge_alone: bool = True
    history_days: int = 90
    prove_again: frozenset[str] = frozenset({"amend_plant", "manage_people"})
    followers: int = 1_000


class Site(Struct, frozen=True, kw_only=True):
    """What is served.

    Attributes:
        service: the plant.
        folder: the data folder.
        policy: the rules of signing in.
        host: the address that is listened at.
        port: likewise.
        tls: whether connections are encrypted here.
        hosts: the names under which a browser may ask.
        demo: persons whom a visitor of this machine may be without a password: role id by person's id. Only a twin's book.
    """

    service: PlantService
    folder: Path
    policy: Policy = Policy()
    host: str = "127.0.0.1"
    port: int = 8470
    tls: bool = False
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    demo: dict[str, str] = {}


_served: list[Site] = []


def serve_from_now_on(site: Site) -> None:
    """This process serves that site."""
    _served[:] = [site]


def current() -> Site:
    """What this process serves."""
    assert _served, "configure() comes first"
    return _served[0]


def policy_of(folder: Path) -> Policy:
    """The rules in a data folder, else the usual ones.

    Raises:
        SetupError: the file is not what it must be.
    """
    path = folder / POLICY_FILE
    if not path.exists():
        return Policy()
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Policy)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} cannot be used: {error}.", "Correct the line, or take the file away.") from None

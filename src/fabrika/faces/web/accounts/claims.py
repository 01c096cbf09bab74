"""Who somebody at a shared tablet says they are: a badge or an id, and perhaps a PIN; checked at once, or when the network is back.

What is typed while there is no network is sealed by the page with the public key of this site, so that the tablet that keeps it
cannot read it again, and neither can whoever takes the tablet away. It lies beside each report until the server opens and checks it.

::

    DATA/keys/tablets.key   the private key (RSA 3072, RSAES-OAEP with SHA-256, RFC 8017 section 7.1), for its owner alone
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from axes.handlers.proxy import AxesProxyHandler
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.contrib.auth import authenticate
from django.http import HttpRequest
from msgspec import Meta, Struct

from fabrika.app.book_folder import read_text, write_durably
from fabrika.errors import StorageFailedError, StorageRefusedError
from fabrika.faces.web.accounts.backends import account_of, badge_hash
from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.keys import check_private
from fabrika.faces.web.site import Site
from fabrika.wording import Worded

LONGEST = 80
"""Characters of a badge or PIN that can be sealed; the page's fields take no more."""
MOST_KNOWN = 1_000
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class Claim(NamedTuple):
    """What was typed or scanned.

    Attributes:
        badge: the badge's number, or the person's id.
        pin: empty if only a badge was shown.
        at_us: when, by the tablet's clock, microseconds since 1970 UTC; 0 for now.
    """

    badge: str
    pin: str
    at_us: int

    @property
    def known_by(self) -> str:
        """How the person proves who they are."""
        return "pin" if self.pin else "badge"

    @property
    def person(self) -> str:
        """The id of whom it names, whether or not the proof is right; a word that tells strange badges apart if nobody."""
        found = account_of(self.badge)
        return f"badge-{badge_hash(self.badge)[:8]}" if found.startswith("?") else found

    def account(self, request: HttpRequest) -> Account | None:
        """The account, if the proof is right; a wrong one counts as a failed sign-in."""
        name = account_of(self.badge)
        found = (
            authenticate(request, username=name, pin=self.pin)
            if self.pin
            else authenticate(request, username=name, badge=self.badge)
        )
        return found if isinstance(found, Account) else None


class _Sealed(Struct, frozen=True, forbid_unknown_fields=True):
    """What the page seals."""

    badge: Annotated[str, Meta(max_length=LONGEST)]
    pin: Annotated[str, Meta(max_length=LONGEST)]
    at_us: Annotated[int, Meta(ge=0, le=2**53 - 1)]


_decoder = msgspec.json.Decoder(_Sealed)


def public_text(site: Site) -> str:
    """The public key with which pages seal: SubjectPublicKeyInfo (RFC 5280), base64."""
    public = _key(site.folder / "keys" / "tablets.key").public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()


def opened(site: Site, sealed: str) -> Claim | None:
    """What a page sealed; None if it was not sealed for this site."""
    try:
        plain = _key(site.folder / "keys" / "tablets.key").decrypt(base64.b64decode(sealed, validate=True), _OAEP)
        found = _decoder.decode(plain)
    except (ValueError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Claim(found.badge.strip(), found.pin, found.at_us)


_known: dict[str, bool] = {}
"""By digest of what was sealed and whom it names: whether it was right; so that it counts once, however often it is sent."""


def holds(request: HttpRequest, sealed: str, claim: Claim) -> bool:
    """Whether a sealed proof is right.

    Raises:
        StorageFailedError: no proof of this person or tablet is taken for a while, after too many wrong ones; it waits until then.
    """
    digest = hashlib.sha256(f"{claim.person}\n{sealed}".encode()).hexdigest()
    if digest in _known:
        return _known[digest]
    if not AxesProxyHandler.is_allowed(request, {"username": account_of(claim.badge)}):
        raise StorageFailedError(
            Worded("There were too many wrong badges or PINs; for a while none is taken."),
            Worded("Wait, or ask who manages people to unlock the account. Nothing is lost."),
        )
    right = claim.account(request) is not None
    # The answer to the batch stays the batch's own, also where this try was the last one before a lock.
    request.axes_locked_out = False
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[digest] = right
    return right


@cache
def _key(path: Path) -> rsa.RSAPrivateKey:
    """The private key; made if there is none.

    Raises:
        StorageRefusedError: others may read it, or it is none.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = rsa.generate_private_key(public_exponent=65_537, key_size=3072)
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        write_durably(path, made.private_bytes(serialization.Encoding.PEM, form, plain).decode(), 0o600)
    check_private(path)
    try:
        found = serialization.load_pem_private_key(read_text(path).encode(), None)
    except ValueError:
        found = None
    if not isinstance(found, rsa.RSAPrivateKey):
        raise StorageRefusedError(f"{path} is no key for tablets.", "Take it away; a new one is made.")
    return found

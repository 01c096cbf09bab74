"""Passkeys: a key in a telephone, computer or stick signs in without a password (W3C Web Authentication, level 2).

Browsers offer them on ``localhost`` and over TLS only.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from fabrika.faces.language import say
from fabrika.faces.web.accounts.models import Account, Passkey
from fabrika.faces.web.refusals import Refusal, refused
from fabrika.faces.web.visit import visit_of

MOST = 10
"""Passkeys that a person may have."""
_CHALLENGE = "challenge"


def _party(request: HttpRequest) -> tuple[str, str]:
    """The name under which keys know this site, and its origin."""
    host = request.get_host()
    return host.rsplit(":", 1)[0], f"{'https' if visit_of(request).site.tls else 'http'}://{host}"


def _options(request: HttpRequest, options: Any) -> HttpResponse:
    """What the browser hands to the authenticator; the challenge is remembered in the session."""
    from webauthn import options_to_json
    from webauthn.helpers import bytes_to_base64url

    request.session[_CHALLENGE] = bytes_to_base64url(options.challenge)
    return HttpResponse(options_to_json(options), content_type="application/json")


def _challenge(request: HttpRequest) -> bytes:
    """The challenge that was given last; each counts once."""
    from webauthn.helpers import base64url_to_bytes

    return base64url_to_bytes(request.session.pop(_CHALLENGE, ""))


def begin_enrolling(request: HttpRequest) -> HttpResponseBase:
    """Options for a new key that knows whose it is."""
    from webauthn import generate_registration_options
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    account: Account | None = visit_of(request).account
    if visit_of(request).only is not None:
        return _refused(request, say("For this, sign in with your own password."))
    if account is None or account.passkeys.count() >= MOST:
        return _refused(request, say("No more passkeys can be added to this account."))
    have = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.pk)) for key in account.passkeys.all()]
    options = generate_registration_options(
        rp_id=_party(request)[0],
        rp_name="Fabrika",
        user_name=account.pk,
        user_id=account.pk.encode(),
        exclude_credentials=have,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return _options(request, options)


def enrol(request: HttpRequest) -> HttpResponseBase:
    """Keep the key that the authenticator made."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    account: Account | None = visit_of(request).account
    if visit_of(request).only is not None:
        return _refused(request, say("For this, sign in with your own password."))
    if account is None:
        return _refused(request, say("This person has no account here."))
    party, origin = _party(request)
    try:
        made = verify_registration_response(
            credential=request.body.decode(),
            expected_challenge=_challenge(request),
            expected_rp_id=party,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError):
        return _refused(request, say("The passkey could not be checked."))
    label = request.headers.get("User-Agent", "")[:100]
    Passkey.objects.update_or_create(
        credential=bytes_to_base64url(made.credential_id),
        defaults={
            "account": account,
            "public": made.credential_public_key,
            "count": made.sign_count,
            "label": label,
        },
    )
    return HttpResponse(status=204)


def remove(request: HttpRequest) -> HttpResponseBase:
    """Forget one of the person's keys."""
    account: Account | None = visit_of(request).account
    if account is not None and visit_of(request).only is None:
        account.passkeys.filter(pk=request.POST.get("credential", "")).delete()
    return HttpResponseRedirect("/account", status=303)


def begin_signing_in(request: HttpRequest) -> HttpResponseBase:
    """Options for any key that knows this site."""
    from webauthn import generate_authentication_options
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=_party(request)[0], user_verification=UserVerificationRequirement.REQUIRED
    )
    return _options(request, options)


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Begin the session of the person whose key signed."""
    from fabrika.faces.web.accounts.signing_in import signed_in

    account = _account_that_signed(request)
    if account is None:
        return _refused(request, say("This passkey is not known here."), 401)
    account.backend = "fabrika.faces.web.accounts.backends.ByPassword"
    return signed_in(request, account, proved=True)


def _account_that_signed(request: HttpRequest) -> Account | None:
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    party, origin = _party(request)
    try:
        credential = parse_authentication_credential_json(request.body.decode())
        key = Passkey.objects.select_related("account").filter(pk=credential.id).first()
        if key is None:
            return None
        seen = verify_authentication_response(
            credential=credential,
            expected_challenge=_challenge(request),
            expected_rp_id=party,
            expected_origin=origin,
            credential_public_key=bytes(key.public),
            credential_current_sign_count=key.count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError):
        return None
    key.count, key.used_at = seen.new_sign_count, timezone.now()
    key.save()
    found: Account = key.account
    return found if found.erased_at is None else None


def _refused(request: HttpRequest, problem: str, status: int = 409) -> HttpResponseBase:
    return refused(request, Refusal("passkey", problem, say("Sign in with your password instead."), status))

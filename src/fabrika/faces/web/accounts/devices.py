"""Shared tablets and wall screens: a browser is made one by an administrator who stands before it."""

from __future__ import annotations

import hashlib
import re
import secrets

from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from fabrika.faces.language import say
from fabrika.faces.web.access import proven
from fabrika.faces.web.accounts.models import Device
from fabrika.faces.web.refusals import Refusal, refused
from fabrika.faces.web.visit import visit_of

COOKIE_S = 400 * 86_400
KINDS = ("tablet", "wall")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_SALT = "device"


def cookie_name(port: int) -> str:
    """Browsers keep cookies by host and not by port."""
    return f"fabrika_device_{port}"


def device_of(request: HttpRequest) -> Device | None:
    """The enrolled device from which a request comes."""
    from fabrika.faces.web.site import current

    text = request.COOKIES.get(cookie_name(current().port))
    if not text:
        return None
    try:
        name, token = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = Device.objects.filter(pk=name, withdrawn_at=None).first()
    return found if found is not None and secrets.compare_digest(found.token, _hashed(str(token))) else None


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def devices(request: HttpRequest) -> HttpResponseBase:
    """All devices; with a name in the request, this browser becomes one and who enrols it is signed out of it."""
    if request.method != "POST":
        return _page(request)
    name, kind = request.POST.get("device", "").strip(), request.POST.get("kind", "")
    if not NAME.fullmatch(name) or kind not in KINDS:
        return _page(request, say("Name the device with letters, digits and . _ - only."), 422)
    if Device.objects.filter(pk=name, withdrawn_at=None).exists():
        return _page(request, say("There is a device {device} already.", device=name), 409)
    visit = visit_of(request)
    if not proven(request, "manage_people"):
        return _page(request, say("For this, your password is needed once more."), 403)
    token = secrets.token_urlsafe(32)
    Device.objects.update_or_create(
        device=name,
        defaults={
            "kind": kind,
            "place": request.POST.get("place", "").strip()[:200],
            "token": _hashed(token),
            "enrolled_by": visit.person,
            "withdrawn_at": None,
        },
    )
    logout(request)
    response = HttpResponseRedirect("/work" if kind == "tablet" else "/?kiosk=1", status=303)
    signed = signing.dumps([name, token], salt=_SALT)
    response.set_cookie(
        cookie_name(visit.site.port), signed, COOKIE_S, httponly=True, samesite="Lax", secure=visit.site.tls
    )
    return response


def withdraw(request: HttpRequest) -> HttpResponseBase:
    """A device is one no longer; its cookie is worth nothing from now on."""
    if not proven(request, "manage_people"):
        return _page(request, say("For this, your password is needed once more."), 403)
    count = Device.objects.filter(pk=request.POST.get("device", ""), withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    if not count:
        problem = say("There is no such device.")
        return refused(request, Refusal("NotFoundError", problem, say("Go back and choose one that is there."), 404))
    return HttpResponseRedirect("/accounts/devices", status=303)


def _page(request: HttpRequest, wrong: str = "", status: int = 200) -> HttpResponse:
    from fabrika.faces.web.render import page

    found = list(Device.objects.order_by("withdrawn_at", "device"))
    typed = {name: request.POST.get(name, "") for name in ("device", "kind", "place")}
    text = page(
        "accounts/devices.html.j2", request, devices=found, wrong=wrong, typed=typed, needs_password=status == 403
    )
    return HttpResponse(text, status=status)

"""What a person does: the form of a command, and what follows when it is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from msgspec.structs import replace

from fabrika.errors import FabrikaError
from fabrika.faces.language import say
from fabrika.faces.web.access import View, proven
from fabrika.faces.web.entered import OF_THE_FACE, Entered, read_json, read_typed
from fabrika.faces.web.forms import Field
from fabrika.faces.web.forms import fields as form_fields
from fabrika.faces.web.refusals import Refusal, as_json, refusal_of, refused, wants_json
from fabrika.faces.web.visit import say_next, visit_of
from fabrika.page import Command

if TYPE_CHECKING:
    from fabrika.app.plant_service import Done

KEY = re.compile(r"[A-Za-z0-9_-]{16,80}")
"""An idempotency key: enough of it that two forms never have the same."""
LONGEST_PATH = 1_000


def form_view(command: Command) -> View:
    """The page with a command's form; what stands in the address is filled in."""

    def show(request: HttpRequest) -> HttpResponseBase:
        typed = {name: request.GET.getlist(name) for name in request.GET if name not in OF_THE_FACE}
        return HttpResponse(_form_page(request, command, typed))

    return show


def do_view(command: Command) -> View:
    """What answers when a command is given."""

    def do(request: HttpRequest) -> HttpResponseBase:
        typed, read, key = _read(request, command)
        if key is None:
            problem = say("The form bears no key of its own, so it could be done twice.")
            return refused(request, Refusal("no_key", problem, say("Load the page again and fill it in again."), 400))
        if read.form is None:
            problem = say("Something that was entered does not fit.")
            refusal = Refusal("form", problem, say("Correct the fields that are marked."), 422, fields=read.wrong)
            return _again(request, command, typed, key, refusal)
        if not proven(request, command.act, command.name):
            problem = say("For this, your password is needed once more.")
            refusal = Refusal("password", problem, say("Enter it and send the form again."), 403, needs="password")
            return _again(request, command, typed, key, refusal)
        visit = visit_of(request)
        assert visit.person is not None, "the address needs an act that no wall screen has"
        try:
            done = visit.site.service.do(
                command, visit.person, read.form, key=key, device=visit.device, only=visit.only
            )
        except FabrikaError as error:
            return _again(request, command, typed, key, refusal_of(error))
        return _done(request, command, done)

    return do


def _read(request: HttpRequest, command: Command) -> tuple[Mapping[str, Any], Entered, str | None]:
    """What was typed, the struct made of it, and the idempotency key if there is a fit one."""
    key = request.headers.get("Idempotency-Key") or ""
    if request.content_type == "application/json":
        try:
            values = msgspec.json.decode(request.body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}, Entered(None, {"": say("Send one JSON object with the fields of the form.")}), _fit(key) or ""
        return values, read_json(command.form, values), _fit(key)
    typed = {name: request.POST.getlist(name) for name in request.POST}
    zone = visit_of(request).plant.zone
    return typed, read_typed(command.form, typed, zone), _fit(key or request.POST.get("idempotency_key", ""))


def _fit(key: str) -> str | None:
    return key if KEY.fullmatch(key) else None


def _done(request: HttpRequest, command: Command, done: Done) -> HttpResponseBase:
    if wants_json(request):
        return as_json({"positions": list(done.positions), "size": done.size, "proposal": done.proposal})
    response = HttpResponseRedirect(local_path(request.POST.get("next", "")), status=303)
    title = say(command.title)
    if done.proposal is not None:
        say_next(response, say("{title}: proposed. A second person must approve it.", title=title))
    else:
        say_next(response, say("{title}: done.", title=title))
    return response


def _again(
    request: HttpRequest, command: Command, typed: Mapping[str, Any], key: str, refusal: Refusal
) -> HttpResponseBase:
    """The refusal; for a person on the form as it was sent, under the same key: sent again it is still one act."""
    if wants_json(request):
        return refused(request, refusal)
    text = _form_page(request, command, typed, key=key, refusal=refusal)
    return HttpResponse(text, status=refusal.status)


def _form_page(
    request: HttpRequest,
    command: Command,
    typed: Mapping[str, Any],
    *,
    key: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    from fabrika.faces.web.render import page

    visit = visit_of(request)
    came_from = request.POST.get("next") or request.GET.get("next") or ""
    return page(
        "command.html.j2",
        request,
        command=command,
        title=say(command.title),
        fields=_fields(command, typed, visit.plant.zone),
        refusal=refusal,
        key=key or visit.new_key(),
        next=local_path(came_from),
        proves=refusal is not None and refusal.needs == "password",
    )


def _fields(command: Command, typed: Mapping[str, Any], zone: tzinfo) -> list[Field]:
    """The command's fields with what was typed."""
    shown, _ = form_fields(command.form, zone=zone)
    return [replace(field, value="\n".join(typed.get(field.name, ()))) for field in shown]


def local_path(path: str) -> str:
    """A path of this site, or the first page: nobody is led elsewhere by a form or a link."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > LONGEST_PATH:
        return "/"
    if any(sign < " " or sign == "\x7f" for sign in path):
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path

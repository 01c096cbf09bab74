"""What is answered when something is not done: a page or JSON that says what is wrong and who can mend it."""

from __future__ import annotations

import logging
import secrets
import sys
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from msgspec import Struct

from fabrika.errors import ActRefusedError, BookInUseError, FabrikaError, IdentityConflictError, NotFoundError
from fabrika.errors import StorageFailedError
from fabrika.faces.language import say, told
from fabrika.faces.web.roles import roles_with
from fabrika.faces.web.visit import visit_of

LOG = logging.getLogger("fabrika.web")

STATUS: tuple[tuple[type[FabrikaError], int], ...] = (
    (NotFoundError, 404),
    (ActRefusedError, 409),
    (IdentityConflictError, 409),
    (StorageFailedError, 503),
    (BookInUseError, 503),
    (FabrikaError, 422),
)
"""The status of each error's answer; the first that fits counts."""


class Refusal(Struct, frozen=True):
    """Why something was not done.

    Attributes:
        kind: one word for programs.
        problem: what is wrong, in the reader's language.
        remedy: what to do about it.
        status: of HTTP.
        fields: what is wrong with a field, by its name.
        needs: what would let it through: ``sign-in`` or ``password``; empty if nothing of the kind.
    """

    kind: str
    problem: str
    remedy: str
    status: int = 409
    fields: dict[str, str] = {}
    needs: str = ""


def wants_json(request: HttpRequest) -> bool:
    """Whether the answer is for a program."""
    if request.path_info.endswith(".json") or request.content_type == "application/json":
        return True
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def as_json(value: Any, status: int = 200) -> HttpResponse:
    """A value of plain kinds and structs as JSON; a text that knows its template is said in the reader's language."""
    body = msgspec.json.encode(value, enc_hook=told, order="deterministic")
    return HttpResponse(body, status=status, content_type="application/json")


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a request that is refused."""
    if wants_json(request):
        body: dict[str, Any] = {name: getattr(refusal, name) for name in ("kind", "problem", "remedy")}
        if refusal.fields:
            body["fields"] = refusal.fields
        if refusal.needs:
            body["needs"] = refusal.needs
        response = as_json({"error": body}, refusal.status)
    else:
        from fabrika.faces.web.render import page

        text = page("refused.html.j2", request, refusal=refusal)
        response = HttpResponse(text, status=refusal.status)
    response["Cache-Control"] = "no-store"
    return response


def refusal_of(error: FabrikaError) -> Refusal:
    """An error of the floors below as a refusal."""
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    return Refusal(type(error).__name__, told(error.problem), told(error.remedy), status)


def answer_of(request: HttpRequest, error: FabrikaError) -> HttpResponse:
    """The answer when an error of the floors below ended a request."""
    return refused(request, refusal_of(error))


def not_signed_in(request: HttpRequest) -> HttpResponseBase:
    """Nobody is signed in: the sign-in page, which leads back here; for programs 401."""
    if wants_json(request) or request.method not in {"GET", "HEAD"}:
        problem = say("Nobody is signed in.")
        refusal = Refusal("not_signed_in", problem, say("Sign in and try again."), 401, needs="sign-in")
        return refused(request, refusal)
    return HttpResponseRedirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}", status=303)


def not_allowed(request: HttpRequest, act: str) -> HttpResponse:
    """The person's roles do not allow it: which would, and who can grant them."""
    visit = visit_of(request)
    roles = ", ".join(roles_with(visit.site, act)) or say("none")
    problem = say("Your roles do not allow this: {act}.", act=say(_acts()[act]))
    remedy = say(
        "These roles do: {roles}. Whoever holds one of these can grant it: {givers}.",
        roles=roles,
        givers=", ".join(roles_with(visit.site, "manage_people")) or say("none"),
    )
    return refused(request, Refusal("not_allowed", problem, remedy, 403))


def _acts() -> Any:
    from fabrika.plant.acts import ACTS

    return ACTS


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the mark that this site gave it."""
    problem = say("This form did not come from a page of this session.")
    remedy = say("Load the page again and send the form once more.")
    return refused(request, Refusal("forged", problem, remedy, 403))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page."""
    problem = say("There is no page {path}.", path=request.path_info[:200])
    return refused(request, Refusal("NotFoundError", problem, say("Go back, or to the first page."), 404))


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request itself is not what it must be; it may be too broken to be shown a page."""
    problem = "The request is not what it must be, is too large, or names another host."
    return HttpResponse(f"{problem}\n", status=400, content_type="text/plain; charset=utf-8")


def broken(request: HttpRequest) -> HttpResponse:
    """An error of ours; the terminal is told where, the browser only the number under which it is."""
    incident = secrets.token_hex(4)
    kind, _, trace = sys.exc_info()
    frames = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(trace)][-6:]
    name = kind.__name__ if kind else "?"
    LOG.error("incident %s: %s %s: %s at %s", incident, request.method, request.path_info, name, " > ".join(frames))
    problem = say("The server made a mistake (incident {incident}); nothing that was confirmed is lost.", incident=incident)
    remedy = say("Try again; if it happens again, tell the vendor the number of the incident.")
    try:
        return refused(request, Refusal("broken", problem, remedy, 500))
    except Exception:  # noqa: BLE001 - where not even that page can be made, plain words can
        LOG.error("incident %s: the page that tells of it failed, too", incident)  # noqa: TRY400 - no trace of values
        return HttpResponse(f"{problem}\n{remedy}\n", status=500, content_type="text/plain; charset=utf-8")


class Headers:
    """Adds what no other part says: what the browser may use, and that nothing of a plant is kept in caches."""

    async_capable, sync_capable = False, True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with its headers."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

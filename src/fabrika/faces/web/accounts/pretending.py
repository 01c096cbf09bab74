"""The demonstration: on this machine alone, in a twin's book alone, a visitor takes any role."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from fabrika.errors import NotFoundError
from fabrika.faces.language import say
from fabrika.faces.web.pages import first_path
from fabrika.faces.web.visit import may_pretend, visit_of


def become(request: HttpRequest) -> HttpResponseBase:
    """Go on as another of the demonstration's persons, at the first page of their role.

    Raises:
        NotFoundError: this is no demonstration, or has no such person.
    """
    visit = visit_of(request)
    person = request.POST.get("person", "")
    if not may_pretend(request, visit.site) or person not in visit.site.demo:
        raise NotFoundError(say("There is no page {path}.", path=request.path_info))
    request.session["demo"] = visit.person = person
    visit.forget()
    return HttpResponseRedirect(first_path(visit), status=303)

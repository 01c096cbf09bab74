"""The service worker's address at the root, for a worker sees only what lies below it; and what it shows where no page was kept."""

from __future__ import annotations

from importlib.resources import files

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from fabrika.faces.web.visit import visit_of


def worker(_request: HttpRequest) -> HttpResponseBase:
    """The script."""
    text = (files("fabrika.faces.web") / "static" / "worker.js").read_bytes()
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


def offline(request: HttpRequest) -> HttpResponseBase:
    """What is shown without a network in place of a page that was not kept; it is made for nobody, whoever asks."""
    from fabrika.faces.web.render import page

    visit = visit_of(request)
    visit.person = None
    visit.forget()
    return HttpResponse(page("offline.html.j2", request))

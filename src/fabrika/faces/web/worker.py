"""The service worker's address: it lies at the root, for a worker sees only what lies below it, and it is asked for anew each time."""

from __future__ import annotations

from importlib.resources import files

from django.http import HttpRequest, HttpResponse, HttpResponseBase


def worker(_request: HttpRequest) -> HttpResponseBase:
    """The script."""
    text = (files("fabrika.faces.web") / "static" / "worker.js").read_bytes()
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})

"""A label alone on a page for the browser to print, and as a file for a label printer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from fabrika.errors import NotFoundError
from fabrika.faces.web.stock_labels import zpl
from fabrika.faces.web.visit import visit_of
from fabrika.operations.inventory.pages import ContainerView, MaterialLotView
from fabrika.page import Asked
from fabrika.wording import Worded

PAGES = {"containers": ("inventory.container", "container"), "stock": ("inventory.lot", "material_lot")}
"""What labels are printed of: the page that knows it, and the name in its path."""


def label_page(request: HttpRequest, of: str, name: str) -> HttpResponseBase:
    """A label alone on a page, for the browser to print."""
    from fabrika.faces.web.render import page

    view, words = _seen(request, of, name)
    return HttpResponse(page("label.html.j2", request, label=view.label, words=words, back=view.row.path))


def label_zpl(request: HttpRequest, of: str, name: str) -> HttpResponseBase:
    """A label as a file for a label printer."""
    view, words = _seen(request, of, name)
    assert view.label is not None
    response = HttpResponse(
        zpl(view.label.elements, [*words, view.label.text]), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="label.zpl"'
    return response


def _seen(request: HttpRequest, of: str, name: str) -> tuple[ContainerView | MaterialLotView, list[str]]:
    """What a label is of, and what stands on it in plain text.

    Raises:
        NotFoundError: there is no such thing, or its number fits on no label.
    """
    from fabrika.app.sitemap import PAGES as ALL
    from fabrika.faces.web.pages import see

    visit = visit_of(request)
    if of not in PAGES:
        raise NotFoundError(Worded("No labels are printed of that."))
    known, key = PAGES[of]
    seen = see(visit, next(found for found in ALL if found.name == known), {key: name}, {})
    view: Any = seen.context
    if view.label is None:
        raise NotFoundError(
            Worded("The number {number} fits on no label.", number=name),
            Worded("Register it under a number of letters, digits and the signs . _ - only."),
        )
    what = view.row.name if isinstance(view, MaterialLotView) else _kind(seen.asked, view.row.kind)
    return view, [name, *([what] if what else []), visit.plant.name]


def _kind(asked: Asked, kind: str | None) -> str:
    return next((item.name or item.id for item in asked.plant.containers if item.id == kind), kind or "")

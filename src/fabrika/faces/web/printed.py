"""The printable report of the plant's proof: one self-contained file, with the one style that its policy allows."""

from __future__ import annotations

import base64
import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from fabrika.answers.proof import Work
from fabrika.errors import NotFoundError
from fabrika.faces.report.html import render_report, style_of
from fabrika.faces.web.visit import visit_of
from fabrika.wording import Worded


def report(request: HttpRequest) -> HttpResponseBase:
    """The report, to be printed or kept.

    Raises:
        NotFoundError: the proof is not finished yet.
    """
    from fabrika.app.sitemap import PAGES
    from fabrika.faces.web.pages import see

    visit = visit_of(request)
    page = next(page for page in PAGES if page.name == "answers.proof")
    work: Work = see(visit, page, {}, {}).context.work  # type: ignore[attr-defined]
    if work.state != "done":
        raise NotFoundError(Worded("The proof is not finished yet."), Worded("Look at its page and come back."))
    text = render_report(work.result)
    response = HttpResponse(text, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = policy(text)
    return response


def policy(text: str) -> str:
    """What a browser may do with a report: show it, in its own style."""
    digest = base64.b64encode(hashlib.sha256(style_of(text).encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

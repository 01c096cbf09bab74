"""Addresses beside those of pages, commands and accounts: help, the printable report, the interface for programs."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from fabrika.faces.api import views
from fabrika.faces.web import help_page, printed
from fabrika.faces.web.access import needs

SEE = "see_plant"

urlpatterns: list[URLPattern] = [
    re_path(r"^help$", needs(SEE, help_page.show), name="help"),
    re_path(r"^proof/report$", needs(SEE, printed.report), name="proof.report"),
    re_path(r"^api$", needs(SEE, views.described), name="api"),
    re_path(r"^api/openapi\.json$", needs(SEE, views.openapi), name="api.openapi"),
]

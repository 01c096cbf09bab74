"""Addresses beside those of pages, commands and accounts: help, labels, the printable report, what browsers kept and keep."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from fabrika.faces.web import help_page, label_views, printed, reports, worker
from fabrika.faces.web.access import ANYONE, needs

SEE = "see_plant"

urlpatterns: list[URLPattern] = [
    re_path(r"^help$", needs(SEE, help_page.show), name="help"),
    re_path(
        r"^labels/(?P<of>[^/]{1,20})/(?P<name>[^/]{1,200}?)\.zpl$",
        needs(SEE, label_views.label_zpl),
        name="label.zpl",
    ),
    re_path(r"^labels/(?P<of>[^/]{1,20})/(?P<name>[^/]{1,200})$", needs(SEE, label_views.label_page), name="label"),
    re_path(r"^proof/report$", needs(SEE, printed.report), name="proof.report"),
    # What is sent bears a voucher of its own: whoever pressed may have been signed out long ago.
    re_path(r"^reports$", needs(ANYONE, reports.reports, methods=("GET", "HEAD", "POST")), name="/reports"),
    re_path(r"^worker\.js$", needs(ANYONE, worker.worker), name="/worker.js"),
    re_path(r"^offline$", needs(ANYONE, worker.offline), name="/offline"),
]

"""Every address that is answered: those of the browser's face, and the document of the interface for programs."""

from __future__ import annotations

from typing import Any

from django.urls import re_path

from fabrika.faces.api import views
from fabrika.faces.web import urls
from fabrika.faces.web.access import needs

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500

urlpatterns: list[Any] = [
    *urls.urlpatterns,
    re_path(r"^api$", needs("see_plant", views.described), name="api"),
    re_path(r"^api/openapi\.json$", needs("see_plant", views.openapi), name="api.openapi"),
]

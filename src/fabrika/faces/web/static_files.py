"""Style sheets and scripts: files of this package and of installed packages, under addresses that change with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from whitenoise import WhiteNoise

HTMX = ("django_htmx/htmx-4.min.js", "django_htmx/ext/hx-sse-4.min.js")
"""What is taken of django-htmx's package; nothing else of it is served."""


def _found() -> Iterator[tuple[str, Path]]:
    own = Path(str(files("fabrika.faces.web"))) / "static"
    for path in sorted(own.rglob("*")):
        if path.is_file():
            yield path.relative_to(own).as_posix(), path
    import django_htmx

    package = Path(str(django_htmx.__file__)).parent / "static"
    for name in HTMX:
        yield name, package / name


@cache
def _served() -> tuple[str, dict[str, Path]]:
    """The part of the address that changes with the files, and the files by name."""
    digest = hashlib.sha256()
    named = dict(_found())
    for name, path in named.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12], named


def url(name: str) -> str:
    """The address of a static file.

    Raises:
        KeyError: there is none of that name.
    """
    version, named = _served()
    if name not in named:
        raise KeyError(name)
    return f"/static/{version}/{name}"


class StaticFiles(WhiteNoise):  # type: ignore[misc]
    """Answers for static files before anything else is asked; whitenoise says the headers."""

    async_capable = sync_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(None, max_age=0, allow_all_origins=False, immutable_file_test=lambda _path, _url: True)
        self.get_response = get_response
        version, named = _served()
        for name, path in named.items():
            self.add_file_to_dictionary(f"/static/{version}/{name}", str(path))
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:  # type: ignore[override]
        """The file, or what the rest of the site answers."""
        found = self.files.get(request.path_info)
        return self.get_response(request) if found is None else self._file(found, request)

    @staticmethod
    def _file(found: Any, request: HttpRequest) -> HttpResponseBase:
        answer = found.get_response(request.method, request.META)
        body = b""
        if answer.file is not None:
            with answer.file:
                body = answer.file.read()
        response = HttpResponse(body, status=int(answer.status))
        del response["content-type"]
        for key, value in answer.headers:
            response[key] = value
        response["X-Content-Type-Options"] = "nosniff"
        return response

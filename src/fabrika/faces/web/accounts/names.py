"""What persons are called: kept here and never in the book, so that it can be erased."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fabrika.faces.web.accounts.models import Account
from fabrika.faces.web.site import Site, current

_known: list[tuple[Site, Mapping[str, str]]] = []


def names() -> Mapping[str, str]:
    """Names by person's id; who has none, or was erased, is not in it."""
    site = current()
    if not _known or _known[0][0] is not site:
        found = dict(Account.objects.exclude(name="").values_list("person", "name"))
        _known[:] = [(site, MappingProxyType(found))]
    return _known[0][1]


def forget() -> None:
    """Read the names again when they are asked for next; after each change of one."""
    _known.clear()

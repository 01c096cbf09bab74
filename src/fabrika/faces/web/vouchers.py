"""A voucher: what a page bears so that what is pressed on it while there is no network can be attributed later.

It names person, device and the instant at which the page was made, signed with the site's secret. It signs nobody in: it only lets
what was pressed within the length of a sign-in be taken from the browser's queue, and only commands that say so (``queues``). :meth:`fabrika.faces.web.visit.Visit.voucher` issues it.
"""

from __future__ import annotations

from typing import NamedTuple

from django.core import signing

from fabrika.faces.web.accounts.models import Device
from fabrika.faces.web.visit import VOUCHER, Visit

SLACK_S = 120.0


class Voucher(NamedTuple):
    """See the module; ``issued_s`` in seconds since 1970 UTC, ``known_by`` as the visit has it."""

    person: str
    device: str | None
    issued_s: int
    known_by: str = "password"

    def covers(self, said_s: float, visit: Visit) -> bool:
        """Whether the sign-in for which it was issued could still last at an instant."""
        policy = visit.site.policy
        longest_s = 3600 * (policy.tablet_h if self.device is not None else policy.desk_h)
        return self.issued_s - SLACK_S <= said_s <= self.issued_s + longest_s

    def device_is_ours(self) -> bool:
        """Whether its device, if it has one, was not withdrawn meanwhile."""
        return self.device is None or Device.objects.filter(pk=self.device, withdrawn_at=None).exists()


def read(text: str) -> Voucher | None:
    """The voucher that a text is; None if this site did not sign it."""
    try:
        person, device, issued_s, *known_by = signing.loads(text, salt=VOUCHER)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Voucher(str(person), str(device) or None, int(issued_s), *map(str, known_by[:1]))

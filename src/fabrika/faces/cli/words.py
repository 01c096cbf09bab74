"""Words of the command line that mean numbers: ``3min``, ``95%``."""

from __future__ import annotations

import re

from fabrika.errors import RunRefusedError
from fabrika.faces.language import say

_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|min|h)?\s*")
_SHARE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(%)?\s*")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


def duration_s(text: str) -> float:
    """Seconds of a duration such as ``3min``, ``90 s`` or ``90``.

    Raises:
        RunRefusedError: it is none.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise RunRefusedError(say("{text!r} is no duration.", text=text), say("Write it as `3min` or `90s`."))
    return float(match[1]) * _SECONDS[match[2] or "s"]


def share(text: str) -> float:
    """A share such as ``95%`` or ``0.95``.

    Raises:
        RunRefusedError: it is none.
    """
    match = _SHARE.fullmatch(text)
    value = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 <= value <= 1:
        raise RunRefusedError(say("{text!r} is no share.", text=text), say("Write it as `95%`."))
    return value

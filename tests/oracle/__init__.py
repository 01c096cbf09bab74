"""A plain event-driven model of any plant on SimPy: slow, readable, and fed by the same draws as the compiled twin.

It exists to be compared with the compiled twin unit by unit, so it shares nothing with it but the plant's data, the
calendar's intervals and the quantile functions.
"""

from .engine import run
from .outcome import OracleResult

__all__ = ["OracleResult", "run"]

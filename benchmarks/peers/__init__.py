"""The peers: which module models them, from which package, and on which of the works."""

from __future__ import annotations

from dataclasses import dataclass

LINES = ("line-a", "line-b")


@dataclass(frozen=True, slots=True)
class Peer:
    """One model of a peer: a module of this folder with ``run(work, units, seed)`` and ``check(work)``.

    Attributes:
        name: as the tables show it.
        module: module in ``benchmarks.peers``.
        package: distribution it needs.
        works: names of what it models.
    """

    name: str
    module: str
    package: str
    works: tuple[str, ...] = LINES


PEERS = (
    Peer("SimPy Store", "simpy_store", "simpy"),
    Peer("SimPy tuned", "simpy_tuned", "simpy"),
    Peer("salabim Store", "salabim_line", "salabim"),
    Peer("salabim tuned", "salabim_tuned", "salabim"),
    Peer("Ciw", "ciw_line", "ciw"),
    Peer("Simantha", "simantha_line", "simantha"),
    Peer("cimba", "cimba_line", "cimba"),
    Peer("SimPy PLANT-30", "simpy_plant30", "simpy", ("plant-30",)),
)

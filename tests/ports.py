"""Ports for servers that are killed and started again under the same address."""

from __future__ import annotations

import random
import socket

BELOW_CLIENTS = range(20_000, 30_000)
"""Below those that the system gives to clients: one that calls again and again while nobody listens would else be connected with itself."""


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    for port in random.sample(BELOW_CLIENTS, 50):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")

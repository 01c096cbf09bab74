"""The names and addresses under which this machine can be asked."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from contextlib import suppress
from pathlib import Path

_ADDRESS_OF_INTERFACE = 0x8915  # SIOCGIFADDR of Linux
_IF_INET6 = Path("/proc/net/if_inet6")
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - what a user may write, not what is listened at


def own_names() -> tuple[str, ...]:
    """This machine's host names, without those that cannot stand in a certificate."""
    names = ["localhost", socket.gethostname(), socket.getfqdn()]
    return tuple(dict.fromkeys(name.lower() for name in names if name.isascii() and 0 < len(name) <= 64))


def own_addresses() -> tuple[str, ...]:
    """This machine's addresses, loopback first; nothing is sent anywhere to find them."""
    found = ["127.0.0.1", "::1", *_version_4(), *_version_6()]
    return tuple(dict.fromkeys(found))


def _version_4() -> list[str]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                packed = fcntl.ioctl(asked, _ADDRESS_OF_INTERFACE, struct.pack("256s", name.encode()[:15]))
                found.append(socket.inet_ntoa(packed[20:24]))
    return found


def _version_6() -> list[str]:
    if not _IF_INET6.exists():
        return []
    words = [line.split()[0] for line in _IF_INET6.read_text(encoding="ascii").splitlines() if line.strip()]
    return [str(ipaddress.IPv6Address(bytes.fromhex(word))) for word in words]


def names_served(host: str) -> tuple[str, ...]:
    """Names and addresses that a browser may use for a server listening at ``host``."""
    named = () if host in EVERYWHERE else (host.lower(),)
    if is_loopback(host):
        return tuple(dict.fromkeys((*named, "localhost", "127.0.0.1", "::1")))
    return tuple(dict.fromkeys((*named, *own_names(), *own_addresses())))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server at ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def in_url(host: str) -> str:
    """A host as it stands in an address line."""
    return f"[{host}]" if ":" in host else host

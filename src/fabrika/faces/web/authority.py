"""The plant's own authority: certificates for its server that the plant's browsers believe, without anyone outside.

::

    DATA/keys/ca.key      the authority's private key, for its owner alone
    DATA/keys/ca.crt      its certificate: put this one file into the browsers of the plant
    DATA/keys/server.key  the server's private key
    DATA/keys/server.crt  its certificate; made anew when it ends soon or the machine's names have changed

The authority may vouch for private addresses, for local names and for the names that the server had when it was made, and
for nothing else (RFC 5280 section 4.2.1.10): whoever steals its key cannot pose as a bank.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fabrika.app.book_folder import read_text, write_durably
from fabrika.errors import StorageRefusedError
from fabrika.faces.web.keys import check_private

AUTHORITY_DAYS, SERVER_DAYS, RENEW_DAYS = 3_653, 397, 30
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
LOCAL = ("localhost", "local", "lan", "internal", "home.arpa")

Key = ec.EllipticCurvePrivateKey


class Papers(NamedTuple):
    """Files that a server needs, and the one that its browsers need.

    Attributes:
        certificate: the server's, followed by the authority's.
        key: the server's private key.
        authority: what is put into the browsers.
        fingerprint: SHA-256 of the authority's certificate, to be compared by eye.
    """

    certificate: Path
    key: Path
    authority: Path
    fingerprint: str


def papers(folder: Path, plant: str, names: Sequence[str]) -> Papers:
    """The server's certificate for these names, by the plant's authority; what is missing or ends soon is made.

    Args:
        folder: the data folder.
        plant: the plant's id, which the authority bears.
        names: host names and addresses.

    Raises:
        StorageRefusedError: a key lies open, does not fit its certificate, or the authority may not vouch for a name.
    """
    keys = folder / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _kept(keys / "ca.key", keys / "ca.crt") or _new_authority(keys, plant, names)
    refused = [name for name in names if not _within(name, authority[1])]
    if refused:
        wrong = f"The plant's authority may not vouch for {', '.join(refused)}."
        remedy = f"Serve under another name, or take {keys / 'ca.key'} away to make a new authority."
        raise StorageRefusedError(wrong, remedy)
    kept = _kept(keys / "server.key", keys / "server.crt")
    if kept is None or not _serves(kept[1], authority[1], names):
        _new_server(keys, authority, names)
    fingerprint = authority[1].fingerprint(hashes.SHA256()).hex(":").upper()
    return Papers(keys / "server.crt", keys / "server.key", keys / "ca.crt", fingerprint)


def _kept(key: Path, certificate: Path) -> tuple[Key, x509.Certificate] | None:
    if not (key.exists() and certificate.exists()):
        return None
    check_private(key)
    try:
        private = serialization.load_pem_private_key(read_text(key).encode(), None)
        found = x509.load_pem_x509_certificate(read_text(certificate).encode())
    except ValueError:
        private, found = None, None
    if not isinstance(private, Key) or found is None or found.public_key() != private.public_key():
        wrong = f"{key} and {certificate} do not fit each other."
        raise StorageRefusedError(wrong, "Put both back from where they were copied, or take both away.")
    return private, found


def _new_authority(keys: Path, plant: str, names: Sequence[str]) -> tuple[Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Fabrika authority of {plant}"[:64])])
    certificate = (
        _begun(name, name, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(keys / "ca.key", keys / "ca.crt", key, [certificate])
    return key, certificate


def _new_server(keys: Path, authority: tuple[Key, x509.Certificate], names: Sequence[str]) -> None:
    ca_key, ca = authority
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    certificate = (
        _begun(subject, ca.subject, key.public_key(), SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write(keys / "server.key", keys / "server.crt", key, [certificate, ca])


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # the clocks of tablets go wrong
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _general(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _permitted(names: Sequence[str]) -> list[x509.GeneralName]:
    networks = [*PRIVATE, *(name for name in names if _address(name) is not None and not _local(name, PRIVATE))]
    hosts = dict.fromkeys([*LOCAL, *(name for name in names if _address(name) is None)])
    found = [x509.IPAddress(ipaddress.ip_network(network)) for network in networks]
    return [*found, *(x509.DNSName(host) for host in hosts)]


def _local(name: str, networks: Sequence[str]) -> bool:
    address = _address(name)
    return address is not None and any(address in ipaddress.ip_network(network) for network in networks)


def _within(name: str, authority: x509.Certificate) -> bool:
    """Whether an authority may vouch for a name."""
    try:
        limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except x509.ExtensionNotFound:
        return True
    if _address(name) is not None:
        return _local(name, [str(limit.value) for limit in limits if isinstance(limit, x509.IPAddress)])
    hosts = [limit.value for limit in limits if isinstance(limit, x509.DNSName)]
    return any(name == host or name.endswith(f".{host}") for host in hosts)


def _serves(server: x509.Certificate, authority: x509.Certificate, names: Sequence[str]) -> bool:
    """Whether a server's certificate is this authority's, holds for some time yet and for these names."""
    try:
        server.verify_directly_issued_by(authority)
        held = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    lasts = server.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEW_DAYS)
    return lasts and {_general(name) for name in names} <= set(held)


def _write(key_path: Path, certificate_path: Path, key: Key, certificates: Sequence[x509.Certificate]) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_durably(key_path, private.decode(), 0o600)
    texts = [certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in certificates]
    write_durably(certificate_path, "".join(texts))

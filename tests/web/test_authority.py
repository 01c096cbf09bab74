"""The plant's own authority and the certificates it makes."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from fabrika.errors import StorageRefusedError
from fabrika.faces.web import authority
from fabrika.faces.web.addresses import is_loopback, names_served, own_addresses, own_names

NAMES = ("localhost", "127.0.0.1", "::1", "plant-server", "192.168.7.9")


def certificate(path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_server_certificate_bears_all_names_and_is_believed_through_the_authority(tmp_path):
    papers = authority.papers(tmp_path, "plant-7", NAMES)
    names = certificate(papers.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "plant-server"}
    assert {str(one) for one in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1", "192.168.7.9"}
    assert "plant-7" in certificate(papers.authority).subject.rfc4514_string()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(papers.certificate, papers.key)
    for name in NAMES:
        assert handshake(server, ssl.create_default_context(cafile=str(papers.authority)), name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, ssl.create_default_context(cafile=str(papers.authority)), "other")


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    """Whether a client believes that it talks to the one it named; no socket is needed for that."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = server.wrap_bio(to_server, to_client, server_side=True)
    here = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return here.version() is not None


def test_only_the_owner_reads_the_keys_and_an_open_one_is_refused(tmp_path):
    papers = authority.papers(tmp_path, "plant-7", NAMES)
    for path in (papers.key, tmp_path / "keys" / "ca.key"):
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o640)
        with pytest.raises(StorageRefusedError, match="chmod 600"):
            authority.papers(tmp_path, "plant-7", NAMES)
        path.chmod(0o600)


def test_what_holds_is_kept_and_other_names_make_a_new_certificate(tmp_path):
    first = authority.papers(tmp_path, "plant-7", NAMES)
    before = first.certificate.read_bytes(), first.authority.read_bytes()
    authority.papers(tmp_path, "plant-7", NAMES)
    assert (first.certificate.read_bytes(), first.authority.read_bytes()) == before
    authority.papers(tmp_path, "plant-7", (*NAMES, "10.1.2.3"))
    assert first.certificate.read_bytes() != before[0]
    assert first.authority.read_bytes() == before[1]


def test_a_certificate_that_ends_soon_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(authority, "SERVER_DAYS", authority.RENEW_DAYS - 1)
    short = authority.papers(tmp_path, "plant-7", NAMES)
    monkeypatch.undo()
    authority.papers(tmp_path, "plant-7", NAMES)
    assert certificate(short.certificate).not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)


def test_the_authority_vouches_for_private_places_and_its_first_names_only(tmp_path):
    authority.papers(tmp_path, "plant-7", (*NAMES, "plant.example", "203.0.113.5"))
    authority.papers(tmp_path, "plant-7", ("a.local", "10.255.0.1", "plant.example", "203.0.113.5"))
    for name in ("bank.example", "203.0.113.6", "plant.example.org"):
        with pytest.raises(StorageRefusedError, match="may not vouch"):
            authority.papers(tmp_path, "plant-7", (name,))


def test_a_key_that_does_not_fit_is_refused(tmp_path):
    papers = authority.papers(tmp_path, "plant-7", NAMES)
    other = authority.papers(tmp_path / "other", "plant-7", NAMES)
    papers.key.write_bytes(other.key.read_bytes())
    with pytest.raises(StorageRefusedError, match="do not fit"):
        authority.papers(tmp_path, "plant-7", NAMES)
    papers.key.write_text("no key")
    with pytest.raises(StorageRefusedError, match="do not fit"):
        authority.papers(tmp_path, "plant-7", NAMES)


def test_a_server_at_loopback_answers_to_loopback_alone():
    assert names_served("127.0.0.1") == ("127.0.0.1", "localhost", "::1")
    everywhere = names_served("0.0.0.0")
    assert set(own_names()) | set(own_addresses()) <= set(everywhere)
    assert "0.0.0.0" not in everywhere
    assert "plant.example" in names_served("plant.example")


@pytest.mark.parametrize(
    ("host", "is_one"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.0.0.1", False), ("plant.example", False), ("", False)],
)  # fmt: skip
def test_loopback_is_told_from_the_network(host, is_one):
    assert is_loopback(host) == is_one

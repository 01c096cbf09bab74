"""The folder of large files: whole, durable, and nothing else in it."""

from __future__ import annotations

import os

import pytest

from fabrika.errors import BookDamagedError, StorageFailedError, StorageRefusedError
from fabrika.storage.files import FolderFiles


@pytest.fixture
def files(tmp_path):
    return FolderFiles(tmp_path / "files", writes=True)


def test_what_an_ended_writer_left_is_swept_away(files):
    (files.folder / ".0123456789abcdef.part").write_bytes(b"half")
    assert not list(files.findings())
    FolderFiles(files.folder, writes=True)
    assert not list(files.folder.iterdir())


def test_what_is_no_file_of_the_store_is_named(files):
    name = files.put(b"certificate")
    (files.folder / "notes.txt").write_text("x")
    (files.folder / ("0" * 64)).symlink_to(files.folder / name)
    (files.folder / ("1" * 64)).mkdir()
    assert {finding.where for finding in files.findings()} == {"file notes.txt", f"file {'0' * 64}", f"file {'1' * 64}"}
    assert list(files.digests()) == [name]


def test_other_bytes_under_a_name_are_damage(files):
    name = files.put(b"certificate")
    (files.folder / name).write_bytes(b"forged")
    for deed in (lambda: files.get(name), lambda: files.put(b"certificate")):
        with pytest.raises(BookDamagedError, match="other bytes"):
            deed()
    assert [finding.wrong for finding in files.findings()] == ["It has other bytes than its name says."]


def test_a_name_cannot_lead_out_of_the_folder(files, tmp_path):
    (tmp_path / "secret").write_text("x")
    for name in ("../secret", "..", "", "A" * 64):
        assert not files.has(name)
        with pytest.raises(BookDamagedError):
            files.get(name)


def test_a_disk_that_fails_leaves_nothing_behind(files, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFailedError, match="No space left"):
        files.put(b"certificate")
    assert not list(files.folder.iterdir())


def test_a_file_that_cannot_be_read_is_the_disks_fault(files, monkeypatch):
    name = files.put(b"certificate")

    def refuse(self):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(files.folder), "read_bytes", refuse)
    with pytest.raises(StorageFailedError, match="Input/output"):
        files.get(name)


def test_a_folder_that_is_none_is_refused_and_a_missing_one_is_empty(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageRefusedError):
        FolderFiles(tmp_path / "file", writes=True)
    missing = FolderFiles(tmp_path / "missing")
    assert (list(missing.digests()), list(missing.findings())) == ([], [])

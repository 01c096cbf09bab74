from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fabrika.app import kernel_cache


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.delenv(kernel_cache.VARIABLE, raising=False)
    monkeypatch.delenv(kernel_cache.OURS, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path


def test_the_folder_is_named_after_the_sources(home):
    assert kernel_cache.prepare()
    folder = Path(os.environ[kernel_cache.VARIABLE])
    assert folder == home / "cache" / "fabrika" / "kernel" / kernel_cache.kernel_key()
    assert folder.is_dir()


def test_it_is_cold_until_something_is_compiled(home, monkeypatch):
    assert kernel_cache.prepare()
    folder = Path(os.environ[kernel_cache.VARIABLE])
    (folder / "deep").mkdir()
    (folder / "deep" / "advance.nbc").write_bytes(b"")
    assert not kernel_cache.prepare()
    monkeypatch.delenv(kernel_cache.VARIABLE)
    assert not kernel_cache.prepare()


def test_a_folder_of_the_user_is_kept(home, monkeypatch):
    monkeypatch.setenv(kernel_cache.VARIABLE, str(home / "mine"))
    assert kernel_cache.prepare()
    assert os.environ[kernel_cache.VARIABLE] == str(home / "mine")


def test_a_folder_that_another_version_chose_is_not_kept(home, monkeypatch):
    """A server starts workers; when the program is brought up to date under it, they have other sources and inherit its folder."""
    older = home / "cache" / "fabrika" / "kernel" / "0123456789abcdef"
    for variable in (kernel_cache.VARIABLE, kernel_cache.OURS):
        monkeypatch.setenv(variable, str(older))
    assert kernel_cache.prepare()
    assert Path(os.environ[kernel_cache.VARIABLE]).name == kernel_cache.kernel_key()
    assert os.environ[kernel_cache.VARIABLE] == os.environ[kernel_cache.OURS]


def test_an_unwritable_home_is_survived(home, monkeypatch):
    (home / "cache").write_text("a file where the folder should be")
    assert kernel_cache.prepare()
    assert Path(os.environ[kernel_cache.VARIABLE]).is_relative_to(home / "temporary")


def test_nowhere_to_write_is_survived(home, monkeypatch):
    (home / "cache").write_text("")
    monkeypatch.setattr("tempfile.tempdir", str(home / "cache"))
    assert kernel_cache.prepare()
    assert kernel_cache.VARIABLE not in os.environ


def test_the_key_follows_every_source(monkeypatch, tmp_path):
    before = kernel_cache.kernel_key()
    assert before == kernel_cache.kernel_key()
    monkeypatch.setattr(kernel_cache, "_COMPILED", ("stats",))
    assert kernel_cache.kernel_key() != before


def test_cold_is_told_on_the_error_stream(capsys):
    kernel_cache.tell_if_cold(cold=True)
    kernel_cache.tell_if_cold(cold=False)
    out, err = capsys.readouterr()
    assert (out, err) == ("", kernel_cache.FIRST_USE + "\n")


@pytest.mark.parametrize("module", ["twin_book", "live_twin", "live_feed", "plant_service", "proving", "library"])
def test_nothing_that_is_loaded_first_loads_the_compiler_before_it_knows_its_folder(module):
    code = f"import sys, fabrika.app.{module}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

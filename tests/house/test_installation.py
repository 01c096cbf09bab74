"""The front door and what it installs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house.registries import ROOT

LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-bench.lock")
SCRIPTS = ("fabrika", "recipes/lock", "recipes/wheelhouse")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
PIN = re.compile(r"^[a-z0-9.-]+==\S+( ; .+)? \\$")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_host_and_hashes_every_line(name):
    lines = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("    "):
            assert HASH.match(line), line
            assert before.endswith("\\"), before
        else:
            assert PIN.match(line), line
            assert not before.endswith("\\"), before
    assert HASH.match(lines[-1])


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if PIN.match(line):
            package, version = line.split(" ")[0].split("==")
            found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("name", LOCKS[1:])
def test_locks_agree(name):
    everything = {**pins("requirements-test.lock"), **pins("requirements.lock")}
    shared = everything.keys() & pins(name).keys()
    assert shared
    assert {package: pins(name)[package] for package in shared} == {package: everything[package] for package in shared}


def test_lock_holds_every_dependency_of_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    bare = lambda text: re.match(r"[A-Za-z0-9.-]+", text)[0].lower().replace(".", "-")  # noqa: E731
    assert {bare(d) for d in project["project"]["dependencies"]} <= pins("requirements.lock").keys()
    for group in ("test", "bench"):
        wanted = {bare(d) for d in project["dependency-groups"][group]}
        assert wanted <= pins(f"requirements-{group}.lock").keys()


def test_no_lock_that_records_hosts_is_kept():
    assert not (ROOT / "uv.lock").exists()


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_plain_sh(name):
    path = ROOT / name
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    done = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_ci_script_parses():
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=False).returncode == 0


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A folder with the few programs that a slim system has, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in ("sh", "dirname", "readlink", "cmp", "rm", "cp", "uname"):
        (folder / program).symlink_to(shutil.which(program))
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the project that has never been run, with an empty package."""
    folder = tmp_path / "a clone"
    (folder / "src" / "fabrika").mkdir(parents=True)
    (folder / "src" / "fabrika" / "__init__.py").write_text("")
    (folder / "src" / "fabrika" / "__main__.py").write_text("import sys\nprint('ran', *sys.argv[1:])\n")
    shutil.copy2(ROOT / "fabrika", folder)
    for lock in LOCKS:
        (folder / lock).write_text("")
    return folder


def knock(door: Path, path: str, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [door, *words], capture_output=True, text=True, check=False, cwd=cwd, env={"PATH": path, "HOME": "/nonexistent"}
    )


def system_path() -> str:
    return f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"


def test_without_python_it_says_what_to_install(clone, bare_path):
    done = knock(clone / "fabrika", str(bare_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "install it" in done.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(("works", "said"), [("sys.version_info", "venv module is missing"), ("", "was not found")])
def test_with_a_lame_python_it_says_what_to_install(clone, bare_path, works, said):
    """A Python that answers only the question for its version lacks the venv module; one that answers none is too old."""
    python = bare_path / "python3"
    python.write_text(f'#!/bin/sh\ncase "$2" in *"{works or "nothing"}"*) exit 0 ;; esac\nexit 1\n')
    python.chmod(0o755)
    done = knock(clone / "fabrika", str(bare_path))
    assert done.returncode == 2
    assert said in done.stderr
    assert "apt-get install" in done.stderr


def test_first_use_installs_and_later_uses_do_not(clone, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(clone / "fabrika")
    first = knock(link, system_path(), "check", "a b", cwd=Path("/"))
    assert first.stdout == "ran check a b\n", first.stderr
    assert "first use" in first.stderr
    again = knock(link, system_path(), "x", cwd=Path("/"))
    assert (again.stdout, again.stderr) == ("ran x\n", "")

    moved = clone.rename(tmp_path / "moved")
    (moved / "src" / "fabrika" / "__main__.py").write_text("print('moved')\n")
    assert knock(moved / "fabrika", system_path()).stdout == "moved\n"

    (moved / ".venv" / "requirements.lock").unlink()
    (moved / ".venv" / "rest").write_text("of an interrupted installation")
    mended = knock(moved / "fabrika", system_path())
    assert mended.stdout == "moved\n"
    assert "first use" in mended.stderr
    assert not (moved / ".venv" / "rest").exists()


def test_a_lock_that_cannot_be_installed_leaves_no_stamp(clone):
    (clone / "wheelhouse").mkdir()
    (clone / "requirements.lock").write_text("nothing==1 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    done = knock(clone / "fabrika", system_path())
    assert done.returncode == 2
    assert "will be made again" in done.stderr
    assert not (clone / ".venv" / "requirements.lock").exists()


def test_two_first_uses_at_once_make_one_installation(clone):
    environment = {"PATH": system_path(), "HOME": "/nonexistent"}
    started = [
        subprocess.Popen(
            [clone / "fabrika"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(2)
    ]
    answers = [process.communicate() for process in started]
    assert [out for out, _ in answers] == ["ran\n", "ran\n"]
    assert sum("first use" in err for _, err in answers) == 1

"""On the build machine nothing is skipped: a skip there is a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house.registries import ROOT
from unmeasured import unmeasured

SKIPPING = {
    "in a test": "import pytest\ndef test_it():\n    pytest.skip('no reason')\n",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no reason')\ndef test_it(): ...\n",
    "of a module": "import pytest\npytest.importorskip('no_such_module_anywhere')\ndef test_it(): ...\n",
    "of a fixture": "import pytest\n@pytest.fixture\ndef it():\n    pytest.skip('no reason')\ndef test_it(it): ...\n",
}


def outcome(folder: Path, text: str, in_ci: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", folder, "-c", os.devnull, folder]
    # What forbids it is the file that was copied: none of all the plugins that are installed here has to be loaded for it.
    environment = {**unmeasured(), "FABRIKA_CI": in_ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("way", SKIPPING)
def test_skip_is_a_failure_on_the_build_machine_only(way, tmp_path):
    strict = outcome(tmp_path, SKIPPING[way], "1")
    assert strict.returncode in {1, 2}, strict.stdout
    assert "no skip" in strict.stdout
    assert outcome(tmp_path, SKIPPING[way], "0").returncode in {0, 5}


def test_expected_failure_is_no_skip(tmp_path):
    text = "import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False\n"
    assert outcome(tmp_path, text, "1").returncode == 0

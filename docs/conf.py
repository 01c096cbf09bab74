"""How the documentation is built: offline, every warning an error."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import fabrika

project = "Fabrika"
author = "The Fabrika developers"
version = release = fabrika.__version__
copyright = author  # noqa: A001 - the name that Sphinx reads
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "decisions/0000-template.md"]
html_theme = "furo"
html_title = f"Fabrika {release}"
html_copy_source = False
html_show_sphinx = False
nitpicky = True

"""``python -m fabrika``: the command line."""

from __future__ import annotations

from fabrika.faces.cli import main

if __name__ == "__main__":
    main()

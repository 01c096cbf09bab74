"""``python demo_server.py DATA [SECONDS [PORT]]``: the real server of a twin's book, whose visitors choose their role themselves.

A proof may take so many seconds, or as many as in any plant; the port is a free one if none is named.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fabrika.app.book_folder import BookFolder
from fabrika.app.demo_book import demo_persons
from fabrika.app.plant_service import PlantService
from fabrika.app.proofs import BUDGET_S
from fabrika.faces.web.opening import open_to_browsers, site_of
from fabrika.faces.web.server import listening


def main(data: Path, budget_s: float = BUDGET_S, port: float = 0) -> None:
    service = PlantService.opened(BookFolder(data))
    service._proofs.budget_s = budget_s
    try:
        at = listening("127.0.0.1", int(port))
        site = site_of(service, data, host="127.0.0.1", port=at.getsockname()[1], demo=demo_persons(service))
        open_to_browsers(site, at, lambda *_: print(f"http://127.0.0.1:{site.port}", flush=True))
    finally:
        service.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(float, sys.argv[2:]))

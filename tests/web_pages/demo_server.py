"""``python demo_server.py DATA``: the real server of a twin's book, whose visitors choose their role themselves."""

from __future__ import annotations

import sys
from pathlib import Path

from fabrika.app.book_folder import BookFolder
from fabrika.app.demo_book import demo_persons
from fabrika.app.plant_service import PlantService
from fabrika.faces.web.opening import open_to_browsers, site_of
from fabrika.faces.web.server import listening


def main(data: Path) -> None:
    service = PlantService.opened(BookFolder(data))
    try:
        at = listening("127.0.0.1", 0)
        site = site_of(service, data, host="127.0.0.1", port=at.getsockname()[1], demo=demo_persons(service))
        open_to_browsers(site, at, lambda *_: print(f"http://127.0.0.1:{site.port}", flush=True))
    finally:
        service.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

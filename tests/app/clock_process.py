"""A process that serves a plant by the machine's clock: ``clock_process.py FOLDER``; told by test_clock.

For each line on the standard input, the number of clock alarms to wait for, it tells ten counts, looks at the board, and answers
with one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.served import machine
from fabrika.app.book_folder import BookFolder
from fabrika.app.clock import now_us
from fabrika.app.plant_service import PlantService
from fabrika.app.sitemap import page_at
from operations.told import counted


def answer(service: PlantService) -> None:
    page, names = page_at("/")
    service.overlooked(page, names)
    alarms = [alarm.detail for alarm in service.states()["watch"].open.values() if alarm.kind == "clock_stepped"]
    print(json.dumps({"path": page.path, "alarms": alarms}), flush=True)


def main() -> None:
    service = PlantService.opened(BookFolder(Path(sys.argv[1])))
    pen, begun = machine(service), now_us()
    answer(service)
    for line in sys.stdin:
        while len(service.states()["watch"].open) < int(line):
            service.wait(service.size, 0.05)
        for _ in range(10):
            at_us, event = counted(begun, begun + 1_000_000, 5)
            service.take([pen.write(event, at_us)])
            begun = at_us
        answer(service)
    service.close()


main()

"""In a network of its own, with a way out that leads nowhere: serves a plant, walks it, and counts what went out.

Prints one line of JSON: the pages that were walked, and the packets that had left before, after, and after one that was sent on
purpose.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fabrika.app.sitemap import PAGES
from web.browsers import served, start
from web.test_matrix import NAMES

OUTSIDE = "198.51.100.1"
"""RFC 5737: an address for examples, nobody's."""


def closed_network() -> None:
    """A loopback, and one line whose far end is silent."""
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
    for words in (
        "link set lo up",
        "link add out type veth peer name far",
        "addr add 192.0.2.2/24 dev out",
        "link set far up",
        "link set out up",
        "neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev out",
        "route add default via 192.0.2.1",
    ):
        subprocess.run(["ip", *words.split()], check=True)


def left() -> int:
    """Packets that have gone out."""
    (line,) = (line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("out:"))
    return int(line.split(":")[1].split()[9])


def walk(data: Path) -> list[str]:
    """Every page, what it names, and the commands of the terminal."""
    walked = []
    with served(data) as server:
        browser = server.administrator()
        waiting = [re.sub(r"{(\w+)(?::\w+)?}", lambda found: NAMES[found[1]], page.path) for page in PAGES]
        while waiting:
            path = waiting.pop()
            answer = browser.get(path)
            known = (
                {200, 303, 403, 404}
                if path.startswith(("/documents/", "/lots/", "/orders/", "/stock/", "/containers/"))
                else {200, 303, 403}
            )  # none is written here
            assert answer.status in known, (path, answer.status)
            walked.append(path)
            named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text))
            waiting += sorted(named - set(walked) - set(waiting))
    for words in (("journal", "verify"), ("journal", "head"), ("see", "/")):
        process = start(*words, "--data", data)
        process.communicate(timeout=120)
        assert process.returncode == 0, words
    return walked


def main() -> None:
    closed_network()
    before = left()
    walked = walk(Path(sys.argv[1]))
    after = left()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        control.sendto(b"?", (OUTSIDE, 53))
    print(json.dumps({"walked": walked, "before": before, "after": after, "control": left()}))


main()

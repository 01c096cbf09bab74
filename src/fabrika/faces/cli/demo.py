"""``fabrika demo``: prove the cartridge plant, write the report, serve it."""

from __future__ import annotations

import os
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fabrika.errors import SetupError
from fabrika.faces.cli.exits import ended
from fabrika.faces.cli.notices import ProgressLine, tell
from fabrika.faces.cli.prove import show, write_report
from fabrika.faces.cli.words import duration_s
from fabrika.faces.language import say

PLANT = "cartridge-20m"
ADDRESS, PORT = "127.0.0.1", 8750
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def demo(
    *, budget: str = "3min", serve: bool = True, port: int = PORT, seed: int = 1, workers: int | None = None
) -> int:
    """Prove the cartridge plant, write the report and serve it on this machine until Ctrl-C.

    Args:
        budget: Time allowed for the proof, such as 90s or 3min.
        serve: Serve the report; without, end after writing it.
        port: Port to serve on; any free one if it is taken.
        seed: Seed of all random streams.
        workers: Worker processes; by default one a core.
    """
    from fabrika.app.library import read

    budget_s = duration_s(budget)
    folder = _plant()
    tell(say("Proving {plant}, up to {budget}.", plant=folder, budget=budget))
    with ProgressLine() as progress:
        result = read(folder).prove(
            budget_s=budget_s, seed=seed, workers=workers, progress=progress, first_answer=progress.first_answer
        )
    show(result)
    report = _reports() / f"{PLANT}.html"
    write_report(result, report)
    print(say("Report: {path}", path=report.resolve()), flush=True)
    if serve and result.sharpness.complete:
        _serve(report.read_bytes(), port)
    return ended(complete=result.sharpness.complete)


def _plant() -> Path:
    """The reference plant's folder, beside the sources or in the current folder."""
    import fabrika

    source = Path(fabrika.__file__).resolve().parents[2]
    for root in (Path.cwd(), source):
        folder = root / "plants" / PLANT
        if (folder / "plant.yaml").is_file():
            return folder
    wrong = say("The reference plant plants/{plant} is not here.", plant=PLANT)
    raise SetupError(wrong, say("Run `./fabrika demo` in the project's folder."))


def _reports() -> Path:
    """``reports`` in the current folder if that may be written, else the current folder."""
    folder = Path("reports")
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return Path()
    return folder if os.access(folder, os.W_OK) else Path()


class _Report(BaseHTTPRequestHandler):
    """Answers one page, whatever is asked."""

    def __init__(self, page: bytes, *arguments: Any) -> None:
        self.page = page
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._answer(self.page)

    def do_HEAD(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        known = self.path.split("?")[0] in {"/", f"/{PLANT}.html"}
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.page) if known else 0))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body if known else b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing for each request."""


def _serve(page: bytes, port: int) -> None:
    """Serve the report on this machine only, until Ctrl-C."""
    try:
        server = ThreadingHTTPServer((ADDRESS, port), partial(_Report, page))
    except (OSError, OverflowError):
        server = ThreadingHTTPServer((ADDRESS, 0), partial(_Report, page))
    with server:
        print(
            say("Serving http://{host}:{port}/ (Ctrl-C ends)", host=ADDRESS, port=server.server_address[1]), flush=True
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            tell("")

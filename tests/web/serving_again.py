"""A process that serves a plant again and again: each line ``DATA PORT`` on the standard input forks off a ``fabrika serve``.

What it imports once, two hundred servers need not import two hundred times; apart from that each is a process of its own, which
tells its number, is killed as any other, and then how it ended.
"""

from __future__ import annotations

import faulthandler
import os
import sys

import cyclopts
import django.contrib.auth.hashers
import django.core.management.commands.migrate
import django.db.backends.sqlite3.base
import django.middleware.csrf
import ruamel.yaml
import uvicorn
import uvicorn.protocols.http.h11_impl

from fabrika.app import plant_service
from fabrika.faces.cli import serve
from fabrika.faces.cli.app import call
from fabrika.faces.web import asgi, opening, server

IMPORTED = (asgi, cyclopts, django, opening, plant_service, ruamel, serve, server, uvicorn)
faulthandler.enable()


def main() -> None:
    for line in sys.stdin:
        data, port = line.split()
        child = os.fork()
        if child == 0:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, 0)
            os.dup2(nowhere, 1)
            os._exit(call(["serve", "--data", data, "--port", port]))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)


main()

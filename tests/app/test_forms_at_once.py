"""Several people send the first forms of a kind at the same instant."""

import subprocess
import sys

AT_ONCE = """
import sys, threading
from typing import Annotated
import msgspec
from msgspec import Meta, Struct
from fabrika.events.fields import Id, Key
from fabrika.page import Command

sys.setswitchinterval(1e-6)
COUNT = Annotated[int, Meta(ge=0)]
read = []

def send(form, together):
    together.wait()
    read.append(msgspec.convert({"a": "x", "b": 1, "c": "y", "k": ["s", "0123456789abcdef", 1]}, form))

for number in range(400):
    fields = [("a", Id), ("b", COUNT), ("c", Id), ("d", COUNT | None, None), ("k", Key | None, None)]
    form = msgspec.defstruct(f"Form{number}", fields)
    Command(name="a.b", title="", act="see", form=form, decide=lambda states, asked, form: [])
    together = threading.Barrier(6)
    threads = [threading.Thread(target=send, args=(form, together)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(len(read))
"""


def test_the_first_forms_of_a_command_are_read_at_once():
    """Without the look at a form that registering a command takes, this process ends with a segmentation fault."""
    found = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=120, check=False)
    assert (found.returncode, found.stdout) == (0, "2400\n"), found.stderr

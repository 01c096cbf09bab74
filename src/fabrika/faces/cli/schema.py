"""``fabrika schema``: the JSON Schema of the plant file."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of the plant file, for editors."""
    from fabrika.plant.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))

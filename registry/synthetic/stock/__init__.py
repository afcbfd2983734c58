"""The stock of names and places of the synthetic city, read once from data files."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def stock(name: str) -> Any:
    """Return the content of the data file ``name`` (without its ending)."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))

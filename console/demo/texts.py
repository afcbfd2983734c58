"""What the people of the demo city write; their words are data, not code."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def texts() -> dict[str, str]:
    """Return the texts by name."""
    found: dict[str, str] = tomllib.loads((Path(__file__).parent / "texts.toml").read_text("utf-8"))["text"]
    return found

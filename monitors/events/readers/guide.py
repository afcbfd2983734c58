"""A mapping to begin with, for a layout that nobody has described yet: its columns, and what can be guessed of them."""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers import delimited
from monitors.events.readers.probe import probe

_GUESSES: Final[dict[str, Any]] = tomllib.loads(
    files("monitors.events.readers").joinpath("guide.toml").read_text(encoding="utf-8")
)
_DELIMITERS: Final = (",", "\t", ";", "|")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def draft(path: Path, system: str) -> str:
    """Return a mapping file (TOML) for ``path``, to be completed. Raises ``Refusal`` for a file without columns."""
    seen = probe(path)
    lines = seen.head.decode(seen.encoding, "replace").removeprefix("\ufeff").splitlines()
    first = lines[0] if lines else ""
    form = "jsonl" if first.startswith("{") else "csv"
    delimiter = max(_DELIMITERS, key=first.count)
    names = _paths(first) if form == "jsonl" else [name.strip() for name in delimited.split(first, delimiter) or []]
    if len(names) < 2:  # noqa: PLR2004 - a time, and something else
        raise Refusal(
            N_("The first line of {file} tells no columns: {first}. Only CSV, TSV and JSON lines take a mapping."),
            file=path.name,
            first=seen.beginning() if first else "",
        )
    head = [("name", system), ("title", system), ("title_ja", system), ("system", system), ("format", form)]
    head += [("encoding", seen.encoding), *([("delimiter", delimiter)] if form == "csv" else [])]
    told = [f"{key} = {_quoted(value)}" for key, value in head]
    told += [f"sample = {_quoted(first)}", "", f"# Columns: {_quoted(' / '.join(names))}", "", "[time]"]
    time = [each for each in names if _meaning(each) == "time"] or names[:1]
    layouts = ", ".join(_quoted(layout) for layout in _GUESSES["layouts"])
    told += [f"columns = [{', '.join(_quoted(each) for each in time[:2])}]", f"layouts = [{layouts}]"]
    told += ['zone = "Asia/Tokyo"', "", "[fields]", *_fields(names, time)]
    told += ["", "# Words of the log and what they mean.", "[values.action]"]
    told += [f"{_key(word)} = {_quoted(meaning)}" for word, meaning in _GUESSES["actions"].items()]
    told += ["", "[values.outcome]"]
    told += [f"{_key(word)} = {_quoted(meaning)}" for word, meaning in _GUESSES["outcomes"].items()]
    return "\n".join(told) + "\n"


def _fields(names: Sequence[str], time: Sequence[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        meaning = _meaning(name)
        if meaning and name not in time and meaning != "time":
            found.setdefault(meaning, name)
    for needed in ("action", "outcome"):  # their words are listed below, so they need a column
        found.setdefault(needed, names[-1])
    return [f"{field} = {_quoted(name)}" for field, name in found.items()]


def _meaning(name: str) -> str:
    folded = name.casefold()
    return next((field for field, words in _GUESSES["columns"].items() if any(word in folded for word in words)), "")


def _paths(line: str) -> list[str]:
    try:
        told = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return []
    return _dotted(told) if isinstance(told, dict) else []


def _dotted(told: dict[str, Any], before: str = "") -> list[str]:
    found: list[str] = []
    for name, value in told.items():
        inside = isinstance(value, dict) and not before.count(".") > 1
        found += _dotted(value, f"{before}{name}.") if inside else [before + name]
    return found


def _key(text: str) -> str:
    return text if _PLAIN_KEY.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()  # a JSON string is a TOML string

"""Paths in a home that lead into another site's home: what a copied one would read or write in the original's place."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from backups.records import backup_id
from console import settings as site_settings
from console.wiring import Installation

_ABSOLUTE: Final = re.compile(r"(?:^|(?<=[\s:=,'\"]))/[^\s:=,'\"]+")
_BACKUPS: Final = "SELECT number, folder FROM backup WHERE folder LIKE '/%' AND state IN ('planned', 'taken')"
_REQUESTS: Final = "SELECT id, parameters FROM request WHERE state IN ('submitted', 'approved', 'executing')"


def leading_elsewhere(site: Installation) -> list[str]:
    """Return what of the settings, the listed backups and the open requests leads into another site's home."""
    own = site.home.path.resolve()
    return [f"{where} {path}" for where, path in _named(site) if (home := _home_of(path)) and home != own]


def _named(site: Installation) -> Iterator[tuple[str, Path]]:
    """Yield every absolute path that is still used, with where it stands."""
    yield from ((site_settings.FILE, path) for path in _paths(msgspec.to_builtins(site.settings)))
    yield from ((backup_id(row["number"]), Path(row["folder"])) for row in site.store.rows(_BACKUPS))
    for row in site.store.rows(_REQUESTS):
        yield from ((row["id"], path) for path in _paths(json.loads(row["parameters"])))


def _paths(value: Any) -> Iterator[Path]:
    """Yield the absolute paths in a text, and in all texts of a list or mapping."""
    if isinstance(value, str):
        yield from map(Path, _ABSOLUTE.findall(value))
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _paths(each)


def _home_of(path: Path) -> Path | None:
    """Return the site's home that ``path`` lies in, as far as this account may look."""
    for folder in (path, *path.parents):
        with suppress(OSError):
            if (folder / site_settings.FILE).is_file():
                return folder.resolve()
    return None

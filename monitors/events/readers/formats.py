"""The formats that are known, by the names that people say, and telling one from a file's beginning."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers import evtx, postgresql, windows_csv, windows_xml
from monitors.events.readers.readings import Decoded, Outcome

CSV: Final = "csv"
JSON_LINES: Final = "jsonl"
SYSLOG: Final = "syslog"
EVTX: Final = "evtx"
WINDOWS_CSV: Final = "windows-csv"
WINDOWS_XML: Final = "windows-xml"
PG_STDERR: Final = "postgresql"
PG_CSV: Final = "postgresql-csv"
PG_JSON: Final = "postgresql-json"

ZonedReader = Callable[[Iterable[Decoded], ZoneInfo], Iterator[Outcome]]

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "csv": CSV,
        "tsv": CSV,
        "jsonl": JSON_LINES,
        "json": JSON_LINES,
        "syslog": SYSLOG,
        "auth": SYSLOG,
        "sshd": SYSLOG,
        "postgresql": PG_STDERR,
        "postgresql-csv": PG_CSV,
        "postgresql-json": PG_JSON,
        "evtx": EVTX,
        "windows-csv": WINDOWS_CSV,
        "windows-xml": WINDOWS_XML,
    }
)
ZONED: Final[Mapping[str, ZonedReader]] = MappingProxyType(
    {
        PG_STDERR: postgresql.read_stderr,
        PG_CSV: postgresql.read_csv,
        PG_JSON: postgresql.read_json,
        WINDOWS_CSV: windows_csv.read,
    }
)
WITHOUT_MAPPING: Final = frozenset({SYSLOG, EVTX, WINDOWS_XML, *ZONED})

_PG_TIME: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? (?:[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?)"
_BEGINNINGS: Final = (
    (PG_CSV, re.compile(rf'{_PG_TIME},(?:"[^"]*")?,(?:"[^"]*")?,\d+,')),
    (PG_JSON, re.compile(rf'\{{"timestamp":"{_PG_TIME}"')),
    (PG_STDERR, re.compile(rf"{_PG_TIME}\W.*?[^\s:]+:  ", re.DOTALL)),
    (SYSLOG, re.compile(r"(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ])")),
    (JSON_LINES, re.compile(r"\{")),
)


def known(name: str) -> str:
    """Return the format that ``name`` means; an empty name means none. Raises ``Refusal`` for one that is not known."""
    if name and name not in NAMES:
        raise Refusal(
            N_("The format {format} is not known. Use one of {formats}."), format=name, formats=", ".join(NAMES)
        )
    return NAMES.get(name, "")


def guessed(head: bytes, first_line: str) -> str:
    """Return the format of a file that begins so, or nothing if only a mapping can tell."""
    if head.startswith(evtx.MAGIC):
        return EVTX
    if windows_xml.fits(head):
        return WINDOWS_XML
    if windows_csv.fits(first_line):
        return WINDOWS_CSV
    return next((name for name, beginning in _BEGINNINGS if beginning.match(first_line)), "")

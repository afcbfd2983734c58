"""Deciding how a file will be read: its format, mapping, encoding and reader, stated or found out."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Final
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers import (
    attempts,
    delimited,
    encodings,
    formats,
    json_lines,
    mapping,
    syslog,
    windows,
    windows_xml,
)
from monitors.events.readers.mapping import Mapping
from monitors.events.readers.probe import Probe, probe
from monitors.events.readers.readings import Decoded, Outcome, Reader
from monitors.events.readers.sources import lines, opened
from monitors.events.schema import SCHEMA_VERSION

READERS_VERSION: Final = 8
_SYSTEM: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the person wants the file to be read; what is empty is found out.

    ``stream`` tells logs of one system apart (two servers, two products): exports of one stream may overlap.
    ``year`` is that of the first line of a syslog without years.
    """

    system: str
    format: str = ""
    encoding: str = ""
    mapping: str = ""
    stream: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one file is read."""

    probe: Probe
    wish: Wish
    format: str
    encoding: str
    mapping: Mapping | None
    zone: ZoneInfo
    reader: Reader | None  # None: not a file of lines

    @property
    def settings(self) -> str:
        """A digest of everything that decides what the lines mean."""
        told = (
            self.wish.system,
            self.wish.stream,
            self.format,
            self.mapping.sha256 if self.mapping else "",
            self.encoding,
            self.zone.key,
            str(self.wish.year or ""),
            f"{SCHEMA_VERSION}.{READERS_VERSION}",
        )
        return hashlib.sha256("\0".join(told).encode()).hexdigest()

    def outcomes(self, only: Collection[int] | None = None) -> Iterator[Outcome]:
        """Read the file line by line; with ``only``, just the lines of these numbers."""
        with opened(self.probe.path) as stream:
            if self.reader is None:
                yield from self._records(stream)
                return
            wanted = (line for line in lines(stream) if only is None or line.number in only)
            yield from self.reader(encodings.decoded(wanted, self.encoding))

    def _records(self, stream: IO[bytes]) -> Iterator[Outcome]:
        if self.format == formats.EVTX:
            return windows.read(stream, self.zone)
        return windows_xml.read(stream, self.zone, self.encoding)


def make(path: Path, wish: Wish, *, home: Path, zone: ZoneInfo, latest: datetime) -> Plan:
    """Look at ``path`` and decide how to read it. Raises ``Refusal`` that says what to state or to mend.

    ``zone`` is the site's; ``latest`` is the present instant, after which no event can lie.
    """
    if not _SYSTEM.fullmatch(wish.system):
        raise Refusal(
            N_("{system} is not a system's name: use up to 32 small letters, digits and hyphens."),
            system=wish.system,
        )
    wished = formats.known(wish.format)
    seen = probe(path)
    is_xml = wished == formats.WINDOWS_XML or (not (wished or wish.mapping) and windows_xml.fits(seen.head))
    if windows_xml.is_utf_16(seen.head) and not is_xml:
        raise Refusal(N_("{file} is in UTF-16. Save it as UTF-8 first."), file=path.name)
    known = {**mapping.shipped(), **_of_site(home)}
    stated = _stated(wish, known)
    encoding = _encoding(seen, wish, stated, windows_xml.encoding_of(seen.head) if is_xml else "")
    first = seen.first_line.decode(encoding, "replace")
    form = wished or (stated.format if stated else _guess(seen, first, known))
    chosen = None if form in formats.WITHOUT_MAPPING else stated or _fitting(seen, form, first, wish, known)
    if chosen is not None and form == "csv" and first and not _fits(chosen, first):
        seen.beginning(encoding)  # refuses what is no text, which has no columns either
    return Plan(
        probe=seen,
        wish=wish,
        format=form,
        encoding=encoding,
        mapping=chosen,
        zone=zone,
        reader=_reader(form, chosen, seen, wish, zone, latest, encoding),
    )


def _of_site(home: Path) -> dict[str, Mapping]:
    folder = home / "mappings"
    found = [mapping.load(path) for path in sorted(folder.glob("*.toml"))] if folder.is_dir() else []
    return {each.name: each for each in found}


def _stated(wish: Wish, known: dict[str, Mapping]) -> Mapping | None:
    if not wish.mapping:
        return None
    if wish.mapping in known:
        return known[wish.mapping]
    if wish.mapping.endswith(".toml"):
        return mapping.load(Path(wish.mapping))
    raise Refusal(
        N_("There is no mapping {mapping}. Known are: {known}."), mapping=wish.mapping, known=", ".join(sorted(known))
    )


def _encoding(seen: Probe, wish: Wish, stated: Mapping | None, marked: str) -> str:
    if wish.encoding and marked != windows_xml.UTF_16:
        return encodings.known_encoding(wish.encoding)
    if marked:
        return marked
    if seen.ascii or not stated or not stated.encoding:
        return seen.encoding
    return encodings.known_encoding(stated.encoding) if seen.encoding != encodings.UTF_8 else seen.encoding


def _guess(seen: Probe, first: str, known: dict[str, Mapping]) -> str:
    if found := formats.guessed(seen.head, first):
        return found
    if not first or any(_fits(each, first) for each in known.values() if each.format == "csv"):
        return "csv"
    raise Refusal(
        N_(
            "{file} is in no known layout. State its format, or write a mapping for it: "
            "sekisho logs draft-mapping makes one to begin with. Its first line begins: {first}"
        ),
        file=seen.path.name,
        first=seen.beginning(),
    )


def _fits(each: Mapping, first: str) -> bool:
    names = {name.strip() for name in delimited.split(first, each.delimiter) or []}
    return set(each.columns) <= names


def _fitting(seen: Probe, form: str, first: str, wish: Wish, known: dict[str, Mapping]) -> Mapping:
    candidates = sorted(
        (each for each in known.values() if each.format == form), key=lambda each: each.system != wish.system
    )
    fitting = [each for each in candidates if form != "csv" or not first or _fits(each, first)]
    if fitting:
        return fitting[0]
    raise Refusal(
        N_(
            "No mapping fits {file}. Name one (known: {known}), or write one: "
            "sekisho logs draft-mapping makes one to begin with. Its first line begins: {first}"
        ),
        file=seen.path.name,
        known=", ".join(sorted(known)),
        first=seen.beginning(),
    )


def _reader(
    form: str,
    chosen: Mapping | None,
    seen: Probe,
    wish: Wish,
    zone: ZoneInfo,
    latest: datetime,
    encoding: str,
) -> Reader | None:
    if chosen is not None:
        return partial(delimited.read if form == "csv" else json_lines.read, mapping=chosen)
    if form in formats.ZONED:
        return partial(_zoned, formats.ZONED[form], zone)
    if form in {formats.EVTX, formats.WINDOWS_XML}:
        return None
    head, tail = (part.decode(encoding, "replace") for part in (seen.head, seen.tail))
    year = wish.year or syslog.first_year(head, tail, latest, zone)
    return syslog.SyslogReader(zone, year, attempts.AuthLog())


def _zoned(read: formats.ZonedReader, zone: ZoneInfo, given: Iterable[Decoded]) -> Iterator[Outcome]:
    return read(given, zone)

"""Extracts of the register for media output: chosen record items, of all or of named residents, as one CSV file.

The manifest of an extract names its record items and counts its persons, so that what is approved is what leaves.
Values are kept exactly as the register has them; nothing of them is shown or logged here.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups import exports
from backups.manifest import Manifest
from backups.media import log_output
from backups.media.output import BULK_KIND, EXTRACT, KIND, PERSONS
from backups.newfile import new_file
from backups.records import Backup
from backups.sealing.digests import Progress
from backups.sources import Fault, Part, SourceState
from backups.verification import read_manifest
from console.wiring import Installation
from registry.databases import Registry
from registry.files import FILES, File, Item

FILES_BY_NAME: Final = {f"file{file.number}": file for file in FILES}
_PERSON: Final = "resident_code"
_BETWEEN: Final = re.compile("[ ,\u3001]+")  # and no ideographic space: names of items have it
_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class RegisterExtract:
    """The columns of ``items`` (all, when empty) of one file of the register that ``look`` opens, of ``residents``.

    Those are resident codes; without any it is everybody.
    """

    name: str
    look: Callable[[], Registry] = field(repr=False)
    items: Sequence[str] = ()
    residents: frozenset[str] = field(default=frozenset(), repr=False)
    kind: str = EXTRACT

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Write the CSV (UTF-8, header with the printed names of the items) and count persons and values."""
        file = self._file()
        chosen = self._chosen(file)
        persons, rows = set[str](), 0
        columns = [_PERSON, *(item.column for item in chosen)]
        with self.look() as registry, registry.reading(), new_file(to) as out:
            total = registry.counts()[file.table]
            text = io.TextIOWrapper(io.BufferedWriter(out), "utf-8", newline="")
            lines = csv.writer(text, lineterminator="\r\n")
            lines.writerow([item.name_ja for item in chosen])
            for person, values in self._rows(registry.scan(file.table, columns)):
                persons.add(person)
                rows += 1
                lines.writerow(values)
                progress(rows, max(rows, total))
            if not rows:
                raise Refusal(N_("No record of the register is among those that were asked for."), control="BK-MED-06")
            text.flush()
            text.detach().detach()  # the file is synced and named by whoever opened it
        parts = [Part(PERSONS, len(persons)), *(Part(item.name_ja, rows) for item in chosen)]
        return SourceState(EXTRACT, file.table, {"format": "csv, utf-8"}, parts)

    def require_items(self) -> None:
        """Refuse what the register does not have, before anything is planned or taken."""
        self._chosen(self._file())

    def _file(self) -> File:
        if self.name not in FILES_BY_NAME:
            raise Refusal(
                N_("There is no file {name}; there are: {names}."), name=self.name, names=sorted(FILES_BY_NAME)
            )
        return FILES_BY_NAME[self.name]

    def _chosen(self, file: File) -> list[Item]:
        if not self.items:
            return list(file.items)
        known = {name: item for item in file.items for name in (item.name_ja, item.column)}
        unknown = [name for name in self.items if name not in known]
        if unknown:
            near = sorted((item.name_ja for item in file.items), key=lambda name: (unknown[0] not in name, len(name)))
            raise Refusal(
                N_("{file} has no item {names}. It has for example: {near}."),
                control="BK-MED-06",
                file=file.name_ja,
                names=unknown,
                near=tuple(near[:_EXAMPLES]),
            )
        return [known[name] for name in dict.fromkeys(self.items)]

    def _rows(self, records: Iterator[tuple[Any, ...]]) -> Iterator[tuple[str, list[str]]]:
        for _key, person, *values in records:
            if not self.residents or str(person) in self.residents:
                yield str(person), ["" if value is None else _text(value) for value in values]


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def restore(plain: Path, to: Path, known: Manifest | None) -> SourceState:
    """Put an opened extract into the folder ``to`` and count its record items.

    Whose values they are is not in it unless the residents' codes are among them, so the manifest's number of persons
    is taken over; it can't be greater than that of the records.
    """
    target = to / "extract.csv"
    plain.rename(target)
    persons = [Part(PERSONS, part.count) for part in (known.parts if known else ()) if part.name == PERSONS]
    try:
        with target.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = next(lines)
            rows = sum(1 for _line in lines)
    except UnicodeDecodeError:
        return SourceState(EXTRACT, str(target), {}, (), [Fault(N_("The extract is not text in UTF-8."), {})])
    except (csv.Error, StopIteration):
        return SourceState(EXTRACT, str(target), {}, (), [Fault(N_("The extract is cut off, or no table."), {})])
    faults = [Fault(N_("The extract has fewer records than persons."), {}) for part in persons if part.count > rows]
    return SourceState(EXTRACT, str(target), {}, [*persons, *(Part(name, rows) for name in header)], faults)


def extract(site: Installation, name: str, items: Sequence[str], residents: frozenset[str]) -> RegisterExtract:
    """Return the extract of one file of the site's own register; Refusal for a file or items that it has not."""
    source = RegisterExtract(name, site.register.look, tuple(items), residents)
    source.require_items()
    return source


def items_in(text: str) -> list[str]:
    """Return the names of items that a person wrote in one line, with blanks or commas between them."""
    return list(filter(None, _BETWEEN.split(text)))


def kind_of(site: Installation, backup: Backup) -> tuple[str, dict[str, Any]]:
    """Return the kind of request by which ``backup`` leaves, and what of its parameters the manifest says itself.

    A whole backup is exported; an extract is media output of register data, of many persons by the stricter kind;
    a selection of events has a kind of its own.
    """
    parameters: dict[str, Any] = {"backup": backup.id, "sealed_sha256": backup.sealed_sha256}
    known, _faults = read_manifest(backup)
    if backup.kind == log_output.EVENTS and known is not None:
        return log_output.KIND, {**parameters, **log_output.named(known)}
    if backup.kind != EXTRACT or known is None:
        return exports.KIND, parameters
    persons = sum(part.count for part in known.parts if part.name == PERSONS)
    items = [part.name for part in known.parts if part.name != PERSONS]
    kind = BULK_KIND if persons > site.settings.media.bulk_persons else KIND
    return kind, {**parameters, "file": backup.source, "items": items, "persons": persons}


def kind_by_content(backup: Backup) -> str:
    """Return the kind of request by which ``backup`` leaves as far as its line in the list tells: bulk or not."""
    return {EXTRACT: KIND, log_output.EVENTS: log_output.KIND}.get(backup.kind, exports.KIND)


def residents_in(path: Path) -> frozenset[str]:
    """Return the resident codes in a file, one a line; never from a command line, which others can read."""
    try:
        codes = frozenset(line.strip() for line in path.read_text("ascii").splitlines() if line.strip())
    except OSError as error:
        raise Refusal(N_("{path} cannot be read: {reason}"), path=path, reason=error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise Refusal(N_("{path} is no list of resident codes: one a line, in plain digits."), path=path) from None
    if not codes:
        raise Refusal(N_("{path} names no resident."), path=path)
    return codes

"""Everything that is known of one backup, in labelled words: for the screen's details and for the command line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accesscontrol.people.operators import SYSTEM
from accesscontrol.trail import entries, notes
from backups import ledger
from backups.ledger import Output
from backups.manifest import Manifest
from backups.media import log_output
from backups.media.output import EXTRACT, PERSONS
from backups.records import Backup, Health
from backups.sources import Fault, postgresql, sqlite
from backups.verification import read_manifest
from console.dates import age, date_and_time, short_date
from console.register_source import rows_of
from console.retelling import retold
from console.screens.backups.words import Tone, fault_words, health_words, in_groups, size_words, state_words
from console.trail_words import title_of
from console.translation import _, ngettext
from console.wiring import Installation
from registry.files import RESIDENT_REGISTER

_MOST_PARTS = 12
_PAGE = 500
_OF_TABLES = {sqlite.KIND, postgresql.KIND, postgresql.DIRECTORY_KIND}
_WITHOUT_FILES = {Health.PLANNED, Health.FAILED, Health.ERASED}

Naming = Callable[[str], str]
"""Turns a staff number into the words under which a person is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One labelled value, already in the reader's language."""

    label: str
    value: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading, labelled values, and sentences below them."""

    title: str
    lines: Sequence[Line] = ()
    sentences: Sequence[str] = ()


def facts_of(site: Installation, backup: Backup, outputs: Sequence[Output], naming: Naming) -> list[Group]:
    """Return what is known of ``backup``; reads its manifest from the disk. ``outputs`` are its ledger lines."""
    known, faults = (None, []) if backup.health in _WITHOUT_FILES else read_manifest(backup)
    groups = [_standing(site, backup, naming), _hashes(backup)]
    if backup.health not in _WITHOUT_FILES:
        groups.append(_manifest(backup, known, faults))
    groups += [_history(site, backup, naming), _movements(site, outputs)]
    return [group for group in groups if group.lines or group.sentences]


def outputs_by_content(site: Installation) -> Mapping[str, Sequence[Output]]:
    """Return the ledger's lines, newest first, by the name of what left."""
    found: dict[str, list[Output]] = {}
    for each in every_output(site):
        found.setdefault(each.content, []).append(each)
    return found


def every_output(site: Installation, medium: str = "") -> Iterator[Output]:
    """Yield the ledger's lines, newest first, of one medium if named."""
    before: int | None = None
    while page := ledger.page(site.store, before=before, limit=_PAGE, medium=medium):
        yield from page
        before = page[-1].number


def held_words(known: Manifest) -> str:
    """Return how much a backup holds: people and rows of a register, files of a tree."""
    if known.head.kind == log_output.EVENTS:
        count = log_output.counted(known)
        words = ngettext("{number} event: {selection}", "{number} events: {selection}", count)
        return words.format(number=f"{count:,}", selection=known.head.identity)
    if known.head.kind == EXTRACT:
        persons = sum(part.count for part in known.parts if part.name == PERSONS)
        words = ngettext("{number} person, {items} record items", "{number} persons, {items} record items", persons)
        items = [part.name for part in known.parts if part.name != PERSONS]
        named = "  ".join(items[:_MOST_PARTS]) + (" …" if len(items) > _MOST_PARTS else "")
        return f"{words.format(number=f'{persons:,}', items=len(items))}  ({named})"
    if known.head.kind not in _OF_TABLES:
        words = ngettext("{number} file", "{number} files", len(known.parts))
        return words.format(number=f"{len(known.parts):,}")
    tables = rows_of(known)
    count = sum(rows for _name, rows in tables)
    words = ngettext("{number} row in {tables} tables", "{number} rows in {tables} tables", count)
    rows = words.format(number=f"{count:,}", tables=len(tables))
    people = [number for name, number in tables if name.rpartition(".")[2] == RESIDENT_REGISTER.table]
    if not people:
        return rows
    records = ngettext("{number} record of residents", "{number} records of residents", people[0])
    return f"{records.format(number=f'{people[0]:,}')}  ({rows})"


def _standing(site: Installation, backup: Backup, naming: Naming) -> Group:
    words, tone = health_words(backup.health)
    now = site.clock.now()

    def when(instant: datetime | None) -> str:
        return f"{date_and_time(instant, site.zone)}  {age(instant, now)}" if instant else _("never")

    lines = [Line(_("Health"), words, tone)]
    if backup.taken_at:
        lines += [
            Line(_("Taken"), when(backup.taken_at)),
            Line(_("Verified"), when(backup.verified_at)),
            Line(_("Restored"), when(backup.restored_at)),
            Line(_("Size"), f"{size_words(backup.sealed_size)}  ({backup.sealed_size:,} B)"),
        ]
    else:
        lines.append(Line(_("Begun"), when(backup.planned_at)))
    who = _("the console (schedule)") if backup.actor == SYSTEM else naming(backup.actor)
    lines.append(Line(_("Taken by"), f"{who}  {backup.terminal}"))
    lines += [Line(_("Entry book"), number) for number in [_entry_record(site, backup)] if number]
    sentences = [*fault_words(backup.faults), *([retold(backup.failure)] if backup.failure else [])]
    return Group(f"{backup.id}  {backup.source}", lines, sentences)


def _entry_record(site: Installation, backup: Backup) -> str:
    found = [each for each in entries.about(site.store, backup.id) if each.act == "backup.planned"]
    return str(found[0].details.get("entry_record", "")) if found else ""


def _hashes(backup: Backup) -> Group:
    named = (
        (_("Sealed file"), backup.sealed_sha256),
        (_("Content"), backup.plain_sha256),
        (_("Manifest"), backup.manifest_sha256),
    )
    return Group(_("Hashes (SHA-256)"), [Line(label, in_groups(value)) for label, value in named if value])


def _manifest(backup: Backup, known: Manifest | None, faults: Sequence[Fault]) -> Group:
    if known is None:
        return Group(_("Manifest"), [Line(_("State"), "[!!] " + _("not to be trusted"), "high")], fault_words(faults))
    lines = [Line(_("Signed by"), f"{backup.signer}  " + _("(signature fits)"))]
    lines += [Line(_("Can be opened by"), recipient) for recipient in known.recipients]
    lines.append(Line(_("Trail"), _checkpoint(known)))
    lines.append(Line(_("Content"), size_words(known.content.size)))
    lines.append(Line(_("Holds"), held_words(known)))
    if known.head.kind in _OF_TABLES:
        lines += [Line("", f"{part.name}  {part.count:,}") for part in known.parts[:_MOST_PARTS]]
    tools = ", ".join(f"{name} {version}" for name, version in known.head.tools.items())
    return Group(_("Manifest"), [*lines, Line(_("Made with"), tools)])


def _checkpoint(known: Manifest) -> str:
    try:
        sealed = notes.parse(known.checkpoint)
    except notes.MalformedNoteError:
        return _("no checkpoint")
    words = ngettext("sealed at {number} entry", "sealed at {number} entries", sealed.size)
    return f"{words.format(number=f'{sealed.size:,}')}  {in_groups(sealed.root.hex()[:16])} …"


def _history(site: Installation, backup: Backup, naming: Naming) -> Group:
    sentences = []
    for each in entries.about(site.store, backup.id):
        who = _("the console") if each.actor == SYSTEM else naming(each.actor)
        mark = "[ok]" if each.outcome == "done" else "[!!]"
        sentences.append(f"{date_and_time(each.at, site.zone)}  {mark} {_(title_of(each.act))}  {who}")
    return Group(_("Checks"), sentences=sentences)


def _movements(site: Installation, outputs: Sequence[Output]) -> Group:
    now = site.clock.now()
    sentences = []
    for each in outputs:
        words, _tone = state_words(each.state, overdue=each.overdue(now, site.zone), broken_off=False)
        line = _("No. {number}  {medium}  to {destination}, last day {day}").format(
            number=each.number, medium=each.medium or "-", destination=each.destination, day=short_date(each.due)
        )
        sentences.append(f"{words}  {line}")
    return Group(_("Left on media"), sentences=sentences)

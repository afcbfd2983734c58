"""What an act left as evidence, in words: titled facts, truths, counts and lists, never as a program writes them."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.sessions.ledger import STATE_TITLES, State
from console.retelling import retold
from console.text.sizes import size_words
from console.translation import _
from console.widgets.details import Fact
from registry.tasks.differences import KIND_TITLES

PLACE_TITLES: Final[Mapping[str, str]] = {
    "resident_register": N_("file 1"),
    "identity_info": N_("file 2"),
    "identity_info_history": N_("file 2, superseded"),
    "destination_info": N_("file 3"),
    "line": N_("line of the list"),
}
_WORDS: Final[Mapping[str, str]] = {
    # what tasks of the register keep
    "report": N_("Report"),
    "agrees": N_("Agrees"),
    "sound": N_("Sound"),
    "records": N_("Records"),
    "rows": N_("Rows"),
    "differences": N_("Differences"),
    "pending": N_("On its way"),
    "by_check": N_("By check"),
    "by_severity": N_("By severity"),
    "register_records": N_("Records of file 1"),
    "identity_records": N_("Records of file 2"),
    "register_digest": N_("Digest of file 1"),
    "identity_digest": N_("Digest of file 2"),
    "ours": N_("Here"),
    "theirs": N_("On the other side"),
    "changes": N_("Changes found"),
    "notifications": N_("Notifications"),
    "accounts": N_("Accounts"),
    "enabled": N_("Enabled"),
    "rows_fallen": N_("Rows gone without an erasure"),
    "notices": N_("Worth a look"),
    "damage": N_("Damage"),
    "columns": N_("Columns"),
    "shown": N_("Shown"),
    "server": N_("Sent to"),
    "batches": N_("Batches"),
    "late": N_("Late"),
    "erased": N_("Erased"),
    "rows_before": N_("Rows before"),
    "rows_after": N_("Rows after"),
    "current_before": N_("Current records before"),
    "record": N_("Record"),
    "items": N_("Items"),
    "history_record": N_("Kept as superseded"),
    "before_sha256": N_("SHA-256 before"),
    "after_sha256": N_("SHA-256 after"),
    "file_sha256": N_("SHA-256 of the file"),
    "procedure": N_("Procedure"),
    "ground": N_("Ground"),
    "day": N_("Day"),
    "number": N_("Number"),
    # what sessions keep
    "session": N_("Session"),
    "session_state": N_("Session ended"),
    "recording_sha256": N_("SHA-256 of the recording"),
    "committed": N_("Committed"),
    "host": N_("Host"),
    "serial": N_("Certificate"),
    # what leaves the house
    "output": N_("Line of the ledger"),
    "backup": N_("Backup"),
    "sha256": "SHA-256",
    "size": N_("Size"),
    "persons": N_("Persons"),
    "manifest_sha256": N_("SHA-256 of the manifest"),
    "files": N_("Files"),
    "medium": N_("Medium"),
    "identity": N_("Identity of the medium"),
    "folder": N_("Folder"),
    "read_back": N_("Read back"),
    "due": N_("Last day"),
    # what is erased
    "technique": N_("Way of erasure"),
    "events": N_("Events"),
    "segments": N_("Segments"),
    # user IDs, rosters and operators
    "verified": N_("Seen at the system"),
    "unverified": N_("Not verified"),
    "batch": N_("Batch"),
    "applied": N_("Applied"),
    "login": N_("User ID"),
    "valid_until": N_("Valid until"),
    "fingerprint": N_("Fingerprint of the host key"),
    "display_name": N_("Display name"),
    "office": N_("Office"),
    "profile": N_("Rights"),
    "last_sign_in_at": N_("Last use"),
    "work": N_("Work"),
    "staff": N_("Staff numbers"),
    "said_done_by": N_("Entered by"),
    "site.toml": N_("SHA-256 of the settings"),
    "reason": N_("Reason"),
    # rows of what a task gives out
    "check": N_("Check"),
    "table": N_("Table of the register"),
    "setting": N_("Setting"),
    "agreed": N_("Baseline"),
    "found": N_("Found"),
    "notice": N_("Worth a look"),
    "account": N_("Account"),
    "seconds": N_("Seconds"),
    "state": N_("State"),
    "process": N_("Process"),
    "waits_for": N_("Waits for"),
    "standby": N_("Standby"),
    "bytes": N_("Bytes"),
    "bytes_behind": N_("Bytes behind"),
    "free_bytes": N_("Free bytes"),
    "dead_rows": N_("Dead rows"),
}
_TITLES: Final[Mapping[str, str]] = {**KIND_TITLES, **_WORDS}
_SIZES: Final = frozenset({"size"})
_UNKNOWN: Final = frozenset({"committed"})  # what nobody knows is neither a no nor nothing
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FINGERPRINT: Final = 16


def facts(
    evidence: Mapping[str, Any], *, without: Collection[str] = (), titles: Mapping[str, str] | None = None
) -> list[Fact]:
    """Return what is kept of an act as facts, those of ``without`` left out; ``titles`` go before our own words."""
    known = {**_TITLES, **(titles or {})}
    return [
        Fact(_(known.get(name, name)), _each(name, value)) for name, value in evidence.items() if name not in without
    ]


def label(name: str) -> str:
    """Return what a kept fact is called; one without a word of ours keeps its name."""
    return _(_TITLES.get(name, name))


def told(value: object) -> str:
    """Return a kept value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value == "":
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{_place_or_label(str(name))} {told(each)}" for name, each in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(told, value)) or "-"
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value)
    return fingerprint(text) if _DIGEST.fullmatch(text) else retold(text)


def fingerprint(digest: str) -> str:
    """Return the first and last letters of a digest in groups, as people compare them."""
    head, tail = digest[:_FINGERPRINT], digest[-8:]
    return f"{head[:4]} {head[4:8]} {head[8:12]} {head[12:]} … {tail[:4]} {tail[4:]}"


def _place_or_label(name: str) -> str:
    return _(PLACE_TITLES[name]) if name in PLACE_TITLES else label(name)


def _each(name: str, value: object) -> str:
    if name in _SIZES and isinstance(value, int):
        return f"{size_words(value)}  ({value:,} B)"
    if name == "session_state":
        return _(STATE_TITLES[State(str(value))])
    if name in _UNKNOWN and value is None:
        return _("not known")
    return told(value)

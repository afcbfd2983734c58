"""The flat columns of an event, and what they are called in OCSF 1.6 and in ECS.

Administrators read these names in rules and queries, so they are short words. No column is ever NULL: in SQL
``NULL < 2`` is not true, and the searches with no key at all, the worst ones, would vanish from a rule.
An empty text means "not told"; an unknown count of search keys is ``-1``, an unknown number of subjects ``0``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag, StrEnum
from typing import Any, Final

SCHEMA_VERSION: Final = 2
OCSF_VERSION: Final = "1.6.0"
KEYS_NOT_TOLD: Final = -1
FACTORS_NOT_TOLD: Final = 0


class Action(StrEnum):
    """What was done (MO-LOG-01)."""

    LOGIN = "login"
    LOGOUT = "logout"
    SEARCH = "search"
    VIEW = "view"
    UPDATE = "update"
    PRINT = "print"
    EXPORT = "export"
    MEDIA = "media"
    BACKUP = "backup"
    TRANSFER = "transfer"
    ACKNOWLEDGE = "acknowledge"
    ADMIN = "admin"
    OTHER = "other"


class Outcome(StrEnum):
    """How it ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    UNKNOWN = "unknown"


class Key(IntFlag):
    """What a search was made with: the four attributes, and a complete number as an exact key."""

    NAME = 1
    BIRTH = 2
    SEX = 4
    ADDRESS = 8
    NUMBER = 16


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an event: its DuckDB type, its value when nothing was told, and its names elsewhere."""

    name: str
    type: str
    empty: str | int
    meaning: str
    ocsf: str = ""
    ecs: str = ""


COLUMNS: Final = (
    Column("event_id", "BIGINT", 0, "file number * 2^32 + place in it; no time order", "metadata.uid", "event.id"),
    Column("ts", "BIGINT", 0, "instant, milliseconds since 1970 in UTC", "time", "@timestamp"),
    Column("ts_raw", "VARCHAR", "", "the time as it was written", "metadata.original_time", "event.created"),
    Column("zone", "VARCHAR", "", "the zone that was stated, or assumed for a time without one", "unmapped.zone"),
    Column("day", "INTEGER", 0, "the site's calendar day, as days since 1970-01-01", "unmapped.day"),
    Column("minute", "SMALLINT", 0, "minutes since the site's midnight", "unmapped.minute"),
    Column("system", "VARCHAR", "", "the system that was used", "metadata.product.name", "service.name"),
    Column("office", "VARCHAR", "", "the office that the log names", "actor.user.org.name", "organization.name"),
    Column("user_id", "VARCHAR", "", "the user ID, folded (NFKC, lower case)", "actor.user.uid", "user.name"),
    Column("user_raw", "VARCHAR", "", "the user ID as written, if folding changed it", "actor.user.name"),
    Column("terminal", "VARCHAR", "", "the terminal ID, folded", "src_endpoint.name", "source.domain"),
    Column("terminal_raw", "VARCHAR", "", "the terminal ID as written, if folding changed it"),
    Column("src_ip", "VARCHAR", "", "the source address", "src_endpoint.ip", "source.address"),
    Column("session", "VARCHAR", "", "the session", "actor.session.uid", "process.entity_id"),
    Column("action", "VARCHAR", "other", "what was done", "activity_name", "event.action"),
    Column("outcome", "VARCHAR", "unknown", "how it ended", "status", "event.outcome"),
    Column("reason", "VARCHAR", "", "why it ended so", "status_detail", "event.reason"),
    Column("target_count", "INTEGER", 0, "how many persons it concerned", "count"),
    Column("object", "VARCHAR", "", "whom or what it concerned (a surrogate key)", "resources[].uid"),
    Column("dest_system", "VARCHAR", "", "where data went", "dst_endpoint.name", "destination.domain"),
    Column("key_set", "TINYINT", 0, "what a search was made with, as bits", "unmapped.key_set"),
    Column("search_keys", "TINYINT", KEYS_NOT_TOLD, "how many of name, birth, address; -1: not told"),
    Column("factors", "TINYINT", FACTORS_NOT_TOLD, "how many factors a sign-in was proven with; 0: not told"),
    Column(
        "sequence", "BIGINT", 0, "the log's own running number; 0: it has none", "metadata.sequence", "event.sequence"
    ),
    Column("application", "VARCHAR", "", "the application that the log names", "unmapped.application"),
    Column("detail", "VARCHAR", "", "the rest of what was written", "message", "message"),
    Column("source_id", "INTEGER", 0, "the imported file, by its number in the import ledger", "metadata.log_name"),
    Column("line_no", "BIGINT", 0, "the line in that file, the first is 1", "unmapped.line", "log.file.line"),
)
NAMES: Final = tuple(column.name for column in COLUMNS)

# What two exports of one log tell alike about one event; file and line tell where it stood.
CONTENT: Final = tuple(name for name in NAMES if name not in {"event_id", "source_id", "line_no"})

QUARANTINE_COLUMNS: Final = (
    Column("source_id", "INTEGER", 0, "the file, by its number in the import ledger"),
    Column("line_no", "BIGINT", 0, "the line in that file"),
    Column("reason", "VARCHAR", "", "why the line could not be understood"),
    Column("size", "BIGINT", 0, "bytes of the line"),
    Column("sha256", "VARCHAR", "", "SHA-256 of the line's bytes"),
    Column("head", "VARCHAR", "", "the line's bytes as hexadecimal, whole up to the kept length"),
)

_SEARCH_BITS: Final = (Key.NAME, Key.BIRTH, Key.ADDRESS)  # sex does not count (domain.md section 13, reading 4)
_STATUS: Final = {Outcome.SUCCESS: 1, Outcome.FAILURE: 2, Outcome.ERROR: 99, Outcome.UNKNOWN: 0}
_AUTHENTICATION: Final = 3002
_API_ACTIVITY: Final = 6003
_OCSF_ACTIVITY: Final = {
    Action.LOGIN: (_AUTHENTICATION, 1),
    Action.LOGOUT: (_AUTHENTICATION, 2),
    Action.SEARCH: (_API_ACTIVITY, 2),
    Action.VIEW: (_API_ACTIVITY, 2),
    Action.UPDATE: (_API_ACTIVITY, 3),
}


def search_keys(key_set: int) -> int:
    """Return how many of name, birth date and address are in ``key_set``; sex does not count."""
    return sum(1 for bit in _SEARCH_BITS if key_set & bit)


def ocsf(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``event`` (a row of these columns) as an OCSF 1.6 event.

    Sign-ins and sign-outs are Authentication (3002), everything else API Activity (6003).
    """
    class_uid, activity = _OCSF_ACTIVITY.get(event["action"], (_API_ACTIVITY, 99))
    out: dict[str, Any] = {
        "class_uid": class_uid,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        "status_id": _STATUS[Outcome(event["outcome"])],
        "metadata": {"version": OCSF_VERSION},
    }
    for column in COLUMNS:
        if column.ocsf and event[column.name] not in {"", column.empty}:
            _place(out, column.ocsf, event[column.name])
    return out


def _place(out: dict[str, Any], path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    for parent in parents:
        name = parent.removesuffix("[]")
        out = out.setdefault(name, [{}])[0] if parent.endswith("[]") else out.setdefault(name, {})
    out[leaf] = value

"""Dated exceptions: an ID without a person that has a reason and an end, such as one that a machine uses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from accesscontrol import rows
from accesscontrol.accounts.lines import require_name
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


def allow(
    tx: Transaction, system: str, user_id: str, *, reason: str, until: datetime, actor: str, terminal: str = ""
) -> None:
    """Let an ID stand without a person up to ``until`` (UTC, not included), for a reason (act ``account.excepted``)."""
    require_name(user_id)
    if not reason.strip() or until <= tx.at:
        raise Refusal(
            N_("An exception needs a reason and an end that is still to come."),
            control="AC-USR-02",
        )
    tx.execute(
        "INSERT INTO account_exception (system, user_id, reason, until, allowed_by, allowed_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (system, user_id, reason, to_text(until), actor, to_text(tx.at)),
    )
    tx.record(
        "account.excepted",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        reason=reason,
        until=to_text(until),
    )


def allowed(reader: Reader, at: datetime) -> Mapping[tuple[str, str], datetime]:
    """Return the end of the exception that holds at ``at``, by system and ID."""
    found = reader.rows(
        "SELECT system, user_id, max(until) AS until FROM account_exception WHERE until > ? GROUP BY system, user_id",
        (to_text(at),),
    )
    standing = rows.values(found, _exception, reader.note_damage)
    return {(each.system, each.user_id): each.until for each in standing}


class _Exception(NamedTuple):
    system: str
    user_id: str
    until: datetime


_exception: Final = rows.Mapper(_Exception, "account_exception", "system", "user_id")

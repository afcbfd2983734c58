"""The regular check of abnormal access: a period, closed by a signature once each finding in it is judged (MO-ANM-04).

Periods follow one another without a gap (MO-ANM-05). What is signed holds a digest of every finding of the period and
how it ended, so that a later change of a judgement shows.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from sqlite3 import Row
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol import rows
from accesscontrol.canonical import JSON, canonical, digest
from accesscontrol.clock import end_of_day, from_text, local_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people.keys import Signature
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.decisions import signed_by
from accesscontrol.requests.desk import Acting, check_role
from accesscontrol.store import Store, Transaction
from monitors.findings.raising import finding_name
from monitors.findings.states import OPEN, State

REVIEWERS: Final = frozenset({Role.SECURITY_OFFICER, Role.RESIDENT_OPERATOR})
CONTROL: Final = "MO-ANM-04"
_NAMED: Final = 5
_DAY: Final = timedelta(days=1)
Signing = Callable[[bytes], Signature]


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the site, both inclusive."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a period holds: how many findings ended how, the names of those still open, and the digest of all."""

    period: Period
    counts: Mapping[State, int]
    open: Sequence[str]
    accounts: frozenset[tuple[str, str]]
    digest: str

    @property
    def findings(self) -> int:
        """How many findings the period holds."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A signed check. ``signature`` is the reviewer's over :func:`statement`, by the key ``key_id``."""

    number: int
    period: Period
    findings: int
    counts: Mapping[State, int]
    digest: str
    comment: str
    reviewer: str
    login: str
    terminal: str
    at: datetime
    key_id: str
    factor: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Reviews:
    """Where periods are checked. ``zone`` is the site's; ``owner_of(system, account)`` is a staff number, or empty."""

    store: Store
    zone: ZoneInfo
    owner_of: Callable[[str, str], str]

    def next_period(self) -> Period | None:
        """Return the period that is to be checked next: up to yesterday, or None when nothing is due."""
        return self._next_period(self.store, self.store.clock.now())

    def _next_period(self, reader: Reader, at: datetime) -> Period | None:
        signed = reader.row("SELECT max(last_day) AS day FROM finding_review")
        if signed is not None and signed["day"] is not None:
            first = date.fromisoformat(signed["day"]) + _DAY
        else:
            began = reader.row("SELECT min(first) AS at FROM finding")
            imported = reader.row("SELECT min(imported_at) AS at FROM event_source")
            found = [row["at"] for row in (began, imported) if row is not None and row["at"] is not None]
            if not found:
                return None
            first = local_day(from_text(min(found)), self.zone)
        last = local_day(at, self.zone) - _DAY
        return Period(first, last) if first <= last else None

    def summary(self, period: Period) -> Summary:
        """Return what ``period`` holds now."""
        return self._summary(self.store, period)

    def _summary(self, reader: Reader, period: Period) -> Summary:
        start, end = end_of_day(period.first - _DAY, self.zone), end_of_day(period.last, self.zone)
        found = reader.rows(
            "SELECT id, rule, rule_version, state, system, account, first, last, count, disposed_by, disposed_at,"
            " reason, application FROM finding WHERE last >= ? AND last < ? ORDER BY id",
            (to_text(start), to_text(end)),
        )
        counts: dict[State, int] = {}
        for row in found:
            state = _state(row)
            counts[state] = counts.get(state, 0) + 1
        content: list[JSON] = [{name: row[name] for name in row.keys()} for row in found]  # noqa: SIM118 - a Row
        return Summary(
            period=period,
            counts=counts,
            open=[finding_name(row["id"]) for row in found if row["state"] in OPEN],
            accounts=frozenset((row["system"], row["account"]) for row in found),
            digest=digest({"format": "sekisho findings v1", "period": str(period), "findings": content}),
        )

    def sign(self, last: date, actor: Acting, *, seen: str, comment: str, sign: Signing) -> Review:
        """Close the next period on its day ``last``, as the content whose digest was ``seen``, and return the check.

        ``sign`` performs the step-up and returns the signature. Refused while a finding of the period is open, while
        logs of it wait for detection, and to whoever a finding of it is about.
        """
        period = self._check(self.store, last, actor, seen, self.store.clock.now())
        signature = sign(statement(period, seen, actor, comment))
        with self.store.transaction() as tx:
            check_role(tx, actor, REVIEWERS, CONTROL)
            self._check(tx, last, actor, seen, tx.at)
            message = statement(period, seen, actor, comment)
            if not signed_by(tx, actor, message, signature.value, key_id=signature.key_id, at=tx.at):
                raise Refusal(N_("The signature doesn't fit."), control=CONTROL)
            number = self._insert(tx, self._summary(tx, period), actor, comment, signature)
        return get(self.store, number)

    def _check(self, reader: Reader, last: date, actor: Acting, seen: str, at: datetime) -> Period:
        if not actor.roles(reader, at) & REVIEWERS:
            raise Refusal(
                N_("This needs a role that you don't hold: {roles}."),
                control=CONTROL,
                roles=[ROLE_TITLES[role] for role in sorted(REVIEWERS)],
            )
        due = self._next_period(reader, at)
        if due is None or not due.first <= last <= due.last:
            words = N_("{day} can't be the last day: a period begins after the last one and ends before today.")
            raise Refusal(words, control=CONTROL, day=last)
        period = Period(due.first, last)
        found = self._summary(reader, period)
        if found.open:
            raise Refusal(
                N_("{count} findings of this period are not judged: {names}."),
                control=CONTROL,
                count=len(found.open),
                names=[*found.open[:_NAMED], *(["…"] if len(found.open) > _NAMED else [])],
            )
        self._check_detected(reader)
        if any(account and self.owner_of(system, account) == actor.staff_number for system, account in found.accounts):
            raise Refusal(N_("A finding of this period is about you; somebody else signs it."), control=CONTROL)
        if found.digest != seen:
            raise Refusal(N_("The period changed after you looked at it. Read it again, then sign."), control=CONTROL)
        return period

    @staticmethod
    def _check_detected(reader: Reader) -> None:
        newest = reader.row("SELECT coalesce(max(number), 0) AS n FROM event_segment WHERE kind = 'events'")
        seen = reader.row("SELECT coalesce(max(segment), 0) AS n FROM detection_run")
        if newest is not None and seen is not None and newest["n"] > seen["n"]:
            raise Refusal(N_("Logs came in that no rule has looked at yet. Run the rules first."), control=CONTROL)

    @staticmethod
    def _insert(tx: Transaction, found: Summary, actor: Acting, comment: str, signature: Signature) -> int:
        counts: dict[str, JSON] = {str(state): number for state, number in found.counts.items()}
        cursor = tx.execute(
            "INSERT INTO finding_review (first_day, last_day, findings, counts, digest, comment, reviewer, login,"
            " terminal, at, key_id, factor, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                found.period.first.isoformat(),
                found.period.last.isoformat(),
                found.findings,
                canonical(counts).decode(),
                found.digest,
                comment,
                actor.staff_number,
                actor.login,
                actor.terminal,
                to_text(tx.at),
                signature.key_id,
                signature.factor_kind,
                signature.value,
            ),
        )
        tx.record(
            "findings.reviewed",
            actor=actor.staff_number,
            subject=str(found.period),
            terminal=actor.terminal,
            findings=found.findings,
            counts=counts,
            digest=found.digest,
            comment=comment,
            key=signature.key_id,
            factor=signature.factor_kind,
            signature=signature.value.hex(),
        )
        return int(cursor.lastrowid or 0)

    def faults(self, review: Review) -> list[str]:
        """Return what of a signed check no longer holds, as msgids: its signature, or the findings that it closed."""
        found = []
        actor = Acting(review.login, review.reviewer, review.terminal)
        message = statement(review.period, review.digest, actor, review.comment)
        if not signed_by(self.store, actor, message, review.signature, key_id=review.key_id, at=review.at):
            found.append(N_("The signature doesn't fit."))
        if self.summary(review.period).digest != review.digest:
            found.append(N_("Findings of the period came or changed after it was signed."))
        return found


def statement(period: Period, content: str, actor: Acting, comment: str) -> bytes:
    """Return what a reviewer signs: the SHA-256 of the statement that the period is checked."""
    return hashlib.sha256(
        canonical(
            {
                "format": "sekisho findings review v1",
                "period": str(period),
                "digest": content,
                "reviewer": actor.staff_number,
                "comment": comment,
            }
        )
    ).digest()


def listed(reader: Reader, *, limit: int = 1000) -> list[Review]:
    """Return the signed checks, the newest first."""
    found = reader.rows("SELECT * FROM finding_review ORDER BY id DESC LIMIT ?", (limit,))
    return rows.values(found, _review, reader.note_damage)


def get(reader: Reader, number: int) -> Review:
    """Return one signed check; Refusal when there is none of that number."""
    row = reader.row("SELECT * FROM finding_review WHERE id = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no check {number}."), number=number)
    return _review(row)


@rows.of("finding", "id")
def _state(row: Row) -> State:
    return State(row["state"])


_period: Final = rows.Mapper(Period, "finding_review", "id", first="first_day", last="last_day")
_stored: Final = rows.Mapper(Review, "finding_review", "id", number="id")


def _review(row: Row) -> Review:
    return _stored(row, period=_period(row))

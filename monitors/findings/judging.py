"""What people do with a finding: take it, write to it, judge it, open it again. Nobody judges what is about themselves.

Judging is for those who work off findings (MO-ANM-04); a suppression takes force only when a second person, who may
decide, has confirmed it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.operators import Operator, holders
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting, check_role
from accesscontrol.store import Store, Transaction
from monitors.findings import applications, reading
from monitors.findings.raising import finding_name
from monitors.findings.reading import Finding
from monitors.findings.states import JUDGED, OPEN, TITLES, State

JUDGES: Final = frozenset({Role.SECURITY_OFFICER, Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
CONFIRMERS: Final = frozenset({Role.SECURITY_OFFICER, Role.INFOSEC_MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a finding ends: what it was, why, and what that needs.

    A legitimate access names its application; a false alarm may name an end (UTC) until which its like is suppressed.
    """

    state: State
    reason: str
    application: str = ""
    suppress_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judges:
    """Where findings are judged. ``owner_of(system, account)`` is the staff number of an account's person, or empty."""

    store: Store
    owner_of: Callable[[str, str], str]

    def assign(self, number: int, actor: Acting, *, to: str) -> None:
        """Give an open finding to somebody (a staff number) who judges and isn't its subject."""
        with self.store.transaction() as tx:
            finding = self._open(tx, number, actor)
            self._not_about(finding, to)
            if to != actor.staff_number and to not in _judges(tx, tx.at):
                raise Refusal(N_("{person} judges no findings. Give it to somebody who does."), person=to)
            self._move(tx, finding, State.ASSIGNED, "assignee = ?", (to,))
            self._record(tx, "finding.assigned", finding, actor, to=to)

    def colleagues(self, actor: Acting) -> list[Operator]:
        """Return who else judges findings now, each person once."""
        return [
            each
            for number, each in sorted(_judges(self.store, self.store.clock.now()).items())
            if number != actor.staff_number
        ]

    def comment(self, number: int, actor: Acting, *, text: str) -> None:
        """Write to a finding."""
        if not text.strip():
            raise Refusal(N_("Write something."))
        with self.store.transaction() as tx:
            finding = reading.get(tx, number)
            check_role(tx, actor, JUDGES | {Role.AUDITOR})
            tx.execute(
                "INSERT INTO finding_comment (finding, at, author, text) VALUES (?, ?, ?, ?)",
                (number, to_text(tx.at), actor.staff_number, text),
            )
            self._record(tx, "finding.commented", finding, actor, text=text)

    def judge(self, numbers: Sequence[int], actor: Acting, judgement: Judgement) -> None:
        """Judge one finding, or several alike, at once; all or none."""
        _check(judgement)
        with self.store.transaction() as tx:
            applications.check(tx, judgement.application)
            for number in numbers:
                finding = self._open(tx, number, actor)
                self._dispose(tx, finding, actor, judgement)

    def _dispose(self, tx: Transaction, finding: Finding, actor: Acting, judgement: Judgement) -> None:
        until = judgement.suppress_until
        if until is not None and until <= tx.at:
            raise Refusal(N_("The suppression's end must lie ahead."))
        if until is not None and not _confirmers(tx, actor, tx.at):
            raise Refusal(
                N_("Nobody but you could confirm that its like stays quiet. Judge it without an end."),
                control="MO-ANM-04",
            )
        self._move(
            tx,
            finding,
            judgement.state,
            "disposed_by = ?, disposed_at = ?, reason = ?, application = ?",
            (actor.staff_number, to_text(tx.at), judgement.reason, judgement.application),
        )
        if until is not None:
            tx.execute(
                "INSERT INTO suppression (rule, grouping, finding, until, reason, proposed_by)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (finding.rule, finding.group, finding.number, to_text(until), judgement.reason, actor.staff_number),
            )
        self._record(
            tx,
            "finding.disposed",
            finding,
            actor,
            outcome=judgement.state,
            reason=judgement.reason,
            application=judgement.application,
            suppress_until=to_text(until) if until else None,
        )

    def confirmers(self, actor: Acting) -> set[str]:
        """Return the staff numbers of those who could confirm now a suppression that ``actor`` proposes."""
        return _confirmers(self.store, actor, self.store.clock.now())

    def confirm_suppression(self, number: int, actor: Acting) -> None:
        """Let a proposed suppression take force, as a second person who may decide."""
        with self.store.transaction() as tx:
            finding = reading.get(tx, number)
            check_role(tx, actor, CONFIRMERS, "MO-ANM-04")
            self._not_about(finding, actor.staff_number)
            row = tx.row(
                "SELECT id, until, proposed_by FROM suppression WHERE finding = ? AND confirmed_at IS NULL", (number,)
            )
            if row is None:
                raise Refusal(N_("{finding} has no suppression to confirm."), finding=finding.id)
            if row["proposed_by"] == actor.staff_number:
                raise Refusal(N_("A second person confirms a suppression."), control="MO-ANM-04")
            tx.execute(
                "UPDATE suppression SET confirmed_by = ?, confirmed_at = ? WHERE id = ?",
                (actor.staff_number, to_text(tx.at), row["id"]),
            )
            tx.execute("UPDATE finding SET suppressed_until = ? WHERE id = ?", (row["until"], number))
            self._record(tx, "finding.suppressed", finding, actor, until=row["until"])

    def reopen(self, number: int, actor: Acting, *, reason: str) -> None:
        """Open a judged finding again; a suppression that came of it ends."""
        _needs(reason)
        with self.store.transaction() as tx:
            finding = reading.get(tx, number)
            check_role(tx, actor, JUDGES, "MO-ANM-04")
            self._not_about(finding, actor.staff_number)
            if finding.state is State.MADE_GOOD:
                raise Refusal(N_("{finding} is over: what was missing came after all."), finding=finding.id)
            if finding.state not in JUDGED:
                raise Refusal(N_("{finding} is open."), finding=finding.id)
            tx.execute("DELETE FROM suppression WHERE finding = ?", (number,))
            self._move(tx, finding, State.NEW, "suppressed_until = ?", (None,))
            self._record(tx, "finding.reopened", finding, actor, reason=reason)

    def _open(self, tx: Transaction, number: int, actor: Acting) -> Finding:
        finding = reading.get(tx, number)
        check_role(tx, actor, JUDGES, "MO-ANM-04")
        self._not_about(finding, actor.staff_number)
        if finding.state not in OPEN:
            raise Refusal(
                N_("{finding} is judged already: {state}. Reopen it first."),
                finding=finding.id,
                state=TITLES[finding.state],
            )
        return finding

    def _not_about(self, finding: Finding, staff_number: str) -> None:
        about = {*finding.facts.get("owners", ())}
        if finding.account:
            about.add(self.owner_of(finding.system, finding.account))
        if staff_number in about:
            raise Refusal(N_("Nobody judges a finding about themselves."), control="MO-ANM-04")

    @staticmethod
    def _move(tx: Transaction, finding: Finding, to: State, also: str, values: tuple[str | None, ...]) -> None:
        changed = tx.execute(
            f"UPDATE finding SET state = ?, changed_at = ?, {also} WHERE id = ? AND state = ?",  # noqa: S608 - fixed
            (to, to_text(tx.at), *values, finding.number, finding.state),
        ).rowcount
        if changed != 1:
            raise Refusal(N_("{finding} was changed by someone else meanwhile."), finding=finding.id)

    @staticmethod
    def _record(
        tx: Transaction, act: str, finding: Finding, actor: Acting, *, outcome: str = "done", **details: str | None
    ) -> None:
        tx.record(
            act,
            actor=actor.staff_number,
            subject=finding_name(finding.number),
            terminal=actor.terminal,
            outcome=outcome,
            rule=finding.rule,
            **details,
        )


def _judges(reader: Reader, at: datetime) -> dict[str, Operator]:
    return {each.staff_number: each for role in JUDGES for each in holders(reader, role, at)}


def _confirmers(reader: Reader, actor: Acting, at: datetime) -> set[str]:
    people = [each for role in CONFIRMERS for each in holders(reader, role, at)]
    return {each.staff_number for each in people} - {actor.staff_number}


def _needs(reason: str) -> None:
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))


def _check(judgement: Judgement) -> None:
    _needs(judgement.reason)
    if judgement.state not in JUDGED:
        raise Refusal(N_("A finding is legitimate, an incident, or a false alarm; choose one."))
    if judgement.state is State.LEGITIMATE and not judgement.application.strip():
        raise Refusal(N_("A legitimate access names the application that covers it."), control="MO-ANM-06")
    if judgement.suppress_until is not None and judgement.state is not State.FALSE_ALARM:
        raise Refusal(N_("Only a false alarm can be suppressed."))

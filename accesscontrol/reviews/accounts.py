"""The ledger of user IDs as reviews see it: its lines for the snapshot, its readings as proof, its grants to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol.accounts import desired, jobs, ledger, listing, observations, reading
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.jobs import JobState
from accesscontrol.accounts.lines import open_grants
from accesscontrol.accounts.listing import UNLISTED, AccountLine, Sources
from accesscontrol.accounts.model import ACCESS, CAUSE_TITLES, AccountState, DisableReason, PersonKind, Situation, Terms
from accesscontrol.accounts.observations import Observation
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews.lines import Line, Sight
from accesscontrol.reviews.model import Answer, Verdict
from accesscontrol.store import Transaction

_OVER: Final = frozenset({AccountState.LAPSED.value, AccountState.DISCARDED.value})


@dataclass(frozen=True, slots=True)
class AccountsLedger:
    """The ledger and the newest readings; one older than ``sources`` allows leaves its system's IDs unknown."""

    sources: Sources

    def lines(self, reader: Reader, at: datetime) -> Sequence[Line]:
        """Return every ID with a right, a way in, or a beginning still to come; those of unreadable systems, too.

        Left out: what is lapsed or discarded and shows nothing at its target, and what a system keeps for itself and
        nobody can use.
        """
        entries = {(each.account.system, each.account.user_id): each for each in desired.entries(reader)}
        seen = {(each.system, each.account.user_id): each for each in observations.observations(reader)}
        return [
            _line(each, entries.get((each.system, each.user_id)), seen.get((each.system, each.user_id)), at)
            for each in listing.listed(reader, self.sources, at)
            if not _nothing_left(each)
        ]

    def sight(self, reader: Reader, system: str, user_id: str) -> Sight | None:
        """Return what the newest good reading, of the whole system or of a finished job, showed of the ID."""
        last = observations.last_readings(reader).get(system)
        whole = last.read_at if last else None
        proofs = [each.finished_at for each in jobs.history(reader, system, user_id) if each.state is JobState.VERIFIED]
        read_at = max((at for at in (whole, *proofs) if at is not None), default=None)
        if read_at is None:
            return None
        found = observations.observations(reader, system, [user_id])
        if not found or found[0].missing_since is not None:
            return Sight(read_at=read_at, exists=False, enabled=False)
        account = found[0].account
        return Sight(
            read_at=read_at,
            enabled=bool(account.enabled or account.sessions or account.remains),
            rights=account.entitlements,
            valid_until=account.valid_to,
        )

    def carry_out(self, tx: Transaction, line: Line, answer: Answer, *, cause: str, actor: Acting) -> str:
        """End what ``answer`` ends in the ledger, with the review as its cause; the jobs bring it to the target.

        Refused for an ID that the ledger doesn't have: nobody's IDs are taken over or removed at their system first.
        """
        if reading.find_account(tx, *line.key) is None:
            raise Refusal(
                N_("The ledger has no ID {user_id} on {system}. Take it over, or remove it at the system; then read."),
                control="AC-PRM-01",
                system=line.system,
                user_id=line.user_id,
            )
        if answer.verdict is Verdict.REVOKE:
            ledger.revoke(
                tx,
                *line.key,
                DisableReason.REVIEW,
                actor=actor.staff_number,
                request=cause,
                terminal=actor.terminal,
            )
            return cause
        for grant in open_grants(tx, *line.key, tx.at):
            if grant.entitlement != ACCESS and grant.entitlement in answer.remove:
                ledger.end_grant(
                    tx,
                    grant.number,
                    DisableReason.REVIEW,
                    actor=actor.staff_number,
                    request=cause,
                    terminal=actor.terminal,
                )
        if answer.until is not None:
            _shorten(tx, line, answer.until, cause, actor)
        return cause


def _shorten(tx: Transaction, line: Line, until: datetime, cause: str, actor: Acting) -> None:
    access = [each for each in open_grants(tx, *line.key, tx.at) if each.entitlement == ACCESS]
    if not access or (access[-1].valid_until is not None and access[-1].valid_until <= until):
        return
    old = access[-1]
    terms = Terms(
        cause=old.cause,
        granted_by=old.granted_by,
        valid_from=old.valid_from,
        valid_until=until,
        rule=old.rule,
        request=cause,
    )
    ledger.extend(tx, *line.key, terms, actor=actor.staff_number, terminal=actor.terminal)


def _nothing_left(each: AccountLine) -> bool:
    unknown = each.situation is Situation.UNREADABLE
    over = each.state in _OVER and not unknown
    return (each.exempt or over) and not each.usable and not each.excess


def _line(each: AccountLine, entry: Entry | None, seen: Observation | None, at: datetime) -> Line:
    account = seen.account if seen and seen.missing_since is None else None
    person = entry.persons.get(each.person) if entry else None
    grants = [grant for grant in entry.grants if grant.ended_at is None] if entry else []
    access = [grant for grant in grants if grant.entitlement == ACCESS]
    return Line(
        system=each.system,
        user_id=each.user_id,
        staff_number=each.person,
        name=each.person_name,
        office=each.office,
        present=person is not None and person.valid(at),
        contractor=each.person_kind in {PersonKind.CONTRACTOR, PersonKind.TEMPORARY},
        privileged=account is not None and account.administrator,
        granted=() if each.state == UNLISTED else tuple(sorted(each.entitlements)),
        effective=tuple(sorted(account.entitlements)) if account else (),
        enabled=each.state == AccountState.LIVE if each.enabled is None else each.enabled,
        readable=each.situation is not Situation.UNREADABLE,
        read_at=each.read_at,
        last_use=each.last_use,
        valid_until=each.valid_to,
        reason=CAUSE_TITLES[access[-1].cause] if access else "",
        reference=access[-1].request if access else "",
        grantors=tuple(sorted({grant.granted_by for grant in grants} - {""})),
        pledge=person.pledge if person else "",
    )

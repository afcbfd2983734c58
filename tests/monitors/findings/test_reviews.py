"""A period is closed by a signature, once all of it is judged, and shows what changed afterwards."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accesscontrol.clock import FixedClock, to_text
from accesscontrol.people.keys import Signature
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.store import Store
from accesscontrol.trail import entries
from monitors.events import ledger
from monitors.findings import reviews
from monitors.findings.judging import Judgement, Judges
from monitors.findings.matches import Match
from monitors.findings.raising import raise_findings
from monitors.findings.reviews import Period, Review, Reviews
from monitors.findings.states import State

from .conftest import NOW, OWNERS, PEOPLE

TOKYO = ZoneInfo("Asia/Tokyo")
YESTERDAY = date(2026, 11, 23)
People = Callable[[str], Acting]
MISUSE = Judgement(state=State.INCIDENT, reason="misuse")


@pytest.fixture
def where(store: Store) -> Reviews:
    store.migrate(ledger.migrations)
    return Reviews(store, TOKYO, lambda _system, account: OWNERS.get(account, ""))


@pytest.fixture
def number(store: Store, match: Match) -> int:
    """Return a finding of yesterday."""
    first, last = match.first - timedelta(days=1), match.last - timedelta(days=1)
    return raise_findings(store, [replace(match, first=first, last=last)]).new[0]


class Signer:
    """Signs as a person does after the step-up, with a key that the store knows."""

    def __init__(self, store: Store, login: str, *, known: bool = True) -> None:
        self.login, self.staff_number = login, PEOPLE[login][0]
        self._key = Ed25519PrivateKey.generate()
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = hashlib.sha256(public).hexdigest()[:32]
        if known:
            with store.transaction() as tx:
                tx.execute(
                    "UPDATE signing_key SET valid_until = ? WHERE login = ? AND valid_until IS NULL",
                    (to_text(tx.at), login),
                )
                tx.execute(
                    "INSERT INTO signing_key (id, login, staff_number, public, nonce, sealed, valid_from)"
                    " VALUES (?, ?, ?, ?, x'00', x'00', ?)",
                    (self.key_id, login, self.staff_number, public, to_text(NOW - timedelta(days=1))),
                )
                tx.record("key.issued", actor="system", subject=login)

    def __call__(self, message: bytes) -> Signature:
        return Signature(
            key_id=self.key_id,
            login=self.login,
            staff_number=self.staff_number,
            at=NOW,
            value=self._key.sign(message),
            factor_method="totp",
            factor_kind="substitute",
        )


def signed(where: Reviews, store: Store, actor: Acting, *, last: date = YESTERDAY, seen: str = "") -> Review:
    due = where.next_period()
    assert due is not None
    seen = seen or where.summary(Period(due.first, last)).digest
    return where.sign(last, actor, seen=seen, comment="all judged", sign=Signer(store, actor.login))


def test_a_period_begins_with_the_first_finding_and_ends_yesterday(where: Reviews, number: int) -> None:
    assert number
    assert where.next_period() == Period(YESTERDAY, YESTERDAY)


def test_nothing_is_due_where_nothing_was_imported_or_found(where: Reviews) -> None:
    assert where.next_period() is None


def test_it_is_refused_while_a_finding_of_it_is_open(where: Reviews, store: Store, number: int, person: People) -> None:
    assert number
    with pytest.raises(Refusal, match=r"1 findings of this period are not judged.*F-00001"):
        signed(where, store, person("sato"))
    assert reviews.listed(store) == []


def test_a_judged_period_is_signed_and_stands_in_the_trail(
    where: Reviews, store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    review = signed(where, store, person("sato"))
    assert (review.period, review.findings, review.counts) == (Period(YESTERDAY, YESTERDAY), 1, {State.INCIDENT: 1})
    assert (review.reviewer, review.comment) == ("S1", "all judged")
    assert where.faults(review) == []
    (entry,) = entries.about(store, str(review.period))
    assert entry.act == "findings.reviewed"
    assert entry.details["signature"] == review.signature.hex()
    assert where.next_period() is None


def test_the_next_period_follows_without_a_gap(
    where: Reviews, store: Store, judges: Judges, number: int, person: People, clock: FixedClock
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    signed(where, store, person("sato"))
    clock.advance(timedelta(days=3))
    assert where.next_period() == Period(date(2026, 11, 24), date(2026, 11, 26))
    signed(where, store, person("sato"), last=date(2026, 11, 25))
    assert where.next_period() == Period(date(2026, 11, 26), date(2026, 11, 26))


@pytest.mark.parametrize("last", [date(2026, 11, 22), date(2026, 11, 24), date(2027, 1, 1)])
def test_a_day_outside_what_is_due_is_no_last_day(
    where: Reviews, store: Store, judges: Judges, number: int, person: People, last: date
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    with pytest.raises(Refusal, match="can't be the last day"):
        signed(where, store, person("sato"), last=last)


def test_only_those_sign_who_check(where: Reviews, store: Store, judges: Judges, number: int, person: People) -> None:
    judges.judge([number], person("ito"), MISUSE)
    for login in ("yamada", "nakamura"):
        with pytest.raises(Refusal, match="role"):
            signed(where, store, person(login))


def test_nobody_signs_a_period_with_a_finding_about_themselves(
    where: Reviews, store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    about = Reviews(store, TOKYO, lambda _system, _account: "S1")
    with pytest.raises(Refusal, match="about you"):
        signed(about, store, person("sato"))
    signed(about, store, person("ito"))


def test_what_changed_after_it_was_read_is_not_signed(
    where: Reviews, store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    seen = where.summary(Period(YESTERDAY, YESTERDAY)).digest
    judges.reopen(number, person("ito"), reason="new facts")
    judges.judge([number], person("ito"), Judgement(state=State.FALSE_ALARM, reason="nightly job"))
    with pytest.raises(Refusal, match="changed after you looked"):
        signed(where, store, person("sato"), seen=seen)


def test_logs_that_no_rule_has_looked_at_hold_it_up(
    where: Reviews, store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO event_source (number, sha256, settings, name, size, system, stream, format, mapping, encoding,"
            " read, imported, duplicate, quarantined, first, last, imported_at, imported_by) VALUES (1, 'x', 'x', 'x', 1, 'juki', '', 'csv', '', 'utf-8', 1, 1, 0, 0, 1, 1,"
            " ?, 'S2')",
            (to_text(NOW),),
        )
        tx.execute("INSERT INTO event_segment VALUES (1, 'x', 'events', 1, 'juki', '', 1, 1, 1, 1, 1, 1, 'x', 1)")
        tx.record("events.imported", actor="S2")
    with pytest.raises(Refusal, match="Run the rules first"):
        signed(where, store, person("sato"))


def test_a_signature_by_another_key_is_refused(
    where: Reviews, store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    seen = where.summary(Period(YESTERDAY, YESTERDAY)).digest
    for sign in (Signer(store, "sato", known=False), Signer(store, "ito")):
        with pytest.raises(Refusal, match="signature"):
            where.sign(YESTERDAY, person("sato"), seen=seen, comment="", sign=sign)
    assert reviews.listed(store) == []


def test_a_judgement_that_changes_later_shows_at_the_check(
    where: Reviews, store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    review = signed(where, store, person("sato"))
    judges.reopen(number, person("ito"), reason="new facts")
    assert where.faults(review) == ["Findings of the period came or changed after it was signed."]


def test_an_altered_row_shows_at_the_check(
    where: Reviews, store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("ito"), MISUSE)
    review = signed(where, store, person("sato"))
    assert "The signature doesn't fit." in where.faults(replace(review, comment="other words"))
    assert "The signature doesn't fit." in where.faults(replace(review, reviewer="S3"))
    later = replace(review, at=datetime(2020, 1, 1, tzinfo=UTC))
    assert "The signature doesn't fit." in where.faults(later)


@pytest.mark.usefixtures("where")
def test_a_check_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match="no check 7"):
        reviews.get(store, 7)

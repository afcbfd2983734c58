"""Someone who can write the database file, and knows how it works, still opens no gate."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from accesscontrol.clock import to_text
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.decisions import approval_message, attestation_message
from accesscontrol.requests.reading import Request, content_digest
from accesscontrol.requests.states import State
from tests.accesscontrol.requests.city import City


def write(city: City, statement: str, *parameters: Any) -> None:
    """Change the file behind the program's back; no entry, no constraint is in the way."""
    with city.store.bookkeeping() as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(statement, parameters)


def redigest(city: City, request: Request) -> Request:
    """Bring the stored digest in line with what the row says now, as anyone can who reads the source."""
    forged = city.now(request)
    value = content_digest(forged, parameters=forged.parameters, artefacts=forged.artefacts, dry_run=forged.dry_run)
    write(city, "UPDATE request SET digest = ? WHERE id = ?", value, request.id)
    return city.now(request)


def assert_shut(city: City, request: Request, login: str = "ogawa") -> None:
    with pytest.raises(Refusal):
        city.execute(request, login)
    assert city.world.done == []


EDITS: dict[str, tuple[str, Any]] = {
    "parameters": ("parameters = json_set(parameters, '$.amount', ?)", 1000),
    "reason": ("reason = ?", "another"),
    "requester": ("requester = ?", "S-endo"),
    "login": ("login = ?", "endo"),
    "terminal": ("terminal = ?", "desk-7"),
    "later end": ("not_after = ?", "2036-01-01T00:00:00.000000+00:00"),
    "earlier beginning": ("not_before = ?", "2016-01-01T00:00:00.000000+00:00"),
    "artefacts": ("artefacts = ?", '{"file":"0"}'),
    "dry run": ("dry_run = ?", '{"rows":101}'),
    "nonce": ("nonce = ?", "00"),
    "kind": ("kind = ?", "export"),
    "emergency": ("emergency = ?", 1),
    "rule": ("rule = json_set(rule, '$.slots', json('[]'), '$.witness', json(?))", "false"),
    "lifetime": ("rule = json_set(rule, '$.lifetime', ?)", 900),
}


class TestAnApprovedRequest:
    @pytest.mark.parametrize("edit", EDITS)
    def test_whose_row_was_altered_does_not_run(self, city: City, edit: str) -> None:
        request = city.approved("correction")
        assignment, value = EDITS[edit]
        write(city, f"UPDATE request SET {assignment}", value)
        assert_shut(city, request)

    @pytest.mark.parametrize("edit", EDITS)
    def test_whose_digest_was_recomputed_over_the_altered_row_does_not_run(self, city: City, edit: str) -> None:
        request = city.approved("correction")
        assignment, value = EDITS[edit]
        write(city, f"UPDATE request SET {assignment}", value)
        assert_shut(city, redigest(city, request))

    @pytest.mark.parametrize("edit", EDITS)
    def test_whose_approvals_were_put_on_the_new_digest_does_not_run(self, city: City, edit: str) -> None:
        request = city.approved("correction")
        assignment, value = EDITS[edit]
        write(city, f"UPDATE request SET {assignment}", value)
        forged = redigest(city, request)
        write(city, "UPDATE request_approval SET digest = ?", forged.digest)
        assert_shut(city, forged)

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("slot", "other"),
            ("approver", "S-tanaka"),
            ("login", "tanaka"),
            ("digest", "0" * 64),
            ("expires_at", "2036-01-01T00:00:00.000000+00:00"),
            ("at", "2016-01-01T00:00:00.000000+00:00"),
            ("key_id", "0" * 32),
            ("signature", bytes(64)),
            ("signature", b""),
        ],
    )
    def test_with_an_altered_approval_does_not_run(self, city: City, column: str, value: object) -> None:
        request = city.approved()
        write(city, f"UPDATE request_approval SET {column} = ?", value)
        assert_shut(city, request)

    def test_with_an_altered_witness_statement_does_not_run(self, city: City) -> None:
        request = city.approved("medium")
        write(city, "UPDATE request_attestation SET statement = 'I saw nothing.'")
        assert_shut(city, request)


class TestAnUnapprovedRequest:
    def test_that_was_marked_as_approved_does_not_run(self, city: City) -> None:
        request = city.submit()
        write(city, "UPDATE request SET state = 'approved'")
        assert_shut(city, request)

    def test_that_was_marked_as_an_emergency_does_not_run(self, city: City) -> None:
        request = city.submit()
        write(city, "UPDATE request SET state = 'approved', emergency = 1")
        assert_shut(city, redigest(city, request))

    def test_that_shows_the_approver_something_else_than_its_digest_is_not_signed(self, city: City) -> None:
        """Show A, let B be signed, put B back: the approver's own console must notice."""
        request = city.submit(amount=1000)
        write(city, "UPDATE request SET parameters = json_set(parameters, '$.amount', 1)")
        with pytest.raises(Refusal, match="altered in the file"):
            city.approve(request)
        assert city.now(request).approvals == []

    def test_that_shows_the_witness_something_else_than_its_digest_is_not_attested(self, city: City) -> None:
        request = city.approve(city.submit("medium"), "kato")
        write(city, "UPDATE request SET reason = 'another'")
        with pytest.raises(Refusal, match="altered in the file"):
            city.attest(request)

    @pytest.mark.parametrize("kind", ["export", "emergency"])
    def test_that_nobody_ever_submitted_does_not_run(self, city: City, kind: str) -> None:
        """An approver would approve it, because the row is consistent in itself, but the book has no such request."""
        request = city.submit(kind)
        write(city, "UPDATE request SET requester = 'S-endo', login = 'endo'")
        forged = redigest(city, request)
        if kind == "export":
            forged = city.approve(forged)
        with pytest.raises(Refusal, match="trail doesn't confirm"):
            city.execute(forged)
        assert city.world.done == []

    def test_with_the_approval_of_another_request_does_not_run(self, city: City) -> None:
        approved, request = city.approved(), city.submit()
        copy_approval(city, approved, request)
        assert_shut(city, request)

    def test_with_an_approval_that_names_an_approver_but_is_signed_by_the_forger_does_not_run(self, city: City) -> None:
        request = city.submit()
        key_id = city.sign("endo")(b"").key_id
        forge_approval(city, request, "sato", key_id, lambda message: city.sign("endo")(message).value)
        assert_shut(city, request)

    def test_with_one_approval_that_was_multiplied_does_not_run(self, city: City) -> None:
        request = city.approve(city.submit("correction"), "kondo")
        write(city, "UPDATE request SET state = 'approved'")
        write(
            city,
            "INSERT INTO request_approval (request, slot, approver, login, terminal, digest, at, expires_at, key_id,"
            " factor, signature) SELECT request, 'second', 'S-hara', 'hara', terminal, digest, at, expires_at, key_id,"
            " factor, signature FROM request_approval",
        )
        assert_shut(city, request)

    def test_with_a_true_signature_that_the_book_does_not_know_does_not_run(self, city: City) -> None:
        """The officer's key was stolen, but an approval at the desk leaves an entry."""
        request = city.submit()
        key_id = city.sign("sato")(b"").key_id
        forge_approval(city, request, "sato", key_id, lambda message: city.sign("sato")(message).value)
        with pytest.raises(Refusal, match="trail doesn't confirm"):
            city.execute(request)
        assert city.world.done == []


class TestAUsedRequest:
    """Single use rests on the book, not on a row that a backup can put back."""

    @pytest.mark.parametrize("also_the_execution", [True, False], ids=["with the execution's row", "its state alone"])
    def test_that_was_marked_as_unused_does_not_run_again(self, city: City, *, also_the_execution: bool) -> None:
        request = city.approved()
        city.execute(request)
        write(city, "UPDATE request SET state = 'approved'")
        if also_the_execution:
            write(city, "DELETE FROM request_execution")
        with pytest.raises(Refusal):
            city.execute(request)
        assert len(city.world.done) == 1

    @pytest.mark.parametrize("end", [City.revoke, City.withdraw, City.submit], ids=["revoked", "withdrawn", "edited"])
    def test_whose_rows_were_put_back_to_before_its_end_does_not_run(
        self, city: City, end: Callable[..., object]
    ) -> None:
        request = city.approved()
        before = rows(city)
        if end is City.submit:
            city.submit(request_id=request.id, amount=5)
            city.withdraw(request)
        else:
            end(city, request)
        put_back(city, before)
        assert city.state(request) is State.APPROVED
        with pytest.raises(Refusal, match="trail doesn't confirm"):
            city.execute(request)
        assert city.world.done == []


class TestAPerson:
    def test_who_was_given_another_staff_number_in_the_file_signs_for_nobody(self, city: City) -> None:
        request = city.submit()
        write(city, "UPDATE operator SET staff_number = 'S-sato' WHERE login = 'tanaka'")
        with pytest.raises(Refusal, match="not yours"):
            city.approve(request, "tanaka")

    def test_who_was_given_a_role_in_the_file_is_no_approver_of_the_past(self, city: City) -> None:
        request = city.approved()
        write(city, "UPDATE operator_role SET role = ? WHERE login = 'sato'", Role.SUPERIOR)
        assert_shut(city, request)


def copy_approval(city: City, source: Request, target: Request) -> None:
    write(city, "UPDATE request SET state = 'approved' WHERE id = ?", target.id)
    write(
        city,
        "INSERT INTO request_approval (request, slot, approver, login, terminal, digest, at, expires_at, key_id, factor,"
        " signature) SELECT ?, slot, approver, login, terminal, ?, at, expires_at, key_id, factor, signature"
        " FROM request_approval WHERE request = ?",
        target.id,
        target.digest,
        source.id,
    )


def forge_approval(city: City, request: Request, login: str, key_id: str, sign: Callable[[bytes], bytes]) -> None:
    message = approval_message(request, "officer", f"S-{login}", request.not_after)
    write(city, "UPDATE request SET state = 'approved' WHERE id = ?", request.id)
    write(
        city,
        "INSERT INTO request_approval (request, slot, approver, login, terminal, digest, at, expires_at, key_id, factor,"
        " signature) VALUES (?, 'officer', ?, ?, 'room-1', ?, ?, ?, ?, 'substitute', ?)",
        *(request.id, f"S-{login}", login, request.digest),
        *(to_text(city.clock.now()), to_text(request.not_after), key_id, sign(message)),
    )


TABLES = ("request", "request_approval", "request_attestation", "request_execution")


def rows(city: City) -> dict[str, list[tuple[Any, ...]]]:
    return {table: [tuple(row) for row in city.store.rows(f"SELECT * FROM {table}")] for table in TABLES}


def put_back(city: City, before: dict[str, list[tuple[Any, ...]]]) -> None:
    for table in reversed(TABLES):
        write(city, f"DELETE FROM {table}")
    for table in TABLES:
        for row in before[table]:
            write(city, f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", *row)


def test_what_an_approver_signs_names_every_part_of_the_decision(city: City) -> None:
    request = city.submit()
    changed = dataclasses.replace(request, digest="0" * 64)
    renamed = dataclasses.replace(request, id="R-2026-9999")
    end = request.not_after
    messages = {
        approval_message(request, "officer", "S-sato", end),
        approval_message(changed, "officer", "S-sato", end),
        approval_message(renamed, "officer", "S-sato", end),
        approval_message(request, "other", "S-sato", end),
        approval_message(request, "officer", "S-tanaka", end),
        approval_message(request, "officer", "S-sato", request.not_before),
        attestation_message(request, "before", "S-sato", "officer"),
        attestation_message(request, "after", "S-sato", "officer"),
        attestation_message(request, "before", "S-tanaka", "officer"),
        attestation_message(request, "before", "S-sato", "seen"),
        attestation_message(changed, "before", "S-sato", "officer"),
        attestation_message(renamed, "before", "S-sato", "officer"),
    }
    assert len(messages) == 12
    assert {len(each) for each in messages} == {32}

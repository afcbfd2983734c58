from datetime import UTC, date, datetime

from registry.accounts import accounts
from registry.databases.sqlite import SqliteRegistry


def test_the_register_system_s_own_accounts_are_read_with_their_ends_and_last_use(city: SqliteRegistry) -> None:
    found = accounts(city)
    assert [account.login for account in found] == sorted(account.login for account in found)
    assert len(found) == 120
    contractors = [account for account in found if account.valid_until is not None]
    assert len(contractors) == 14
    assert {account.profile for account in contractors} == {"inquiry"}
    assert all(account.created_at.tzinfo is UTC for account in found)
    assert {account.profile for account in found} == {"inquiry", "update", "administrator"}


def test_an_account_without_staff_number_end_or_use_is_read_as_it_is(town: SqliteRegistry) -> None:
    with town.writing():
        town.execute("DELETE FROM registry_account")
        town.execute(
            "INSERT INTO registry_account VALUES"
            " ('BATCH', 'Night run', NULL, 'IT', 'update', 0, NULL, '2026-01-05T00:30:00.000000+00:00', NULL)"
        )
    (account,) = accounts(town)
    assert (account.staff_number, account.enabled, account.valid_until, account.last_sign_in_at) == (
        "",
        False,
        None,
        None,
    )
    assert account.created_at == datetime(2026, 1, 5, 0, 30, tzinfo=UTC)
    with town.writing():
        town.execute("UPDATE registry_account SET valid_until = '2026-12-31'")
    assert accounts(town)[0].valid_until == date(2026, 12, 31)

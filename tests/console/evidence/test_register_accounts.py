"""What speaks against an account of the register system."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from console.evidence.register_accounts import Doubt, doubts
from registry.accounts import RegistryAccount

AT = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)
TODAY = date(2026, 11, 24)
ACCOUNT = RegistryAccount(
    login="S0001", display_name="架空　太郎", staff_number="S0001", office="市民課", profile="inquiry", enabled=True,
    valid_until=None, created_at=AT - timedelta(days=400), last_sign_in_at=AT - timedelta(days=1),
)  # fmt: skip


def test_an_account_in_use_raises_no_doubt() -> None:
    assert doubts(ACCOUNT, AT, TODAY) == ()


@pytest.mark.parametrize(
    ("last_day", "doubt"),
    [
        (date(2026, 11, 23), (Doubt.ENDED,)),
        (date(2026, 11, 24), (Doubt.ENDS_SOON,)),
        (date(2026, 12, 24), (Doubt.ENDS_SOON,)),
        (date(2026, 12, 25), ()),
    ],
)
def test_the_last_day_counts_to_its_end(last_day: date, doubt: tuple[Doubt, ...]) -> None:
    assert doubts(replace(ACCOUNT, valid_until=last_day), AT, TODAY) == doubt


def test_an_account_without_a_person_or_without_use_is_doubted() -> None:
    assert doubts(replace(ACCOUNT, staff_number=""), AT, TODAY) == (Doubt.NOBODY,)
    assert doubts(replace(ACCOUNT, last_sign_in_at=None), AT, TODAY) == (Doubt.NEVER_USED,)
    assert doubts(replace(ACCOUNT, last_sign_in_at=AT - timedelta(days=90)), AT, TODAY) == ()
    assert doubts(replace(ACCOUNT, last_sign_in_at=AT - timedelta(days=91)), AT, TODAY) == (Doubt.LONG_UNUSED,)


def test_a_disabled_account_is_left_in_peace() -> None:
    assert doubts(replace(ACCOUNT, enabled=False, staff_number="", last_sign_in_at=None), AT, TODAY) == ()

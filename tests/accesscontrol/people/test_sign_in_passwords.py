"""What a password's age, kind and strength mean when its owner signs in."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from accesscontrol.people import credentials, session
from accesscontrol.people.policy import Argon2Parameters
from accesscontrol.people.session import MustChange
from accesscontrol.people.sign_in_events import Reason
from accesscontrol.refusals import Refusal
from tests.accesscontrol.people.town import PASSWORD, Town


def refused(town: Town, login: str = "hana", **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        town.sign_in(login, **changes)
    return caught.value


def test_a_temporary_password_serves_once_within_a_day_and_only_to_change_it(town: Town) -> None:
    temporary = town.person("hana", password=None).password
    opened = town.sign_in("hana", password=temporary)
    assert opened.must_change is MustChange.TEMPORARY
    with pytest.raises(Refusal, match="Change your password"):
        session.require(town.store, opened, town.clock.now())
    refused(town, password=temporary)
    assert town.events()[-1].reason is Reason.PASSWORD_LAPSED
    credentials.change_password(town.store, town.policy, opened, current=temporary, new=PASSWORD)
    town.next_step()
    assert town.sign_in("hana").must_change is None


def test_a_temporary_password_lapses_after_its_hours(town: Town) -> None:
    temporary = town.person("hana", password=None).password
    town.clock.advance(timedelta(hours=24))
    refused(town, password=temporary)
    assert town.events()[-1].reason is Reason.PASSWORD_LAPSED


def test_past_the_period_of_the_password_only_the_change_is_reached(town: Town) -> None:
    town.person("hana")
    town.clock.advance(timedelta(days=90, microseconds=-1))
    assert town.sign_in("hana").must_change is None
    opened = town.sign_in("hana")
    assert opened.must_change is MustChange.EXPIRED
    assert opened.days_left(town.clock.now()) == 0


def test_without_a_maximum_age_passwords_do_not_end(town: Town) -> None:
    town.policy = dataclasses.replace(
        town.policy, passwords=dataclasses.replace(town.policy.passwords, maximum_age=None)
    )
    town.person("hana")
    town.clock.advance(timedelta(days=4000))
    opened = town.sign_in("hana")
    assert opened.must_change is None
    assert opened.days_left(town.clock.now()) is None


def test_a_tightened_policy_forces_a_change_at_the_next_sign_in(town: Town) -> None:
    town.person("hana")
    stricter = dataclasses.replace(town.policy.passwords, minimum_length=30)
    opened = town.sign_in("hana", policy=dataclasses.replace(town.policy, passwords=stricter))
    assert opened.must_change is MustChange.POLICY


def test_dearer_parameters_are_taken_over_at_the_next_sign_in_and_the_key_still_opens(town: Town) -> None:
    town.person("hana")
    dearer = Argon2Parameters(memory_kib=16, iterations=2, lanes=1)
    town.policy = dataclasses.replace(town.policy, passwords=dataclasses.replace(town.policy.passwords, argon2=dearer))
    opened = town.sign_in("hana")
    row = town.store.row("SELECT memory_kib, iterations FROM password")
    assert row is not None
    assert tuple(row) == (16, 2)
    town.step_up(opened)

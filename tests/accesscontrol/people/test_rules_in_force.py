"""The password rules of a site are shown as they are, with their source and with who advises otherwise."""

import dataclasses

from accesscontrol.people.policy import PasswordPolicy
from accesscontrol.people.rules_in_force import OFF, password_rules

POLICY = PasswordPolicy()


def told(policy: PasswordPolicy) -> dict[str, str]:
    return {rule.title: rule.value.format(**rule.fields) for rule in password_rules(policy)}


def test_every_rule_tells_its_value_in_force_its_control_and_its_source() -> None:
    rules = password_rules(POLICY)
    assert {rule.control for rule in rules} == {"AC-PWD-01", "AC-PWD-02", "AC-PWD-03"}
    assert all(rule.source for rule in rules)
    found = told(dataclasses.replace(POLICY, minimum_length=14, history=24, city_words=frozenset({"kumagaya"})))
    assert found["Length"] == "14 to 128 characters"
    assert found["Earlier passwords"] == "the last 24 refused"
    assert ", 1 of this city" in found["Common words"]


def test_the_period_can_be_off_and_either_way_the_other_advice_is_noted() -> None:
    [on] = [rule for rule in password_rules(POLICY) if rule.title == "Period"]
    [off] = [rule for rule in password_rules(dataclasses.replace(POLICY, maximum_age=None)) if rule.title == "Period"]
    assert on.value.format(**on.fields) == "90 days"
    assert "NIST" in on.advice
    assert off.value == OFF
    assert "assessment" in off.advice


def test_what_nist_asks_for_is_noted_only_where_it_differs() -> None:
    [short] = [rule for rule in password_rules(POLICY) if rule.title == "Length"]
    longer = dataclasses.replace(POLICY, minimum_length=15)
    [enough] = [rule for rule in password_rules(longer) if rule.title == "Length"]
    assert ("NIST" in short.advice, enough.advice) == (True, "")

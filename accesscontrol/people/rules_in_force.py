"""The rules for passwords as they stand at this site: each with its value, where it comes from, and who advises other.

A city's rule and the assessment ask for a period and for composition; NIST SP 800-63B-4 (section 3.1.1.2) advises
against both and asks for length and a list of common words instead. The city's rule is in force; the difference is
shown, never hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people.password_rules import common_words
from accesscontrol.people.policy import PasswordPolicy

OFF: Final = N_("off")
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_ASSESSMENT: Final = N_("protection assessment, III-3 risk 2, file 1")
_NIST_LENGTH: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInForce:
    """One rule. ``title``, ``value``, ``source`` and ``advice`` are msgids; ``fields`` fill the value."""

    control: str
    title: str
    value: str
    source: str
    fields: Mapping[str, int]
    advice: str = ""


def password_rules(policy: PasswordPolicy) -> tuple[RuleInForce, ...]:
    """Return every rule that a new password of the console is judged by, in the order in which people meet them."""
    return (*_form(policy), *_history(policy), *_times(policy))


def _form(policy: PasswordPolicy) -> tuple[RuleInForce, ...]:
    short = policy.minimum_length < _NIST_LENGTH
    return (
        _rule(
            "AC-PWD-03",
            N_("Length"),
            N_("{least} to {most} characters"),
            advice=N_("NIST: at least 15 where a password is the only factor, at least 8 beside a second one")
            if short
            else "",
            least=policy.minimum_length,
            most=policy.maximum_length,
        ),
        _rule(
            "AC-PWD-03",
            N_("Composition"),
            N_("{staff} of 4 kinds of characters, {contractors} for contractors"),
            advice=N_("NIST: no rules of composition, because they make people predictable"),
            staff=policy.required_classes,
            contractors=policy.contractor_classes,
        ),
        _rule(
            "AC-PWD-03",
            N_("Common words"),
            N_("refused when mostly made of {shipped} words that ship with the product, {own} of this city, sequences"),
            shipped=len(common_words()),
            own=len(policy.city_words),
        ),
    )


def _history(policy: PasswordPolicy) -> tuple[RuleInForce, ...]:
    return (
        _rule("AC-PWD-02", N_("Earlier passwords"), N_("the last {count} refused"), count=policy.history),
        _rule(
            "AC-PWD-02",
            N_("Similarity"),
            N_("at least {count} letters changed; turned, reversed, counted up or respelt ones refused"),
            advice=N_("libpwquality demands 1 letter by itself, next to nothing"),
            count=policy.minimum_distance,
        ),
    )


def _times(policy: PasswordPolicy) -> tuple[RuleInForce, ...]:
    age = policy.maximum_age
    against = N_("NIST: no periodic change; only when something points to a leak")
    return (
        _rule("AC-PWD-01", N_("Period"), N_("{days} days"), advice=against, days=age // _DAY)
        if age is not None
        else _rule("AC-PWD-01", N_("Period"), OFF, advice=N_("the assessment asks for a period of validity")),
        _rule(
            "AC-PWD-01",
            N_("Temporary passwords"),
            N_("one use, {hours} hours, then changed"),
            hours=policy.temporary_validity // _HOUR,
        ),
    )


def _rule(control: str, title: str, value: str, *, advice: str = "", **fields: int) -> RuleInForce:
    return RuleInForce(control=control, title=title, value=value, source=_ASSESSMENT, fields=fields, advice=advice)

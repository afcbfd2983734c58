"""Secrets: nothing shows them, not even a traceback with every frame's variables."""

import hmac
import json
import logging
import pickle
import sys
import traceback
from collections.abc import Callable

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accesscontrol.people import credentials, keys, password_rules, sealing, similarity
from accesscontrol.people.credentials import change_password
from accesscontrol.people.policy import Argon2Parameters
from accesscontrol.people.secret import ConcealedError, Secret, concealed
from accesscontrol.people.sign_in import resume
from accesscontrol.refusals import Refusal
from tests.accesscontrol.people.town import PASSWORD, Town

HUSH = Secret("hush-hush-é")
NEXT = Secret("Meadow?41cranes+harbour")


def told(error: BaseException) -> str:
    """Everything a crash report could print: every frame's variables, causes and contexts too."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format(chain=True))


def values(error: BaseException) -> list[str]:
    """The variables of every frame, without the source lines (this file's own hold passwords)."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    return [value for frame in frames for value in (frame.locals or {}).values()]


def forms(secret: Secret) -> tuple[str, ...]:
    octets = secret.octets()
    return repr(octets)[2:-1], octets.hex(), octets.decode("utf-8", "replace")


def shown(text: str, *secrets: Secret) -> list[str]:
    """The lines of ``text`` in which one of the secrets stands, as text, as octets or in hexadecimal."""
    return [line for line in text.splitlines() for secret in secrets if any(form in line for form in forms(secret))]


@given(st.one_of(st.text(min_size=9), st.binary(min_size=9)))
def test_no_form_of_a_secret_shows_its_value(value: str | bytes) -> None:
    secret = Secret(value)
    for form in (repr(secret), str(secret), f"{secret:>40}", repr([secret]), repr({"password": secret})):
        assert form.count("<secret>") == 1
        assert str(value) not in form


def test_a_secret_is_not_written_anywhere() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("x"))
    with pytest.raises(TypeError):
        json.dumps({"x": Secret("x")})
    with pytest.raises(TypeError):
        hash(Secret("x"))


def test_secrets_compare_by_value_and_are_empty_or_not() -> None:
    assert Secret("a") == Secret(b"a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")


def test_a_concealed_function_lets_no_frame_and_no_message_out() -> None:
    @concealed
    def careless(secret: Secret) -> None:
        plain = secret.text()
        plain.encode("ascii")

    with pytest.raises(ConcealedError) as caught:
        careless(HUSH)
    assert not shown(told(caught.value), HUSH)
    assert "UnicodeEncodeError" in str(caught.value)


def test_a_concealed_refusal_keeps_its_words_and_loses_its_frames() -> None:
    @concealed
    def strict(secret: Secret) -> None:
        plain = secret.text()
        raise Refusal("No {what}.", control="X", what="way", **({} if plain else {"y": 1}))

    with pytest.raises(Refusal, match="No way") as caught:
        strict(HUSH)
    assert (caught.value.control, caught.value.fields) == ("X", {"what": "way"})
    assert not shown(told(caught.value), HUSH)


def seeds(town: Town) -> list[Secret]:
    return [enrolment.seed for enrolment in town.enrolments.values()]


def test_no_refused_sign_in_step_up_or_change_leaves_a_secret_in_its_traceback(town: Town) -> None:
    town.person("hana")
    session = town.sign_in("hana")
    code, wrong, long = town.code("hana"), Secret("Walnut&9sails#lanterns"), Secret("9824516")
    short, alike = Secret("Hush&9"), Secret("Tortoise&9brews#LANTERNS")
    attempts: list[Callable[[], object]] = [
        lambda: town.sign_in("hana", password=wrong, code=code),
        lambda: town.sign_in("hana", code=long),
        lambda: town.step_up(session, password=wrong, code=code),
        lambda: resume(town.store, town.policy, session, password=wrong, code=code),
        lambda: change_password(town.store, town.policy, session, current=PASSWORD, new=short),
        lambda: change_password(town.store, town.policy, session, current=PASSWORD, new=alike),
    ]
    for attempt in attempts:
        with pytest.raises(Refusal) as caught:
            attempt()
        secrets = (PASSWORD, wrong, long, short, alike, code, *seeds(town), town.policy.pepper)
        assert not shown("\n".join(values(caught.value)), *secrets)


INNER: list[tuple[object, str]] = [
    (sealing, "AESGCM"),
    (sealing, "Argon2id"),
    (pyotp, "TOTP"),
    (keys, "Ed25519PrivateKey"),
    (similarity, "_either_way"),
    (similarity, "distance"),
    (password_rules, "undo_play"),
    (hmac, "compare_digest"),
]


@pytest.mark.parametrize(("module", "name"), INNER, ids=[name for _, name in INNER])
def test_no_fault_deep_inside_leaves_a_secret_in_its_traceback(
    town: Town, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    town.person("hana")
    session = town.sign_in("hana")
    code = town.code("hana")

    monkeypatch.setattr(module, name, None)
    errors: list[BaseException] = []
    for attempt in (
        lambda: town.step_up(session, code=code),
        lambda: change_password(town.store, town.policy, session, current=PASSWORD, new=NEXT),
        lambda: credentials.issue_temporary_password(town.store, town.policy, "hana", actor="S-1"),
    ):
        try:
            attempt()
        except (TypeError, AttributeError, ConcealedError) as fault:
            errors.append(fault)
    assert errors
    for error in errors:
        assert not shown(told(error), PASSWORD, NEXT, code, *seeds(town), town.policy.pepper)


def test_nothing_secret_is_logged_or_kept_in_readable_form(
    town: Town, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    town.person("hana")
    code = town.code("hana")
    session = town.sign_in("hana")
    town.step_up(session)
    change_password(town.store, town.policy, session, current=PASSWORD, new=NEXT)
    output = capsys.readouterr()
    assert not shown(caplog.text + output.out + output.err, PASSWORD, NEXT, *seeds(town))
    town.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = town.store.path.read_bytes()
    for secret in (PASSWORD, NEXT, *seeds(town), town.policy.pepper):
        assert secret.octets() not in stored
    trail = "".join(str(tuple(row)) for row in town.store.rows("SELECT * FROM trail_entry"))
    assert code.text() not in trail


def test_the_roots_derived_from_a_password_are_secrets_themselves() -> None:
    root = sealing.derive_root(
        PASSWORD,
        salt=b"0" * 16,
        parameters=Argon2Parameters(memory_kib=8, iterations=1, lanes=1),
        pepper=Secret(b"p" * 32),
        login="hana",
    )
    assert repr(root) == "<secret>"
    assert sys.getrefcount(root) > 0

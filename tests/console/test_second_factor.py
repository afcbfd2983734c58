"""A finger at this console: keys of listed models are enrolled by a custodian, sign people in, and sign decisions."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from accesscontrol.people import factors, fingerprint_keys
from accesscontrol.people.security_keys import verify_evidence
from accesscontrol.refusals import Refusal
from console import translation
from console.commands.people import group
from console.seat import Seat
from tests.accesscontrol.people.software_key import Maker, SoftwareKey
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import PASSWORD, Town

MAKER = Maker()


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[SoftwareKey]:
    """The security keys that are plugged in at the moment."""
    found: list[SoftwareKey] = []
    monkeypatch.setattr(fingerprint_keys, "connected", lambda: found)
    return found


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    root = x509.load_der_x509_certificate(MAKER.root())
    (town.home / "maker.pem").write_bytes(root.public_bytes(Encoding.PEM))
    settings = town.home / "site.toml"
    lines = f'security_key_models = ["{MAKER.model}"]\nsecurity_key_roots = ["maker.pem"]\n'
    text = (
        settings.read_text("utf-8").replace("security_key_models = []\n", "").replace("security_key_roots = []\n", "")
    )
    settings.write_text(text.replace("[sign_in]\n", f"[sign_in]\n{lines}"), "utf-8")
    return town


def seat_of(town: Town) -> Seat:
    seat = Seat(town.home)
    seat.__dict__["site"] = town.site
    return seat


def enrolled(town: Town, plugged: list[SoftwareKey]) -> SoftwareKey:
    key = SoftwareKey(maker=MAKER)
    plugged.append(key)
    done = call_as(town, "yamada", group, "enrol-key", "ito", "--label", "blue")
    assert done.exit_code == 0, done.stderr
    assert "Touch the security key" in done.stderr
    return key


def test_a_key_is_enrolled_by_a_custodian_and_signs_its_person_in_without_a_code(
    town: Town, plugged: list[SoftwareKey]
) -> None:
    enrolled(town, plugged)
    found = answer(call(town, group, "factors", "ito", "--json"))
    assert [(each["method"], each["kind"]) for each in found] == [("totp", "substitute"), ("security-key", "biometric")]
    session = seat_of(town).sign_in("ito", PASSWORD, " ")
    assert (session.factor_method, session.factor_kind) == ("security-key", "biometric")


def test_a_decision_carries_the_keys_own_signature_over_what_is_decided(town: Town, plugged: list[SoftwareKey]) -> None:
    enrolled(town, plugged)
    seat = seat_of(town)
    seat.sign_in("ito", PASSWORD, "")
    message = bytes(range(32))
    signature = seat.step_up(PASSWORD, "")(message)
    assert verify_evidence(town.site.store, signature.evidence, message) == "ito"


def test_without_a_code_and_without_one_key_nothing_is_tried(town: Town, plugged: list[SoftwareKey]) -> None:
    events = len(town.entries("sign-in.refused"))
    with pytest.raises(Refusal, match="plug in your security key"):
        seat_of(town).sign_in("ito", PASSWORD, "")
    plugged += [SoftwareKey(maker=MAKER), SoftwareKey(maker=MAKER)]
    with pytest.raises(Refusal, match="2 security keys"):
        seat_of(town).sign_in("ito", PASSWORD, "")
    assert len(town.entries("sign-in.refused")) == events


def test_a_key_of_an_unlisted_model_or_a_lost_one_opens_nothing(town: Town, plugged: list[SoftwareKey]) -> None:
    plugged.append(SoftwareKey(maker=Maker(name="Unknown Keys")))
    assert call_as(town, "yamada", group, "enrol-key", "ito", "--label", "red").exit_code == 1
    plugged.clear()
    enrolled(town, plugged)
    number = next(each.id for each in factors.enrolled(town.site.store, "ito") if each.method == "security-key")
    assert call_as(town, "yamada", group, "remove-factor", number, "--reason", "lost").exit_code == 0
    with pytest.raises(Refusal):
        seat_of(town).sign_in("ito", PASSWORD, "")


def test_only_a_custodian_enrols_and_never_for_oneself(town: Town, plugged: list[SoftwareKey]) -> None:
    plugged.append(SoftwareKey(maker=MAKER))
    assert call_as(town, "sato", group, "enrol-key", "ito", "--label", "blue").exit_code == 1
    own = call_as(town, "yamada", group, "enrol-key", "yamada", "--label", "blue")
    assert "Ask a second person." in own.stderr


def test_a_makers_certificate_that_is_missing_is_told(town: Town) -> None:
    (town.home / "maker.pem").unlink()
    with pytest.raises(Refusal, match=r"maker\.pem"):
        town.site.policy  # noqa: B018 - reading it is the act

"""Security keys with a fingerprint reader, judged at the site's side (WebAuthn level 2, sections 7.1 and 7.2).

The key must have verified its user; a known model (AAGUID under an attestation that leads to a trusted root) is
asked for at enrolment, because only the model tells that verification means a finger. A decision's digest is the
challenge, so the key's own signature over it stays as evidence. ``fido2`` is an optional part of the installation.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.people.factors import EnrolledFactor, FactorKind, Verdict, advance
from accesscontrol.people.policy import SecurityKeyPolicy, SignInPolicy
from accesscontrol.people.reading import Reader
from accesscontrol.people.secret import Secret
from accesscontrol.people.sign_in_events import Reason
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction

if TYPE_CHECKING:
    from fido2.server import Fido2Server
    from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

METHOD: Final = "security-key"
SITE_ID: Final = "sekisho.internal"  # the relying party's fixed name: keys are used at this console only
ORIGIN: Final = f"https://{SITE_ID}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a key answered to a request for a new credential, with the challenge it answered."""

    challenge: bytes
    response: Mapping[str, Any]


def enrol(
    tx: Transaction, login: str, registration: Registration, *, label: str, policy: SignInPolicy, actor: str
) -> int:
    """Enrol the key's new credential for ``login`` (act ``factor.enrolled``) and return its number.

    Two people stand at the key: ``actor`` sees whose finger it is, which no protocol can tell. Refused: a key that
    didn't verify its user, a model not in ``policy.security_keys`` or without an attestation that leads to a
    trusted root, a credential enrolled before.
    """
    operators.not_oneself(operators.get(tx, login), actor)
    data = _registered(registration, policy.security_keys)
    credential = data.credential_data
    if credential is None:
        raise _refused("credential")
    stored = base64.urlsafe_b64encode(bytes(credential)).decode()
    if tx.row("SELECT id FROM factor WHERE credential = ? AND removed_at IS NULL", (stored,)) is not None:
        raise Refusal(N_("This security key is enrolled already."), control="AC-AUT-02")
    number = int(
        tx.execute(
            "INSERT INTO factor (login, method, kind, label, credential, counter, enrolled_at, enrolled_by)"
            " VALUES (?, ?, 'biometric', ?, ?, ?, ?, ?)",
            (login, METHOD, label, stored, data.counter, to_text(tx.at), actor),
        ).lastrowid
        or 0
    )
    tx.record(
        "factor.enrolled",
        actor=actor,
        subject=login,
        factor=number,
        method=METHOD,
        kind="biometric",
        model=str(credential.aaguid),
    )
    return number


def _registered(registration: Registration, policy: SecurityKeyPolicy) -> "AuthenticatorData":
    from fido2.attestation.base import InvalidAttestation

    try:
        data = _server(policy).register_complete(_state(registration.challenge), registration.response)
    except InvalidAttestation as fault:
        raise _refused(type(fault).__name__) from None
    except (ValueError, KeyError, TypeError) as fault:
        raise _refused(str(fault)) from None
    model = str(data.credential_data.aaguid) if data.credential_data else ""
    if model not in policy.models:
        raise Refusal(
            N_("Security keys of the model {model} are not on the list of this site."),
            control="AC-AUT-02",
            model=model,
        )
    return data


def _refused(reason: str) -> Refusal:
    return Refusal(N_("The security key can't be enrolled ({reason})."), control="AC-AUT-02", reason=reason)


def _server(policy: SecurityKeyPolicy) -> "Fido2Server":
    from fido2.server import Fido2Server
    from fido2.webauthn import AttestationConveyancePreference, PublicKeyCredentialRpEntity

    def attested(statement: "AttestationObject", client_data_hash: bytes) -> None:
        _verify_attestation(statement, client_data_hash, policy.roots)

    return Fido2Server(
        PublicKeyCredentialRpEntity(id=SITE_ID, name="Sekisho"),
        attestation=AttestationConveyancePreference.DIRECT,
        verify_origin=lambda origin: origin == ORIGIN,
        verify_attestation=attested,
    )


def _verify_attestation(statement: "AttestationObject", client_data_hash: bytes, roots: Sequence[bytes]) -> None:
    """Raise ``InvalidAttestation`` unless the attestation's chain ends at one of ``roots`` (DER certificates)."""
    from cryptography import x509
    from fido2.attestation.base import AttestationResult, AttestationVerifier

    by_name = {x509.load_der_x509_certificate(root).subject: root for root in roots}

    class SitesRoots(AttestationVerifier):
        def ca_lookup(
            self,
            attestation_result: AttestationResult,
            auth_data: "AuthenticatorData",  # noqa: ARG002 - the library's shape
        ) -> bytes | None:
            if not attestation_result.trust_path:
                return None
            last = x509.load_der_x509_certificate(attestation_result.trust_path[-1])
            return by_name.get(last.issuer)

    SitesRoots().verify_attestation(statement, client_data_hash)


def _state(challenge: bytes) -> dict[str, Any]:
    from fido2.utils import websafe_encode
    from fido2.webauthn import UserVerificationRequirement

    return {"challenge": websafe_encode(challenge), "user_verification": UserVerificationRequirement.REQUIRED}


def credential_of(stored: str) -> "AttestedCredentialData":
    """Return the credential that :func:`enrol` stored: model, id and public key."""
    from fido2.webauthn import AttestedCredentialData

    return AttestedCredentialData(base64.urlsafe_b64decode(stored))


@dataclass(frozen=True, slots=True)
class SecurityKeyMethod:
    """Judges what a key answered: its signature over the challenge, its user verified, its counter grown."""

    name: str = METHOD
    kind: FactorKind = FactorKind.BIOMETRIC

    def judge(
        self,
        tx: Transaction,
        enrolled: Sequence[EnrolledFactor],
        answer: Secret,
        *,
        challenge: bytes,
        policy: SignInPolicy,
    ) -> Verdict:
        """Judge the assertion; a counter that stands still or goes back is the alarm of a copied key."""
        factor, counter, evidence = self._verified(enrolled, answer, challenge, policy)
        if factor is None:
            return Verdict(reason=Reason.WRONG_CODE, method=self.name, kind=self.kind)
        counts = counter > 0 or factor.counter > 0  # a key may leave its counter at zero for ever
        if counts and not advance(tx, factor, counter):
            return Verdict(reason=Reason.COUNTER_WENT_BACK, method=self.name, kind=self.kind)
        return Verdict(method=self.name, kind=self.kind, evidence=evidence)

    def _verified(
        self, enrolled: Sequence[EnrolledFactor], answer: Secret, challenge: bytes, policy: SignInPolicy
    ) -> tuple[EnrolledFactor | None, int, dict[str, str]]:
        from fido2.webauthn import AuthenticationResponse

        credentials = [credential_of(factor.credential) for factor in enrolled]
        try:
            given: dict[str, Any] = json.loads(answer.text() or "{}")
            response = AuthenticationResponse.from_dict(given)
            used = _server(policy.security_keys).authenticate_complete(_state(challenge), credentials, response)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None, 0, {}
        factor = enrolled[[each.credential_id for each in credentials].index(used.credential_id)]
        evidence = {name: str(given["response"][name]) for name in ("clientDataJSON", "authenticatorData", "signature")}
        counter = response.response.authenticator_data.counter
        return factor, counter, {**evidence, "factor": str(factor.id)}


def verify_evidence(reader: Reader, evidence: Mapping[str, str], message: bytes) -> str:
    """Return the login whose key signed ``message`` as its challenge, from the evidence of a signature.

    Works for keys taken out of force since. Raises ``Refusal`` when the evidence doesn't hold.
    """
    from fido2.webauthn import AuthenticationResponse

    row = reader.row("SELECT login, credential FROM factor WHERE id = ?", (evidence.get("factor", ""),))
    try:
        if row is None:
            raise ValueError("unknown factor")
        credential = credential_of(row["credential"])
        response = {name: evidence[name] for name in ("clientDataJSON", "authenticatorData", "signature")}
        identity = base64.urlsafe_b64encode(credential.credential_id).decode().rstrip("=")
        given = {"rawId": identity, "id": identity, "type": "public-key", "response": response}
        _server(SecurityKeyPolicy()).authenticate_complete(
            _state(message), [credential], AuthenticationResponse.from_dict(given)
        )
    except (ValueError, KeyError, TypeError):
        raise Refusal(N_("The security key's signature does not belong to this content.")) from None
    return str(row["login"])

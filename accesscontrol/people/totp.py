"""One-time codes (RFC 6238) as a declared substitute for a biometric factor; a code serves once."""

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp

from accesscontrol.clock import to_text
from accesscontrol.people.factors import EnrolledFactor, FactorKind, Verdict, advance
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.people.sealing import Sealed, branch, seal, unseal
from accesscontrol.people.secret import Secret, concealed
from accesscontrol.people.sign_in_events import Reason
from accesscontrol.store import Transaction

_ISSUER: Final = "Sekisho"
_PURPOSE: Final = "factor seeds"
_WINDOW: Final = (-1, 0, 1)  # steps of 30 seconds by which the person's clock may differ
STEP_SECONDS: Final = 30


def new_seed() -> Secret:
    """Return a random seed of 160 bits in base 32, as authenticator programs take it."""
    return Secret(pyotp.random_base32())


@concealed
def code_at(seed: Secret, at: datetime) -> Secret:
    """Return the code that ``seed`` shows at ``at``."""
    return Secret(pyotp.TOTP(seed.text()).at(at))


@concealed
def provisioning_uri(seed: Secret, login: str) -> Secret:
    """Return the ``otpauth://`` address to show as text or picture at the desk where the person enrols."""
    return Secret(pyotp.TOTP(seed.text()).provisioning_uri(name=login, issuer_name=_ISSUER))


def enrol(tx: Transaction, login: str, seed: Secret, *, label: str, policy: SignInPolicy, actor: str) -> int:
    """Enrol ``seed`` for ``login``, sealed under the site's pepper (act ``factor.enrolled``); return its number."""
    sealed = seal(seed, key=branch(policy.pepper, _PURPOSE), context=login)
    number = int(
        tx.execute(
            "INSERT INTO factor (login, method, kind, label, nonce, sealed, counter, enrolled_at, enrolled_by)"
            " VALUES (?, 'totp', 'substitute', ?, ?, ?, 0, ?, ?)",
            (login, label, sealed.nonce, sealed.ciphertext, to_text(tx.at), actor),
        ).lastrowid
        or 0
    )
    tx.record("factor.enrolled", actor=actor, subject=login, factor=number, method="totp", kind="substitute")
    return number


@dataclass(frozen=True, slots=True)
class TotpMethod:
    """Judges typed codes: right within one step either way, and later than the last code used."""

    name: str = "totp"
    kind: FactorKind = FactorKind.SUBSTITUTE

    def judge(
        self,
        tx: Transaction,
        enrolled: Sequence[EnrolledFactor],
        answer: Secret,
        *,
        challenge: bytes,  # noqa: ARG002 - a code can't sign a challenge
        policy: SignInPolicy,
    ) -> Verdict:
        """Use the code up; a right code whose step was used before, also by another process, is refused."""
        now = int(tx.at.timestamp()) // STEP_SECONDS
        reason = Reason.WRONG_CODE
        for factor in enrolled:
            sealed = Sealed(nonce=factor.nonce, ciphertext=factor.sealed)
            seed = unseal(sealed, key=branch(policy.pepper, _PURPOSE), context=factor.login)
            step = _matching_step(seed, answer, now)
            if step is None:
                continue
            if advance(tx, factor, step):
                return Verdict(method=self.name, kind=self.kind)
            reason = Reason.USED_CODE
        return Verdict(reason=reason, method=self.name, kind=self.kind)


@concealed
def _matching_step(seed: Secret, typed: Secret, now: int) -> int | None:
    """Return the step within the window whose code was typed; every step is compared, whatever matches."""
    code = "".join(unicodedata.normalize("NFKC", typed.text()[:32]).split())
    totp = pyotp.TOTP(seed.text())
    matches = [
        step
        for step in (now + offset for offset in _WINDOW)
        if step >= 0 and hmac.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace"))
    ]
    return matches[-1] if matches else None

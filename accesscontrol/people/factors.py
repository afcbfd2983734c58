"""The second factor: one Protocol, several methods, and the kind of each recorded (AC-AUT-01, AC-AUT-02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.people.reading import Reader
from accesscontrol.people.secret import Secret
from accesscontrol.people.sign_in_events import Reason
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


class FactorKind(StrEnum):
    """What a method proves: a feature of the person's body, or something declared in its place."""

    BIOMETRIC = "biometric"
    SUBSTITUTE = "substitute"


KIND_TITLES: Final[Mapping[FactorKind, str]] = {
    FactorKind.BIOMETRIC: N_("biometric"),
    FactorKind.SUBSTITUTE: N_("substitute"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person's side gives back to a challenge, under the name of the method that can judge it."""

    method: str
    content: Secret


class Authenticator(Protocol):
    """What the person holds: a code that was typed, or a security key that waits for a finger."""

    def answer(self, challenge: bytes, credentials: Sequence[str]) -> Answer:
        """Answer ``challenge`` with one of the person's enrolled ``credentials``; may wait for the person."""
        ...


@dataclass(frozen=True, slots=True)
class TypedCode:
    """A one-time code as typed; it can't sign the challenge."""

    code: Secret

    def answer(self, challenge: bytes, credentials: Sequence[str]) -> Answer:  # noqa: ARG002 - the Protocol's shape
        """Return the code as the answer of the method ``totp``."""
        return Answer(method="totp", content=self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a method judged an answer. ``evidence`` can be verified by others later; a code leaves none."""

    reason: Reason = Reason.NONE
    method: str = ""
    kind: str = ""
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Tell whether the factor was proven."""
        return self.reason is Reason.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledFactor:
    """A factor in force. ``counter`` only ever grows: the last TOTP step, or a security key's sign counter."""

    id: int
    login: str
    method: str
    kind: FactorKind
    label: str
    nonce: bytes = field(default=b"", repr=False)
    sealed: bytes = field(default=b"", repr=False)
    credential: str = ""
    counter: int


class Method(Protocol):
    """How the site judges the answers of one method."""

    @property
    def name(self) -> str:
        """The method's name, as answers and enrolments carry it."""
        ...

    @property
    def kind(self) -> FactorKind:
        """What the method proves."""
        ...

    def judge(
        self,
        tx: Transaction,
        enrolled: Sequence[EnrolledFactor],
        answer: Secret,
        *,
        challenge: bytes,
        policy: SignInPolicy,
    ) -> Verdict:
        """Judge ``answer`` to ``challenge`` against the person's enrolled factors of this method.

        Whatever must not serve twice is used up in ``tx``, by one conditional UPDATE.
        """
        ...


def enrolled(reader: Reader, login: str) -> list[EnrolledFactor]:
    """Return the factors of ``login`` that are in force."""
    found = reader.rows("SELECT * FROM factor WHERE login = ? AND removed_at IS NULL ORDER BY id", (login,))
    return rows.values(found, _factor)


_factor: Final = rows.Mapper(EnrolledFactor, "factor", "id")


def advance(tx: Transaction, factor: EnrolledFactor, counter: int) -> bool:
    """Move the factor's counter up to ``counter``; False when another process was there first."""
    changed = tx.execute(
        "UPDATE factor SET counter = ? WHERE id = ? AND counter < ? AND removed_at IS NULL",
        (counter, factor.id, counter),
    ).rowcount
    return changed == 1


def judge(
    tx: Transaction,
    methods: Mapping[str, Method],
    login: str,
    answer: Answer,
    *,
    challenge: bytes,
    policy: SignInPolicy,
) -> Verdict:
    """Judge ``answer`` by the method it names; unknown, unenrolled and switched-off methods don't pass."""
    method = methods.get(answer.method)
    candidates = [factor for factor in enrolled(tx, login) if factor.method == answer.method]
    if method is None or not candidates:
        return Verdict(reason=Reason.NO_FACTOR, method=answer.method)
    if method.kind is not FactorKind.BIOMETRIC and not policy.substitutes_allowed:
        return Verdict(reason=Reason.SUBSTITUTE_REFUSED, method=method.name, kind=method.kind)
    return method.judge(tx, candidates, answer.content, challenge=challenge, policy=policy)


def remove(tx: Transaction, number: int, *, reason: str, actor: str) -> None:
    """Take an enrolled factor out of force (act ``factor.removed``) and destroy its seed."""
    row = tx.row("SELECT login FROM factor WHERE id = ? AND removed_at IS NULL", (number,))
    if row is None:
        raise Refusal(N_("There is no enrolled factor {number}."), number=number)
    tx.execute("UPDATE factor SET removed_at = ?, nonce = NULL, sealed = NULL WHERE id = ?", (to_text(tx.at), number))
    tx.record("factor.removed", actor=actor, subject=row["login"], factor=number, reason=reason)

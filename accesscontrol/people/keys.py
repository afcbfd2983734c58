"""Each operator's Ed25519 key: born when the person sets a password, sealed under it, opened for one signature."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.operators import Operator
from accesscontrol.people.reading import Reader
from accesscontrol.people.sealing import Sealed, branch, seal, unseal
from accesscontrol.people.secret import Secret, concealed
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction

_PURPOSE: Final = "signing key"
_ID_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """The public half, kept for ever; ``valid_until`` (UTC, exclusive) is None while the key can sign."""

    id: str
    login: str
    staff_number: str
    public: bytes
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature over the octets that the person saw proven, and how the person was proven for it.

    ``evidence`` is what the second factor leaves for others to verify (a security key's own signature over the
    same octets); empty for a code.
    """

    key_id: str
    login: str
    staff_number: str
    at: datetime
    value: bytes
    factor_method: str
    factor_kind: str
    evidence: dict[str, str] = field(default_factory=dict)


def issue(tx: Transaction, operator: Operator, root: Secret, *, actor: str) -> str:
    """Make a new key for ``operator``, sealed under the password's ``root`` (act ``key.issued``); return its id.

    A key that was live before is retired: its private half is destroyed, its public half stays.
    """
    retire(tx, operator.login, reason="replaced", actor=actor)
    private, public = _new_pair()
    key_id = hashlib.sha256(public).hexdigest()[:_ID_LENGTH]
    sealed = _seal(private, root, key_id)
    tx.execute(
        "INSERT INTO signing_key (id, login, staff_number, public, nonce, sealed, valid_from)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key_id,
            operator.login,
            operator.staff_number,
            public,
            sealed.nonce,
            sealed.ciphertext,
            to_text(tx.at),
        ),
    )
    tx.record("key.issued", actor=actor, subject=operator.login, key=key_id, public=public.hex())
    return key_id


def _new_pair() -> tuple[Secret, bytes]:
    private = Ed25519PrivateKey.generate()
    return Secret(private.private_bytes_raw()), private.public_key().public_bytes_raw()


def _seal(private: Secret, root: Secret, key_id: str) -> Sealed:
    return seal(private, key=branch(root, _PURPOSE), context=key_id)


def retire(tx: Transaction, login: str, *, reason: str, actor: str) -> None:
    """End the live key of ``login`` and destroy its private half (act ``key.retired``); none live is fine."""
    row = tx.row("SELECT id FROM signing_key WHERE login = ? AND valid_until IS NULL", (login,))
    if row is None:
        return
    tx.execute(
        "UPDATE signing_key SET valid_until = ?, nonce = NULL, sealed = NULL WHERE id = ?",
        (to_text(tx.at), row["id"]),
    )
    tx.record("key.retired", actor=actor, subject=login, key=row["id"], reason=reason)


def reseal(tx: Transaction, login: str, *, old_root: Secret, new_root: Secret) -> bool:
    """Seal the live key under a new password's root; False when there is none. The caller records the act."""
    row = tx.row("SELECT id FROM signing_key WHERE login = ? AND valid_until IS NULL", (login,))
    if row is None:
        return False
    sealed = _seal(_open(tx, row["id"], old_root), new_root, row["id"])
    tx.execute(
        "UPDATE signing_key SET nonce = ?, sealed = ? WHERE id = ?",
        (sealed.nonce, sealed.ciphertext, row["id"]),
    )
    return True


def _open(reader: Reader, key_id: str, root: Secret) -> Secret:
    row = reader.row("SELECT nonce, sealed FROM signing_key WHERE id = ?", (key_id,))
    if row is None or row["sealed"] is None:
        raise Refusal(N_("You have no signing key. Set a password of your own first."), control="AC-AUT-01")
    sealed = Sealed(nonce=row["nonce"], ciphertext=row["sealed"])
    return unseal(sealed, key=branch(root, _PURPOSE), context=key_id)


def sign(reader: Reader, login: str, root: Secret, message: bytes) -> tuple[str, bytes]:
    """Open the live key of ``login``, sign ``message`` once and drop the key; return key id and signature."""
    row = reader.row("SELECT id FROM signing_key WHERE login = ? AND valid_until IS NULL", (login,))
    key_id = row["id"] if row is not None else ""
    return key_id, _sign(_open(reader, key_id, root), message)


@concealed
def _sign(private: Secret, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private.octets()).sign(message)


def find(reader: Reader, key_id: str) -> SigningKey | None:
    """Return the public half with this id, retired ones too, or None."""
    row = reader.row("SELECT * FROM signing_key WHERE id = ?", (key_id,))
    return _stored(row) if row is not None else None


_stored: Final = rows.Mapper(SigningKey, "signing_key", "id")


def verify(reader: Reader, key_id: str, message: bytes, signature: bytes, *, at: datetime) -> SigningKey:
    """Return the key that made ``signature`` over ``message`` and was live at ``at``; anything else is refused."""
    key = find(reader, key_id)
    if key is None or at < key.valid_from or (key.valid_until is not None and at > key.valid_until):
        raise Refusal(N_("The signature's key {key} was not valid at that time."), key=key_id)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        raise Refusal(N_("The signature by key {key} does not belong to this content."), key=key_id) from None
    return key

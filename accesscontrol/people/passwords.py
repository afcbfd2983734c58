"""Passwords as they are stored: set, proven, issued for one use, and made dearer when the policy asks more."""

import hmac
import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.people import password_history
from accesscontrol.people.policy import Argon2Parameters, PasswordPolicy, SignInPolicy
from accesscontrol.people.reading import Reader, argon2_parameters
from accesscontrol.people.sealing import SALT_OCTETS, derive_root, password_verifier
from accesscontrol.people.secret import Secret
from accesscontrol.store import Transaction

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks alike
_GROUPS: Final = 4
_GROUP_LENGTH: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedPassword:
    """What is stored of a password, and its root, from which the sealing key of the person's secrets comes."""

    salt: bytes = field(repr=False)
    parameters: Argon2Parameters
    verifier: bytes = field(repr=False)
    root: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassword:
    """The password row of a login. A temporary one serves once, before ``temporary_until`` (UTC)."""

    login: str
    salt: bytes = field(repr=False)
    parameters: Argon2Parameters
    verifier: bytes = field(repr=False)
    set_at: datetime
    temporary_until: datetime | None
    used_at: datetime | None

    def ends(self, policy: PasswordPolicy) -> datetime | None:
        """Return the instant from which the password must be changed (AC-PWD-01), or None for never."""
        return self.set_at + policy.maximum_age if policy.maximum_age is not None else None


def hash_password(password: Secret, login: str, policy: SignInPolicy) -> HashedPassword:
    """Return the hash of ``password`` with a new salt. Slow on purpose: call it outside a transaction."""
    salt = os.urandom(SALT_OCTETS)
    parameters = policy.passwords.argon2
    root = derive_root(password, salt=salt, parameters=parameters, pepper=policy.pepper, login=login)
    return HashedPassword(salt=salt, parameters=parameters, verifier=password_verifier(root), root=root)


def prove(stored: StoredPassword | None, password: Secret, login: str, policy: SignInPolicy) -> Secret | None:
    """Return the password's root when it is right, else None; an unknown login costs the same derivation."""
    salt = stored.salt if stored else os.urandom(SALT_OCTETS)
    parameters = stored.parameters if stored else policy.passwords.argon2
    root = derive_root(password, salt=salt, parameters=parameters, pepper=policy.pepper, login=login)
    expected = stored.verifier if stored else b""
    return root if hmac.compare_digest(password_verifier(root), expected) else None


def temporary_password() -> Secret:
    """Return a random password for one use: 20 characters (115 bits) in groups that can be read out."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return Secret("-".join(groups))


def find(reader: Reader, login: str) -> StoredPassword | None:
    """Return the password row of ``login``, or None when none was ever set."""
    row = reader.row("SELECT * FROM password WHERE login = ?", (login,))
    return None if row is None else _stored(row, parameters=argon2_parameters(row))


_stored: Final = rows.Mapper(StoredPassword, "password", "login")


def write(
    tx: Transaction,
    login: str,
    hashed: HashedPassword,
    *,
    temporary_until: datetime | None = None,
    shapes: password_history.Shapes | None = None,
    policy: PasswordPolicy,
) -> None:
    """Put ``hashed`` in the place of the present password, which goes into the history with its ``shapes``.

    Without shapes (nobody typed the old password) only the exact old password will be known again.
    The caller records the act.
    """
    present = find(tx, login)
    if present is not None and present.temporary_until is None:
        password_history.retire(tx, login, shapes, keep=policy.history)
    tx.db.table("password").upsert(
        {
            "login": login,
            **_columns(hashed),
            "set_at": to_text(tx.at),
            "temporary_until": to_text(temporary_until) if temporary_until else None,
            "used_at": None,
        },
        pk="login",
    )


def rehash(tx: Transaction, login: str, hashed: HashedPassword) -> None:
    """Store the same password under dearer parameters; its age and kind stay. The caller records the act."""
    tx.db.table("password").update(login, _columns(hashed))


def use_temporary(tx: Transaction, login: str) -> bool:
    """Mark a temporary password as used; False when it was used before (one process of two wins)."""
    return (
        tx.execute(
            "UPDATE password SET used_at = ? WHERE login = ? AND temporary_until IS NOT NULL AND used_at IS NULL",
            (to_text(tx.at), login),
        ).rowcount
        == 1
    )


def _columns(hashed: HashedPassword) -> dict[str, bytes | int]:
    return {
        "salt": hashed.salt,
        "memory_kib": hashed.parameters.memory_kib,
        "iterations": hashed.parameters.iterations,
        "lanes": hashed.parameters.lanes,
        "verifier": hashed.verifier,
    }

"""Earlier passwords, known again without being kept: hashed shapes, made only when a password retires (AC-PWD-02)."""

import hmac
import os
import sqlite3
from dataclasses import dataclass, field

from accesscontrol.clock import to_text
from accesscontrol.people.policy import Argon2Parameters, SignInPolicy
from accesscontrol.people.reading import Reader, argon2_parameters
from accesscontrol.people.sealing import SALT_OCTETS, derive_root, normalised, password_verifier
from accesscontrol.people.secret import Secret
from accesscontrol.people.similarity import shapes
from accesscontrol.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The hashed shapes of one password under one person's history salt; they don't say which shape is which."""

    salt: bytes = field(repr=False)
    parameters: Argon2Parameters
    hashes: frozenset[bytes] = field(repr=False)


def hash_shapes(reader: Reader, login: str, password: Secret, policy: SignInPolicy) -> Shapes:
    """Return the hashed shapes of ``password``: about 20 Argon2id derivations, so outside a transaction."""
    row = reader.row("SELECT * FROM password_history_salt WHERE login = ?", (login,))
    if row is None:
        salt, parameters = os.urandom(SALT_OCTETS), policy.passwords.history_argon2
    else:
        salt, parameters = row["salt"], argon2_parameters(row)
    hashes = frozenset(
        derive_root(shape, salt=salt, parameters=parameters, pepper=policy.pepper, login=login).octets()
        for shape in shapes(normalised(password))
    )
    return Shapes(salt=salt, parameters=parameters, hashes=hashes)


def resembles_earlier(reader: Reader, login: str, new: Secret, hashed: Shapes, policy: SignInPolicy) -> bool:
    """Tell whether ``new`` equals or resembles a password in the history of ``login``."""
    rows = reader.rows(
        "SELECT * FROM password_history WHERE login = ? ORDER BY id DESC LIMIT ?",
        (login, policy.passwords.history),
    )
    for row in rows:
        kept = {
            shape[0] for shape in reader.rows("SELECT shape FROM password_history_shape WHERE entry = ?", (row["id"],))
        }
        if kept & hashed.hashes:
            return True
        if not kept and _exactly(row, login, new, policy):
            return True
    return False


def _exactly(row: sqlite3.Row, login: str, password: Secret, policy: SignInPolicy) -> bool:
    root = derive_root(
        password,
        salt=row["salt"],
        parameters=argon2_parameters(row),
        pepper=policy.pepper,
        login=login,
    )
    return hmac.compare_digest(password_verifier(root), row["verifier"])


def retire(tx: Transaction, login: str, hashed: Shapes | None, *, keep: int) -> None:
    """Move the present password of ``login`` into the history and drop what is older than ``keep`` entries."""
    cursor = tx.execute(
        "INSERT INTO password_history (login, retired_at, salt, memory_kib, iterations, lanes, verifier)"
        " SELECT login, ?, salt, memory_kib, iterations, lanes, verifier FROM password WHERE login = ?",
        (to_text(tx.at), login),
    )
    if hashed is not None:
        _keep_salt(tx, login, hashed)
        for shape in sorted(hashed.hashes):
            tx.execute("INSERT INTO password_history_shape (entry, shape) VALUES (?, ?)", (cursor.lastrowid, shape))
    tx.execute(
        "DELETE FROM password_history WHERE login = ? AND id NOT IN"
        " (SELECT id FROM password_history WHERE login = ? ORDER BY id DESC LIMIT ?)",
        (login, login, keep),
    )


def _keep_salt(tx: Transaction, login: str, hashed: Shapes) -> None:
    tx.execute(
        "INSERT OR IGNORE INTO password_history_salt (login, salt, memory_kib, iterations, lanes)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            login,
            hashed.salt,
            hashed.parameters.memory_kib,
            hashed.parameters.iterations,
            hashed.parameters.lanes,
        ),
    )

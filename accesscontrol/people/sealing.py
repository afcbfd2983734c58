"""From a password to keys: one slow derivation, then a verifier and a sealing key that say nothing of each other."""

import hmac
import os
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from accesscontrol.people.policy import Argon2Parameters
from accesscontrol.people.secret import Secret, concealed

SALT_OCTETS = 16
_KEY_OCTETS = 32
_NONCE_OCTETS = 12
_LONGEST = 1024  # characters that are looked at; a stored password is always shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A secret under AES-256-GCM (NIST SP 800-38D): a random 96-bit nonce and the ciphertext with its tag."""

    nonce: bytes
    ciphertext: bytes


class BrokenSealError(Exception):
    """The seal doesn't open: a wrong key, or altered octets."""


def normalised(password: Secret) -> Secret:
    """Return the password in Unicode form NFKC, so that full-width and half-width typing agree (RFC 8265)."""
    return Secret(unicodedata.normalize("NFKC", password.text()[:_LONGEST]))


@concealed
def derive_root(password: Secret, *, salt: bytes, parameters: Argon2Parameters, pepper: Secret, login: str) -> Secret:
    """Return the 32-octet root of ``password``: Argon2id (RFC 9106) over salt, the site's pepper and the login.

    The login is associated data: a stored row moved to another login verifies nothing there.
    """
    derivation = Argon2id(
        salt=salt,
        length=_KEY_OCTETS,
        iterations=parameters.iterations,
        lanes=parameters.lanes,
        memory_cost=parameters.memory_kib,
        ad=login.encode(),
        secret=pepper.octets(),
    )
    return Secret(derivation.derive(normalised(password).octets()))


def branch(root: Secret, purpose: str) -> Secret:
    """Return the key for ``purpose`` under ``root``: HMAC-SHA256 (HKDF-Expand of one block, RFC 5869)."""
    return Secret(hmac.digest(root.octets(), purpose.encode() + b"\x01", "sha256"))


def password_verifier(root: Secret) -> bytes:
    """Return what is stored to know a password again; it opens nothing that is sealed under the root."""
    return branch(root, "password verifier").octets()


@concealed
def seal(plain: Secret, *, key: Secret, context: str) -> Sealed:
    """Return ``plain`` sealed under ``key``; it opens only with the same ``context``."""
    nonce = os.urandom(_NONCE_OCTETS)
    return Sealed(nonce=nonce, ciphertext=AESGCM(key.octets()).encrypt(nonce, plain.octets(), context.encode()))


def unseal(sealed: Sealed, *, key: Secret, context: str) -> Secret:
    """Return what was sealed. Raises ``BrokenSealError`` when key, context or octets are not the same."""
    try:
        return Secret(AESGCM(key.octets()).decrypt(sealed.nonce, sealed.ciphertext, context.encode()))
    except InvalidTag:
        raise BrokenSealError("the seal does not open") from None

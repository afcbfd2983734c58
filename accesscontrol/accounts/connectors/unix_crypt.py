"""SHA-512 crypt, by which Linux knows passwords (U. Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6).

It is computed here so that no cleartext leaves the console. Hosts of any age take it.
"""

import hashlib
import secrets
from typing import Final

from accesscontrol.people.secret import Secret, concealed

_ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DEFAULT_ROUNDS: Final = 5000
_SALT_LENGTH: Final = 16
_OCTETS: Final = 64
_GROUPS: Final = 21


@concealed
def sha512_crypt(password: Secret, salt: str | None = None, rounds: int = 100_000) -> str:
    """Return the crypt(3) string of ``password``, with a random salt unless one is given."""
    salt = salt if salt is not None else "".join(secrets.choice(_ALPHABET) for _ in range(_SALT_LENGTH))
    salt = salt[:_SALT_LENGTH]
    given = "" if rounds == _DEFAULT_ROUNDS else f"rounds={rounds}$"
    return f"$6${given}{salt}${_encoded(_digest(password.octets(), salt.encode(), rounds))}"


def _digest(key: bytes, salt: bytes, rounds: int) -> bytes:
    sha = hashlib.sha512
    length = len(key)
    alternate = sha(key + salt + key).digest()
    first = sha(key + salt + _repeated(alternate, length))
    bits = length
    while bits:
        first.update(alternate if bits & 1 else key)
        bits >>= 1
    digest = first.digest()
    keys = _repeated(sha(key * length).digest(), length)
    salts = _repeated(sha(salt * (16 + digest[0])).digest(), len(salt))
    for number in range(rounds):
        step = sha(keys if number & 1 else digest)
        if number % 3:
            step.update(salts)
        if number % 7:
            step.update(keys)
        step.update(digest if number & 1 else keys)
        digest = step.digest()
    return digest


def _repeated(block: bytes, length: int) -> bytes:
    return (block * (length // _OCTETS + 1))[:length]


def _encoded(digest: bytes) -> str:
    """Return the digest in crypt's own order and alphabet."""
    text = ""
    first, second, third = 0, _GROUPS, 2 * _GROUPS
    for _ in range(_GROUPS):
        text += _letters(digest[first] << 16 | digest[second] << 8 | digest[third], 4)
        first, second, third = second + 1, third + 1, first + 1
    return text + _letters(digest[_OCTETS - 1], 2)


def _letters(value: int, count: int) -> str:
    return "".join(_ALPHABET[value >> 6 * place & 63] for place in range(count))

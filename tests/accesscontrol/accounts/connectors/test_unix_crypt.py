"""Hashes that Linux knows, compared with another implementation."""

import subprocess

import pytest

from accesscontrol.accounts.connectors.unix_crypt import sha512_crypt
from accesscontrol.people.secret import Secret
from tests.services.availability import require_programs


@pytest.mark.parametrize("password", ["x", "Hello world!", "桜さく" * 9, "a" * 64, "b" * 65])
def test_a_hash_is_that_of_openssl(password: str) -> None:
    [openssl] = require_programs("openssl")
    said = subprocess.run(
        [openssl, "passwd", "-6", "-salt", "saltstring", "-stdin"],
        input=password + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert sha512_crypt(Secret(password), "saltstring", 5000) == said.stdout.strip()


def test_other_rounds_are_named_and_the_salt_is_cut_as_the_standard_says() -> None:
    # U. Drepper, "Unix crypt using SHA-256 and SHA-512", the second test of SHA-512
    assert sha512_crypt(Secret("Hello world!"), "saltstringsaltstring", 10_000) == (
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v."
    )


def test_every_hash_has_a_salt_of_its_own() -> None:
    first, second = (sha512_crypt(Secret("same"), rounds=5000) for _ in range(2))
    assert first != second

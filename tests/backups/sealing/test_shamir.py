"""Any M of N shares give the identity back; fewer say nothing."""

import itertools

import pyrage  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from backups.sealing import shamir
from backups.sealing.keys import Identity
from backups.sealing.shamir import Share, combine, split


def test_the_field_is_the_one_of_fips_197() -> None:
    assert shamir._multiply(0x57, 0x83) == 0xC1
    assert shamir._multiply(0x57, 0x13) == 0xFE
    for a, b in itertools.product(range(256), range(1, 256)):
        assert shamir._multiply(shamir._divide(a, b), b) == a


def test_any_three_of_five_give_the_identity_back(identity: Identity) -> None:
    shares = split(identity, 3, 5)
    for chosen in itertools.permutations(shares, 3):
        assert combine(chosen) == identity
    assert combine(shares) == identity


def test_what_comes_back_opens_what_was_sealed_before(identity: Identity) -> None:
    sealed = pyrage.encrypt(b"register", [pyrage.x25519.Recipient.from_str(str(identity.recipient))])
    again = combine(split(identity, 2, 3)[1:])
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(again.export())]) == b"register"


def test_one_share_fewer_leaves_every_secret_possible() -> None:
    """For two shares of a 3-of-N set each of the 256 values of a byte has exactly one curve through them."""
    places, values = (1, 2), (0x3C, 0xA7)
    for candidate in range(256):
        fits = [
            (b, c)
            for b in range(256)
            for c in [_solve(candidate, b, places[0], values[0])]
            if shamir._value_at([candidate, b, c], places[1]) == values[1]
        ]
        assert len(fits) == 1


def _solve(a: int, b: int, x: int, value: int) -> int:
    """Return c so that a + b x + c x^2 = value."""
    return shamir._divide(value ^ a ^ shamir._multiply(b, x), shamir._multiply(x, x))


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(2, 6), st.integers(0, 4), st.randoms())
def test_every_secret_and_size_comes_back(secret: bytes, threshold: int, more: int, random: object) -> None:
    shares = split(Identity(secret), threshold, threshold + more)
    random.shuffle(shares)  # type: ignore[attr-defined]  # its types lack it
    assert combine(shares[:threshold]) == Identity(secret)


def test_too_few_or_the_same_one_twice_is_refused(identity: Identity) -> None:
    shares = split(identity, 3, 5)
    with pytest.raises(Refusal, match="3 different shares are needed; there are 2"):
        combine([shares[0], shares[1], shares[0]])
    with pytest.raises(Refusal, match="no shares"):
        combine([])


def test_shares_of_two_sets_are_not_mixed(identity: Identity, other_identity: Identity) -> None:
    with pytest.raises(Refusal, match="different sets"):
        combine([split(identity, 2, 2)[0], split(identity, 2, 2)[1]])
    with pytest.raises(Refusal, match="different sets"):
        combine([split(identity, 2, 2)[0], split(other_identity, 2, 2)[1]])


def test_a_forged_share_does_not_give_another_key(identity: Identity) -> None:
    one, two = split(identity, 2, 2)
    forged = Share(one.set, one.mark, one.threshold, one.index, bytes(32))
    with pytest.raises(Refusal, match="one of them is wrong"):
        combine([forged, two])


def test_a_share_is_read_from_paper_in_groups_and_any_slip_is_noticed(identity: Identity) -> None:
    share = split(identity, 2, 3)[0]
    text = share.export()
    grouped = " ".join(text[at : at + 5] for at in range(0, len(text), 5)) + "\n"
    assert Share.parse(grouped) == share
    for place in range(len("SEKISHO-SHARE-1"), len(text)):
        slip = text[:place] + ("Q" if text[place] != "Q" else "P") + text[place + 1 :]
        with pytest.raises(Refusal) as refused:
            Share.parse(slip)
        assert text[20:40] not in str(refused.value)


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (0, 3), (4, 3), (2, 256), (-1, 2)])
def test_a_set_that_protects_nothing_is_refused(identity: Identity, threshold: int, count: int) -> None:
    with pytest.raises(Refusal, match="at least 2"):
        split(identity, threshold, count)


def test_a_share_never_shows(identity: Identity) -> None:
    share = split(identity, 2, 2)[0]
    assert share.value.hex() not in repr(share)
    assert repr(share.value) not in repr(share)

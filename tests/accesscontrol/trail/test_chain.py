"""The row chain is HMAC-SHA-256 and nothing of our own making."""

import hmac

from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.trail.chain import keyed

HASH = st.binary(min_size=32, max_size=32)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), HASH, HASH)
def test_a_link_is_the_hmac_of_the_value_before_and_the_leaf(seal: bytes, previous: bytes, leaf: bytes) -> None:
    assert keyed(seal)(previous, leaf) == hmac.digest(seal, previous + leaf, "sha256")


@settings(max_examples=60, deadline=None)
@given(HASH, HASH)
def test_the_same_row_has_another_value_under_another_seal(previous: bytes, leaf: bytes) -> None:
    assert keyed(b"one seal")(previous, leaf) != keyed(b"another")(previous, leaf)

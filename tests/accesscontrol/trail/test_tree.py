"""The hash tree is the one of RFC 6962: published roots and proofs, and proofs that nothing else passes."""

from hashlib import sha256

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accesscontrol.trail.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    growth_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The inputs and answers with which implementations of Certificate Transparency test themselves.
INPUTS = [
    bytes.fromhex(each)
    for each in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCY = {
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LEAVES = [leaf_hash(each) for each in INPUTS]
SIZES = st.integers(1, 70)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def defined_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = max(1 << power for power in range(len(leaves).bit_length()) if 1 << power < len(leaves))
    return node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_the_published_inclusion_proofs_come_out(index: int, size: int) -> None:
    assert [step.hex() for step in inclusion_proof(LEAVES[:size], index)] == INCLUSION[index, size]


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_the_published_consistency_proofs_come_out(old: int, new: int) -> None:
    assert [step.hex() for step in consistency_proof(LEAVES[:new], old)] == CONSISTENCY[old, new]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 130))
def test_a_growing_root_is_the_defined_one(size: int) -> None:
    assert root_of(leaves_of(size)) == defined_root(leaves_of(size))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100), st.integers(0, 100))
def test_a_frontier_goes_on_where_it_was_stored(first: int, more: int) -> None:
    leaves = leaves_of(first + more)
    frontier = Frontier()
    for leaf in leaves[:first]:
        frontier.append(leaf)
    stored = Frontier.from_bytes(frontier.size, frontier.to_bytes())
    for leaf in leaves[first:]:
        stored.append(leaf)
    assert (stored.size, stored.root()) == (first + more, root_of(leaves))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_whole_aligned_subtrees_grow_the_same_tree(size: int, data: st.DataObject) -> None:
    leaves, frontier = leaves_of(size), Frontier()
    while frontier.size < size:
        fitting = [1 << n for n in range(8) if frontier.size % (1 << n) == 0 and frontier.size + (1 << n) <= size]
        width = data.draw(st.sampled_from(fitting))
        frontier.append_subtree(root_of(leaves[frontier.size : frontier.size + width]), width)
    assert frontier.root() == root_of(leaves)


@pytest.mark.parametrize(("size", "width"), [(1, 2), (3, 2), (0, 3), (6, 4)])
def test_a_subtree_that_does_not_fit_is_refused(size: int, width: int) -> None:
    frontier = Frontier(size, leaves_of(size.bit_count()))
    with pytest.raises(ValueError, match="aligned"):
        frontier.append_subtree(bytes(32), width)


def test_a_stored_frontier_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one hash"):
        Frontier.from_bytes(3, bytes(32))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_every_leaf_has_a_proof_that_holds_for_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert verify_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    assert verify_inclusion(leaves[other], index, size, proof, root) == (other == index)
    assert verify_inclusion(leaves[index], other, size, proof, root) == (other == index)
    assert not verify_inclusion(leaves[index], index, size, [*proof, bytes(32)], root)
    assert not verify_inclusion(leaves[index], index, size, proof, bytes(32))
    if proof:
        assert not verify_inclusion(leaves[index], index, size, proof[:-1], root)
        assert not verify_inclusion(leaves[index], index, size, broken(proof, data), root)


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, st.data())
def test_every_older_tree_has_a_proof_that_holds_for_no_other_history(
    one: int, other: int, data: st.DataObject
) -> None:
    old, new = sorted((one, other))
    leaves = leaves_of(new)
    old_root, new_root, proof = root_of(leaves[:old]), root_of(leaves), consistency_proof(leaves, old)
    assert verify_consistency(old, old_root, new, new_root, proof)
    assert not verify_consistency(old, bytes(32), new, new_root, proof)
    assert not verify_consistency(old, old_root, new, bytes(32), proof)
    assert not verify_consistency(old, old_root, new, new_root, [*proof, bytes(32)])
    if proof:
        assert not verify_consistency(old, old_root, new, new_root, proof[:-1])
        assert not verify_consistency(old, old_root, new, new_root, broken(proof, data))


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, st.data())
def test_a_rewritten_older_entry_can_not_be_proven_away(one: int, other: int, data: st.DataObject) -> None:
    old, new = sorted((one, other))
    assume(old < new)
    true, rewritten = leaves_of(new), leaves_of(new)
    rewritten[data.draw(st.integers(0, old - 1))] = leaf_hash(b"another")
    proof = consistency_proof(rewritten, old)
    assert not verify_consistency(old, root_of(true[:old]), new, root_of(rewritten), proof)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 70))
def test_a_frontier_and_the_later_leaves_are_enough_for_the_same_proof(old: int, more: int) -> None:
    leaves, frontier = leaves_of(old + more), Frontier()
    for leaf in leaves[:old]:
        frontier.append(leaf)
    assert growth_proof(frontier, leaves[old:]) == consistency_proof(leaves, old)


def test_nothing_is_proven_of_an_empty_tree() -> None:
    with pytest.raises(ValueError, match="non-empty"):
        growth_proof(Frontier(), leaves_of(2))
    with pytest.raises(ValueError, match="non-empty"):
        consistency_proof(leaves_of(2), 0)
    assert not verify_consistency(0, EMPTY_ROOT, 2, root_of(leaves_of(2)), [])
    assert not verify_inclusion(LEAVES[0], 0, 0, [], EMPTY_ROOT)


def broken(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    at = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    step = int.from_bytes(proof[at]) ^ (1 << bit)
    return [*proof[:at], step.to_bytes(32), *proof[at + 1 :]]

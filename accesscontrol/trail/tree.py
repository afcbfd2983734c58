"""The Merkle hash tree of RFC 6962, section 2.1: leaves, roots, inclusion and consistency proofs."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf: SHA-256 of 0x00 and the data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees on the right edge of a growing tree, largest first.

    Holds at most log2(size) hashes; appending a leaf or a whole perfect subtree keeps the root at hand.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError("a frontier has one hash for each set bit of its size")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.append_subtree(leaf, 1)

    def append_subtree(self, root: bytes, width: int) -> None:
        """Add a perfect subtree of ``width`` leaves (a power of two that divides the present size)."""
        if width & (width - 1) or self.size % width:
            raise ValueError("only a perfect, aligned subtree can be appended")
        carry = self.size // width
        while carry & 1:
            root = node_hash(self.hashes.pop(), root)
            carry >>= 1
        self.hashes.append(root)
        self.size += width

    def root(self) -> bytes:
        """Return the RFC 6962 root of the tree so far."""
        if not self.hashes:
            return EMPTY_ROOT
        *rest, root = self.hashes
        for left in reversed(rest):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """Return the hashes in one row, for storing beside the size."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """Rebuild a frontier from :meth:`to_bytes`."""
        return cls(size, [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(size: int) -> int:
    """Return the largest power of two smaller than ``size`` (size >= 2)."""
    return int(1 << (size - 1).bit_length() - 1)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of the leaf at ``index`` (from 0) in the tree over ``leaves`` (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise ValueError("the leaf is not in the tree")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), root_of(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), root_of(leaves[:middle])]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether ``proof`` shows ``leaf`` at ``index`` of the tree of ``size`` with ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(step, found)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            found = node_hash(found, step)
        position >>= 1
        last >>= 1
    return last == 0 and found == root


def consistency_proof(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree over the first ``old`` leaves is a prefix (RFC 6962, 2.1.2)."""
    if not 0 < old <= len(leaves):
        raise ValueError("the older tree must be a non-empty part of the newer one")
    return _subproof(leaves, old, whole=True)


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = _split(len(leaves))
    if old <= middle:
        return [*_subproof(leaves[:middle], old, whole=whole), root_of(leaves[middle:])]
    return [*_subproof(leaves[middle:], old - middle, whole=False), root_of(leaves[:middle])]


def growth_proof(old: Frontier, added: Sequence[bytes]) -> list[bytes]:
    """Return the same proof from the older tree's frontier and the leaves ``added`` to it since.

    Everything that the proof says of the older tree is in its frontier, so that it costs only what was added.
    """
    if not old.size:
        raise ValueError("the older tree must be a non-empty part of the newer one")
    subtrees: dict[int, bytes] = {}
    start = 0
    for root in old.hashes:
        subtrees[start] = root
        start += 1 << (old.size - start).bit_length() - 1
    return _growth(old.size, subtrees, added, 0, old.size + len(added), whole=True)


def _growth(
    old: int, subtrees: Mapping[int, bytes], added: Sequence[bytes], start: int, end: int, *, whole: bool
) -> list[bytes]:
    """Prove the range ``start``..``end`` (leaves from 0), as :func:`_subproof` does."""
    if end == old:
        return [] if whole else [subtrees[start]]
    middle = start + _split(end - start)
    if old <= middle:
        return [
            *_growth(old, subtrees, added, start, middle, whole=whole),
            root_of(added[middle - old : end - old]),
        ]
    return [*_growth(old, subtrees, added, middle, end, whole=False), subtrees[start]]


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether ``proof`` shows that the newer tree only added to the older (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    first_root = second_root = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first_root = node_hash(step, first_root)
            second_root = node_hash(step, second_root)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            second_root = node_hash(second_root, step)
        position >>= 1
        last >>= 1
    return last == 0 and first_root == old_root and second_root == new_root

"""Merkle trees of RFC 6962: a root of many hashes, and the path from each of them to it."""

import hashlib
from collections.abc import Sequence


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of these leaves in their order; without leaves, SHA-256 of the empty string."""
    return top(levels(leaves))


def path(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The sibling hashes on the path from the leaf at this place to the root, lowest first.

    Raises: IndexError for a place where no leaf is.
    """
    return path_in(levels(leaves), place)


def path_in(levels: Sequence[Sequence[bytes]], place: int) -> list[bytes]:
    """The same of a tree by its `levels`."""
    if not 0 <= place < len(levels[0]):
        raise IndexError(f"no leaf is at {place} of {len(levels[0])}")
    found = []
    for level in levels[:-1]:
        beside = place ^ 1
        if beside < len(level):
            found.append(level[beside])
        place >>= 1
    return found


def top(levels: Sequence[Sequence[bytes]]) -> bytes:
    """The root of a tree by its `levels`."""
    return levels[-1][0] if levels[-1] else hashlib.sha256().digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All hashes from the leaves up; a hash without a sibling is moved up unchanged, which gives
    the tree of the RFC.
    """
    found = [[_leaf(leaf) for leaf in leaves]]
    while len(below := found[-1]) > 1:
        pairs = len(below) // 2
        above = [_node(below[2 * at], below[2 * at + 1]) for at in range(pairs)]
        found.append([*above, *below[2 * pairs :]])
    return found


def _leaf(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()

"""Trees of RFC 6962 beside its own recursive definition, and as receipts are read."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import merkle
from tools.verify_receipt import Wrong, root_by

ROOT_OF_ABC = "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"


def _defined(leaves: list[bytes]) -> bytes:
    """MTH of the RFC, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    below = _defined(leaves[:split]) + _defined(leaves[split:])
    return hashlib.sha256(b"\x01" + below).digest()


def test_the_root_of_three_leaves_is_that_of_the_rfc() -> None:
    leaves = [b"a", b"b", b"c"]
    assert merkle.root(leaves).hex() == ROOT_OF_ABC
    assert [len(merkle.path(leaves, place)) for place in range(3)] == [2, 2, 1]
    assert merkle.root([]).hex() == hashlib.sha256().hexdigest()


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=70))
def test_every_leaf_leads_to_the_root_and_nothing_else_does(leaves: list[bytes]) -> None:
    root = merkle.root(leaves)
    assert root == _defined(leaves)
    for place, leaf in enumerate(leaves):
        path = merkle.path(leaves, place)
        assert root_by(leaf, place, len(leaves), path) == root
        assert root_by(leaf + b"x", place, len(leaves), path) != root


def test_a_path_that_does_not_fit_is_refused() -> None:
    leaves = [b"a", b"b", b"c"]
    path = merkle.path(leaves, 0)
    with pytest.raises(Wrong, match="too short"):
        root_by(b"a", 0, 3, path[:1])
    with pytest.raises(Wrong, match="too long"):
        root_by(b"a", 0, 3, [*path, bytes(32)])
    with pytest.raises(Wrong, match="no leaf is at 3 of 3"):
        root_by(b"a", 3, 3, path)
    with pytest.raises(IndexError):
        merkle.path(leaves, 3)

"""Answers that are compared before a read is measured."""

import pytest

from benchmarks.rounds import canonical


def test_the_order_of_names_does_not_matter() -> None:
    left = {"tier": "gold", "balance": {"available": 1, "held": 0}}
    right = {"balance": {"held": 0, "available": 1}, "tier": "gold"}

    assert canonical(left) == canonical(right)


@pytest.mark.parametrize("other", [1.0, True, "1", [1]])
def test_equal_values_of_other_types_are_other_answers(other: object) -> None:
    assert canonical({"points": 1}) != canonical({"points": other})


def test_the_order_of_a_list_matters() -> None:
    assert canonical([1, 2]) != canonical([2, 1])

"""Documents as the product writes them: YAML that its own reader reads to the same values."""

from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from domain.programmes import reader, text
from domain.programmes.writing import canonical_text, to_yaml
from tests.support import factories as make
from tests.support.factories import SHIPPED

LOOKALIKES = [
    "0500",
    "1e3",
    "1:30",
    "2026-07-01",
    "on",
    "yes",
    "True",
    "true",
    "null",
    "~",
    "",
    "<<",
]
words = st.sampled_from(LOOKALIKES) | st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), max_size=9
)
numbers = st.integers(-(10**12), 10**12) | st.decimals(-(10**9), 10**9, places=4)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=9,
)


@given(st.dictionaries(words, values, min_size=1))
@example({"worth": Decimal("1E+3"), "1": "\x85 \u2028", "积": "🏨"})
def test_what_is_printed_reads_to_the_same(tree: dict[str, Any]) -> None:
    read = text.read(to_yaml(tree))
    assert read.faults == []
    assert read.tree == tree


def test_a_shipped_document_is_printed_with_its_numbers() -> None:
    policy = reader.parse((SHIPPED / "ota.yaml").read_text(encoding="utf-8"))
    printed = canonical_text(policy)
    assert reader.parse(printed) == policy
    assert "multiplier: 1.2\n" in printed
    assert "- from: 2025-11-10\n" in printed


def test_what_tests_write_once_is_what_the_product_writes() -> None:
    for document in (make.shipped_document(), make.shipped_document("genius")):
        policy = reader.validate(document)
        assert make.written(policy) == make.written(policy) == canonical_text(policy)

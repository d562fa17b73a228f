"""Expressions: what they may say, where they are wrong, and what they do when they err."""

import pytest

from domain.programmes.expressions import ExpressionInvalid, Language, Slip, Wrong

LANGUAGE = Language(
    {
        "line.product": "text",
        "line.amount": "number",
        "booking.products": "texts",
        "count.nights": "number",
        "count.stays": "number",
        "segment.business": "boolean",
    }
)
NESTED = "booking.products.all(a, booking.products.all(b, a == b))"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "line.amount >= 2000 && line.product in ['hotel', 'car']",
            {"line.amount", "line.product"},
        ),
        ("segment . business", {"segment.business"}),
        ("line.product == 'count.stays'", {"line.product"}),
        ("booking.products.exists(x, x.startsWith('h'))", {"booking.products"}),
        ("[1, 2].map(x, x * 2).filter(x, x > 2).size() == 1", set()),
        ("-line.amount % 7 < 0 ? true : line.product.size() > 3", {"line.amount", "line.product"}),
    ],
)
def test_an_expression_knows_the_names_that_it_uses(text: str, names: set[str]) -> None:
    assert LANGUAGE.read(text).names == names


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("line.amount >= 2000.0", Slip(Wrong.OPERANDS, 1, 13, "int >= double")),
        ("line.product == 'a' &&\n  line.amuont > 1", Slip(Wrong.NAME, 2, 7, "line.amuont")),
        ("line.product.matches('a+')", Slip(Wrong.FUNCTION, 1, 21, "matches")),
        ("double(line.amount) > 1.0", Slip(Wrong.FUNCTION, 1, 7, "double")),
        ("timestamp('x').getHours() == 1", Slip(Wrong.FUNCTION, 1, 10, "timestamp")),
        ("line.amount", Slip(Wrong.RESULT, 1, 1, "line.amount")),
        ("line.amount >", Slip(Wrong.SYNTAX, 1, 14)),
        ("line.amount + line.product == 1", Slip(Wrong.OPERANDS, 1, 13, "int + string")),
        ("1 in booking.products", Slip(Wrong.OPERANDS, 1, 3, "int in list(string)")),
        ("line.product[0] == 'h'", Slip(Wrong.OPERANDS, 1, 13, "string[int]")),
        ("!line.amount", Slip(Wrong.OPERANDS, 1, 1, "!(int)")),
        # what could be of any type, or of one that is none of ours
        ("1 == 1 &&\n line.amount in [1, 'a']", Slip(Wrong.VALUE, 2, 17, "dyn")),
        ("1.5 > 1.0", Slip(Wrong.VALUE, 1, 1, "double")),
        ("1u > 0u", Slip(Wrong.VALUE, 1, 1, "uint")),
        ("{'a': 1}['a'] == 1", Slip(Wrong.VALUE, 1, 1, "map")),
        ("int == int", Slip(Wrong.VALUE, 1, 1, "type")),
        ("null == null", Slip(Wrong.VALUE, 1, 1, "null")),
        ("google.protobuf.Int64Value{value: 1} == 1", Slip(Wrong.VALUE, 1, 1, "message")),
        # each of these would double what the one before made
        ("['a'].map(x, x + x) == ['aa']", Slip(Wrong.OPERANDS, 1, 16, "string + string")),
        ("[1] + [2] == [3]", Slip(Wrong.OPERANDS, 1, 5, "list + list")),
        ("[1].map(x, [x, x]) == [[1]]", Slip(Wrong.VALUE, 1, 8, "list of lists")),
    ],
)
def test_what_can_never_be_asked_is_refused_with_its_place(text: str, slip: Slip) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        LANGUAGE.read(text)
    assert refused.value.slips[0] == slip


def test_an_error_is_neither_true_nor_false() -> None:
    average = LANGUAGE.read("count.nights / count.stays >= 3")
    answers = [average.ask({"count.nights": 6, "count.stays": stays}) for stays in (0, 2, 3)]
    assert answers == [None, True, False]
    assert LANGUAGE.read("line.amount * 2 > 0").ask({"line.amount": 2**62}) is None
    assert LANGUAGE.read("line.amount > 0").ask({"line.amount": 2**70}) is None
    assert LANGUAGE.read("booking.products[3] == 'a'").ask({"booking.products": ["a"]}) is None


def test_ten_thousand_iterations_are_too_many() -> None:
    nested = LANGUAGE.read(NESTED)
    answers = [nested.ask({"booking.products": ["hotel"] * lines}) for lines in (99, 100)]
    assert answers == [True, None]

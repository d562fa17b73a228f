"""Budgets, whatever is booked and left: each bounds its own rule and no other."""

from hypothesis import given
from hypothesis import strategies as st

from domain.earning.earning import evaluate
from domain.earning.values import Allowance, Award, Line, MemberFacts
from domain.programmes.reader import validate
from tests.support import factories as make

RULES = make.variant(
    make.rule("rate", "base", points="1.07"),
    make.rule("multiplier", "double", _class="campaign", factor=2),
    make.rule("bonus", "extra", points=500),
)
LEFT = st.one_of(st.none(), st.integers(0, 5000))


@given(
    amounts=st.lists(st.integers(0, 300_000), min_size=1, max_size=4),
    left=st.fixed_dictionaries({"base": LEFT, "double": LEFT, "extra": LEFT}),
)
def test_a_budget_bounds_its_own_rule_and_no_other(
    amounts: list[int], left: dict[str, int | None]
) -> None:
    lines = [Line(n, "hotel", amount) for n, amount in enumerate(amounts, 1)]
    by, who = validate(RULES), MemberFacts("silver")
    free = evaluate(by, lines, who, day=make.NOW.date())
    allowances = {rule: Allowance(budget=points) for rule, points in left.items()}
    bound = evaluate(by, lines, who, day=make.NOW.date(), allowances=allowances)
    wanted = [Award(one.rule, _least(one.points, left[one.rule])) for one in free.awards]
    assert list(bound.awards) == [one for one in wanted if one.points]
    assert sum(bound.line_points.values()) == bound.points == sum(one.points for one in wanted)


def _least(points: int, left: int | None) -> int:
    return points if left is None else min(points, left)

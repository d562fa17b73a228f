"""Earning against an oracle in exact fractions, over random policies and bookings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.earning import earning
from domain.earning.clipping import EVERY_RULE
from domain.earning.values import Allowance, Evaluation, Line, MemberFacts
from domain.kernel.spreading import spread
from domain.programmes import reader
from domain.programmes.policy import Policy
from tests.support import factories as make

DAY = date(2026, 3, 15)
PRODUCTS = ["flight", "hotel", "train", "car"]
TIERS = {"silver": "1.0", "gold": "1.2", "platinum": "1.5", "diamond": "2.0"}
CLASSES = ["birthday", "payment", "campaign"]

Rule = dict[str, Any]

amounts = st.integers(0, 300_000) | st.sampled_from([0, 1, 99, 100, 199_999, 200_000])
lines = st.lists(
    st.builds(
        lambda product, minor, hot: (product, minor, {"hot_route": hot}),
        st.sampled_from(PRODUCTS),
        amounts,
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
).map(lambda drawn: [Line(n, *line) for n, line in enumerate(drawn, 1)])
members = st.builds(MemberFacts, st.sampled_from(sorted(TIERS)), st.booleans())


def decimals(low: int, high: int) -> st.SearchStrategy[str]:
    return st.decimals(low, high, places=3).map(str)


whens = st.fixed_dictionaries(
    {},
    optional={
        "products": st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2, unique=True),
        "tiers": st.lists(st.sampled_from(sorted(TIERS)), min_size=1, max_size=3, unique=True),
        "attributes": st.just({"hot_route": True}),
        "member": st.just({"birthday_month": True}),
        "min_amount": st.integers(0, 3000),
    },
)


def rules_of(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Rule]:
    return st.fixed_dictionaries({"kind": st.just(kind), "when": whens, **parts})


rules = st.lists(
    rules_of("rate", points=decimals(0, 3), per=st.sampled_from([1, 3, 200]))
    | rules_of("step", points=st.integers(0, 5), per=st.sampled_from([7, 100, 200]))
    | rules_of("rate_add", add=decimals(0, 1))
    | rules_of(
        "multiplier",
        factor=decimals(1, 3),
        **{"class": st.sampled_from(CLASSES)},
    )
    | rules_of("bonus", points=st.integers(1, 500)),
    max_size=7,
).map(
    lambda drawn: [
        {**rule, "code": f"r{number}", "name": make.WORDS} for number, rule in enumerate(drawn)
    ]
)

_DOCUMENT = make.shipped_document()


def policy_of(drawn: list[Rule]) -> Policy:
    return reader.validate({**_DOCUMENT, "earning": drawn})


def evaluate(by: Policy, booked: list[Line], member: MemberFacts, **more: Any) -> Evaluation:
    return earning.evaluate(by, booked, member, day=DAY, **more)


# The oracle reads the drawn rules themselves, not the parsed policy.


def matching(rule: Rule, booked: list[Line], member: MemberFacts) -> list[Line]:
    when = rule["when"]
    if member.tier not in when.get("tiers", TIERS):
        return []
    if "member" in when and not member.in_birthday_month:
        return []
    found = [
        line
        for line in booked
        if line.product in when.get("products", PRODUCTS)
        and ("attributes" not in when or line.attributes["hot_route"])
    ]
    enough = sum(line.cash_minor for line in found) >= when.get("min_amount", 0) * 100
    return found if enough else []


def oracle(drawn: list[Rule], booked: list[Line], member: MemberFacts) -> int:
    bases = [rule for rule in drawn if rule["kind"] in ("rate", "step")]
    chosen: dict[int, Rule] = {}
    for line in booked:
        fitting = [rule for rule in bases if line in matching(rule, booked, member)]
        if fitting:
            most = max(len(rule["when"]) for rule in fitting)
            chosen[line.number] = next(r for r in fitting if len(r["when"]) == most)
    exact = Fraction(0)
    for line in booked:
        if line.number not in chosen:
            continue
        rule = chosen[line.number]
        same = [other for other in booked if chosen.get(other.number) is rule]
        total = Fraction(sum(other.cash_minor for other in same), 100)
        amount = Fraction(line.cash_minor, 100)
        points, per = Fraction(rule["points"]), Fraction(rule["per"])
        if rule["kind"] == "rate":
            base = points * amount / per
        else:
            base = points * floor(total / per) * amount / total if total else Fraction(0)
        exact += base * factor(drawn, booked, line, member)
    bonuses: list[int] = [
        rule["points"]
        for rule in drawn
        if rule["kind"] == "bonus"
        and any(line.cash_minor for line in matching(rule, booked, member))
    ]
    return floor(exact) + sum(bonuses)


def factor(drawn: list[Rule], booked: list[Line], line: Line, member: MemberFacts) -> Fraction:
    fitting = [rule for rule in drawn if line in matching(rule, booked, member)]
    found = Fraction(TIERS[member.tier])
    found += sum(Fraction(rule["add"]) for rule in fitting if rule["kind"] == "rate_add")
    for of_class in CLASSES:
        found *= max(
            (
                Fraction(rule["factor"])
                for rule in fitting
                if rule["kind"] == "multiplier" and rule["class"] == of_class
            ),
            default=Fraction(1),
        )
    return found


@given(rules, lines, members)
def test_points_are_those_of_the_exact_oracle(
    drawn: list[Rule], booked: list[Line], member: MemberFacts
) -> None:
    assert evaluate(policy_of(drawn), booked, member).points == oracle(drawn, booked, member)


@given(rules, lines, members)
def test_awards_and_lines_each_add_up(
    drawn: list[Rule], booked: list[Line], member: MemberFacts
) -> None:
    found = evaluate(policy_of(drawn), booked, member)
    assert sum(award.points for award in found.awards) == found.points
    assert sum(found.line_points.values()) == found.points
    assert set(found.line_points) == {line.number for line in booked}
    assert all(points >= 0 for points in found.line_points.values())
    assert all(award.points > 0 for award in found.awards)
    assert len({award.rule for award in found.awards}) == len(found.awards)
    explained = sum(reason.points or 0 for reason in found.explanation)
    assert explained == found.points
    assert found.explanation


@given(rules, lines, members, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing_in_total(
    drawn: list[Rule], booked: list[Line], member: MemberFacts, shuffle: Any
) -> None:
    by = policy_of(drawn)
    shuffled = list(booked)
    shuffle.shuffle(shuffled)
    first, second = evaluate(by, booked, member), evaluate(by, shuffled, member)
    assert first.line_points == second.line_points
    assert first == second


@given(rules, lines, members, st.data())
def test_who_pays_more_never_earns_less(
    drawn: list[Rule], booked: list[Line], member: MemberFacts, data: st.DataObject
) -> None:
    """Unless a base rule with a threshold of its own takes the line over."""
    for rule in drawn:
        if rule["kind"] in ("rate", "step"):
            rule["when"] = {k: v for k, v in rule["when"].items() if k != "min_amount"}
    by = policy_of(drawn)
    more = data.draw(st.integers(0, 300_000))
    chosen = data.draw(st.sampled_from(booked))
    raised = [
        replace(line, cash_minor=line.cash_minor + more) if line is chosen else line
        for line in booked
    ]
    steps = any(rule["kind"] == "step" for rule in drawn)
    assume(not (steps and len(booked) > 1))  # a step spread anew may meet other factors
    assert evaluate(by, raised, member).points >= evaluate(by, booked, member).points


@given(rules, lines, members, st.data())
def test_a_limit_only_takes_away(
    drawn: list[Rule], booked: list[Line], member: MemberFacts, data: st.DataObject
) -> None:
    by = policy_of(drawn)
    whole = evaluate(by, booked, member)
    left = {
        rule["code"]: Allowance(points=data.draw(st.integers(0, 600)))
        for rule in drawn
        if data.draw(st.booleans())
    }
    found = evaluate(by, booked, member, allowances=left)
    granted = {award.rule: award.points for award in found.awards}
    before = {award.rule: award.points for award in whole.awards}
    wanted = {
        code: min(points, left[code].points or 0) if code in left else points
        for code, points in before.items()
    }
    assert granted == {code: points for code, points in wanted.items() if points}
    lost = sum(r.params["lost"] for r in found.explanation if r.code == "capped")
    assert found.points + lost == whole.points
    assert sum(found.line_points.values()) == found.points


@given(rules, lines, members, st.integers(0, 3000))
def test_a_cap_takes_away_from_the_last_awards_just_what_is_above_it(
    drawn: list[Rule], booked: list[Line], member: MemberFacts, cap: int
) -> None:
    by = policy_of(drawn)
    whole = evaluate(by, booked, member)
    found = evaluate(by, booked, member, allowances={EVERY_RULE: Allowance(points=cap)})
    assert found.points == min(whole.points, cap)
    left, wanted = cap, []
    for award in whole.awards:
        wanted.append((award.rule, min(award.points, left)))
        left -= wanted[-1][1]
    assert [(one.rule, one.points) for one in found.awards] == [one for one in wanted if one[1]]
    lost = sum(r.params["lost"] for r in found.explanation if r.code == "cap")
    assert found.points + lost == whole.points
    assert sum(found.line_points.values()) == sum(found.by_lot.values()) == found.points


weights = st.dictionaries(st.integers(1, 9), st.fractions(0, 1000), min_size=1, max_size=6)


@given(st.integers(0, 10**6), weights)
def test_shares_add_up_and_are_off_by_less_than_one(
    total: int, weighed: dict[int, Fraction]
) -> None:
    shares = spread(total, weighed)
    assert sum(shares.values()) == total
    assert set(shares) == set(weighed)
    whole = sum(weighed.values())
    if whole:
        assert all(abs(shares[n] - total * w / whole) < 1 for n, w in weighed.items())
        # no share is rounded up while another with a larger remainder is rounded down
        remainders = {n: total * w / whole - floor(total * w / whole) for n, w in weighed.items()}
        up = [n for n in shares if shares[n] > total * weighed[n] / whole]
        down = [n for n in shares if shares[n] < total * weighed[n] / whole]
        assert all((remainders[u], -u) > (remainders[d], -d) for u in up for d in down)


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_equal_weights_get_equal_shares_the_rest_from_the_front(total: int, count: int) -> None:
    shares = spread(total, dict.fromkeys(range(1, count + 1), Fraction(1)))
    each, rest = divmod(total, count)
    assert shares == {n: each + (1 if n <= rest else 0) for n in range(1, count + 1)}


@given(st.decimals(0, 10**9, places=2), st.integers(0, 100), st.integers(0, 100))
def test_an_activity_by_attribute_is_clamped(value: Decimal, one: int, other: int) -> None:
    low, high = sorted((one, other))
    document = make.shipped_document()
    document["activities"][4]["points"] = {"attribute": "score", "minimum": low, "maximum": high}
    document["activities"] = document["activities"][4:5]
    rule = reader.validate(document).activity_types["quiz"]
    points, _ = earning.evaluate_activity(rule, {"score": value}, times_left=None)
    assert points == min(max(floor(value), low), high)

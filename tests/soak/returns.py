"""Random bookings under random policies: none returns more than the proved maximum.

A unit is a policy with `BOOKINGS` bookings of one to three lines, of its basket or more, made from
the day on which it takes effect, with their points spent at the best rate of that day or a later
one. In a plain policy without limits, the witness returns all that its rules give together, except
for rounding; in others, random bookings of one line that return more are counted, and are few.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from domain.earning import earning, matching
from domain.earning.discounts import on_lines
from domain.earning.values import Line, MemberFacts
from domain.lint import cells, returns, witness
from domain.lint.cells import Space
from domain.lint.witness import Witness
from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.rules import EarningRule
from domain.rewards import catalogue
from tests.soak.proofs import Proof, Tell, draw, unit
from tests.support.servers import Database

BOOKINGS = 1000
PLAIN = 0.4
"""The share of policies in which no condition of a rule excludes another."""

IN_THE_WAY = ("min_amount", "max_amount", "member", "attributes")
CEL = (
    "line.nights >= 3",
    "line.lead_days > 20",
    "count.stays >= 3",
    "count.cash >= 100000 && line.nights > 1",
    "segment.regular",
    "fact.hour >= 18",
    "line.attributes.stars > 2",
    "count.stays > 0 && count.cash / count.stays >= 5000",
)
OF_ONE = (*CEL, 'line.product == "hotel"', "fact.weekday == 6", "count.stays < 2")
"""Conditions for rules that other rules may contradict."""
SINCE = date(2026, 11, 26)
PRODUCTS, TIERS, METHODS = ["flight", "hotel", "car"], ["silver", "gold"], ["card", "wallet"]
WEEKDAYS = ["mon", "sat", "sun"]
SEASONS: Mapping[str, Sequence[tuple[str, str]]] = {
    "past": [("2026-03-01", "2026-04-30")],
    "soon": [("2026-12-24", "2027-01-02"), ("2027-12-24", "2028-01-02")],
    "yearly": [("10-01", "03-31")],
}


def code(of: str) -> dict[str, Any]:
    return {"code": of, "name": {"zh-CN": of, "en": of}}


def some(chance: Random, values: Sequence[Any]) -> list[Any]:
    return chance.sample(values, chance.randint(1, len(values)))


def policy_of(chance: Random) -> Policy:
    """A policy whose rules often apply together, with every kind of condition that cells know."""
    plain = chance.random() < PLAIN
    level = {"discount_percent": chance.choice([0, 0, 5])}
    discounts = [] if plain else _discounts(chance)
    gold = {"multiplier": chance.choice([1, "1.2", 2]), "discounts": discounts}
    rules = [_rule(chance, number, plain=plain) for number in range(chance.randint(1, 9))]
    document = {
        **code("small"),
        "programme": "small",
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "products": PRODUCTS,
        "payment_methods": METHODS,
        "attributes": {"niche": "boolean", "city": "text", "stars": "number"},
        "profile": {"style": {"type": "text", "writable_by": ["staff"]}},
        "counts": {"stays": {"of": "bookings"}, "cash": {"of": "spend"}},
        "segments": [
            {**code("regular"), "when": {"counts": {"stays": {"min": 2}}}},
            {**code("rich"), "when": {"cel": "count.cash > 500000"}},
        ],
        "facts": {"oldest_days": 365},
        "points": {"worth": {"points": 100, "money": 1}, "available": "at_payment"},
        "tiers": {
            "basis": "spend",
            "window": "lifetime",
            "levels": [
                {**code("silver"), "threshold": 0, **level},
                {**code("gold"), "threshold": 9, **gold},
            ],
        },
        "seasons": [
            {**code(name), "spans": [{"from": first, "through": last} for first, last in spans]}
            for name, spans in SEASONS.items()
        ],
        "multiplier_classes": ["a", "b"],
        "earning": rules,
        "redemption_rates": _rates(chance),
        "target_return": {"maximum": 1, "basket": chance.choice([10, 100, 1000])},
    }
    for name in ("code", "redemption_rates", "seasons", "multiplier_classes", "earning"):
        if name == "code" or not document[name]:
            del document[name]
    return reader.validate(document)


def _rates(chance: Random) -> list[dict[str, Any]]:
    rate = {**code("rate"), "factor": 2, "seasons": some(chance, list(SEASONS))}
    return [rate] if chance.random() < 0.3 else []


def _discounts(chance: Random) -> list[dict[str, Any]]:
    made = []
    for _ in range(chance.randint(0, 3)):
        terms: dict[str, Any] = {"percent": chance.choice([1, 3, "7.5"])}
        if chance.random() < 0.5:
            terms["products"] = some(chance, PRODUCTS)
        if chance.random() < 0.3:
            terms["attributes"] = _attributes(chance)
        if chance.random() < 0.2:
            terms["travel_seasons"] = some(chance, list(SEASONS))
        made.append(terms)
    return made


def _attributes(chance: Random) -> dict[str, Any]:
    choices: dict[str, list[Any]] = {
        "niche": [True, False],
        "city": ["bath", "york"],
        "stars": [5, {"min": 3}],
    }
    name = chance.choice(list(choices))
    return {name: chance.choice(choices[name])}


def _rule(chance: Random, number: int, *, plain: bool) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = [
        {"kind": "rate", "points": chance.choice(["0.5", 1, 2]), "per": chance.choice([1, 10])},
        {"kind": "rate_add", "add": chance.choice(["0.1", 1])},
        {"kind": "multiplier", "class": chance.choice("ab"), "factor": chance.choice(["1.5", 3])},
        {"kind": "bonus", "points": chance.choice([1, 50, 5000])},
        {"kind": "step", "points": chance.choice([1, 5]), "per": chance.choice([5, 200])},
    ]
    chosen = chance.choice(kinds[:-1] if plain else kinds)
    when = _when(chance, plain=plain)
    if plain:
        # a base rule with more conditions than another hides that one where it holds
        hidden = (*IN_THE_WAY, *(HIDDEN if chosen["kind"] == "rate" else ()))
        when = {name: asked for name, asked in when.items() if name not in hidden}
    rule = {**code(f"r{number}"), **chosen, "when": when}
    if rule["kind"] == "bonus" and chance.random() < 0.5:
        rule["exclusive"] = chance.choice(["x", "y"])
    if chance.random() < 0.2:
        rule["valid"] = {
            chance.choice(["from", "through"]): chance.choice(["2026-11-20", "2027-01-01"])
        }
    if not plain and chance.random() < 0.1:
        rule["limit"] = {"points": 100, "per": "day"}
    return rule


HIDDEN = ("lead_days", "nights", "counts", "segments", "cel")


def _when(chance: Random, *, plain: bool) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "products": some(chance, PRODUCTS),
        "attributes": _attributes(chance),
        "travel_seasons": some(chance, ["soon", "yearly"] if plain else list(SEASONS)),
        "travel_weekdays": some(chance, WEEKDAYS),
        "lead_days": {"min": chance.randint(0, 30)},
        "nights": {"min": chance.randint(0, 3)},
        "min_amount": chance.choice([5, 100, 500, 5000]),
        "max_amount": chance.choice([6000, 9000]),
        "payment_methods": some(chance, METHODS),
        "tiers": some(chance, TIERS),
        "seasons": some(chance, list(SEASONS)),
        "weekdays": some(chance, WEEKDAYS),
        "member": chance.choice(
            [{"birthday_month": True}, {"profile": {"style": "slow"}}, {"joined_days": {"max": 30}}]
        ),
        "counts": {"stays": {"min": chance.randint(1, 4)}},
        "segments": some(chance, ["regular", "rich"]),
        "cel": chance.choice(CEL if plain else OF_ONE),
    }
    wanted = [name for name in asked if chance.random() < 0.15]
    return {name: asked[name] for name in wanted}


def booking_of(
    policy: Policy, chance: Random, basket_minor: int
) -> tuple[list[Line], MemberFacts, date, str | None]:
    """Lines of the basket's amount or more, the member, the day, and the method of payment."""
    day = SINCE + timedelta(days=chance.randint(0, chance.choice([10, 60, 800])))
    total = basket_minor * chance.choice([100, 100, 101, 150, 700]) // 100
    lines: list[Line] = []
    for number in range(1, chance.randint(1, 3) + 1):
        share = total if number == 1 else chance.randint(0, total)
        first = None
        if chance.random() < 0.5:
            first = day + timedelta(days=chance.randint(-3, chance.choice([9, 200])))
        last = first and first + timedelta(days=chance.randint(0, 5))
        attributes = {
            "niche": chance.choice([True, False]),
            "city": chance.choice(["bath", "york", "rome"]),
            "stars": chance.randint(1, 5),
        }
        given = {name: value for name, value in attributes.items() if chance.random() < 0.6}
        product = chance.choice(PRODUCTS)
        lines.append(Line(number, product, share, given, travel_from=first, travel_to=last))
    return lines, _member(policy, chance), day, chance.choice([None, *METHODS])


def _member(policy: Policy, chance: Random) -> MemberFacts:
    member = MemberFacts(
        chance.choice(TIERS),
        chance.random() < 0.3,
        {"style": chance.choice(["slow", "fast"])} if chance.random() < 0.6 else {},
        chance.randint(0, 60),
        {"stays": chance.randint(0, 5), "cash": chance.choice([0, 99_999, 600_000])},
        chance.randint(0, 23),
    )
    is_in = {one.code: matching.belongs(policy, one, member, ()) for one in policy.segments}
    return replace(member, segments=is_in)


def percent_of(policy: Policy, chance: Random, basket_minor: int) -> tuple[int, Fraction]:
    """The number of lines of a random booking, and its return in percent of its amount."""
    lines, member, day, method = booking_of(policy, chance, basket_minor)
    earned = earning.evaluate(policy, lines, member, day=day, payment_method=method)
    off = sum(on_lines(policy, member.tier, lines).values())
    spent = day + timedelta(days=chance.choice([0, 1, 30, 400]))
    rate = catalogue.redemption_rate_on(policy, chance.choice(TIERS), spent)
    worth = earned.points * policy.minor_per_point * rate
    return len(lines), 100 * (worth + off) / sum(line.amount_minor for line in lines)


def is_plain(policy: Policy) -> bool:
    """Whether all conditions of rules can hold at once, and no base rule that may not hold hides a
    better one.
    """
    return all(
        not set(cells.hidden(policy, rule.when)) & {*_NOT_PLAIN, *_if_base(rule)}
        and rule.when.cel not in set(OF_ONE) - set(CEL)
        and rule.kind != "step"
        for rule in policy.earning
    ) and not any(level.discounts for level in policy.tiers.levels)


_NOT_PLAIN = ("min_amount", "max_amount", "member.joined_days", cells.attribute("stars"))


def _if_base(rule: EarningRule) -> tuple[str, ...]:
    return HIDDEN if rule.kind == "rate" else ()


def of_one_line(policy: Policy, space: Space, amount_minor: int) -> Fraction:
    """The most that one line of this amount returns in percent, with all rules of its cell."""
    known = returns.reckoning(space)
    found = returns.cases(known)
    assert found is not None
    states, lines = found
    most = Fraction(0)
    for state in states:
        worth = policy.minor_per_point * returns.factor_to_come(policy, state.values[cells.DAY])
        for line in lines:
            held = state.rules & line.rules
            points = amount_minor * known.rate(held, state.values[cells.TIER]) + known.bonus(held)
            off = known.discount(state.discounts & line.discounts)
            most = max(most, points * worth / amount_minor + off)
    return most * 100


async def run(_: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    for number in numbers:
        with unit(number):
            done += prove(draw(seed, number), BOOKINGS)
        tell(1)
    return done


def prove(chance: Random, bookings: int) -> Counter[str]:
    """Check one policy: its bound, its witness, and this many bookings."""
    policy = policy_of(chance)
    assert policy.target_return is not None
    basket = policy.minor_units(policy.target_return.basket)
    space = cells.space(policy, SINCE)
    bound, best = returns.maximum(space, basket), witness.best(space, basket)
    assert best is not None
    assert best.percent <= bound
    done = Counter({"policies": 1, "bookings": bookings})
    worths = [percent_of(policy, chance, basket) for _ in range(bookings)]
    most = max((percent for _, percent in worths), default=Fraction(0))
    assert most <= bound, f"{most} % is above {bound} %"
    done["bookings above nine tenths"] += most * 10 >= bound * 9
    if not any(rule.limit for rule in policy.earning):
        done["policies without limits"] += 1
        alone = max((percent for lines, percent in worths if lines == 1), default=Fraction(0))
        done["random bookings above the witness"] += not is_near(policy, best, alone)
        if is_plain(policy):
            assert is_near(policy, best, of_one_line(policy, space, basket)), (best, bound)
            done["plain policies"] += 1
    return done


def is_near(policy: Policy, best: Witness, percent: Fraction) -> bool:
    """Whether the witness returns 99 % of this, plus what rounding to whole points may take."""
    rates = [Fraction(1), *(Fraction(rate.factor) for rate in policy.redemption_rates)]
    rounding = 100 * policy.minor_per_point * max(rates) / best.line.amount_minor
    return (best.percent + rounding) * 100 >= percent * 99


PROOF = Proof(
    name="returns",
    what="policies whose proved maximum return a thousand random bookings each do not exceed",
    count=1_000,
    part=50,
    run=run,
)

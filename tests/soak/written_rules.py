"""Rules of documents drawn by hypothesis: their conditions, and what they give.

Each function draws one part of a document from `Words`, which has the codes that the rest of the
document defines. A condition is drawn as a tree and written as a text; `TREES` keeps the tree of
each text, so that it can be evaluated without parsing the language.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Draw = Any
"""The function by which a composite strategy draws."""

WORDS = {"zh-CN": "规则", "en": "Rule"}
_DAYS = date(2125, 1, 1), date(2127, 6, 30)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CITIES, STYLES = ("Lisbon", "吉隆坡"), ("independent", "group")
FUNDERS = ("programme", "bank", "hotels")
REWARDS = ("lounge", "coupon", "pooled", "gift", "nowhere")
"""Rewards that grants give; the last one is not in the catalogue."""

Tree = tuple[Any, ...]
TREES: dict[str, Tree] = {}


@dataclass(slots=True)
class Words:
    """The codes that a document defines, by section."""

    products: list[str]
    methods: list[str]
    attributes: dict[str, str]
    profile: dict[str, str]
    tiers: list[str]
    seasons: list[str]
    classes: list[str]
    benefits: list[str]
    has_points: bool
    digits: int
    counts: dict[str, str] = field(default_factory=dict)
    windowed: set[str] = field(default_factory=set)
    segments: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)


def some(draw: Draw, items: Any) -> list[Any]:
    """One to three of the items, in any order."""
    return list(draw(st.lists(st.sampled_from(list(items)), min_size=1, max_size=3, unique=True)))


def one(draw: Draw, *items: Any) -> Any:
    """One of the items."""
    return draw(st.sampled_from(items))


def chance(draw: Draw, of: int = 2) -> bool:
    """True in one of `of` cases."""
    return bool(draw(st.integers(0, of - 1)) == of - 1)


def whole_range(draw: Draw, least: int, most: int) -> Any:
    """A range with a minimum, a maximum, or both."""
    low, high = sorted((draw(st.integers(least, most)), draw(st.integers(least, most))))
    return one(draw, {"min": low}, {"max": high}, {"min": low, "max": high})


def amount(draw: Draw, words: Words, most: int = 400) -> int | Decimal:
    """An amount of money, now and then with decimals if the currency has them."""
    found = draw(st.integers(1, most))
    if words.digits and chance(draw, 4):
        return Decimal(found) + Decimal("0.5")
    return int(found)


def rate(draw: Draw) -> Any:
    return one(draw, 1, 2, 3, 10, Decimal("0.2"), Decimal("0.333333"), Decimal("1.5"), 0)


def factor(draw: Draw) -> Any:
    return one(draw, 1, 2, 3, Decimal("1.2"), Decimal("1.333333"), Decimal("2.5"))


def wanted_attributes(draw: Draw, attributes: dict[str, str]) -> dict[str, Any]:
    found = some(draw, sorted(attributes))[:2]
    return {key: wanted(draw, attributes[key]) for key in found}


def wanted(draw: Draw, kind: str, *, ranges: bool = True) -> Any:
    if kind == "boolean":
        return one(draw, True, False)
    if kind == "text":
        return one(draw, *CITIES, *STYLES)
    number = draw(st.integers(0, 5))
    return whole_range(draw, 0, 5) if ranges and chance(draw) else number


def valid(draw: Draw) -> Any:
    first, last = sorted((draw(st.dates(*_DAYS)), draw(st.dates(*_DAYS))))
    both = {"from": first.isoformat(), "through": last.isoformat()}
    return one(draw, {"from": both["from"]}, {"through": both["through"]}, both)


def selector(draw: Draw, words: Words, of: str = "line", *, most: int = 3) -> dict[str, Any]:
    """A `when` for a line, an activity, a fact, a segment, or a step with or without lines."""
    keys = _keys(words, of)
    chosen = draw(st.lists(st.sampled_from(sorted(keys)), max_size=most, unique=True))
    found = {key: keys[key](draw) for key in chosen}
    low, high = found.get("min_amount"), found.get("max_amount")
    if low is not None and high is not None and high < low:
        found["min_amount"], found["max_amount"] = high, low
    return found


def _keys(words: Words, of: str) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "tiers": lambda draw: some(draw, words.tiers),
        "member": lambda draw: member(draw, words),
    }
    if of not in ("step", "line_step"):
        keys["cel"] = lambda draw: condition(draw, words, of)
        if words.counts:
            keys["counts"] = lambda draw: {
                code: whole_range(draw, 0, 4 if words.counts[code] != "spend" else 500)
                for code in some(draw, sorted(words.counts))[:2]
            }
    if of != "segment":
        keys["weekdays"] = lambda draw: some(draw, WEEKDAYS)
        if words.seasons:
            keys["seasons"] = lambda draw: some(draw, words.seasons)
        if words.segments and of not in ("step", "line_step"):
            keys["segments"] = lambda draw: some(draw, words.segments)
    if of in ("line", "line_step"):
        keys |= _line_keys(words)
    return keys


def _line_keys(words: Words) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "products": lambda draw: some(draw, words.products),
        "travel_weekdays": lambda draw: some(draw, WEEKDAYS),
        "lead_days": lambda draw: whole_range(draw, 0, 20),
        "nights": lambda draw: whole_range(draw, 0, 5),
        "min_amount": lambda draw: amount(draw, words),
        "max_amount": lambda draw: amount(draw, words),
    }
    if words.attributes:
        keys["attributes"] = lambda draw: wanted_attributes(draw, words.attributes)
    if words.seasons:
        keys["travel_seasons"] = lambda draw: some(draw, words.seasons)
    if words.methods:
        keys["payment_methods"] = lambda draw: some(draw, words.methods)
    return keys


def member(draw: Draw, words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if chance(draw):
        found["birthday_month"] = True
    if words.profile and chance(draw):
        keys = some(draw, sorted(words.profile))[:2]
        found["profile"] = {key: wanted(draw, words.profile[key], ranges=False) for key in keys}
    if not found or chance(draw, 3):
        found["joined_days"] = whole_range(draw, 0, 60)
    return found


def condition(draw: Draw, words: Words, of: str, activity: dict[str, str] | None = None) -> str:
    """A condition over the names that such a rule may use."""
    tree = _tree(draw, _names(words, of, activity or {}), 2)
    text = written(tree)
    TREES[text] = tree
    return text


def _names(words: Words, of: str, activity: dict[str, str]) -> dict[str, str]:
    names = {
        "member.tier": "tier",
        "member.tier_rank": "number",
        "member.joined_days": "number",
        "member.birthday_month": "boolean",
        **{f"member.profile.{key}": kind for key, kind in words.profile.items()},
        **{f"count.{code}": "number" for code in words.counts},
    }
    if of != "segment":
        names |= {"fact.date": "day", "fact.weekday": "number", "fact.hour": "number"}
        names |= {f"segment.{code}": "boolean" for code in words.segments}
    names |= {f"activity.attributes.{key}": kind for key, kind in activity.items()}
    if of == "line":
        names |= {
            "line.product": "product",
            "line.travel_from": "day",
            "line.amount": "money",
            "line.nights": "number",
            "line.lead_days": "number",
            "booking.amount": "money",
            "booking.payment_method": "method",
            "booking.products": "products",
            **{f"line.attributes.{key}": kind for key, kind in words.attributes.items()},
        }
    return names


def _tree(draw: Draw, names: dict[str, str], depth: int) -> Tree:
    kind = draw(st.integers(0, 5)) if depth else 0
    if kind >= 4:
        return (one(draw, "&&", "||"), *(_tree(draw, names, depth - 1) for _ in range(2)))
    if kind == 3:
        return ("!", _tree(draw, names, depth - 1))
    numbers = [name for name in sorted(names) if names[name] in ("number", "money")]
    if kind == 2 and numbers:
        both = draw(st.lists(st.sampled_from(numbers), min_size=2, max_size=2))
        share = (one(draw, "/", "%", "+", "*"), *(("name", name) for name in both))
        return (one(draw, "<", ">=", "=="), share, ("value", draw(st.integers(0, 9))))
    name: str = draw(st.sampled_from(sorted(names)))
    leaf: Tree = _leaf(draw, name, names[name])
    return leaf


def _leaf(draw: Draw, name: str, kind: str) -> Any:
    if kind == "boolean":
        return ("name", name)
    if kind == "products":
        wanted_ = ("value", one(draw, "flight", "hotel", "ferry"))
        return one(draw, ("in", wanted_, ("name", name)), ("all", ("name", name), wanted_))
    if kind in ("number", "money"):
        most = 40_000 if kind == "money" else 12
        value: Any = draw(st.integers(-1, most))
        return (one(draw, "<", "<=", ">", ">=", "==", "!="), ("name", name), ("value", value))
    known = {
        "text": (*CITIES, *STYLES, ""),
        "tier": ("silver", "gold", "platinum"),
        "day": ("2126-03-15", "2126-04-01", ""),
        "product": ("flight", "hotel", "train"),
        "method": ("card", "wallet", ""),
    }[kind]
    return (one(draw, "==", "!=", "<", ">="), ("name", name), ("value", one(draw, *known)))


def written(tree: Tree) -> str:
    """The text of a condition."""
    head, *parts = tree
    if head == "name":
        return str(parts[0])
    if head == "value":
        [value] = parts
        return f'"{value}"' if isinstance(value, str) else str(value)
    if head == "!":
        return f"!({written(parts[0])})"
    if head == "all":
        return f"{written(parts[0])}.all(x, x == {written(parts[1])})"
    left, right = (written(part) for part in parts)
    return f"({left} {head} {right})"


def limit(draw: Draw, *, of_points: bool) -> dict[str, Any]:
    per = one(draw, "day", "month", "year", "member")
    if of_points and chance(draw):
        return {"points": draw(st.integers(1, 300)), "per": per}
    return {"times": draw(st.integers(1, 3)), "per": per}


def budget(draw: Draw) -> dict[str, Any]:
    per = one(draw, {}, {"per": "day"}, {"per": "month"}, {"per": "year"})
    return {"points": draw(st.integers(1, 600)), **per}


def own_terms(draw: Draw) -> dict[str, Any]:
    """Perhaps a budget, an expiry and a funder for one rule."""
    found: dict[str, Any] = {}
    if chance(draw, 3):
        found["budget"] = budget(draw)
    if chance(draw, 3):
        months, through = one(draw, 0, 1, 2, 14), one(draw, None, "day", "month")
        found["expiry"] = {"months": months} | ({"through": through} if through else {})
    if chance(draw, 4):
        found["funder"] = one(draw, *FUNDERS)
    return found


def earning_rule(draw: Draw, words: Words, code: str) -> dict[str, Any]:
    kinds = ["rate", "rate", "step", "rate_add", "bonus", "bonus"]
    kind = one(draw, *kinds, *(["multiplier", "multiplier"] if words.classes else []))
    rule: dict[str, Any] = {"code": code, "name": WORDS, "kind": kind}
    if kind in ("rate", "step"):
        rule["points"] = rate(draw)
        if kind == "step" or chance(draw):
            rule["per"] = one(draw, 1, 3, 100, amount(draw, words, 50))
    elif kind == "rate_add":
        rule["add"] = rate(draw)
    elif kind == "multiplier":
        rule |= {"class": one(draw, *words.classes), "factor": factor(draw)}
    else:
        rule["points"] = draw(st.integers(1, 200))
        if chance(draw):
            rule["exclusive"] = one(draw, "spring", "autumn")
    rule |= common(draw, words, "line")
    if chance(draw, 3):
        rule["limit"] = limit(draw, of_points=True)
    if chance(draw, 3):
        rule["available"] = one(draw, "at_payment", "on_completion")
    return rule | own_terms(draw)


def common(draw: Draw, words: Words, of: str) -> dict[str, Any]:
    """Fields that rules of all kinds may have."""
    found: dict[str, Any] = {}
    if chance(draw, 5):
        found["valid"] = valid(draw)
    if chance(draw, 2) and (when := selector(draw, words, of)):
        found["when"] = when
    if of in ("line", "activity") and chance(draw, 3):
        found["offer"] = True
    return found


def activity(draw: Draw, words: Words, code: str) -> dict[str, Any]:
    attributes = one(draw, {}, {"score": "number"}, {"score": "number", "place": "text"})
    rule: dict[str, Any] = {"code": code, "name": WORDS, "points": 0}
    rule |= common(draw, words, "activity")
    if attributes:
        rule["attributes"] = attributes
        if chance(draw, 3):
            rule["when"] = {"cel": condition(draw, words, "activity", attributes)}
    if words.has_points:
        rule["points"] = draw(st.integers(0, 120))
        rule |= own_terms(draw)
        if chance(draw, 3):
            terms: dict[str, Any] = {"attribute": "score"}
            for key in draw(st.lists(st.sampled_from(["from", "minimum", "rate"]), unique=True)):
                terms[key] = rate(draw) if key == "rate" else draw(st.integers(0, 6))
            if chance(draw):
                terms["maximum"] = terms.get("minimum", 0) + draw(st.integers(0, 40))
            rule["points"] = terms
    if words.has_points and chance(draw, 6) and isinstance(rule["points"], int):
        rule.pop("offer", None)
        return rule | {"on": "birthday"}
    if chance(draw):
        rule["limit"] = limit(draw, of_points=False)
    return rule | {"reporters": some(draw, ("member", "partner", "staff"))}

"""Whole policy documents drawn by hypothesis, each as a text as people would write it.

The strategies only draw valid documents, so a refusal to publish one is a fault of the strategies
or of the product.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.soak.written_grants import grants, referrals
from tests.soak.written_rules import (
    WORDS,
    Draw,
    Words,
    activity,
    amount,
    budget,
    chance,
    earning_rule,
    factor,
    one,
    rate,
    selector,
    some,
    wanted_attributes,
)

PRODUCTS, METHODS = ("flight", "hotel", "train", "car"), ("card", "wallet")
TIERS = ("silver", "gold", "platinum")
CURRENCIES = {"CNY": 2, "JPY": 0, "KWD": 3}
ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu")
EVERYBODY = ("member", "partner", "staff")

Document = dict[str, Any]


@st.composite
def documents(draw: Draw, *published: Document) -> Document:
    """A valid document, which may follow those already published."""
    before = published[-1] if published else None
    words = _words(draw, before)
    currency = before["currency"] if before else one(draw, *CURRENCIES)
    words.digits = CURRENCIES[currency]
    document: Document = {
        "programme": "random",
        "name": WORDS,
        "timezone": before["timezone"] if before else one(draw, *ZONES),
        "currency": currency,
        "products": words.products,
        "payment_methods": words.methods,
        "attributes": words.attributes,
        "profile": {
            key: {"type": kind, "writable_by": some(draw, EVERYBODY)}
            for key, kind in words.profile.items()
        },
        "facts": {"oldest_days": one(draw, 30, 365)},
        "multiplier_classes": words.classes,
        "benefits": [{"code": code, "name": WORDS} for code in words.benefits],
        "seasons": [_season(draw, code) for code in words.seasons],
    }
    document |= _asked(draw, words)
    document["tiers"] = _tiers(draw, words, published)
    document |= _given(draw, words)
    document |= _terms(draw, words, document["tiers"])
    return {key: value for key, value in document.items() if value not in ([], {}, None)}


def _words(draw: Draw, before: Document | None) -> Words:
    has_points = "points" in before if before else not chance(draw, 8)
    tiers = list(TIERS[: draw(st.integers(1, 3))])
    return Words(
        products=some(draw, PRODUCTS),
        methods=one(draw, [], list(METHODS)),
        attributes=one(draw, {}, {"niche": "boolean", "city": "text", "stars": "number"}),
        profile=one(draw, {}, {"style": "text", "kids": "number", "news": "boolean"}),
        tiers=tiers,
        seasons=["peak", "quiet"][: draw(st.integers(0, 2))],
        classes=["campaign", "payment"][: draw(st.integers(0, 2))] if has_points else [],
        benefits=["lounge_visit", "breakfast"][: draw(st.integers(0, 2))],
        has_points=has_points,
        digits=2,
    )


def _season(draw: Draw, code: str) -> dict[str, Any]:
    days = ("03-01", "03-15", "04-30", "12-20", "02-29")
    dated = ("2126-03-10", "2126-03-20", "2126-05-01")
    spans = []
    for _ in range(draw(st.integers(1, 2))):
        first, last = one(draw, *days), one(draw, *days)
        if chance(draw, 3):
            first, last = sorted((one(draw, *dated), one(draw, *dated)))
        spans.append({"from": first, "through": last})
    return {"code": code, "name": WORDS, "spans": spans}


def _asked(draw: Draw, words: Words) -> Document:
    """Only codes of activities, then counts, then segments that may use these."""
    words.activities = ["review", "share", "quiz"][: draw(st.integers(0, 3))]
    counts = {}
    for code in ("much", "often", "lately")[: draw(st.integers(0, 3))]:
        counts[code] = _count(draw, words)
    words.counts = {code: count["of"] for code, count in counts.items()}
    words.windowed = {code for code, count in counts.items() if "days" in count}
    segments: list[dict[str, Any]] = []
    for code in ("regulars", "listed")[: draw(st.integers(0, 2))]:
        when = selector(draw, words, "segment")
        said = {"when": when} if when and code == "regulars" else {"list": True}
        segments.append({"code": code, "name": WORDS, **said})
    words.segments = [segment["code"] for segment in segments]
    return {"counts": counts, "segments": segments}


def _count(draw: Draw, words: Words) -> dict[str, Any]:
    of = one(
        draw,
        *("bookings", "completed_bookings", "spend", "nights", "activities"),
        *("redemptions", "referrals"),
    )
    count: dict[str, Any] = {"of": of, **one(draw, {}, {"days": 7}, {"days": 30}, {"per": "month"})}
    if of in ("bookings", "completed_bookings", "spend", "nights"):
        if chance(draw, 3):
            count["products"] = some(draw, words.products)
        if words.attributes and chance(draw, 4):
            count["attributes"] = wanted_attributes(draw, words.attributes)
    if of == "activities" and words.activities and chance(draw):
        count["types"] = some(draw, words.activities)
    if of == "redemptions" and chance(draw, 3):
        count["rewards"] = some(draw, ("coupon", "gift"))
    return count


def _tiers(draw: Draw, words: Words, published: Sequence[Document]) -> Document:
    measures = ["spend", "bookings", "completed_bookings", "nights"]
    measures += ["points"] if words.has_points else []
    several = chance(draw, 3)
    basis = draw(st.lists(st.sampled_from(measures), min_size=2, max_size=3, unique=True))
    window = one(draw, "lifetime", "calendar_year", {"months": 1}, {"months": 12})
    found: Document = {
        "basis": {"any": basis} if several else basis[0],
        "window": window,
        "levels": _levels(draw, words, basis if several else basis[:1], several=several),
    }
    if window != "lifetime" and chance(draw):
        falls = {"to": one(draw, "one_step", "qualified"), "grace_days": one(draw, 0, 10)}
        falls |= one(draw, {}, {"floor": one(draw, *words.tiers)})
        found["downgrade"] = one(draw, falls, "never")
    if chance(draw):
        found["night_products"] = some(draw, words.products)
    old = {level["code"] for before in published for level in before["tiers"]["levels"]}
    gone = sorted(old.difference(words.tiers))
    gone += ["diamond"] if published and chance(draw, 4) else []
    if gone:
        found["renames"] = {code: one(draw, *words.tiers) for code in gone}
    return found


def _levels(draw: Draw, words: Words, measures: list[str], *, several: bool) -> list[Document]:
    levels = []
    for rank, code in enumerate(words.tiers):
        least = {one_: 0 if rank == 0 else _threshold(draw, one_, rank) for one_ in measures}
        level: Document = {"code": code, "name": WORDS}
        level["threshold"] = least if several else least[measures[0]]
        if words.has_points and chance(draw):
            level["multiplier"] = factor(draw)
        if chance(draw, 3):
            level["discount_percent"] = rate(draw)
        if chance(draw, 3):
            level["discounts"] = [_discount(draw, words) for _ in range(2)]
        listed = some(draw, words.benefits) if words.benefits and chance(draw) else []
        level["benefits"] = [WORDS, *(_level_benefit(draw, code) for code in listed)]
        levels.append(level)
    return levels


def _threshold(draw: Draw, measure: str, rank: int) -> int:
    unit = 150 if measure in ("spend", "points") else 2
    less: int = draw(st.integers(0, 1))
    return unit * int(2**rank) - less


def _level_benefit(draw: Draw, code: str) -> Document:
    uses = {"uses": draw(st.integers(1, 2)), "per": one(draw, "year", "month")}
    return {"benefit": code, **one(draw, {}, uses)}


def _discount(draw: Draw, words: Words) -> Document:
    found: Document = {"percent": one(draw, 5, 10, Decimal("12.5"), 100)}
    return found | {
        key: value
        for key, value in _selecting(draw, words, "travel_seasons").items()
        if chance(draw)
    }


def _selecting(draw: Draw, words: Words, seasons: str) -> Document:
    found: Document = {"products": some(draw, words.products)}
    if words.attributes:
        found["attributes"] = wanted_attributes(draw, words.attributes)
    if words.seasons:
        found[seasons] = some(draw, words.seasons)
    return found


def _given(draw: Draw, words: Words) -> Document:
    """Activities, grants, referrals, earning rules and caps."""
    found: Document = {"activities": [activity(draw, words, code) for code in words.activities]}
    found["grants"] = grants(draw, words)
    found["referrals"] = referrals(draw, words) if not chance(draw, 3) else None
    if words.has_points:
        rules = [earning_rule(draw, words, f"rule_{n}") for n in range(draw(st.integers(0, 6)))]
        base = {"code": "base", "name": WORDS, "kind": "rate", "points": 1, "per": 1}
        found["earning"] = [base, *rules] if chance(draw, 2) else rules
        pers = draw(st.lists(st.sampled_from(["day", "month", "year"]), max_size=2, unique=True))
        found["caps"] = [{"points": budget(draw)["points"] * 2, "per": per} for per in pers]
        found["caps"] = found["caps"] if chance(draw) else []
    return found


def _terms(draw: Draw, words: Words, tiers: Document) -> Document:
    """What points are worth, how long they are valid, and what may be done with them."""
    acts = ["now", "never"]
    if tiers["window"] != "lifetime" and tiers.get("downgrade") != "never":
        acts.append("at_period_end")
    refunds: Document = {"tier": one(draw, *acts), "grace_days": one(draw, 0, 45)}
    holds = {"minutes": one(draw, 30, 2880)}
    found: Document = {"refunds": refunds, "holds": one(draw, None, holds)}
    found["quotes"] = one(draw, None, {"minutes": one(draw, 5, 1440)})
    if words.has_points:
        refunds["claw_back"] = one(draw, "only_pending", "within_balance", "unlimited")
        found |= _of_points(draw, words)
    basket = {"maximum": one(draw, 2, Decimal("17.5"), 500), "basket": amount(draw, words)}
    found["target_return"] = one(draw, None, basket)
    return found


def _of_points(draw: Draw, words: Words) -> Document:
    expiry = {"months": one(draw, 1, 2, 12), "through": one(draw, "day", "month")}
    points = {
        "worth": {"points": one(draw, 1, 10, 100), "money": one(draw, 1, 2, 10)},
        "available": one(draw, "at_payment", "on_completion"),
        "expiry": one(draw, None, expiry, expiry),
    }
    found: Document = {"points": {key: value for key, value in points.items() if value}}
    shares = [{"percent": one(draw, 10, 50, Decimal("33.3"), 100)}]
    if chance(draw):
        shares.append({"percent": 20, **_selecting(draw, words, "seasons")})
    offset = {"step": one(draw, 1, 5), "minimum": one(draw, 1, 10), "shares": shares}
    found["offset"] = one(draw, None, offset, offset)
    if chance(draw):
        found["completion"] = {
            "overdue_days": one(draw, 1, 10),
            "then": one(draw, "mature", "review"),
        }
    if chance(draw, 3):
        better: Document = {"code": "better", "name": WORDS, "factor": factor(draw)}
        better |= {"tiers": some(draw, words.tiers)} if chance(draw) else {}
        better |= {"seasons": some(draw, words.seasons)} if words.seasons else {}
        found["redemption_rates"] = [better]
    found["reminders"] = one(draw, None, {"expiry_days": [30, 7]})
    found["transfers"] = one(draw, None, {"account_age_days": 0}, {"account_age_days": 0})
    return found


class _Plain(yaml.SafeDumper):
    """Writes decimals as plain numbers, and repeated values in full, without aliases."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


_Plain.add_representer(
    Decimal,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", format(value, "f")),
)


def text(document: Document, *, as_json: bool = False, flow: bool | None = None) -> str:
    """The document as YAML in one of its styles, or as JSON."""
    if as_json:
        return json.dumps(document, ensure_ascii=False, default=str)
    return yaml.dump(
        document, Dumper=_Plain, allow_unicode=True, sort_keys=False, default_flow_style=flow
    )


def drawn(seed: str, *published: Document) -> Document:
    """The document of this seed, which may follow those already published.

    The last document that hypothesis makes is returned, since the first one is the simplest of all.
    """
    made: list[Document] = []

    @seeded(seed)
    @settings(
        max_examples=3,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents(*published))
    def keep(document: Document) -> None:
        made.append(document)

    keep()
    return made[-1]

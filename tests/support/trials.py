"""Experiments in documents of tests: the three of the platform, and others."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from domain.programmes import variants
from domain.programmes.programmes import Programme
from tests.support import factories as make

FROM, UNTIL = "2027-01-01", "2027-06-30"

AB = {
    "code": "ab",
    "kind": "multiplier",
    "class": "campaign",
    "factor": 1,
    "name": {"zh-CN": "倍率", "en": "Rate"},
}
"""A rule that multiplies all bookings by 1."""


def experiment(code: str, *variants: dict[str, Any], **terms: Any) -> dict[str, Any]:
    made = {"code": code, "from": FROM, "until": UNTIL, "metric": "repurchase", "days": 90}
    return {**made, **terms, "variants": list(variants)}


def of(code: str, settings: dict[str, Any], **terms: Any) -> dict[str, Any]:
    """An experiment of two halves, the second with these settings."""
    variants = ({"code": "a", "weight": 50}, {"code": "b", "weight": 50, "set": settings})
    return experiment(code, *variants, **terms)


def earn_rate(**terms: Any) -> dict[str, Any]:
    """An experiment with 1.2 times the points against 1.5 times."""
    variants = [
        {"code": code, "weight": 50, "set": {"earning.ab.factor": Decimal(factor)}}
        for code, factor in (("a", "1.2"), ("b", "1.5"))
    ]
    return experiment("earn_rate", *variants, **terms)


def price(**terms: Any) -> dict[str, Any]:
    """An experiment with a coupon for 1000 points against 800."""
    variants = [
        {"code": code, "weight": 50, "set": {"prices.coupon_10": points}}
        for code, points in (("a", 1000), ("b", 800))
    ]
    return experiment("coupon_price", *variants, **{"metric": "redemption", **terms})


def expiry(**terms: Any) -> dict[str, Any]:
    """An experiment with points valid for 12 months against 6."""
    variants = [
        {"code": code, "weight": 50, "set": {"points.expiry.months": months}}
        for code, months in (("a", 12), ("b", 6))
    ]
    return experiment("points_expiry", *variants, **{"metric": "conversion", **terms})


def document(*experiments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The shipped `ota` with a rule `ab` and these experiments."""
    rules = [*make.shipped_rules(), AB]
    return make.shipped_document(earning=rules, experiments=list(experiments), **changes)


def text(*experiments: dict[str, Any], **changes: Any) -> str:
    return written(document(*experiments, **changes))


def written(found: dict[str, Any]) -> str:
    return orjson.dumps(found, default=_number).decode()


def _number(value: object) -> Any:
    return orjson.Fragment(str(value)) if isinstance(value, Decimal) else str(value)


async def member(
    programme: Programme, code: str, variant: str, *, now: datetime = make.NOW, reference: str = ""
) -> UUID:
    """A new member whom the draw puts into this variant."""
    found = variants.experiment_of(programme.versions[-1].policy, code)
    while True:
        own = f"{reference or variant}-{make.fresh()}"
        member_id = await make.enrol(programme, now=now, reference=own)
        drawn = variants.of_member(found, member_id)
        if drawn is not None and drawn.code == variant:
            return member_id

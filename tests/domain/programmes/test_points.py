"""Programmes without points: what their documents cannot say, and that they stay so."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import yaml

from domain.kernel.refusals import InvalidInput
from domain.programmes import programmes, reader
from domain.programmes.refusals import PolicyInvalid
from tests.conftest import Database
from tests.support import factories as make

GENIUS = (make.SHIPPED / "genius.yaml").read_text(encoding="utf-8")
OTA = (make.SHIPPED / "ota.yaml").read_text(encoding="utf-8")


def test_the_shipped_document_has_levels_and_discounts() -> None:
    policy = reader.parse(GENIUS)
    assert not policy.has_points
    assert policy.facts.oldest_days == 730
    for level, code, threshold, percents in zip(
        policy.tiers.levels,
        ("level_1", "level_2", "level_3"),
        (0, 5, 15),
        ((10, 10), (15, 10), (20, 10)),
        strict=True,
    ):
        assert (level.code, level.threshold) == (code, Decimal(threshold))
        assert [one.percent for one in level.discounts] == [Decimal(one) for one in percents]
        assert [one.products for one in level.discounts] == [("hotel",), ("car",)]


def _change(**parts: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document.update(parts)

    return change


def _multiply(document: dict[str, Any]) -> None:
    document["tiers"]["levels"][1]["multiplier"] = "1.2"


def _by_points(document: dict[str, Any]) -> None:
    document["tiers"]["basis"] = "points"


def _by_any(document: dict[str, Any]) -> None:
    document["tiers"]["basis"] = {"any": ["points", "completed_bookings"]}
    for level in document["tiers"]["levels"]:
        least = level["threshold"]
        level["threshold"] = {"points": least * 100, "completed_bookings": least}


GIFT = {"code": "gift", "name": dict(make.WORDS), "kind": "calendar", "day": "joining"}
RATE = {"code": "base", "kind": "rate", "name": make.WORDS, "points": 1}
FACTOR = {"code": "double", "name": make.WORDS, "factor": 2}
ACTIVITY = {"code": "share", "name": make.WORDS, "reporters": ["member"]}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (_change(earning=[RATE]), "earning"),
        (_change(redemption_rates=[FACTOR]), "redemption_rates"),
        (_change(caps=[{"points": 100, "per": "month"}]), "caps"),
        (_change(finance={"breakage": "0.1"}), "finance"),
        (_change(grants=[{**GIFT, "gives": {"points": 5}}]), "grants.0.gives.points"),
        (_change(completion={"then": "mature"}), "completion"),
        (_change(offset={"shares": [{"percent": 50}]}), "offset"),
        (_change(reminders={"expiry_days": [30]}), "reminders"),
        (_change(transfers={}), "transfers"),
        (_change(refunds={"tier": "never", "claw_back": "unlimited"}), "refunds.claw_back"),
        (_change(activities=[{**ACTIVITY, "points": 5}]), "activities.0.points"),
        (
            _change(activities=[{**ACTIVITY, "points": {"attribute": "score"}}]),
            "activities.0.points",
        ),
        (_multiply, "tiers.levels.1.multiplier"),
        (_by_points, "tiers.basis"),
        (_by_any, "tiers.basis.any.0"),
    ],
)
def test_nothing_in_it_gives_holds_or_takes_points(
    change: Callable[[dict[str, Any]], None], path: str
) -> None:
    document = yaml.safe_load(GENIUS)
    change(document)
    with pytest.raises(PolicyInvalid) as refused:
        reader.parse(yaml.safe_dump(document, allow_unicode=True))
    assert [fault.path for fault in refused.value.faults] == [path]


def test_what_gives_no_points_may_be_said() -> None:
    document = yaml.safe_load(GENIUS)
    perk = {"perk": {"benefit": "breakfast", "uses": 1, "days": 30}}
    document |= {
        "earning": [],
        "caps": [],
        "activities": [{**ACTIVITY, "points": 0}],
        "grants": [{**GIFT, "gives": perk}],
    }
    assert not reader.parse(yaml.safe_dump(document, allow_unicode=True)).has_points


@pytest.mark.parametrize(
    ("first", "second", "kept"), [(GENIUS, OTA, "none"), (OTA, GENIUS, "points")]
)
async def test_publishing_neither_begins_nor_ends_points(
    database: Database, first: str, second: str, kept: str
) -> None:
    programme = await make.establish(make.shipped_document(yaml.safe_load(first)["programme"]))
    document = yaml.safe_load(second) | {"programme": programme.code}
    text = yaml.safe_dump(document, allow_unicode=True)
    facts = {"reason": "fixed", "allowed": (kept,)}
    async with make.refused(programme, InvalidInput, "document", "points", **facts):
        await programmes.publish(make.request(make.staff(programme)), text)

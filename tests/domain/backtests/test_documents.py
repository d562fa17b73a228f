"""Each shipped document beside itself, on lives of all kinds of facts: nothing changes, and what
is played is what was recorded.
"""

from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.database import row, rows
from domain.programmes import programmes
from tests.support import backtested, lived, reading
from tests.support import factories as make
from tests.support.granted import grant
from tests.support.lived import Lives

pytestmark = pytest.mark.usefixtures("database")

LISTED = {"code": "listed", "name": make.WORDS, "list": True}
COUNTS = {
    "stays": {"of": "bookings", "days": 40},
    "taken": {"of": "redemptions"},
    "brought": {"of": "referrals"},
    "done": {"of": "activities", "per": "month"},
    "paid": {"of": "spend"},
}
GRANTS = [
    grant("second_reward", "milestone", count="taken", at=2, gives={"points": 70}),
    grant("big_spender", "milestone", count="paid", every=4000, gives={"points": 90}),
    grant("active", "milestone", count="done", every=2, gives={"points": 15}),
    grant("brings", "milestone", count="brought", every=1, gives={"points": 33}),
    grant("autumn", "calendar", day="04-01", gives={"points": 5}),
    grant(
        "both",
        "mission",
        window={"days": 60, "after": "joining"},
        gives={"points": 44},
        steps=[
            {"code": "book", "name": make.WORDS, "fact": "booking"},
            {"code": "take", "name": make.WORDS, "fact": "redemption"},
        ],
    ),
]


def richer(code: str) -> dict[str, Any]:
    """The document with budgets that run out, more that it gives, and all that can be counted."""
    document = make.whole_document(code)
    document.pop("target_return", None)
    document["counts"] = {**document.get("counts", {}), **COUNTS}
    document["segments"] = [*document.get("segments", []), LISTED]
    document["grants"] = [*document.get("grants", []), *GRANTS]
    document["earning"] += [
        make.rule("bonus", "of_list", points=25, when={"segments": ["listed"]}),
        make.rule("bonus", "of_takers", points=9, when={"counts": {"taken": {"min": 1}}}),
    ]
    for rule in document["earning"]:
        rule["budget"] = {"points": 6000 if rule["kind"] != "bonus" else 60, "per": "month"}
    for activity in document["activities"]:
        activity["budget"] = {"points": 120}
    for gift in document["grants"]:
        if "points" in gift["gives"]:
            gift["budget"] = {"points": 150, "per": "year"}
            gift["name"] = make.WORDS
    return document


DOCUMENTS = ("agency", "ota", "ctrip", "genius")


async def lived_by(document: dict[str, Any], seed: int, steps: int = 45) -> Lives:
    programme = await make.establish(document)
    lives = await lived.begin(programme, seed)
    await lived.live(lives, steps)
    return lives


async def check(lives: Lives) -> None:
    programme, now = await programmes.get(lives.programme.code), lives.now
    found = await backtested.compare(programme, now, from_=make.NOW - timedelta(days=1))
    told = (lives.done, found.sums)
    figures = backtested.figures(found, programme)
    assert all(baseline == candidate for baseline, candidate in figures.values()), told
    assert all(len(set(pair)) == 1 for keys in found.sums.values() for pair in keys.values())
    assert not {"WON", "LOST"} & found.sums.keys()
    recorded = await rows(
        "SELECT rule, sum(points)::bigint AS points FROM award WHERE member_id = ANY($1::uuid[]) "
        "GROUP BY rule HAVING sum(points) <> 0",
        lives.members,
    )
    granted = {rule: pair[0] for rule, pair in found.sums.get("RULE", {}).items() if pair[0]}
    assert granted == {one["rule"]: one["points"] for one in recorded}, told
    assert figures["drift"] == (0, 0)
    outstanding = owed = 0
    for member_id in lives.members:
        there = await reading.balances_at(member_id, now)
        outstanding += there.pending + there.available + there.held
        owed += there.owed
    assert (figures["outstanding"][0], figures["owed"][0]) == (outstanding, owed), told
    assert found.omitted == []
    left = await row(
        "SELECT count(*) AS count FROM backtest_claim WHERE backtest_id = $1", found.id
    )
    assert left == {"count": 0}


@pytest.mark.parametrize("code", DOCUMENTS)
async def test_a_shipped_document_beside_itself_changes_nothing(code: str) -> None:
    await check(await lived_by(make.whole_document(code), 1))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("code", DOCUMENTS[:3])
async def test_with_budgets_and_more_grants_too(code: str, seed: int) -> None:
    await check(await lived_by(richer(code), seed))

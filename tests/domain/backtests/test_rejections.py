"""Bookings that staff rejected: for both sides they earn and count nothing from then on."""

from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.database import rows
from tests.support import backtested, risks, travel
from tests.support import factories as make
from tests.support.backtested import text_of
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
NOW = make.NOW + 40 * DAY
LARGE = risks.rule("large", "earn", "amount", "review", over=1000)
PAID: dict[str, Any] = {"counts": {"paid": {"of": "spend"}}}
GIFTS = [
    grant("spender", "milestone", count="paid", every=1000, gives={"points": 100}),
    grant(
        "stay",
        "mission",
        steps=[{"code": "stay", "name": {"zh-CN": "住", "en": "Stay"}, "fact": "completion"}],
        window={"days": 90, "after": "joining"},
        gives={"points": 50},
    ),
]


async def test_what_was_rejected_is_taken_from_both_sides() -> None:
    rate = make.rule("rate", "base", points=1)
    document = make.variant(rate, grants=GIFTS, risk={"rules": [LARGE]}, **PAID)
    programme = await make.establish(document)
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "1500"), reference="B-1")
    await make.book(programme, member_id, ("hotel", "900"), reference="B-3")
    await make.book(programme, member_id, ("hotel", "6000"), reference="B-2")
    await travel.complete(programme, "B-2", now=make.NOW + DAY)
    kept, rejected = await risks.open_reviews(programme)
    later = make.NOW + 2 * DAY
    await risks.decide_one(programme, kept, approve=True, now=later)
    await risks.decide_one(programme, rejected, approve=False, now=later)
    await travel.refund(programme, "B-2", "R-1", (1, "500"), now=make.NOW + 3 * DAY)
    recorded = await rows(
        "SELECT rule, sum(points)::bigint AS points FROM award WHERE member_id = $1 "
        "GROUP BY rule HAVING sum(points) <> 0",
        member_id,
    )
    assert {one["rule"]: one["points"] for one in recorded} == {"base": 2400, "spender": 200}
    same = await backtested.compare(programme, NOW)
    granted = {rule: both for rule, both in same.sums["RULE"].items() if any(both)}
    assert granted == {"base": [2400, 2400], "spender": [200, 200]}
    assert backtested.figures(same, programme)["drift"] == (0, 0)
    assert same.sums["TIER_MEMBERS"] == {"silver": [1, 1]}
    twice = make.variant(make.rule("rate", "base", points=2), grants=GIFTS, **PAID)["earning"]
    more = await backtested.compare(programme, NOW, text_of(programme, earning=twice))
    assert more.sums["RULE"]["base"] == [2400, 4800]
    assert await make.faults(member_id) == []

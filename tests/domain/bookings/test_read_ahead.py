"""What writes read ahead is what each query reads alone, column by column."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.bookings import cases, refunds
from domain.bookings.booking_keys import BookingKey
from domain.bookings.reports import BookingReport
from domain.grants import deeds
from domain.grants.values import Fact
from domain.kernel.database import rows, transact
from domain.kernel.ids import new_id
from domain.kernel.queries import Query, ask, read_ahead
from domain.programmes.programmes import Programme
from domain.redemptions import redemptions
from tests.support import factories as make
from tests.support import travel
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")

COUNTS = {
    "stays": {"name": make.WORDS, "of": "bookings", "days": 30},
    "spent": {"name": make.WORDS, "of": "spend"},
}
WHEN = {"counts": {"stays": {"min": 1}}, "segments": ["friends"]}


def document() -> dict[str, object]:
    """One that asks for all that a write may ask for."""
    limit = {"times": 3, "per": "month"}
    return make.variant(
        make.rule("rate", "base", points=1, per=1),
        make.rule("bonus", "more", points=10, limit=limit, when=WHEN),
        counts=COUNTS,
        segments=[{"code": "friends", "name": make.WORDS, "list": True}],
        caps=[{"per": "month", "points": 100_000}],
        grants=[grant("often", "milestone", count="spent", at=10**9, gives={"points": 5})],
        referrals={"qualifies": "first_booking", "link": "https://example.com/?c={code}"},
        tiers={**make.shipped_document()["tiers"], "window": {"months": 12}},
    )


async def lived(programme: Programme) -> tuple[UUID, BookingKey]:
    """A member who joined by a friend's code and has one of each, and one of its bookings."""
    await make.rich_member(programme, 100, reference="friend")
    code = await rows("SELECT referral_code FROM member WHERE programme_id = $1", programme.id)
    member_id = await make.rich_member(programme, 5000, referral_code=code[0]["referral_code"])
    sent = make.booking(("hotel", "100"), ("flight", "2100"), reference="B-1")
    outcome = await make.report(programme, member_id, sent)
    await travel.refund(programme, "B-1", "R-1", (1, "40"))
    await make.redeem(programme, member_id, await make.reward(programme, code="lounge", stock=3))
    return member_id, BookingKey(member_id, UUID(outcome.figures["booking_id"]))


async def check(asked: list[Query]) -> list[int]:
    """How many rows each query has, the same alone and ahead."""
    alone = [await ask(one) for one in asked]

    async def work() -> None:
        await read_ahead(asked)
        assert [await ask(one) for one in asked] == alone

    await transact(work)
    for one, found in zip(asked, alone, strict=True):
        assert all(tuple(row) == one.columns for row in found)
    return [len(found) for found in alone]


async def test_each_query_is_read_ahead_as_it_is_read_alone() -> None:
    programme = await make.establish(document())
    member_id, key = await lived(programme)
    now = make.NOW + timedelta(hours=1)
    sent = make.booking(("hotel", "100"))
    report = BookingReport(new_id(), "partner:x", sent, programme.versions[0])
    fact = Fact(new_id(), now)

    found = await check(cases.queries(programme, member_id, report, now))
    assert len(found) >= 10
    assert found.count(0) <= 3  # of lists, of grants and of what was granted to limits

    refund = travel.refunded("R-1")
    found = await check(refunds._queries(programme, key, refund, now))
    assert found.count(0) <= 1

    found = await check(redemptions._queries(programme, member_id, "lounge", fact))
    assert found.count(0) <= 1

    kinds = {"booking", "completion", "activity", "redemption"}
    spans = {member_id: (make.NOW - timedelta(days=9), make.NOW + timedelta(days=9))}
    assert all(await check(list(deeds.queries(spans, kinds).values())))

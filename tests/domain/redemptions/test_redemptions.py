"""Redemptions: what they cost, who may have what, codes of pools, and how they are read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

import models
from domain.kernel.database import row, rows
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger.refusals import AccountInArrears, InsufficientPoints
from domain.members.identity import MemberKey
from domain.members.refusals import LimitReached, MemberNotEnrolled, MemberSuspended
from domain.programmes.programmes import Programme
from domain.redemptions import redemption_reads, redemptions
from domain.redemptions.redemption_reads import RedemptionFilter
from domain.redemptions.redemptions import RedeemSent
from domain.rewards.refusals import CodePoolExhausted, OutOfStock, RewardInactive, TierRequired
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading
from tests.support.redeemed import DAY, MOMENT, codes, read, season_now, stock


async def test_a_service_is_confirmed_and_its_price_taken(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 4350)
    lounge = await make.reward(programme, code="lounge", stock=3)
    redemption_id = await make.redeem(programme, member_id, lounge)
    made = await read(programme, member_id, redemption_id)
    assert (made.status, made.points, made.quantity, made.codes) == ("CONFIRMED", 4000, 1, [])
    assert (made.worth_minor, made.currency, made.fulfilled_at) == (None, "CNY", None)
    assert (await make.available(member_id), await stock(lounge)) == (350, 2)
    entry = (await reading.entries(member_id, limit=1))[0]
    assert (entry.kind, entry.points, entry.redemption_id, entry.reward_names) == (
        "REDEEM",
        4000,
        redemption_id,
        {"zh-CN": "贵宾厅", "en": "Lounge"},
    )
    told = await rows(
        "SELECT payload FROM outbox_event WHERE member_id = $1 AND topic = 'reward.redeemed'",
        member_id,
    )
    assert [orjson.loads(event["payload"]) for event in told] == [
        {
            "redemption_id": str(redemption_id),
            "reward": "lounge",
            "quantity": 1,
            "points": 4000,
        }
    ]


async def test_a_coupon_is_fulfilled_at_once_with_a_code_of_its_own(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000)
    coupon = await make.reward(programme, kind="COUPON", list_points=1000, worth_minor=1000)
    made = await read(
        programme, member_id, await make.redeem(programme, member_id, coupon, quantity=3)
    )
    assert (made.status, made.points, made.worth_minor, made.fulfilled_at) == (
        "FULFILLED",
        3000,
        3000,
        make.NOW,
    )
    assert len(set(made.codes)) == 3
    assert {len(code) for code in made.codes} == {12}


async def test_off_season_a_lounge_costs_2000(database: Database) -> None:
    programme = await make.establish(season_now())
    member_id = await make.rich_member(programme, 10_000)
    lounge = await make.reward(programme)
    last = datetime(2026, 3, 15, 16, tzinfo=UTC) - MOMENT
    first = datetime(2026, 3, 9, 16, tzinfo=UTC)
    for now, points in ((first, 2000), (last, 2000), (last + MOMENT, 4000)):
        made = await make.redeem(programme, member_id, lounge, now=now)
        assert (await read(programme, member_id, made)).points == points


async def test_a_price_under_a_rate_is_rounded_up_per_piece(database: Database) -> None:
    programme = await make.establish(season_now())
    member_id = await make.rich_member(programme, 1000)
    odd = await make.reward(programme, list_points=333)
    made = await make.redeem(programme, member_id, odd, quantity=3)
    assert (await read(programme, member_id, made)).points == 501


async def test_of_several_rates_the_best_applies(database: Database) -> None:
    document = season_now()
    document["redemption_rates"] += [
        {"code": "gold_rate", "name": make.WORDS, "factor": 4, "tiers": ["gold"]},
        {"code": "always", "name": make.WORDS, "factor": "1.6"},
    ]
    programme = await make.establish(document)
    lounge = await make.reward(programme)
    for spent, now, points in (
        ("1", make.NOW, 2000),
        ("5000", make.NOW, 1000),
        ("1", make.NOW + 9 * DAY, 2500),
    ):
        member_id = await make.rich_member(programme, 4000)
        await make.book(programme, member_id, ("hotel", spent))
        made = await make.redeem(programme, member_id, lounge, now=now)
        assert (await read(programme, member_id, made)).points == points


# Open value.


async def open_coupon(programme: Programme) -> models.Reward:
    return await make.reward(programme, kind="COUPON", open_value=True, list_points=1)


async def test_an_open_value_takes_any_number_of_points(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 4350)
    coupon = await open_coupon(programme)
    made = await make.redeem(programme, member_id, coupon, points=4350)
    redemption = await read(programme, member_id, made)
    assert (redemption.points, redemption.worth_minor) == (4350, 4350)
    assert await make.available(member_id) == 0


async def test_an_open_value_never_takes_a_point_that_buys_nothing(database: Database) -> None:
    document = make.shipped_document()
    document["points"]["worth"] = {"points": 1000, "money": 3}  # 0.3 fen a point
    programme = await make.establish(document)
    member_id = await make.rich_member(programme, 100)
    coupon = await open_coupon(programme)
    for given, taken, worth in ((4, 4, 1), (5, 4, 1), (6, 4, 1), (7, 7, 2), (10, 10, 3)):
        made = await make.redeem(programme, member_id, coupon, points=given)
        redemption = await read(programme, member_id, made)
        assert (redemption.points, redemption.worth_minor) == (taken, worth)
    async with make.refused(
        programme, InvalidInput, "points", reason="worth_nothing", value="3", allowed=("4",)
    ):
        await make.redeem(programme, member_id, coupon, points=3)


async def test_an_open_value_is_worth_more_off_season(database: Database) -> None:
    programme = await make.establish(season_now())
    member_id = await make.rich_member(programme, 4350)
    made = await make.redeem(programme, member_id, await open_coupon(programme), points=4350)
    assert (await read(programme, member_id, made)).worth_minor == 8700


@pytest.mark.parametrize(
    ("open_value", "sent", "reason", "path"),
    [
        (True, {}, "points_required", "points"),
        (True, {"points": 0}, "not_positive", "points"),
        (True, {"points": -5}, "not_positive", "points"),
        (True, {"points": 5, "quantity": 2}, "quantity_not_open", "quantity"),
        (False, {"points": 4000}, "points_not_open", "points"),
        (False, {"quantity": 0}, "not_positive", "quantity"),
        (False, {"quantity": -1}, "not_positive", "quantity"),
        (False, {"quantity": 101}, "quantity_too_large", "quantity"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_path(
    database: Database, open_value: bool, sent: Mapping[str, Any], reason: str, path: str
) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    reward = await open_coupon(programme) if open_value else await make.reward(programme)
    async with make.refused(programme, InvalidInput, path, reason=reason):
        await make.redeem(programme, member_id, reward, **sent)


# Who may have what.


async def test_too_few_points_are_refused_and_nothing_is_taken(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 3999)
    lounge = await make.reward(programme, stock=1)
    async with make.refused(programme, InsufficientPoints, "points", available=3999, required=4000):
        await make.redeem(programme, member_id, lounge)


async def test_points_that_expired_this_instant_cannot_be_spent(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 4000)
    lounge = await make.reward(programme)
    gone = datetime(2027, 3, 15, 16, tzinfo=UTC)
    async with make.refused(programme, InsufficientPoints, "points", available=0):
        await make.redeem(programme, member_id, lounge, now=gone)
    await make.redeem(programme, member_id, lounge, now=gone - MOMENT)


async def test_a_reward_is_for_a_tier_and_above(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    await make.book(programme, member_id, ("hotel", "5000"))
    for minimum in ("silver", "gold"):
        await make.redeem(programme, member_id, await make.reward(programme, minimum_tier=minimum))
    for minimum in ("platinum", "diamond"):
        reward = await make.reward(programme, minimum_tier=minimum)
        async with make.refused(programme, TierRequired, "reward"):
            await make.redeem(programme, member_id, reward)


async def test_a_reward_is_on_offer_from_until_exclusive(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 90_000, now=make.NOW - DAY)
    reward = await make.reward(programme, valid_from=make.NOW, valid_until=make.NOW + DAY)
    for now, offered in (
        (make.NOW - MOMENT, False),
        (make.NOW, True),
        (make.NOW + DAY - MOMENT, True),
        (make.NOW + DAY, False),
    ):
        if offered:
            await make.redeem(programme, member_id, reward, now=now)
        else:
            async with make.refused(programme, RewardInactive, "reward", reward=reward.code):
                await make.redeem(programme, member_id, reward, now=now)


async def test_an_inactive_or_unknown_reward_is_refused(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    member_id = await make.rich_member(programme, 9000)
    inactive = await make.reward(programme, active=False)
    async with make.refused(programme, RewardInactive, "reward"):
        await make.redeem(programme, member_id, inactive)
    elsewhere = await make.reward(other)
    async with make.refused(programme, NotFound, "reward", what="reward"):
        await make.redeem(programme, member_id, elsewhere)


async def test_a_limit_per_member_counts_pieces_and_forgets_what_was_cancelled(
    database: Database,
) -> None:
    programme = await make.establish()
    one, other = [await make.rich_member(programme, 1000) for _ in range(2)]
    reward = await make.reward(programme, list_points=10, per_member_limit=3)
    first = await make.redeem(programme, one, reward, quantity=2)
    async with make.refused(programme, LimitReached, "quantity", limit=3, resets_at=None):
        await make.redeem(programme, one, reward, quantity=2)
    await make.redeem(programme, one, reward)
    async with make.refused(programme, LimitReached, "quantity"):
        await make.redeem(programme, one, reward)
    await make.redeem(programme, other, reward, quantity=3)
    await make.cancel(programme, one, first)
    await make.redeem(programme, one, reward, quantity=2)


async def test_what_is_left_is_told_when_it_is_not_enough(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    reward = await make.reward(programme, list_points=10, stock=2)
    async with make.refused(programme, OutOfStock, "reward", reward=reward.code, remaining=2):
        await make.redeem(programme, member_id, reward, quantity=3)
    await make.redeem(programme, member_id, reward, quantity=2)
    async with make.refused(programme, OutOfStock, "reward", remaining=0):
        await make.redeem(programme, member_id, reward)


async def test_only_an_enrolled_member_redeems(database: Database) -> None:
    programme = await make.establish()
    reward = await make.reward(programme)
    guest = await make.enrol(programme, guest=True)
    async with make.refused(programme, MemberNotEnrolled, "member"):
        await make.redeem(programme, guest, reward)
    member_id = await make.rich_member(programme, 9000)
    await models.Member.filter(member_id=member_id).update(status="UNDER_REVIEW")
    async with make.refused(programme, MemberSuspended, "member"):
        await make.redeem(programme, member_id, reward)
    other = await make.establish()
    elsewhere = await make.reward(other)
    async with make.refused(other, NotFound, "member"):
        await make.redeem(other, member_id, elsewhere)


async def test_in_arrears_nothing_is_redeemed(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    reward = await make.reward(programme)
    await models.Account.filter(member_id=member_id).update(owed=7)
    async with make.refused(programme, AccountInArrears, "member", owed=7):
        await make.redeem(programme, member_id, reward)


# Pooled codes.


async def test_a_pooled_code_is_issued_once_and_never_returns(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    coupon = await make.reward(programme, kind="COUPON", pooled_codes=True, list_points=10)
    await make.pool(coupon, "A", "B", "C")
    first = await make.redeem(programme, member_id, coupon, quantity=2)
    shown = (await read(programme, member_id, first)).codes
    assert len(shown) == 2
    issued = {code: "ISSUED" if code in shown else "IMPORTED" for code in "ABC"}
    assert await codes(coupon) == issued

    cancelled = await make.cancel(programme, member_id, first)
    assert cancelled.figures["points_reinstated"] == 20
    assert await codes(coupon) == {c: "VOID" if c in shown else "IMPORTED" for c in "ABC"}
    last = await make.redeem(programme, member_id, coupon)
    assert set((await read(programme, member_id, last)).codes) == set("ABC") - set(shown)
    async with make.refused(programme, CodePoolExhausted, "reward", reward=coupon.code):
        await make.redeem(programme, member_id, coupon)


async def test_too_few_codes_are_none(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    coupon = await make.reward(programme, kind="COUPON", pooled_codes=True, list_points=10)
    await make.pool(coupon, "A", "B")
    async with make.refused(programme, CodePoolExhausted, "reward"):
        await make.redeem(programme, member_id, coupon, quantity=3)
    await make.redeem(programme, member_id, coupon, quantity=2)


async def test_a_code_says_who_has_it(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 10)
    coupon = await make.reward(programme, kind="COUPON", pooled_codes=True, list_points=10)
    await make.pool(coupon, "A")
    redemption_id = await make.redeem(programme, member_id, coupon)
    await make.cancel(programme, member_id, redemption_id, now=make.NOW + DAY)
    found = await row(
        "SELECT member_id, redemption_id, issued_at, voided_at FROM coupon_code "
        "WHERE reward_id = $1",
        coupon.id,
    )
    assert found == {
        "member_id": member_id,
        "redemption_id": redemption_id,
        "issued_at": make.NOW,
        "voided_at": make.NOW + DAY,
    }


# Reads.


async def test_redemptions_are_paged_newest_first_and_filtered(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    member_id = await make.rich_member(programme, 100)
    service = await make.reward(programme, list_points=1)
    coupon = await make.reward(programme, list_points=1, kind="COUPON")
    made = [
        await make.redeem(programme, member_id, reward, now=make.NOW + n * DAY)
        for n, reward in enumerate((service, coupon, service))
    ]
    await make.cancel(programme, member_id, made[0])
    seen: list[UUID] = []
    after, everything = None, RedemptionFilter(make.NOW)
    while page := (await redemption_reads.pages([member_id], everything, 2, after))[member_id]:
        seen += [one.id for one in page]
        after = (page[-1].created_at, page[-1].id)
    assert seen == made[::-1]
    statuses = redemption_reads.RedemptionStatus
    for wanted, expected in (
        ((statuses.CONFIRMED,), [made[2]]),
        ((statuses.FULFILLED, statuses.CANCELLED), [made[1], made[0]]),
        ((), []),
    ):
        asked = RedemptionFilter(make.NOW, wanted)
        found = await redemption_reads.pages([member_id], asked, 9, None)
        assert [one.id for one in found[member_id]] == expected
        counted = await redemption_reads.counts([member_id], asked)
        assert counted == {member_id: len(expected)}
    assert await redemption_reads.many(other.id, [(member_id, made[0])]) == {}


async def test_a_member_is_named_by_whatever_names_it(database: Database) -> None:
    programme = await make.establish()
    await make.rich_member(programme, 4000, reference="li", email="li@example.com")
    reward = await make.reward(programme)
    outcome = await redemptions.redeem(
        make.request(make.partner(programme)),
        programme,
        MemberKey(LookupScope.EMAIL, "LI@example.com"),
        RedeemSent(reward.code),
    )
    assert not outcome.replayed

"""Coupon codes: given once, shown only once given, used once, and never back in the pool."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import models
from domain.kernel.callers import Caller
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import IdempotencyKeyReused, InvalidInput, NotFound
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from domain.redemptions import coupon_uses
from domain.redemptions.refusals import RedemptionState
from domain.rewards import coupons
from domain.rewards.coupons import Coupon
from domain.rewards.refusals import CodePoolExhausted
from ops.postgres import migrations
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support.pooled import DAY, KNOWN, load, low_water, opened, remaining, statuses

pytestmark = pytest.mark.usefixtures("database")
UNTIL = make.NOW + timedelta(minutes=30)
"""When a hold taken now dies."""


async def codes_of(programme: Programme, member_id: UUID, redemption_id: UUID) -> list[str]:
    return (await make.redemption(programme, member_id, redemption_id)).codes


async def use(
    programme: Programme, code: str, *, caller: Caller | None = None, **sent: Any
) -> Outcome:
    request = make.request(caller or make.partner(programme), **sent)
    return await coupon_uses.use(request, programme, code)


async def test_codes_come_from_the_pool_oldest_first() -> None:
    programme, member_id, reward = await opened("A", "B", "C")
    one = await make.redeem(programme, member_id, reward)
    two = await make.redeem(programme, member_id, reward, quantity=2)
    assert await codes_of(programme, member_id, one) == ["A"]
    assert await codes_of(programme, member_id, two) == ["B", "C"]
    assert await statuses(reward) == dict.fromkeys("ABC", "ISSUED")
    assert await remaining(programme, reward) == 0
    given = await models.CouponCode.get(reward_id=reward.id, code="A")
    assert (given.member_id, given.redemption_id, given.issued_at) == (member_id, one, make.NOW)


async def test_an_empty_pool_moves_no_points() -> None:
    programme, member_id, reward = await opened("A")
    for hold in (False, True):
        async with make.refused(programme, CodePoolExhausted, "reward", reward=reward.code):
            await make.redeem(programme, member_id, reward, quantity=2, hold=hold)
    await make.redeem(programme, member_id, reward)
    async with make.refused(programme, CodePoolExhausted, "reward"):
        await make.redeem(programme, member_id, reward)


async def test_codes_past_their_validity_are_not_given_nor_counted() -> None:
    programme, member_id, reward = await opened("A")
    await make.pool(reward, "B", "C", valid_until=make.NOW + DAY)
    assert await remaining(programme, reward) == 3
    assert await remaining(programme, reward, make.NOW + DAY - timedelta(seconds=1)) == 3
    assert await remaining(programme, reward, make.NOW + DAY) == 1
    redemption = await make.redeem(programme, member_id, reward, now=make.NOW + DAY)
    assert await codes_of(programme, member_id, redemption) == ["A"]
    async with make.refused(programme, CodePoolExhausted, "reward"):
        await make.redeem(programme, member_id, reward, now=make.NOW + DAY)


async def test_the_code_that_ends_soonest_is_given_first() -> None:
    programme, member_id, reward = await opened("A", "B")
    for code, days in {"C": 3, "D": 1, "E": 2, "F": 1}.items():
        await make.pool(reward, code, valid_until=make.NOW + days * DAY)
    given = [
        await codes_of(programme, member_id, await make.redeem(programme, member_id, reward))
        for _ in range(4)
    ]
    assert given == [["D"], ["F"], ["E"], ["C"]]
    await make.pool(reward, "G", valid_until=make.NOW + DAY)
    both = await make.redeem(programme, member_id, reward, quantity=2)
    assert await codes_of(programme, member_id, both) == ["A", "G"]
    assert await coupons.of_redemptions([(member_id, both)]) == {
        both: [
            Coupon("A", "ISSUED", make.NOW, None, None),
            Coupon("G", "ISSUED", make.NOW, make.NOW + DAY, None),
        ]
    }


async def test_a_reward_without_a_pool_makes_its_codes() -> None:
    programme, member_id, reward = await opened(pooled_codes=False)
    redemption = await make.redeem(programme, member_id, reward, quantity=3)
    given = await codes_of(programme, member_id, redemption)
    assert len(set(given)) == 3
    assert {len(code) for code in given} == {coupons.CODE_CHARACTERS}
    assert await statuses(reward) == dict.fromkeys(sorted(given), "ISSUED")


@pytest.mark.parametrize("pooled", [True, False])
async def test_a_code_is_not_shown_before_it_is_given(pooled: bool) -> None:
    programme, member_id, reward = await opened(*"AB", pooled_codes=pooled)
    held = await make.redeem(programme, member_id, reward, hold=True)
    assert await codes_of(programme, member_id, held) == []
    assert Counter((await statuses(reward)).values())["ISSUED"] == 1

    await make.confirm(programme, member_id, held)
    [code] = await codes_of(programme, member_id, held)
    assert (await statuses(reward))[code] == "ISSUED"
    assert pooled is (code == "A")


async def test_unseen_codes_return_to_the_pool() -> None:
    """Given up at once; of a hold that died with the next write, and never of its own accord."""
    programme, member_id, reward = await opened("A", "B")
    given_up = await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, given_up)
    assert await statuses(reward) == {"A": "IMPORTED", "B": "IMPORTED"}

    died = await make.redeem(programme, member_id, reward, hold=True, quantity=2)
    assert await statuses(reward) == {"A": "ISSUED", "B": "ISSUED"}
    other = await make.rich_member(programme, 100)
    taken = await make.redeem(programme, other, reward, now=UNTIL)
    assert await codes_of(programme, other, taken) == ["A"]
    assert await statuses(reward) == {"A": "ISSUED", "B": "IMPORTED"}
    for redemption_id in (given_up, died):
        assert await codes_of(programme, member_id, redemption_id) == []
    assert await make.faults(member_id, other) == []


@pytest.mark.parametrize("died", [False, True])
async def test_unseen_codes_that_were_made_for_a_hold_are_void(died: bool) -> None:
    """A reward without a pool has none for them to return to; nobody can use them."""
    programme, member_id, reward = await opened(pooled_codes=False, stock=5)
    await make.redeem(programme, member_id, reward)
    held = await make.redeem(programme, member_id, reward, hold=True, quantity=2)
    issued = await models.CouponCode.filter(redemption_id=held)
    now = UNTIL if died else make.NOW
    if died:
        await make.give(programme, member_id, 1, now=now)
    else:
        await make.cancel(programme, member_id, held)
    assert Counter((await statuses(reward)).values()) == {"ISSUED": 1, "VOID": 2}
    void = await models.CouponCode.filter(redemption_id=held)
    assert [(code.status, code.voided_at, code.member_id) for code in void] == [
        ("VOID", now, member_id)
    ] * 2
    assert await make.stock(reward) == 4
    async with make.refused(programme, NotFound, "code"):
        await use(programme, issued[0].code, now=now)


async def test_a_code_that_was_shown_never_returns() -> None:
    programme, member_id, reward = await opened("A")
    held = await make.redeem(programme, member_id, reward, hold=True)
    await make.confirm(programme, member_id, held)
    await make.cancel(programme, member_id, held)
    assert await statuses(reward) == {"A": "VOID"}
    assert (await models.CouponCode.get(reward_id=reward.id, code="A")).voided_at == make.NOW
    async with make.refused(programme, CodePoolExhausted, "reward"):
        await make.redeem(programme, member_id, reward)


async def test_a_refused_redemption_leaves_the_pool_alone() -> None:
    programme, member_id, reward = await opened("A", points=99)
    for hold in (True, False):
        async with make.refused(programme, InsufficientPoints, "points"):
            await make.redeem(programme, member_id, reward, hold=hold)


@pytest.mark.parametrize("hold", [True, False])
async def test_a_coupon_is_used_once(hold: bool) -> None:
    programme, member_id, reward = await opened("A")
    made = await make.redeem(programme, member_id, reward, hold=hold)
    if hold:
        await make.confirm(programme, member_id, made)
    outcome = await use(programme, "A", key="k")

    assert outcome.figures == {"member_id": str(member_id), "redemption_id": str(made)}
    used = await models.CouponCode.get(reward_id=reward.id)
    assert (used.status, used.used_at, used.used_by) == (
        "USED",
        make.NOW,
        "partner:booking-engine",
    )
    assert (await use(programme, "A", key="k")).replayed
    async with make.refused(programme, RedemptionState, "code", status="USED"):
        await use(programme, "A")
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await use(programme, "B", key="k")


async def test_a_used_coupon_is_not_cancelled() -> None:
    programme, member_id, reward = await opened("A")
    made = await make.redeem(programme, member_id, reward)
    await use(programme, "A")
    for caller in (make.partner(programme), make.staff(programme)):
        async with make.refused(programme, RedemptionState, "redemption", status="USED"):
            await make.cancel(programme, member_id, made, caller=caller)


async def test_a_voided_coupon_is_refused() -> None:
    programme, member_id, reward = await opened("A")
    await make.cancel(programme, member_id, await make.redeem(programme, member_id, reward))
    async with make.refused(programme, RedemptionState, "code", status="VOID"):
        await use(programme, "A")


async def test_a_coupon_past_its_validity_is_refused() -> None:
    programme, member_id, reward = await opened()
    await make.pool(reward, "A", valid_until=make.NOW + DAY)
    await make.redeem(programme, member_id, reward)
    async with make.refused(programme, RedemptionState, "code", status="EXPIRED"):
        await use(programme, "A", now=make.NOW + DAY)
    await use(programme, "A", now=make.NOW + DAY - timedelta(microseconds=1))


async def test_a_coupon_is_over_by_the_time_of_its_members_account() -> None:
    """Which a write by a faster clock has moved past the end."""
    programme, member_id, reward = await opened()
    await make.pool(reward, "A", valid_until=make.NOW + DAY)
    await make.redeem(programme, member_id, reward)
    await make.give(programme, member_id, 1, now=make.NOW + DAY)
    async with make.refused(programme, RedemptionState, "code", status="EXPIRED"):
        await use(programme, "A", now=make.NOW + DAY - timedelta(microseconds=1))


async def test_a_code_that_nobody_was_given_is_not_there() -> None:
    """Not imported, not given, held by somebody, or held until it died: one answer to all."""
    programme, member_id, reward = await opened("A", "B")
    held = await make.redeem(programme, member_id, reward, hold=True)
    assert await statuses(reward) == {"A": "ISSUED", "B": "IMPORTED"}
    for code, now in (("A", make.NOW), ("A", UNTIL), ("B", make.NOW), ("C", make.NOW)):
        facts = {"what": "coupon", "value": code, "known": ()}
        async with make.refused(programme, NotFound, "code", **facts):
            await use(programme, code, now=now)
    await make.confirm(programme, member_id, held)
    await use(programme, "A")


async def test_another_partners_coupon_is_not_there() -> None:
    programme = await make.establish()
    shop = await make.partner_of(programme, "shop")
    stranger = await make.partner_of(programme, "airline")
    sort: dict[str, Any] = {"kind": "COUPON", "pooled_codes": True, "list_points": 100}
    theirs = await make.reward(programme, partner_id=shop.partner_id, **sort)
    await make.pool(theirs, "A", "B")
    member_id = await make.rich_member(programme, 200)
    await make.redeem(programme, member_id, theirs, quantity=2)

    for code in ("A", "Z"):
        facts = {"what": "coupon", "value": code, "known": ()}
        async with make.refused(programme, NotFound, "code", **facts):
            await use(programme, code, caller=stranger)
    await use(programme, "A", caller=shop)
    await use(programme, "B", caller=make.staff(programme))


async def test_the_same_code_in_two_programmes() -> None:
    programme, member_id, reward = await opened("A")
    other, stranger, strange = await opened("A")
    await make.redeem(programme, member_id, reward)
    async with make.refused(other, NotFound, "code"):
        await use(other, "A")
    await make.redeem(other, stranger, strange)
    await use(other, "A")
    assert await statuses(reward) == {"A": "ISSUED"}
    assert await statuses(strange) == {"A": "USED"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [("", "too_short"), ("x" * 129, "too_long"), ("A\x00", "control_characters")],
)
async def test_what_cannot_be_a_code(code: str, reason: str) -> None:
    programme, _, _ = await opened("A")
    async with make.refused(programme, InvalidInput, "code", reason=reason):
        await use(programme, code)


async def test_codes_are_compared_without_case_and_blanks() -> None:
    programme, member_id, reward = await opened("ABCD-1234")
    report = await load(
        programme, reward, "abcd-1234", "ab cd-1235", "ABCD-1235", "Abcd\u3000-1236"
    )
    assert [item.problem for item in report] == [KNOWN, "", KNOWN, ""]
    await make.redeem(programme, member_id, reward, quantity=3)
    for typed, code in {
        " abcd-1234\u00a0": "ABCD-1234",
        "ABCD-1235": "ab cd-1235",
        "abcd - 1236": "Abcd\u3000-1236",
    }.items():
        await use(programme, typed)
        assert (await statuses(reward))[code] == "USED"
    async with make.refused(programme, RedemptionState, "code", status="USED"):
        await use(programme, "abcd-1234")


async def test_of_two_codes_from_before_that_are_alike_each_is_used(database: Database) -> None:
    """The backfill keys one by what people type, and the other by what it says."""
    programme, member_id, reward = await opened("ABCD-1234", "OTHER-1", "other-2")
    backfill = migrations.statements((await migrations.read())[3].sql)[-1]
    async with connection(database.owner) as owner:
        # what other tests left
        while await owner.execute(backfill) != "UPDATE 0":
            pass
        await owner.execute(
            "UPDATE coupon_code SET code_key = NULL, code = replace(code, 'OTHER-1', 'abcd-1234 ') "
            "WHERE reward_id = $1",
            reward.id,
        )
        assert await owner.execute(backfill) == "UPDATE 3"
        assert await owner.execute(backfill) == "UPDATE 0"
    keys = await models.CouponCode.filter(reward_id=reward.id).values_list("code", "code_key")
    assert dict(keys) == {
        "ABCD-1234": "ABCD-1234",
        "abcd-1234 ": "abcd-1234 ",
        "other-2": "OTHER-2",
    }
    await make.redeem(programme, member_id, reward, quantity=3)
    for typed in ("abcd-1234 ", "Abcd-1234", "OTHER-2"):
        await use(programme, typed)
    assert set((await statuses(reward)).values()) == {"USED"}


@pytest.mark.usefixtures("proved")
async def test_20_parallel_uses_of_one_coupon() -> None:
    programme, member_id, reward = await opened("A")
    await make.redeem(programme, member_id, reward)
    answers = await asyncio.gather(
        *(use(programme, "A") for _ in range(20)), return_exceptions=True
    )
    refusals = [answer for answer in answers if isinstance(answer, RedemptionState)]
    assert len(refusals) == 19
    assert {refusal.status for refusal in refusals} == {"USED"}
    used = await models.OutboxEvent.filter(programme_id=programme.id, topic="coupon.used").count()
    assert used == 1


async def test_using_a_coupon_while_it_is_voided() -> None:
    for _ in range(5):
        programme, member_id, reward = await opened("A")
        made = await make.redeem(programme, member_id, reward)
        found = await make.outcomes(use(programme, "A"), make.cancel(programme, member_id, made))
        assert found == {"Outcome": 1, "REDEMPTION_STATE": 1}
        spent = (await statuses(reward))["A"] == "USED"
        assert (await make.state(member_id)).balances == Balances(available=900 + 100 * (not spent))
        assert await make.faults(member_id) == []


@pytest.mark.parametrize("hold", [True, False])
async def test_each_code_is_given_once(hold: bool) -> None:
    programme, _, reward = await opened(*"ABCDE", low_water=2)
    members = [await make.rich_member(programme, 100) for _ in range(12)]
    found = await make.outcomes(
        *(make.redeem(programme, member_id, reward, hold=hold) for member_id in members)
    )
    assert found == {"UUID": 5, "CODE_POOL_EXHAUSTED": 7}
    given = await rows(
        "SELECT DISTINCT redemption_id FROM coupon_code WHERE reward_id = $1", reward.id
    )
    assert len(given) == 5
    spent = [(await make.state(member_id)).balances.available for member_id in members]
    assert sorted(spent) == [0] * 5 + [100] * 7
    assert await low_water(programme) == [{"reward": reward.code, "left": 2}]

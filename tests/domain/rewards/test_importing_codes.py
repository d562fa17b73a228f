"""Importing codes into a pool: what became of each is said, and a second import changes nothing."""

import asyncio
from collections import Counter
from datetime import datetime

import pytest

import models
from domain.kernel.refusals import InvalidInput
from domain.rewards import coupons
from domain.rewards.coupons import ImportResult
from tests.support import factories as make
from tests.support.pooled import DAY, KNOWN, load, opened, remaining, statuses

pytestmark = pytest.mark.usefixtures("database")


def ended(at: datetime) -> str:
    """Why a code is not imported whose validity is over."""
    said = f"value='{at.isoformat()}' allowed='{make.NOW.isoformat()}'"
    return f"INVALID_INPUT reason='end_in_past' {said}"


async def test_an_import_says_of_each_code_what_became_of_it() -> None:
    programme, _, reward = await opened("OLD")
    over = make.NOW - DAY
    report = await load(
        programme,
        reward,
        "A",
        "OLD",
        "",
        ("B", make.NOW + DAY),
        "A",
        ("C", over),
        "x" * 129,
        "tab\there",
    )
    assert [(item.code, str(item.problem)) for item in report] == [
        ("A", ""),
        ("OLD", KNOWN),
        ("", "INVALID_INPUT reason='too_short'"),
        ("B", ""),
        ("A", KNOWN),
        ("C", ended(over)),
        ("x" * 129, "INVALID_INPUT reason='too_long' value='129' allowed='128'"),
        ("tab\there", "INVALID_INPUT reason='control_characters'"),
    ]
    assert await statuses(reward) == {"A": "IMPORTED", "B": "IMPORTED", "OLD": "IMPORTED"}
    assert (
        await models.CouponCode.get(reward_id=reward.id, code="B")
    ).valid_until == make.NOW + DAY
    assert await remaining(programme, reward) == 3


async def test_an_import_can_be_repeated() -> None:
    programme, member_id, reward = await opened()
    codes = [f"C{number:04}" for number in range(coupons.IMPORT_BATCH + 5)]
    assert await load(programme, reward, *codes) == [ImportResult(code) for code in codes]
    await make.redeem(programme, member_id, reward)
    before = await make.everything(programme)
    report = await load(programme, reward, *codes, now=make.NOW + DAY)
    assert report == [ImportResult(code, KNOWN) for code in codes]
    assert await make.everything(programme) == before


async def test_of_a_code_that_stands_twice_the_first_good_row_counts() -> None:
    programme, _, reward = await opened()
    soon, late = make.NOW + DAY, make.NOW + 2 * DAY
    over = make.NOW - DAY
    report = await load(programme, reward, ("A", over), ("A", soon), ("A", late))
    first, *others = report
    assert str(first.problem) == ended(over)
    assert others == [ImportResult("A"), ImportResult("A", KNOWN)]
    assert (await models.CouponCode.get(reward_id=reward.id)).valid_until == soon


async def test_a_reward_without_a_pool_takes_no_codes() -> None:
    programme, _, reward = await opened(pooled_codes=False)
    async with make.refused(programme, InvalidInput, "reward", reason="no_pool"):
        await load(programme, reward, "A")


async def test_a_code_of_another_reward_is_known() -> None:
    programme, _, _ = await opened("A")
    other = await make.reward(programme, kind="COUPON", pooled_codes=True)
    assert await load(programme, other, "A", "B") == [ImportResult("A", KNOWN), ImportResult("B")]


async def test_two_imports_of_the_same_codes_at_once() -> None:
    programme, _, reward = await opened()
    codes = [f"C{number:03}" for number in range(300)]
    one, two = await asyncio.gather(
        load(programme, reward, *codes), load(programme, reward, *reversed(codes))
    )
    taken = Counter(item.code for item in (*one, *two) if not item.problem)
    assert taken == dict.fromkeys(codes, 1)
    assert await models.CouponCode.filter(reward_id=reward.id).count() == 300

"""What meets a merge, over HTTP: it is of who the member became, or is sent again."""

import pytest

from domain.ledger.values import Balances
from tests.conftest import Database
from tests.domain.test_races import in_turn
from tests.support import factories as make
from tests.support.callers import TODAY, open_stage
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("database")

OLD = {"reference": "old"}
HOTEL = {"product": "hotel", "amount": "100"}


async def test_a_fact_that_meets_a_merge_follows_the_name_of_its_member(
    database: Database,
) -> None:
    stage = await open_stage()
    partner = await stage.partner()
    old, new = [
        await make.rich_member(stage.programme, 50, now=TODAY, reference=who)
        for who in ("old", "xiaoli")
    ]
    reward = await make.reward(stage.programme, list_points=30, stock=9)
    merged, booked, redeemed, own = await in_turn(
        database,
        old,
        make.merge(stage.programme, old, new, now=TODAY),
        partner.do(
            "earnForBooking",
            "pointsAwarded member { reference }",
            member=OLD,
            reference="B",
            lines=[HOTEL],
        ),
        partner.do("redeemReward", "balance { available }", member=OLD, reward=reward.code),
        stage.member("old").do("redeemReward", key="once", sent={"reward": reward.code}),
    )
    assert merged is None
    assert booked == {
        "pointsAwarded": 100,
        "member": {"reference": "xiaoli"},
        "errors": [],
        "replayed": False,
    }
    assert isinstance(redeemed, dict)
    assert redeemed["errors"] == []
    assert isinstance(own, dict)
    assert [problem["code"] for problem in own["errors"]] == ["CONCURRENT_REQUEST"]
    again = await stage.member("old").done(
        "redeemReward", "balance { available }", key="once", reward=reward.code
    )
    assert again["balance"] == {"available": 50 + 50 + 100 - 30 - 30}
    assert await balances(old, TODAY) == Balances()
    assert await make.faults(old, new) == []


async def test_who_is_closed_meanwhile_takes_part_no_more(database: Database) -> None:
    stage = await open_stage()
    partner = await stage.partner()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="old")
    closed, booked = await in_turn(
        database,
        member_id,
        make.close(stage.programme, member_id, 0, now=TODAY),
        partner.do("earnForBooking", member=OLD, reference="B", lines=[HOTEL]),
    )
    assert closed is None
    assert isinstance(booked, dict)
    assert [problem["code"] for problem in booked["errors"]] == ["MEMBER_SUSPENDED"]

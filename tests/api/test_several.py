"""Several mutations in one operation: one after the other, each answered as it is by then."""

import pytest

from tests.support.callers import open_stage
from tests.support.things import furnished

pytestmark = pytest.mark.usefixtures("database")


async def test_each_mutation_answers_with_the_balance_behind_it() -> None:
    things = await furnished()

    data = await things.stage.member().read(
        """mutation($reward: String!) {
            first: redeemReward(input: {reward: $reward, idempotencyKey: "1"}) {
                redemption { points } balance { available } }
            second: earnForActivity(input: {type: "share", reference: "s", idempotencyKey: "2"}) {
                pointsAwarded balance { available nextExpiry { points } } }
            refused: redeemReward(input: {reward: $reward, idempotencyKey: "3"}) {
                redemption { points } errors { code } }
            third: updateMember(input: {name: "Li", idempotencyKey: "4"}) {
                member { name balance { available } } }
            fourth: updateMember(input: {name: "Ma", idempotencyKey: "5"}) {
                member { name redemptions { totalCount } } } }""",
        reward=things.reward,
    )

    assert data == {
        "first": {"redemption": {"points": 4000}, "balance": {"available": 2500}},
        "second": {
            "pointsAwarded": 50,
            "balance": {"available": 2550, "nextExpiry": {"points": 2550}},
        },
        "refused": {"redemption": None, "errors": [{"code": "INSUFFICIENT_POINTS"}]},
        "third": {"member": {"name": "Li", "balance": {"available": 2550}}},
        "fourth": {"member": {"name": "Ma", "redemptions": {"totalCount": 2}}},
    }


async def test_a_member_enrols_and_goes_on_in_the_same_operation() -> None:
    stage = await open_stage()

    data = await stage.member().read(
        """mutation {
            enrolMember(input: {idempotencyKey: "1"}) { member { reference } errors { code } }
            earnForActivity(input: {type: "share", reference: "s", idempotencyKey: "2"}) {
                pointsAwarded errors { code } } }"""
    )

    assert data == {
        "enrolMember": {"member": {"reference": "xiaoli"}, "errors": []},
        "earnForActivity": {"pointsAwarded": 50, "errors": []},
    }

"""The golden example of the platform document: 4350 points, and what follows from them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.ledger import states
from domain.members import members
from domain.members.identity import MemberKey
from domain.programmes import programmes
from domain.redemptions import cancellations, redemption_reads, redemptions
from domain.redemptions.redemptions import RedeemSent
from domain.tiers import qualification
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading


async def play(programme: programmes.Programme) -> UUID:
    member_id = await make.enrol(programme, reference="xiaoli")
    key, caller = MemberKey.of_id(member_id), make.partner(programme)
    for activity in ("verification", "profile_completed"):
        await activities.earn(make.request(caller), programme, key, ActivitySent(activity, "1"))
    await make.book(programme, member_id, ("flight", "1500"))
    await make.book(programme, member_id, ("hotel", "2000"))
    for activity in ("share", "review"):
        await activities.earn(make.request(caller), programme, key, ActivitySent(activity, "1"))
    return member_id


async def test_golden_example_earns_4350(database: Database) -> None:
    programme = await make.establish()
    member_id = await play(programme)

    member = (await members.many([member_id]))[member_id]
    policy = programme.versions[0].policy
    assert member.balances.available == 4350
    assert [e.points for e in await reading.entries(member_id, limit=9)] == [
        100,
        50,
        2000,
        1500,
        200,
        500,
    ]
    lots = (await states.live_state([member_id]))[member_id].lots
    assert {lot.expires_at for lot in lots} == {datetime(2027, 3, 15, 16, tzinfo=UTC)}
    schedule = states.expiry_schedule(lots, make.NOW, policy.zone)
    assert schedule == [states.Expiring(4350, date(2027, 3, 15))]
    progress = qualification.progress(policy, member.tier, member.qualifying).nearest
    assert (member.tier, progress.current, progress.required) == (
        "silver",
        Decimal(3500),
        Decimal(5000),
    )


async def test_open_value_coupon_takes_all_of_it(database: Database) -> None:
    programme = await make.establish()
    member_id = await play(programme)
    coupon = await make.reward(programme, kind="COUPON", open_value=True, list_points=1)
    outcome = await redemptions.redeem(
        make.request(make.member_caller(programme, "xiaoli", member_id)),
        programme,
        MemberKey.of_id(member_id),
        RedeemSent(coupon.code, points=4350),
    )
    ids = (member_id, UUID(outcome.figures["redemption_id"]))
    made = (await redemption_reads.many(programme.id, [ids]))[ids[1]]
    assert (made.points, made.worth_minor, made.status) == (4350, 4350, "FULFILLED")
    assert len(made.codes) == 1
    cancelled = await cancellations.cancel(make.request(make.partner(programme)), programme, *ids)
    assert cancelled.figures["points_reinstated"] == 4350

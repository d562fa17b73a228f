"""Activities: what they pay, how often, who may report them, and the same one again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.activities import activities, activity_reads
from domain.activities.contents import ActivitySent
from domain.earning.awards import AwardRead, of_activities
from domain.earning.values import Reason
from domain.kernel.callers import Caller
from domain.kernel.database import row, rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import (
    InvalidInput,
)
from domain.ledger import states
from domain.members import members
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


async def report(
    programme: Programme,
    member_id: UUID,
    type_: str,
    reference: str,
    *,
    caller: Caller | None = None,
    now: datetime = make.NOW,
    **sent: Any,
) -> Outcome:
    return await activities.earn(
        make.request(caller or make.partner(programme), now=now),
        programme,
        MemberKey.of_id(member_id),
        ActivitySent(type_, reference, **sent),
    )


async def paid(*given: Any, **named: Any) -> int:
    points: int = (await report(*given, **named)).figures["points_awarded"]
    return points


async def test_an_activity_is_stored_with_its_award_and_reasons(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    outcome = await report(programme, member_id, "quiz", "Q-1", attributes={"score": 33})
    assert outcome.figures["points_awarded"] == 33
    activity_id = UUID(outcome.figures["activity_id"])
    ids = [(member_id, activity_id)]
    assert (await of_activities(ids))[activity_id] == [AwardRead("quiz", 33, 33)]
    assert (await activity_reads.explanations(ids))[activity_id].reasons == (
        Reason("activity", {"rule": "quiz"}, 33),
    )
    stored = await row(
        "SELECT type, reference, reporter, occurred_at, recorded_at, within_limit, points "
        "FROM activity WHERE member_id = $1",
        member_id,
    )
    assert stored == {
        "type": "quiz",
        "reference": "Q-1",
        "reporter": "partner:booking-engine",
        "occurred_at": make.NOW,
        "recorded_at": make.NOW,
        "within_limit": True,
        "points": 33,
    }
    (entry,) = await reading.entries(member_id, limit=9)
    assert (entry.kind, entry.points, entry.activity_type) == ("EARN", 33, "quiz")
    assert (await members.many([member_id]))[member_id].qualifying.points == 33


@pytest.mark.parametrize(
    ("score", "points"),
    [(0, 0), (9.99, 10), ("33.9", 33), (50, 50), ("51", 50), (10**15, 50)],
)
async def test_a_quiz_is_paid_by_score_within_its_bounds(
    database: Database, score: object, points: int
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert await paid(programme, member_id, "quiz", "Q-1", attributes={"score": score}) == points


async def test_once_per_member_is_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert await paid(programme, member_id, "verification", "1") == 500
    again = await report(programme, member_id, "verification", "2", now=make.NOW + 300 * DAY)
    assert again.figures["points_awarded"] == 0
    ids = [(member_id, UUID(again.figures["activity_id"]))]
    (why,) = (await activity_reads.explanations(ids)).values()
    assert why.reasons == (
        Reason("limit_reached", {"rule": "verification", "limit": 1, "per": "member"}, 0),
    )
    stored = await rows(
        "SELECT within_limit, points FROM activity WHERE member_id = $1 ORDER BY id", member_id
    )
    assert stored == [
        {"within_limit": True, "points": 500},
        {"within_limit": False, "points": 0},
    ]
    assert await make.available(member_id) == 500
    assert await reading.count_entries(member_id) == 1


async def test_of_activities_over_their_limit_one_a_day_is_kept(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - DAY)
    large = {"text": "x" * 4000}
    outcomes = [
        await report(programme, member_id, "share", f"S-{day}-{n}", attributes=large, now=at)
        for day, at in enumerate((make.NOW, make.NOW + DAY))
        for n in range(30)
    ]

    assert [outcome.figures["points_awarded"] for outcome in outcomes] == [50, *[0] * 29] * 2
    assert not any(outcome.replayed for outcome in outcomes)
    stored = await rows(
        "SELECT reference, within_limit FROM activity WHERE member_id = $1 ORDER BY id", member_id
    )
    assert [(fact["reference"], fact["within_limit"]) for fact in stored] == [
        ("S-0-0", True),
        ("S-0-1", False),
        ("S-1-0", True),
        ("S-1-1", False),
    ]
    # the one that is kept stands for all of its day, and says why
    kept = [outcome.figures["activity_id"] for outcome in outcomes[1:30]]
    assert len(set(kept)) == 1
    first = UUID(outcomes[0].figures["activity_id"])
    assert await activity_reads.attempts(member_id, first) is None
    assert await activity_reads.attempts(member_id, UUID(kept[-1])) == 29
    ids = [(member_id, UUID(kept[-1]))]
    (why,) = (await activity_reads.explanations(ids)).values()
    assert why.reasons[-1].code == "limit_reached"
    taken = await rows(
        "SELECT value FROM lookup WHERE member_id = $1 AND scope = 'activity' ORDER BY value",
        member_id,
    )
    assert [row["value"].rpartition(":")[2] for row in taken] == [
        "S-0-0",
        "S-0-1",
        "S-1-0",
        "S-1-1",
    ]
    # sent again it is over its limit as before, and tomorrow it is not
    assert await paid(programme, member_id, "share", "S-0-9", attributes=large, now=make.NOW) == 0
    later = make.NOW + 2 * DAY
    assert await paid(programme, member_id, "share", "S-0-9", attributes=large, now=later) == 50
    assert await make.faults(member_id) == []


async def test_reports_at_once_over_their_limit_are_all_counted(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    outcomes = await asyncio.gather(
        *(report(programme, member_id, "share", f"S-{number}") for number in range(9))
    )
    points = sorted(outcome.figures["points_awarded"] for outcome in outcomes)
    assert points == [*[0] * 8, 50]
    unpaid = [one.figures for one in outcomes if one.figures["points_awarded"] == 0]
    [kept] = {UUID(figures["activity_id"]) for figures in unpaid}
    assert await activity_reads.attempts(member_id, kept) == 8


async def test_another_member_has_its_own_limit(database: Database) -> None:
    programme = await make.establish()
    for _ in range(2):
        member_id = await make.enrol(programme)
        assert await paid(programme, member_id, "verification", str(member_id)) == 500


async def test_a_limit_counts_the_local_day_of_the_activity(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 9 * DAY)
    midnight = datetime(2026, 3, 14, 16, tzinfo=UTC)  # 15 March 00:00 in Shanghai
    for reference, occurred_at, points in (
        ("a", midnight, 30),
        ("b", make.NOW, 0),
        ("c", midnight - MOMENT, 30),
        ("d", midnight - timedelta(hours=23), 0),
        ("e", midnight - timedelta(hours=24, microseconds=1), 30),
    ):
        found = await paid(programme, member_id, "survey", reference, occurred_at=occurred_at)
        assert (reference, found) == (reference, points)
    assert await paid(programme, member_id, "survey", "f", now=midnight + DAY) == 30


async def test_five_reviews_a_day_are_paid(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    found = [await paid(programme, member_id, "review", str(n)) for n in range(7)]
    assert found == [100, 100, 100, 100, 100, 0, 0]


async def test_behaviour_alone_pays_nothing_and_is_kept(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert await paid(programme, member_id, "browse", "1") == 0
    stored = await row("SELECT within_limit FROM activity WHERE member_id = $1", member_id)
    assert stored == {"within_limit": True}
    assert await reading.count_entries(member_id) == 0


async def test_registration_alone_earns_nothing(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, name="李", profile={"seat": "aisle"})
    assert await make.available(member_id) == 0
    assert await reading.count_entries(member_id) == 0


async def test_spending_at_a_partner_earns_no_tier_and_no_multiplier(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "5000"))  # gold
    sent = {"amount": "88.88"}
    assert await paid(programme, member_id, "partner_spend", "1", attributes=sent) == 88
    member = (await members.many([member_id]))[member_id]
    assert (member.tier, member.qualifying.spend_minor) == ("gold", 500000)


async def test_points_of_another_funder_are_in_a_lot_of_that_funder(database: Database) -> None:
    document = make.shipped_document()
    document["activities"][2]["funder"] = "bank"
    programme = await make.funded(document, "bank")
    member_id = await make.enrol(programme)
    await paid(programme, member_id, "review", "1")
    (lot,) = (await states.live_state([member_id]))[member_id].lots
    assert (lot.funder, lot.rule) == ("bank", "review")


async def test_a_late_activity_is_judged_by_the_policy_of_its_instant(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 9 * DAY)
    document = make.shipped_document()
    document["activities"] = [
        {**made, "points": 7} if made["code"] == "review" else made
        for made in document["activities"]
        if made["code"] != "talk"
    ]
    programme = await make.publish(programme, document)
    before = make.NOW - MOMENT
    assert await paid(programme, member_id, "review", "1", occurred_at=before) == 100
    assert await paid(programme, member_id, "review", "2") == 7
    assert await paid(programme, member_id, "talk", "1", occurred_at=before) == 50
    async with make.refused(programme, InvalidInput, "type", reason="unknown_activity"):
        await report(programme, member_id, "talk", "2")


async def test_a_late_activity_reviews_the_tier_by_the_policy_of_its_recording(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 9 * DAY)
    await make.book(programme, member_id, ("hotel", "60000"), now=make.NOW - 9 * DAY)
    document = make.shipped_document()
    emerald = {"code": "emerald", "name": make.WORDS, "threshold": 60_000, "multiplier": 2}
    document["tiers"]["levels"].append(emerald)
    programme = await make.publish(programme, document)
    await paid(programme, member_id, "review", "1")
    assert (await members.many([member_id]))[member_id].tier == "emerald"
    await paid(programme, member_id, "review", "2", occurred_at=make.NOW - DAY)
    assert (await members.many([member_id]))[member_id].tier == "emerald"

"""Points that wait for a journey and for a decision, and what is proved of reviews."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import rejudging
from domain.kernel.database import Row, rows
from domain.kernel.signals import Signals
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.reviews import releasing
from domain.risk import signals
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support import risks, travel, trials

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)

AFTER = {"points": {"worth": {"points": 100, "money": 1}, "available": "on_completion"}}

BY_ITSELF = {**AFTER, "completion": {"overdue_days": 30, "then": "mature"}}


async def guarded(*rules: dict[str, Any], **changes: Any) -> Programme:
    risk = {"hours": 72, "rules": list(rules)}
    return await make.establish(make.shipped_document(risk=risk, **changes))


async def balances(member_id: UUID, now: datetime) -> tuple[int, int]:
    found = (await make.state(member_id, now)).balances
    return found.available, found.pending


async def test_what_is_completed_while_it_is_held_matures_after_it() -> None:
    held = risks.rule("held", "earn", "amount", "hold", over=100)
    programme = await guarded(held, **AFTER)
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "500"))
    soon, later = make.NOW + HOUR, make.NOW + 73 * HOUR
    await travel.complete(programme, "B", now=soon)
    assert await balances(member_id, soon) == (0, 500)
    assert [one async for one in releasing.members(programme, soon)] == []
    assert [one async for one in releasing.members(programme, later)] == [member_id]
    ended, looked = make.NOW + 72 * HOUR, releasing.JUST_ENDED
    for now, found in ((ended, [member_id]), (ended + looked, []), (ended - HOUR, [])):
        assert [one async for one in releasing.members(programme, now, looked)] == found
    assert await releasing.release_due(programme, member_id, later) == 500
    assert await balances(member_id, later) == (500, 0)
    assert [one async for one in releasing.members(programme, later)] == []
    assert await make.faults(member_id) == []


async def test_what_an_amendment_adds_to_a_journey_waits_for_both() -> None:
    held = risks.rule("held", "earn", "amount", "hold", over=1000)
    programme = await guarded(held, **AFTER)
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "500"))
    await travel.amend(programme, "B", "A", make.line_of("hotel", "3000"))
    soon, later = make.NOW + HOUR, make.NOW + 73 * HOUR
    await travel.complete(programme, "B", now=soon)
    assert await balances(member_id, soon) == (0, 3000)
    assert [one async for one in releasing.members(programme, soon)] == []
    assert [one async for one in releasing.members(programme, later)] == [member_id]
    assert await releasing.release_due(programme, member_id, later) == 3000
    assert await balances(member_id, later) == (3000, 0)
    assert await make.faults(member_id) == []


async def test_a_review_that_ends_before_the_journey_leaves_its_points_waiting() -> None:
    programme = await guarded(
        risks.rule("large", "earn", "amount", "review", over=100), **BY_ITSELF
    )
    one, other = [await make.enrol(programme) for _ in range(2)]
    for member_id, reference in ((one, "B-1"), (other, "B-2")):
        await travel.pay(programme, member_id, reference, make.line_of("hotel", "500"))
    await travel.complete(programme, "B-2")
    assert await balances(other, make.NOW) == (0, 500)
    await risks.decide_all(programme, approve=True)
    assert await balances(one, make.NOW) == (0, 500)
    assert await balances(other, make.NOW) == (500, 0)
    assert [found async for found in releasing.members(programme, make.NOW)] == [one]
    assert not [_ async for _ in releasing.members(programme, make.NOW, releasing.JUST_ENDED)]
    # nobody hears of the first journey; the policy lets its points mature by themselves
    late = make.NOW + timedelta(days=60)
    assert [found async for found in releasing.members(programme, late)] == [one]
    assert await releasing.release_due(programme, one, late) == 500
    assert await make.faults(one, other) == []


async def test_altered_reviews_and_decisions_are_found(database: Database) -> None:
    programme = await guarded(
        risks.rule("large", "earn", "amount", "review", over=1000),
        risks.rule("held", "earn", "amount", "hold", over=100),
        risks.rule("spree", "redeem", "amount", "review", over=10),
    )
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "80"), reference="B")
    await travel.amend(programme, "B", "A", make.line_of("hotel", "4000"))
    for amount in ("90", "500", "2000", "3000"):
        await make.book(programme, member_id, ("hotel", amount))
    await make.redeem(programme, member_id, await make.reward(programme, list_points=20))
    [first, *_] = await risks.open_reviews(programme)
    await risks.decide_one(programme, first, approve=True)
    assert await make.faults(member_id) == []
    altered = {
        "review SET state = 'REJECTED' WHERE state = 'APPROVED'": "state",
        "review SET points = points + 1 WHERE moment = 'redeem'": "points",
        "review SET fact_id = gen_random_uuid() WHERE moment = 'redeem'": "fact_id",
        "risk_decision SET until = until + interval '1 day' WHERE decision = 'hold'": "matures_at",
        "risk_decision SET review_id = NULL WHERE moment = 'redeem'": "review_id",
        "risk_decision SET points = 500 WHERE points = 4000 AND decision = 'hold'": "points",
        "risk_decision SET fact_id = gen_random_uuid() WHERE until IS NOT NULL": "fact_id",
        "redemption SET review_id = gen_random_uuid()": "review_id",
    }
    async with connection(database.owner) as owner:
        for change, named in altered.items():
            table, _, rest = change.partition(" ")
            where = " AND " if "WHERE" in rest else " WHERE "
            kept = await owner.fetch(f"SELECT * FROM {table} WHERE member_id = $1", member_id)
            done = await owner.execute(f"UPDATE {change}{where}member_id = $1", member_id)
            assert done != "UPDATE 0", change
            assert any(named in fault for fault in await make.faults(member_id)), change
            for row in kept:
                columns = [name for name in dict(row) if name not in ("member_id", "id")]
                said = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 3))
                await owner.execute(
                    f"UPDATE {table} SET {said} WHERE member_id = $1 AND id = $2",
                    member_id,
                    row["id"],
                    *(row[name] for name in columns),
                )
    assert await make.faults(member_id) == []


async def test_signals_are_forgotten_after_half_a_year() -> None:
    programme = await make.establish()
    await risks.enrol(programme, signals_of(b"phone"))
    assert await signals.forget_old(programme.id, make.NOW + timedelta(days=180)) == 0
    assert await signals.forget_old(programme.id, make.NOW + timedelta(days=180, seconds=1)) == 1
    again = await risks.enrol(programme, signals_of(b"phone"))
    assert await signals.forget(again) == 1
    assert await rows("SELECT FROM signal WHERE programme_id = $1", programme.id) == []


def signals_of(name: bytes) -> Signals:
    return Signals({"device": name.ljust(32)})


async def test_of_two_who_decide_at_once_one_does() -> None:
    programme = await guarded(risks.rule("large", "earn", "amount", "review", over=100))
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "500"))
    [one] = await risks.open_reviews(programme)
    both = (risks.decide_one(programme, one, approve=approve) for approve in (True, False))
    assert await make.outcomes(*both) == {"NoneType": 1, "STATE_CONFLICT": 1}
    assert await balances(member_id, make.NOW) in ((500, 0), (0, 0))
    assert await make.faults(member_id) == []


async def test_a_rejected_activity_gives_its_limit_back() -> None:
    programme = await guarded(risks.rule("any", "earn", "amount", "review", over=1))
    member_id = await make.enrol(programme)
    for reference in ("v-1", "v-2"):
        await make.act(programme, member_id, "verification", reference)
    assert await balances(member_id, make.NOW) == (0, 500)
    [one] = await risks.open_reviews(programme)
    await risks.decide_one(programme, one, approve=False)
    assert await balances(member_id, make.NOW) == (0, 0)
    # once in a life, and that one was none
    await make.act(programme, member_id, "verification", "v-3")
    [one] = await risks.open_reviews(programme)
    await risks.decide_one(programme, one, approve=True)
    assert await balances(member_id, make.NOW) == (500, 0)
    assert await make.faults(member_id) == []


async def test_what_can_be_released_does_not_wait_behind_what_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(releasing, "FACTS_MAX", 2)
    held = risks.rule("held", "earn", "amount", "hold", over=100)
    programme = await guarded(held, **AFTER)
    member_id = await make.enrol(programme)
    for number in range(5):
        await travel.pay(programme, member_id, f"B-{number}", make.line_of("hotel", "500"))
    # the journeys of the oldest, as many as are looked at together, are not over
    for number in (2, 4):
        await travel.complete(programme, f"B-{number}", now=make.NOW + HOUR)
    later = make.NOW + 73 * HOUR
    assert await releasing.release_due(programme, member_id, later) == 1000
    assert await balances(member_id, later) == (1000, 1500)
    assert await releasing.release_due(programme, member_id, later) == 0
    assert await make.faults(member_id) == []


async def test_points_of_a_rejected_enrolment_never_mature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(releasing, "FACTS_MAX", 1)
    farm = risks.velocity("farm", "enrol", "review", by="device", more_than=0)
    programme = await guarded(farm, **AFTER)
    member_id = await risks.enrol(programme, signals_of(programme.id.bytes))
    for number in range(3):
        await travel.pay(programme, member_id, f"B-{number}", make.line_of("hotel", "500"))
    await risks.decide_all(programme, approve=False)
    # the decision has taken back one of them, and another one is completed before the job comes
    assert await balances(member_id, make.NOW) == (0, 1000)
    done = await travel.complete(programme, "B-2")
    assert done.figures["points_matured"] == 0
    assert await balances(member_id, make.NOW) == (0, 1000)
    # nobody hears of the journey of the third
    assert [one async for one in releasing.members(programme, make.NOW + HOUR)] == [member_id]
    assert await releasing.release_due(programme, member_id, make.NOW + HOUR) == 1000
    assert await balances(member_id, make.NOW + HOUR) == (0, 0)
    assert [one async for one in releasing.members(programme, make.NOW + HOUR)] == []
    assert await make.faults(member_id) == []


async def test_what_was_rejected_with_nothing_left_earns_nothing_ever_after() -> None:
    large = risks.rule("large", "earn", "amount", "review", over=100)
    programme = await guarded(large)
    one, other = [await make.enrol(programme) for _ in range(2)]
    for member_id, reference in ((one, "B-1"), (other, "B-2")):
        await travel.pay(programme, member_id, reference, make.line_of("hotel", "500"))
        await travel.refund(programme, reference, "R-1", (1, "500"))
    first, second = await risks.open_reviews(programme)
    await risks.decide_one(programme, first, approve=False)
    await risks.decide_one(programme, second, approve=True)
    # amended, the one costs more again and earns nothing, and is judged so once more; so is what
    # is amended in the instant of the decision, and what is after it
    for number, now in enumerate((make.NOW, make.NOW + HOUR)):
        for reference, points in (("B-1", 0), ("B-2", 400 if number == 0 else 100)):
            line = make.line_of("hotel", str(900 + 100 * number))
            made = await travel.amend(programme, reference, f"A-{number}", line, now=now)
            assert made.figures["points_awarded"] == points, (reference, number)
    await travel.refund(programme, "B-1", "R-2", (1, "100"), now=make.NOW + HOUR)
    assert await make.faults(one, other) == []
    # each change comes out as it was recorded, for whoever asks why
    for member_id, changes in ((one, 5), (other, 4)):
        [booking] = await rows("SELECT id FROM booking WHERE member_id = $1", member_id)
        found = await rejudging.load(member_id, booking["id"])
        assert found is not None
        again = list(rejudging.rejudge(programme.versions[0], found))
        assert all(one.is_reproduced for one in again)
        assert len(again) == changes


async def test_points_that_waited_expire_on_the_terms_of_their_variant() -> None:
    began = datetime(2027, 2, 1, 12, tzinfo=UTC)
    terms = {"from": "2027-01-01", "until": "2027-06-30"}
    waits = {"rules": [risks.rule("any", "earn", "amount", "review", over=1)]}
    programme = await make.establish(trials.document(trials.expiry(**terms), risk=waits), now=began)
    for variant, month in (("a", 2), ("b", 8)):
        member_id = await trials.member(programme, "points_expiry", variant, now=began)
        await make.book(programme, member_id, ("hotel", "500"), now=began)
        await make.act(programme, member_id, "verification", f"v-{variant}", now=began)
        for review in await risks.open_reviews(programme):
            await risks.decide_one(programme, review, approve=True, now=began)
        lots = await rows("SELECT expires_at FROM lot WHERE member_id = $1", member_id)
        assert [lot["expires_at"].month for lot in lots] == [month, month]
        assert await make.faults(member_id) == []


async def test_an_activity_is_reviewed_for_the_points_that_its_budget_left() -> None:
    document = make.shipped_document(
        risk={"rules": [risks.rule("any", "earn", "amount", "review", over=40)]}
    )
    spend = next(one for one in document["activities"] if one["code"] == "partner_spend")
    spend["budget"] = {"points": 150}
    programme = await make.establish(document)
    member_id = await make.enrol(programme)
    for reference in ("a-1", "a-2", "a-3"):
        sent = ActivitySent("partner_spend", reference, attributes={"amount": 100})
        by = make.request(make.partner(programme))
        made = await activities.earn(by, programme, MemberKey.of_id(member_id), sent)
        # of the third nothing is left to wait
        assert ("under_review" in made.figures) == (reference != "a-3")
    found = await risks.open_reviews(programme)
    assert [one.points for one in found] == [100, 50]
    assert [one["points"] for one in await decisions(member_id)] == [100, 50]
    await risks.decide_all(programme, approve=True)
    assert await balances(member_id, make.NOW) == (150, 0)
    assert await make.faults(member_id) == []


async def test_every_report_that_is_denied_is_recorded() -> None:
    denies = risks.rule("none", "earn", "amount", "deny", over=40, facts=["activity"])
    programme = await guarded(denies)
    member_id = await make.enrol(programme)
    kept = [
        await make.act(programme, member_id, "verification", reference)
        for reference in ("v-1", "v-2", "v-3")
    ]
    assert len(set(kept)) == 1
    found = await decisions(member_id)
    assert [one["fact_id"] for one in found] == [kept[0], None, None]
    assert {one["points"] for one in found} == {500}
    assert await balances(member_id, make.NOW) == (0, 0)
    assert await make.faults(member_id) == []


async def decisions(member_id: UUID) -> list[Row]:
    return await rows(
        "SELECT fact_id, points FROM risk_decision WHERE member_id = $1 ORDER BY id", member_id
    )

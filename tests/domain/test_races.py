"""Races on real connections: each task has a transaction and a connection of its own."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, TypeVar
from uuid import UUID

import pytest

import models
from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.kernel.database import row, rows, transact
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import InvalidInput, ReferenceConflict, Refusal
from domain.ledger import opening
from domain.ledger.refusals import InsufficientPoints
from domain.members import members
from domain.members.identity import MemberKey
from domain.members.refusals import LimitReached
from domain.programmes import drafts, programmes
from domain.programmes.drafts import DRAFTS_MAX, DraftSent
from domain.programmes.programmes import Programme
from domain.redemptions import redemption_reads, redemptions
from domain.redemptions.redemptions import RedeemSent
from domain.redemptions.refusals import RedemptionState
from domain.rewards.refusals import CodePoolExhausted, OutOfStock
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading

pytestmark = pytest.mark.usefixtures("proved")
Result = TypeVar("Result")


async def together(calls: Iterable[Awaitable[Result]]) -> tuple[list[Result], list[Refusal]]:
    """All at once: what succeeded, and what was refused; anything else is a failure."""
    found = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in found if isinstance(result, Refusal)]
    done: list[Result] = []
    for result in found:
        if isinstance(result, BaseException):
            if not isinstance(result, Refusal):
                raise result
        else:
            done.append(result)
    return done, refused


async def rich_members(programme: Programme, count: int, points: int) -> list[UUID]:
    return [await make.rich_member(programme, points) for _ in range(count)]


async def redeem(
    programme: Programme, member_id: UUID, reward: models.Reward, key: str | None = None
) -> Outcome:
    return await redemptions.redeem(
        make.request(make.partner(programme), key=key),
        programme,
        MemberKey.of_id(member_id),
        RedeemSent(reward.code),
    )


async def test_one_key_sent_twenty_times_acts_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100_000)
    reward = await make.reward(programme, stock=100)
    done, refused = await together(redeem(programme, member_id, reward, "k") for _ in range(20))
    assert refused == []
    assert Counter(outcome.replayed for outcome in done) == {False: 1, True: 19}
    assert len({outcome.figures["redemption_id"] for outcome in done}) == 1
    assert await make.available(member_id) == 96_000
    assert await reading.count_entries(member_id) == 2
    made = await redemption_reads.counts([member_id], redemption_reads.RedemptionFilter(make.NOW))
    assert made == {member_id: 1}


async def test_one_booking_reported_twenty_times_earns_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = make.booking(("hotel", "100"))
    done, refused = await together(make.report(programme, member_id, sent) for _ in range(20))
    assert refused == []
    assert Counter(outcome.replayed for outcome in done) == {False: 1, True: 19}
    assert len({outcome.figures["booking_id"] for outcome in done}) == 1
    assert await make.available(member_id) == 100


async def test_one_reference_with_twenty_contents_is_the_first_ones(database: Database) -> None:
    programme = await make.establish()
    ids = await rich_members(programme, 4, 1)
    done, refused = await together(
        make.report(programme, ids[n % 4], make.booking(("hotel", f"{n + 1}"), reference="B-1"))
        for n in range(20)
    )
    assert len(done) == 1
    assert [type(error) for error in refused] == [ReferenceConflict] * 19
    stored = await rows("SELECT points FROM booking WHERE programme_id = $1", programme.id)
    assert [b["points"] for b in stored] == [done[0].figures["points_awarded"]]


async def test_the_last_item_is_one_members_and_costs_the_others_nothing(
    database: Database,
) -> None:
    programme = await make.establish()
    reward = await make.reward(programme, stock=1)
    ids = await rich_members(programme, 50, 4000)
    done, refused = await together(redeem(programme, member_id, reward) for member_id in ids)
    assert len(done) == 1
    assert [(type(e), e.facts["remaining"]) for e in refused] == [(OutOfStock, 0)] * 49
    winner = UUID(done[0].figures["member_id"])
    cached = await members.many(ids)
    assert {m.member_id for m in cached.values() if m.balances.available == 0} == {winner}
    assert sum(m.balances.available for m in cached.values()) == 49 * 4000
    entries = await rows(
        "SELECT kind, count(*) AS count FROM ledger_entry WHERE member_id = ANY($1::uuid[]) "
        "GROUP BY kind ORDER BY kind",
        ids,
    )
    assert entries == [{"kind": "EARN", "count": 50}, {"kind": "REDEEM", "count": 1}]
    left = await row("SELECT remaining FROM reward_stock WHERE reward_id = $1", reward.id)
    assert left == {"remaining": 0}


async def test_two_redemptions_that_fit_one_by_one_but_not_both(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 7000)
    reward = await make.reward(programme)
    done, refused = await together(redeem(programme, member_id, reward) for _ in range(2))
    assert len(done) == 1
    assert [(type(e), e.facts) for e in refused] == [
        (InsufficientPoints, {"available": 3000, "required": 4000})
    ]
    assert await make.available(member_id) == 3000


async def test_a_balance_is_spent_once_by_twenty(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    reward = await make.reward(programme, list_points=100)
    done, refused = await together(redeem(programme, member_id, reward) for _ in range(20))
    assert len(done) == 1
    assert {type(error) for error in refused} == {InsufficientPoints}
    assert await make.available(member_id) == 0


async def test_a_limit_per_member_holds_against_many(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    reward = await make.reward(programme, list_points=1, per_member_limit=3)
    done, refused = await together(redeem(programme, member_id, reward) for _ in range(10))
    assert len(done) == 3
    assert [type(error) for error in refused] == [LimitReached] * 7


async def test_an_activity_limit_holds_against_many(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    done, refused = await together(
        activities.earn(
            make.request(make.partner(programme)),
            programme,
            MemberKey.of_id(member_id),
            ActivitySent("review", str(n)),
        )
        for n in range(12)
    )
    assert refused == []
    assert sorted(o.figures["points_awarded"] for o in done) == [0] * 7 + [100] * 5


async def test_pooled_codes_go_to_one_redeemer_each(database: Database) -> None:
    programme = await make.establish()
    coupon = await make.reward(programme, kind="COUPON", pooled_codes=True, list_points=10)
    await make.pool(coupon, *(f"C{n}" for n in range(15)))
    ids = await rich_members(programme, 20, 10)
    done, refused = await together(redeem(programme, member_id, coupon) for member_id in ids)
    assert [type(error) for error in refused] == [CodePoolExhausted] * 5
    made = await redemption_reads.many(
        programme.id,
        [(UUID(o.figures["member_id"]), UUID(o.figures["redemption_id"])) for o in done],
    )
    given = [code for redemption in made.values() for code in redemption.codes]
    assert sorted(given) == sorted(f"C{n}" for n in range(15))
    left = [await make.available(member_id) for member_id in ids]
    assert Counter(left) == {0: 15, 10: 5}


async def test_one_redemption_is_cancelled_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 4000)
    reward = await make.reward(programme, stock=1)
    redemption_id = await make.redeem(programme, member_id, reward)
    done, refused = await together(
        make.cancel(programme, member_id, redemption_id) for _ in range(10)
    )
    assert len(done) == 1
    assert [type(error) for error in refused] == [RedemptionState] * 9
    assert await make.available(member_id) == 4000
    left = await row("SELECT remaining FROM reward_stock WHERE reward_id = $1", reward.id)
    assert left == {"remaining": 1}


async def test_earning_and_spending_of_one_member_go_one_after_the_other(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    reward = await make.reward(programme, list_points=10)
    spending = [redeem(programme, member_id, reward) for _ in range(15)]
    earning = [make.report(programme, member_id, make.booking(("hotel", "7"))) for _ in range(15)]
    done, refused = await together([*spending, *earning])
    assert (len(done), refused) == (30, [])
    assert await make.available(member_id) == 1000 - 150 + 105
    entries = await reading.entries(member_id, limit=99)
    assert [entry.sequence for entry in entries] == list(range(31, 0, -1))


async def test_only_the_first_of_twenty_lifting_bookings_changes_the_tier(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    done, _ = await together(
        make.report(programme, member_id, make.booking(("hotel", "5000"))) for _ in range(3)
    )
    assert sorted(o.figures["points_awarded"] for o in done) == [5000, 6000, 6000]
    changes = await rows(
        "SELECT from_tier, to_tier FROM tier_change WHERE member_id = $1", member_id
    )
    assert changes == [{"from_tier": "silver", "to_tier": "gold"}]


async def test_versions_are_numbered_without_a_gap(database: Database) -> None:
    programme = await make.establish()
    document = make.shipped_document()
    await asyncio.gather(*(make.publish(programme, document) for _ in range(6)))
    found = await programmes.get(programme.code)
    assert [version.number for version in found.versions] == [1, 2, 3, 4, 5, 6, 7]


async def test_of_many_who_save_over_one_revision_one_does(database: Database) -> None:
    programme = await make.establish()
    draft_id = await make.draft(programme)

    async def save(text: str) -> str:
        sent = DraftSent(text, draft_id, 1)
        await drafts.save(make.request(make.staff(programme)), sent)
        return text

    texts = [f"text {number}" for number in range(6)]
    done = await asyncio.gather(*map(save, texts), return_exceptions=True)
    [saved] = [one for one in done if isinstance(one, str)]
    refused = [one for one in done if isinstance(one, ReferenceConflict)]
    assert len(refused) == 5
    [kept] = await drafts.of_programme(programme.id)
    assert (kept.revision, kept.document, kept.name) == (2, saved, "Spring")


async def test_a_programme_never_has_more_drafts_than_it_may(database: Database) -> None:
    programme = await make.establish()
    for _ in range(DRAFTS_MAX - 1):
        await make.draft(programme)
    done = await asyncio.gather(*(make.draft(programme) for _ in range(4)), return_exceptions=True)
    reasons = [one.reason for one in done if isinstance(one, InvalidInput)]
    assert reasons == ["too_many_drafts"] * 3
    assert len(await drafts.of_programme(programme.id)) == DRAFTS_MAX


async def test_two_transactions_that_lock_each_other_out_are_run_again(
    database: Database,
) -> None:
    """Two members in opposite order: one of the two loses, and is run again."""
    programme = await make.establish()
    ids = await rich_members(programme, 2, 1)
    met = asyncio.Barrier(2)
    runs = 0

    async def work(first: UUID, second: UUID) -> None:
        nonlocal runs
        runs += 1
        await opening.lock(first, make.NOW)
        if runs <= 2:
            await met.wait()
        await opening.lock(second, make.NOW)

    await asyncio.gather(
        transact(lambda: work(ids[0], ids[1])), transact(lambda: work(ids[1], ids[0]))
    )
    assert runs == 3


async def in_turn(
    database: Database, member_id: UUID, *calls: Coroutine[Any, Any, object]
) -> list[object]:
    """All calls wait for the member's account at once, and get it one after the other."""
    async with connection(database.serving) as raw:
        async with raw.transaction():
            await raw.execute("SELECT 1 FROM account WHERE member_id = $1 FOR UPDATE", member_id)
            tasks = []
            for call in calls:
                tasks.append(asyncio.ensure_future(call))
                await waiting(len(tasks))
        return await asyncio.gather(*tasks, return_exceptions=True)


async def waiting(count: int) -> None:
    """Until so many connections wait for a lock in this database."""
    for _ in range(6000):
        found = await row(
            "SELECT count(*) AS count FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if found == {"count": count}:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{count} calls do not wait: {found}")

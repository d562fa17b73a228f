"""Races on real connections: each task has a transaction and a connection of its own."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from tortoise.transactions import in_transaction

import models
from domain.accounts import sweeps
from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import bookings
from domain.checkout.booking_lines import LineSent
from domain.kernel import dates, lookups
from domain.kernel.database import row, rows, transact, update
from domain.kernel.idempotency import Outcome
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import (
    ConcurrentRequest,
    InvalidInput,
    ReferenceConflict,
    Refusal,
)
from domain.ledger import ledger
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.members import enrolment, identity, members, profile
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.members.refusals import EmailTaken, LimitReached
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
from tests.support import reading, tiered, travel

SHANGHAI = ZoneInfo("Asia/Shanghai")
GRACE_END = dates.start_of_day(date(2028, 4, 15), SHANGHAI)

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


async def test_one_address_enrols_once(database: Database) -> None:
    programme = await make.establish()
    done, refused = await together(
        enrolment.enrol(
            make.request(make.partner(programme)), programme, EnrolSent(email="li@example.com")
        )
        for _ in range(20)
    )
    assert len(done) == 1
    assert [type(error) for error in refused] == [EmailTaken] * 19
    assert await members.count(programme.id, members.MemberFilter()) == 1


async def test_one_address_is_proved_once(database: Database) -> None:
    """Two members gave it, and a partner vouches for each at once: both have it until one is
    vouched for, and so the other one is told that it is taken.
    """
    programme, claimants = await two_claimants()
    async with connection(database.serving) as raw:
        claimed = raw.transaction()
        await claimed.start()
        await raw.execute(
            "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
            "VALUES ($1, 'email', $3, $2, $2)",
            programme.id,
            claimants[0],
            lookups.spellings(programme.id, LookupScope.EMAIL, "li@example.com")[0],
        )
        both = asyncio.ensure_future(together(make.prove(programme, one) for one in claimants))
        await waiting(2)
        await claimed.rollback()
        [done], [refused] = await both
    assert type(refused) is EmailTaken
    await only_one_has_it(programme, claimants, done)


async def test_one_address_is_proved_by_one_after_the_other(database: Database) -> None:
    """It was taken from the second, which has none any more that could be vouched for."""
    programme, claimants = await two_claimants()
    done = await make.prove(programme, claimants[0])
    async with make.refused(programme, InvalidInput, "kind", reason="contact_absent"):
        await make.prove(programme, claimants[1])
    await only_one_has_it(programme, claimants, done)


async def two_claimants() -> tuple[Programme, list[UUID]]:
    programme = await make.establish()
    return programme, [
        await make.enrol(programme, email="li@example.com", contacts_proved=()) for _ in range(2)
    ]


async def only_one_has_it(programme: Programme, claimants: list[UUID], done: Outcome) -> None:
    key = MemberKey(LookupScope.EMAIL, "li@example.com")
    assert await identity.find(programme.id, key) == done.member_id
    kept = [one for one in claimants if (await make.known_by(one))[0]]
    assert kept == [done.member_id]


async def test_an_address_that_changes_while_it_is_proved_is_one_or_the_other(
    database: Database,
) -> None:
    """The member sets another while a partner vouches, and a third member claims both."""
    old, new = "old@example.com", "new@example.com"
    for _ in range(5):
        programme = await make.establish()
        member_id = await make.enrol(programme, reference="li", email=old, contacts_proved=())
        third = await make.enrol(programme, reference="x", email=old, contacts_proved=())
        own = make.member_caller(programme, "li", member_id)
        other = make.member_caller(programme, "x", third)
        _, refused = await together(
            [
                make.prove(programme, member_id, value=old),
                make.change(programme, member_id, caller=own, email=new),
                make.change(programme, third, caller=other, email=new),
                make.change(programme, third, caller=other, email=old),
            ]
        )
        assert {type(error) for error in refused} <= {InvalidInput, ConcurrentRequest}
        assert await make.known_by(member_id) == (new, None)
        for address in (old, new):
            assert await identity.find(programme.id, MemberKey(LookupScope.EMAIL, address)) is None


async def test_one_guest_is_promoted_once(database: Database) -> None:
    programme = await make.establish()
    guest = await make.enrol(programme, reference="li", guest=True)
    done, refused = await together(
        enrolment.enrol(make.request(make.partner(programme)), programme, EnrolSent(reference="li"))
        for _ in range(10)
    )
    assert [outcome.figures["member_id"] for outcome in done] == [str(guest)]
    assert len(refused) == 9
    told = await rows("SELECT id FROM outbox_event WHERE member_id = $1", guest)
    # enrolled as a guest and as a member, and its other status
    assert len(told) == 3


async def test_two_members_that_swap_addresses_do_not_both_have_one(database: Database) -> None:
    programme = await make.establish()
    one = await make.enrol(programme, email="one@example.com")
    other = await make.enrol(programme, email="other@example.com")

    def move(member_id: UUID, email: str) -> Awaitable[Outcome]:
        request = make.request(make.partner(programme))
        return profile.change(request, programme, MemberKey.of_id(member_id), {"email": email})

    for _ in range(5):
        await together([move(one, "other@example.com"), move(other, "one@example.com")])
        found = {own: (await make.known_by(own))[0] for own in (one, other)}
        assert len(set(found.values())) == 2
        for own, email in found.items():
            key = MemberKey(LookupScope.EMAIL, email or "")
            assert await identity.find(programme.id, key) == own


async def test_a_value_freed_while_it_is_looked_up_is_taken_or_told(database: Database) -> None:
    """Between its two statements a look-up may miss the row that stopped the first.

    Others take and free the value all the time, so now and then it gives up: that is told too.
    """
    programme = await make.establish()
    me, done, looked_up = UUID(int=2), asyncio.Event(), Counter[str]()

    async def toggle(other: UUID) -> None:
        async with connection(database.serving) as raw:
            while not done.is_set():
                await raw.execute(
                    "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
                    "VALUES ($1, 'activity', 'x', $2, $2) ON CONFLICT DO NOTHING",
                    programme.id,
                    other,
                )
                await raw.execute(
                    "DELETE FROM lookup WHERE programme_id = $1 AND member_id = $2",
                    programme.id,
                    other,
                )

    async def take() -> None:
        for _ in range(150):
            with contextlib.suppress(ConcurrentRequest):
                async with in_transaction():
                    found = await lookups.look_up(programme.id, LookupScope.ACTIVITY, "x", me, me)
                    freed = await update(
                        "DELETE FROM lookup WHERE programme_id = $1 AND member_id = $2",
                        programme.id,
                        me,
                    )
                    assert freed == (found is None)
                    looked_up["taken" if found is None else "told"] += 1
        done.set()

    await asyncio.gather(take(), toggle(UUID(int=3)), toggle(UUID(int=4)))
    assert looked_up.total() > 0


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


async def due_members(count: int) -> tuple[Programme, list[UUID]]:
    """Silver members whose grace ends at `GRACE_END` without another booking."""
    programme = await make.establish(tiered.ctrip())
    ids = [await make.enrol(programme) for _ in range(count)]
    for member_id in ids:
        await make.book(programme, member_id, ("hotel", "3000"))
    await tiered.sweep(programme, GRACE_END - timedelta(days=1))
    return programme, ids


async def test_two_sweeps_at_once_take_each_tier_once(database: Database) -> None:
    programme, ids = await due_members(6)
    done, refused = await together(tiered.sweep(programme, GRACE_END) for _ in range(4))
    assert refused == []
    assert set(done[0]) <= set(ids)
    for member_id in ids:
        assert await tiered.decisions(member_id) == [
            *(("qualified", "member", "silver"), ("period_end", "silver", "member")),
        ]
        assert await tiered.notified(member_id) == [("member", "silver"), ("silver", "member")]


async def test_a_sweep_and_the_booking_that_keeps_the_tier_go_one_after_the_other(
    database: Database,
) -> None:
    """Told before the end, a booking keeps the tier or finds it lost and reaches it anew."""
    programme, ids = await due_members(12)
    sent = make.booking(("hotel", "3000"), booked_at=GRACE_END - timedelta(minutes=1))
    in_time = make.request(make.partner(programme), now=GRACE_END - timedelta(seconds=1))

    async def keep(member_id: UUID) -> object:
        one, key = replace(sent, reference=str(member_id)), MemberKey.of_id(member_id)
        return await bookings.earn(replace(in_time, key=str(member_id)), programme, key, one)

    _, refused = await together([tiered.sweep(programme, GRACE_END), *map(keep, ids)])

    assert refused == []
    kept = [("qualified", "member", "silver"), ("renewed", "silver", "silver")]
    anew = [kept[0], ("period_end", "silver", "member"), ("qualified", "member", "silver")]
    for member_id in ids:
        assert await tiered.decisions(member_id) in (kept, anew)
        found = await tiered.holding(member_id)
        # one decided behind the sweep is recorded at the sweep's instant: a day later here
        last = "2030-04-14" if len(await tiered.decisions(member_id)) == 2 else "2030-04-15"
        until = dates.end_of_day(date.fromisoformat(last), SHANGHAI)
        assert (found.tier, found.until, found.grace_until) == ("silver", until, None)


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
        await ledger.lock(first, make.NOW)
        if runs <= 2:
            await met.wait()
        await ledger.lock(second, make.NOW)

    await asyncio.gather(
        transact(lambda: work(ids[0], ids[1])), transact(lambda: work(ids[1], ids[0]))
    )
    assert runs == 3


async def test_a_sweep_before_a_redemption_of_the_last_moment(database: Database) -> None:
    """Meant in time, but behind what time has written: the ledger never runs backwards."""
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    member_id = await make.rich_member(programme, 130)
    spending = make.redeem(programme, member_id, reward, now=GONE - timedelta(microseconds=1))
    swept, refused = await in_turn(database, member_id, sweep(programme, GONE), spending)
    assert swept is None
    assert isinstance(refused, InsufficientPoints)
    assert refused.facts == {"available": 0, "required": 100}
    assert await make.entries(member_id) == [("EARN", 130), ("EXPIRE", 130)]
    assert await make.stock(reward) == 1


async def test_a_sweep_behind_a_redemption_of_the_last_moment(database: Database) -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    member_id = await make.rich_member(programme, 130)
    spending = make.redeem(programme, member_id, reward, now=GONE - timedelta(microseconds=1))
    made, swept = await in_turn(database, member_id, spending, sweep(programme, GONE))
    assert isinstance(made, UUID)
    assert swept is None
    assert await make.entries(member_id) == [("EARN", 130), ("REDEEM", 100), ("EXPIRE", 30)]
    assert await make.stock(reward) == 0


@pytest.mark.parametrize("sweep_first", [True, False])
async def test_a_sweep_and_a_redemption_at_the_instant_of_expiry(
    database: Database, sweep_first: bool
) -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    member_id = await make.rich_member(programme, 130)
    calls = [sweep(programme, GONE), make.redeem(programme, member_id, reward, now=GONE)]
    found = await in_turn(database, member_id, *(calls if sweep_first else calls[::-1]))
    swept, refused = found if sweep_first else found[::-1]
    assert swept is None
    assert isinstance(refused, InsufficientPoints)
    assert refused.facts == {"available": 0, "required": 100}
    assert await make.entries(member_id) == [("EARN", 130), ("EXPIRE", 130)]
    assert await make.stock(reward) == 1


GONE = datetime(2027, 3, 15, 16, tzinfo=UTC)
"""When points of `make.NOW` are gone: in Shanghai 15 March 2027 is over."""


async def sweep(programme: Programme, now: datetime) -> None:
    async for _ in sweeps.sweep(programme, now):
        pass


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


async def booked(programme: Programme, *amounts: str) -> UUID:
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *hotels(*amounts))
    return member_id


def hotels(*amounts: str) -> list[LineSent]:
    return [make.line_of("hotel", amount) for amount in amounts]


async def test_one_amendment_sent_ten_times_is_recorded_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await booked(programme, "1000")
    done, refused = await together(
        travel.amend(programme, "B", "A", *hotels("1500", "100")) for _ in range(10)
    )
    assert refused == []
    assert Counter(outcome.replayed for outcome in done) == {False: 1, True: 9}
    assert {outcome.figures["points_awarded"] for outcome in done} == {600}
    assert await make.available(member_id) == 1600


async def test_amendments_of_one_booking_follow_one_another(database: Database) -> None:
    """Whichever is the last: the booking is as it says, and all changes sum to it."""
    programme = await make.establish()
    member_id = await booked(programme, "1000")
    amounts = ["700", "1300", "1900", "400"]
    done, refused = await together(
        travel.amend(programme, "B", f"A{amount}", *hotels(amount)) for amount in amounts
    )
    assert refused == []
    made = await rows(
        "SELECT version, reference, points FROM amendment WHERE member_id = $1 ORDER BY version",
        member_id,
    )
    assert [one["version"] for one in made] == [1, 2, 3, 4]
    last = int(made[-1]["reference"][1:])
    changed = [outcome.figures for outcome in done]
    assert 1000 + sum(f["points_awarded"] - f["points_clawed_back"] for f in changed) == last
    assert 100_000 + sum(f["cash_change_minor"] for f in changed) == last * 100
    assert await make.available(member_id) == made[-1]["points"] == last


async def test_a_refund_and_an_amendment_at_once(database: Database) -> None:
    """Either order has the same end: CNY 1200 less 500, or the rest of 1000 and then dearer."""
    for _ in range(3):
        programme = await make.establish()
        member_id = await booked(programme, "1000")
        done, refused = await together(
            [
                travel.amend(programme, "B", "A", *hotels("1200")),
                travel.refund(programme, "B", "R", (1, "500")),
            ]
        )
        assert (len(done), refused) == (2, [])
        assert await make.available(member_id) == 700


async def test_a_completion_and_an_amendment_at_once(database: Database) -> None:
    """What is pending when the line completes matures, and what comes later comes at once."""
    for _ in range(3):
        programme = await make.establish(
            make.shipped_document(
                points={"worth": {"points": 100, "money": 1}, "available": "on_completion"}
            )
        )
        member_id = await booked(programme, "1000", "10")
        done, refused = await together(
            [
                travel.amend(programme, "B", "A", *hotels("1200", "10")),
                travel.complete(programme, "B", 1),
            ]
        )
        assert (len(done), refused) == (2, [])
        assert await travel.balances(member_id) == Balances(pending=10, available=1200)

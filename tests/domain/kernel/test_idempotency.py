"""A mutation under a client-made key happens once, and answers again as it first did."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import bookings
from domain.kernel import idempotency
from domain.kernel.callers import Caller
from domain.kernel.database import row, rows, transact
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.refusals import ConcurrentRequest, IdempotencyKeyReused, InvalidInput
from domain.ledger.refusals import InsufficientPoints
from domain.members import enrolment, profile
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.redemptions import cancellations, redemptions
from domain.redemptions.redemptions import RedeemSent
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)


async def test_the_same_request_is_answered_as_it_was_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = make.booking(("hotel", "5000"))
    first = await make.report(programme, member_id, sent, key="k")
    # the state moves on: the member is gold and has spent
    await make.book(programme, member_id, ("hotel", "1"))
    await make.redeem(programme, member_id, await make.reward(programme))
    before = await make.everything(programme)
    again = await make.report(programme, member_id, sent, key="k", now=make.NOW + DAY)
    assert (again.figures, first.replayed, again.replayed) == (first.figures, False, True)
    assert again.figures["points_awarded"] == 5000
    assert await make.everything(programme) == before


async def test_every_mutation_is_replayed(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    reward = await make.reward(programme)
    redemption_id = await make.redeem(programme, member_id, reward)
    caller, key = make.partner(programme), MemberKey.of_id(member_id)

    calls: dict[str, Callable[[Request], Awaitable[Outcome]]] = {
        "enrol": lambda request: enrolment.enrol(request, programme, EnrolSent(name="Li")),
        "change": lambda request: profile.change(request, programme, key, {"name": "Wang"}),
        "report": lambda request: activities.earn(
            request, programme, key, ActivitySent("review", "1")
        ),
        "redeem": lambda request: redemptions.redeem(
            request, programme, key, RedeemSent(reward.code)
        ),
        "cancel": lambda request: cancellations.cancel(
            request, programme, member_id, redemption_id
        ),
    }
    for name, call in calls.items():
        request = make.request(caller, key=name)
        first = await call(request)
        before = await make.everything(programme)
        again = await call(request)
        assert (name, again) == (name, Outcome(first.figures, replayed=True))
        assert await make.everything(programme) == before


async def test_a_key_for_another_request_is_refused_and_nothing_is_done(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id, other = await make.enrol(programme), await make.enrol(programme)
    sent = make.booking(("hotel", "100"))
    await make.report(programme, member_id, sent, key="k")
    for another, whose in ((make.booking(("hotel", "100")), member_id), (sent, other)):
        async with make.refused(
            programme, IdempotencyKeyReused, "idempotencyKey", operation="earnForBooking"
        ):
            await make.report(programme, whose, another, key="k")
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await activities.earn(
            make.request(make.partner(programme), key="k"),
            programme,
            MemberKey.of_id(member_id),
            ActivitySent("review", "1"),
        )


async def test_the_same_input_for_another_operation_is_another_request(
    database: Database,
) -> None:
    programme = await make.establish()
    request = make.request(make.partner(programme), key="k")

    async def perform() -> Figures:
        return {}

    await once(request, "one", {}, perform)
    with pytest.raises(IdempotencyKeyReused):
        await once(request, "two", {}, perform)


async def test_a_refused_call_leaves_its_key_free(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 3999)
    reward = await make.reward(programme)
    async with make.refused(programme, InsufficientPoints, "points", available=3999, required=4000):
        await make.redeem(programme, member_id, reward, key="k")
    await make.give(programme, member_id, 1)
    await make.redeem(programme, member_id, reward, key="k")
    assert await make.available(member_id) == 0

    # and free for another request too
    async with make.refused(programme, InsufficientPoints, "points"):
        await make.redeem(programme, member_id, reward, key="j")
    assert not (
        await make.report(programme, member_id, make.booking(("hotel", "1")), key="j")
    ).replayed


async def test_another_caller_may_use_the_same_key(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    member_id = await make.enrol(programme)
    for caller in (
        make.partner(programme, "one"),
        make.partner(programme, "two"),
        make.staff(programme, "one"),
        make.member_caller(programme, "one", member_id),
    ):
        sent = ActivitySent("share", caller.actor)
        outcome = await activities.earn(
            make.request(caller, key="k"), programme, MemberKey.of_id(member_id), sent
        )
        assert not outcome.replayed
    stranger = await make.enrol(other)
    caller = make.partner(other, "one")
    outcome = await make.report(
        other, stranger, make.booking(("hotel", "1")), key="k", caller=caller
    )
    assert not outcome.replayed


async def test_a_credential_does_not_matter_the_partner_does(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = make.booking(("hotel", "1"))
    narrow = make.partner(programme, "one")
    wide = Caller(
        narrow.kind, narrow.programme_id, narrow.programme, "one", scopes=frozenset({"earn"})
    )
    first = await make.report(programme, member_id, sent, key="k", caller=narrow)
    again = await make.report(programme, member_id, sent, key="k", caller=wide)
    assert (again.figures, again.replayed) == (first.figures, True)


async def test_a_key_is_kept_for_thirty_days(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 12_000)
    reward = await make.reward(programme)
    first = await make.redeem(programme, member_id, reward, key="k")
    last = make.NOW + 30 * DAY
    assert await make.redeem(programme, member_id, reward, key="k", now=last) == first
    after = last + timedelta(microseconds=1)
    second = await make.redeem(programme, member_id, reward, key="k", now=after)
    assert second != first
    assert await make.available(member_id, after) == 4000
    # it is kept anew from then, and stands for another request if need be
    assert await make.redeem(programme, member_id, reward, key="k", now=after) == second
    sent = make.booking(("hotel", "1"))
    later = after + timedelta(days=30, microseconds=1)
    assert not (await make.report(programme, member_id, sent, key="k", now=later)).replayed
    kept = await rows(
        "SELECT key FROM idempotency_key WHERE key = 'k' AND programme_id = $1", programme.id
    )
    assert len(kept) == 1


async def test_the_key_stands_in_the_transaction_of_what_it_did(database: Database) -> None:
    programme = await make.establish()
    request = make.request(make.partner(programme), key="k")

    async def perform() -> Figures:
        await enrolment.claim_reference(programme.id, "x", UUID(int=1))
        raise InsufficientPoints(0, 1)

    async with make.refused(programme, InsufficientPoints):
        await once(request, "anything", {}, perform)


async def test_a_replay_under_a_new_key_is_kept_under_it(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = make.booking(("hotel", "100"))
    first = await make.report(programme, member_id, sent, key="one")
    second = await make.report(programme, member_id, sent, key="two")
    third = await make.report(programme, member_id, sent, key="two")
    assert first.figures == second.figures == third.figures
    assert (second.replayed, third.replayed) == (True, True)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "too_short"),
        ("  ", "too_short"),
        ("x" * 129, "too_long"),
        ("a\x00", "control_characters"),
    ],
)
async def test_a_key_that_cannot_be_is_refused(database: Database, key: str, reason: str) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    async with make.refused(programme, InvalidInput, "idempotencyKey", reason=reason):
        await make_booking_with(programme, member_id, key)


async def make_booking_with(programme: Programme, member_id: UUID, key: str) -> None:
    request = Request(make.partner(programme), key, make.NOW)
    sent = make.booking(("hotel", "1"))
    await bookings.earn(request, programme, MemberKey.of_id(member_id), sent)


async def test_the_longest_key_is_taken(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make_booking_with(programme, member_id, "键" * idempotency.KEY_CHARACTERS_MAX)


async def test_a_key_row_says_which_request_it_stands_for(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    outcome = await make.report(programme, member_id, make.booking(("hotel", "7")), key="k")
    kept = await row(
        "SELECT caller, operation, result::text AS result, created_at FROM idempotency_key "
        "WHERE programme_id = $1 AND key = 'k'",
        programme.id,
    )
    assert kept is not None
    assert (kept["caller"], kept["operation"], kept["created_at"]) == (
        "partner:booking-engine",
        "earnForBooking",
        make.NOW,
    )
    assert outcome.figures["booking_id"] in kept["result"]


async def test_a_transaction_that_always_loses_is_refused_in_the_end(database: Database) -> None:
    attempts = 0

    async def lose() -> None:
        nonlocal attempts
        attempts += 1
        raise asyncpg.DeadlockDetectedError

    with pytest.raises(ConcurrentRequest):
        await transact(lose)
    assert attempts == 5


@pytest.mark.parametrize("key", ["K ", "\tK", "Cafe\u0301", "K\u200b"])
async def test_a_key_that_looks_like_another_is_refused(database: Database, key: str) -> None:
    programme = await make.establish()
    with pytest.raises(InvalidInput) as refused:
        await travel.complete(programme, "B", key=key)
    assert refused.value.path == ("idempotencyKey",)

"""What becomes of a friend on the referrer's side, and what comes back of it."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.activities import referral_outcomes
from domain.activities.referral_outcomes import DueReferral
from domain.earning import counts
from domain.kernel.database import transact, update
from domain.members import contacts
from domain.programmes.programmes import Programme
from domain.referrals import friends, referrers
from tests.support import factories as make
from tests.support import granted, referred, travel

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HOTEL = make.line_of("hotel", "500")


async def found(friend: UUID) -> DueReferral:
    latest = await friends.latest(friend)
    assert latest is not None
    return DueReferral(friend, latest.id)


async def test_a_friend_of_whom_enrolling_is_enough_qualifies(database: object) -> None:
    programme = await referred.programme_with("enrolled")
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    assert await referred.run(programme) == 1
    assert await referred.outcomes(referrer) == [("QUALIFIED", [])]
    assert await referred.sides(friend) == ["JOINED", "REACHED", "QUALIFIED"]
    assert await referred.unapplied(programme) == 0
    assert await referred.run(programme) == 0
    told = await make.payloads("referral.changed", member_id=referrer)
    assert [one["status"] for one in told] == ["QUALIFIED"]


async def test_what_a_friend_does_comes_to_the_referrer(database: object) -> None:
    programme = await referred.programme_with("first_booking", within_days=30)
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    await referred.run(programme)
    assert await referred.outcomes(referrer) == [("JOINED", [])]
    await travel.pay(programme, friend, "A", HOTEL)
    await referred.run(programme)
    assert await referred.outcomes(referrer) == [("QUALIFIED", [])]
    await travel.refund(programme, "A", "1")
    assert await referred.run(programme) == 1
    assert await referred.outcomes(referrer) == [("LOST", [])]
    await travel.pay(programme, friend, "B", HOTEL)
    await referred.run(programme)
    assert await referred.outcomes(referrer) == [("QUALIFIED", [])]
    # what was taken back before the job came is paid to nobody
    await travel.refund(programme, "B", "1")
    await travel.pay(programme, friend, "C", HOTEL)
    await travel.refund(programme, "C", "1")
    assert await referred.run(programme) == 1
    assert await referred.outcomes(referrer) == [("LOST", [])]
    assert await referred.unapplied(programme) == 0


async def test_who_does_nothing_in_time_lapses_and_a_late_fact_still_counts(
    database: object,
) -> None:
    programme = await referred.programme_with("first_booking", within_days=30)
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    await referred.run(programme)
    assert await referred.unapplied(programme) == 1
    assert await referred.run(programme, make.NOW + 30 * DAY) == 0
    assert await referred.run(programme, make.NOW + 31 * DAY) == 1
    assert await referred.outcomes(referrer) == [("LAPSED", [])]
    assert await referred.sides(friend) == ["JOINED", "LAPSED"]
    later = make.NOW + 40 * DAY
    await travel.pay(programme, friend, "A", HOTEL, now=later, booked_at=make.NOW + 3 * DAY)
    await referred.run(programme, later)
    assert await referred.outcomes(referrer) == [("QUALIFIED", [])]
    assert await referred.unapplied(programme) == 0


async def test_over_the_limit_the_friend_counts_for_itself_only(database: object) -> None:
    limit = {"times": 1, "per": "month"}
    programme = await referred.programme_with("first_booking", limit=limit)
    referrer = await make.enrol(programme)
    for number in range(3):
        friend = await referred.bring(programme, referrer, now=make.NOW + number * HOUR)
        # the last one books in the month after
        at = make.NOW + (20 if number == 2 else 1) * DAY
        await travel.pay(programme, friend, f"B-{number}", HOTEL, now=at)
    await referred.run(programme, make.NOW + 21 * DAY)
    assert [status for status, _ in await referred.outcomes(referrer)] == [
        "QUALIFIED",
        "LIMITED",
        "QUALIFIED",
    ]
    # what is lost makes room for whom is judged after it, and not for whom was
    await travel.refund(programme, "B-0", "1", now=make.NOW + 22 * DAY)
    await referred.run(programme, make.NOW + 22 * DAY)
    assert [status for status, _ in await referred.outcomes(referrer)] == [
        "LOST",
        "LIMITED",
        "QUALIFIED",
    ]


async def test_a_count_of_referrals_has_those_that_are_paid_by_the_friends_fact(
    database: object,
) -> None:
    asked = {"friends": {"of": "referrals"}, "this_month": {"of": "referrals", "per": "month"}}
    document = referred.document("first_booking", {"counts": asked})
    programme = await make.establish(document)
    referrer, policy = await make.enrol(programme), programme.versions[0].policy
    for number, days in enumerate((1, 20, 21, 22)):
        friend = await referred.bring(programme, referrer)
        at = make.NOW + days * DAY
        await travel.pay(programme, friend, f"B-{number}", HOTEL, now=at)
    later = make.NOW + 30 * DAY
    await travel.refund(programme, "B-2", "1", now=later)
    await referred.run(programme, later)
    counted = await counts.of(referrer, policy, list(asked), make.NOW + 25 * DAY)
    assert counted == {"friends": 3, "this_month": 2}
    counted = await counts.of(friend, policy, list(asked), later)
    assert counted == {"friends": 0, "this_month": 0}


async def test_a_referrer_who_is_not_what_is_asked_is_limited(database: object) -> None:
    programme = await referred.programme_with(when={"tiers": ["gold"]})
    silver, gold = await make.enrol(programme), await make.enrol(programme)
    await make.book(programme, gold, ("hotel", "6000"))
    for referrer in (silver, gold):
        await referred.bring(programme, referrer, now=make.NOW + DAY)
    await referred.run(programme, make.NOW + DAY)
    assert await referred.outcomes(silver) == [("LIMITED", [])]
    assert await referred.outcomes(gold) == [("QUALIFIED", [])]


@pytest.mark.parametrize("own", [True, False])
async def test_the_mailbox_of_the_referrer_or_of_another_friend_is_flagged(
    database: object, own: bool
) -> None:
    programme = await referred.programme_with()
    first = "L.i+1@GMAIL.com"
    referrer = await make.enrol(programme, email=first if own else "other@gmail.com")
    if not own:
        await referred.bring(programme, referrer, email=first)
    await referred.bring(programme, referrer, email="li@gmail.com", now=make.NOW + HOUR)
    await referred.bring(programme, referrer, email="l@gmail.com", now=make.NOW + 2 * HOUR)
    await referred.run(programme, make.NOW + DAY)
    flagged = [("FLAGGED", ["same_email"]), ("QUALIFIED", [])]
    assert (await referred.outcomes(referrer))[-2:] == flagged


@pytest.mark.parametrize("place", range(4))
async def test_the_mailbox_is_looked_for_among_all_friends_a_few_at_a_time(
    database: object, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referrers, "FRIENDS_MAX", 2)
    programme = await referred.programme_with()
    referrer = await make.enrol(programme, email="other@example.com")
    for number in range(4):
        email = "l.i@gmail.com" if number == place else f"{number}@gmail.com"
        await referred.bring(programme, referrer, email=email, now=make.NOW + number * DAY)
    await referred.bring(programme, referrer, email="LI+x@gmail.com", now=make.NOW + 4 * DAY)
    await referred.run(programme, make.NOW + 5 * DAY)
    assert (await referred.outcomes(referrer))[-1] == ("FLAGGED", ["same_email"])


def test_a_mailbox_is_one_but_for_case_tags_and_the_dots_of_gmail() -> None:
    same = ("li.na@example.com", "LI.NA+x@Example.com", "li.na+a+b@example.com")
    assert {contacts.mailbox(one) for one in same} == {"li.na@example.com"}
    assert contacts.mailbox("lina@example.com") != contacts.mailbox(same[0])
    assert contacts.mailbox("l.i.na+1@gmail.com") == "lina@gmail.com"


async def test_the_sixth_friend_in_a_day_is_flagged(database: object) -> None:
    programme = await referred.programme_with()
    referrer = await make.enrol(programme)
    hours = (0, 1, 2, 3, 24, 24, 25, 26)
    for hour in hours:
        await referred.bring(programme, referrer, now=make.NOW + hour * HOUR)
    await referred.run(programme, make.NOW + 2 * DAY)
    assert await referred.outcomes(referrer) == [("QUALIFIED", [])] * len(hours)
    await referred.bring(programme, referrer, now=make.NOW + 27 * HOUR)
    await referred.bring(programme, referrer, now=make.NOW + 28 * HOUR)
    await referred.run(programme, make.NOW + 2 * DAY)
    assert (await referred.outcomes(referrer))[-2:] == [
        ("QUALIFIED", []),
        ("FLAGGED", ["many_friends"]),
    ]


@given(st.lists(st.integers(0, 60), max_size=9), st.integers(0, 60))
def test_many_are_six_in_any_24_hours(hours: list[int], joined: int) -> None:
    instants = [make.NOW + hour * HOUR for hour in hours]
    wanted = any(
        sum(start <= hour < start + 24 for hour in [*hours, joined]) >= 6
        for start in range(joined - 23, joined + 1)
    )
    assert referrers.is_many(make.NOW + joined * HOUR, instants) is wanted


async def test_a_suspended_referrer_is_flagged_at_the_friends_fact(database: object) -> None:
    programme = await referred.programme_with("first_booking")
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    await update("UPDATE member SET status = 'SUSPENDED' WHERE member_id = $1", referrer)
    await travel.pay(programme, friend, "A", HOTEL)
    await referred.run(programme)
    assert await referred.outcomes(referrer) == [("FLAGGED", ["referrer_suspended"])]
    await travel.refund(programme, "A", "1")
    await referred.run(programme)
    assert await referred.outcomes(referrer) == [("LOST", [])]


GRANTS = [
    granted.grant("thanks", "referral", side="referrer", gives={"points": 300}),
    granted.grant("hello", "referral", side="referee", gives={"points": 100}),
]


async def points(*members: UUID) -> list[int]:
    return [await make.available(member_id) for member_id in members]


async def test_killed_between_the_two_it_goes_on(database: object) -> None:
    programme = await make.establish(referred.document("enrolled", {"grants": GRANTS}))
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    one = await found(friend)
    await transact(partial(referral_outcomes.decide, programme, one, make.NOW))
    assert await referred.sides(friend) == ["JOINED", "REACHED"]
    assert await points(referrer, friend) == [300, 0]
    for _ in range(2):
        assert await referred.run(programme) == 0
        assert await referred.sides(friend) == ["JOINED", "REACHED", "QUALIFIED"]
        assert await referred.outcomes(referrer) == [("QUALIFIED", [])]
        assert await points(referrer, friend) == [300, 100]


async def test_what_the_friend_did_between_the_two_is_not_covered(database: object) -> None:
    programme = await referred.programme_with("first_booking")
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    await travel.pay(programme, friend, "A", HOTEL)
    one = await found(friend)
    _, outcome = await transact(partial(referral_outcomes.decide, programme, one, make.NOW))
    await travel.refund(programme, "A", "1")
    await transact(partial(referral_outcomes.answer, programme, outcome, make.NOW))
    assert await referred.sides(friend) == ["JOINED", "REACHED", "LOST"]
    assert await referred.unapplied(programme) == 1
    await referred.run(programme)
    assert await referred.outcomes(referrer) == [("LOST", [])]
    assert await referred.unapplied(programme) == 0


async def race(programme: Programme, *friends_: UUID) -> None:
    jobs = [await found(friend) for friend in friends_]
    await asyncio.gather(*(referral_outcomes.apply(programme, one, make.NOW + DAY) for one in jobs))


async def test_two_friends_at_once_do_not_pass_a_limit_of_one(database: object) -> None:
    programme = await referred.programme_with(limit={"times": 1, "per": "member"})
    referrer = await make.enrol(programme)
    both = [await referred.bring(programme, referrer) for _ in range(2)]
    await race(programme, *both)
    statuses = sorted(status for status, _ in await referred.outcomes(referrer))
    assert statuses == ["LIMITED", "QUALIFIED"]


async def test_two_workers_write_one_outcome(database: object) -> None:
    programme = await make.establish(referred.document("enrolled", {"grants": GRANTS}))
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    await race(programme, friend, friend)
    assert [await make.available(one, make.NOW + DAY) for one in (referrer, friend)] == [300, 100]
    assert await referred.sides(friend) == ["JOINED", "REACHED", "QUALIFIED"]
    told = await make.payloads("referral.changed", member_id=referrer)
    assert [one["status"] for one in told] == ["QUALIFIED"]

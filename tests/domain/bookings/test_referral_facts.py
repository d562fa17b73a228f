"""What a friend's bookings do to the referral by which it joined."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from domain.programmes.programmes import Programme
from domain.referrals import friends
from tests.support import factories as make
from tests.support import referred, travel

DAY = timedelta(days=1)
HOTEL, FREE = make.line_of("hotel", "500"), make.line_of("hotel", "0")
J, R, L = "JOINED", "REACHED", "LOST"


async def friend_of(qualifies: str, **terms: object) -> tuple[Programme, UUID]:
    programme = await referred.programme_with(qualifies, **terms)
    return programme, await referred.bring(programme, await make.enrol(programme))


async def test_the_first_booking_in_time_reaches_it(database: object) -> None:
    programme, friend = await friend_of("first_booking", within_days=30)
    at, late = make.NOW + 3 * DAY, make.NOW + 40 * DAY
    before = make.NOW - DAY
    await travel.pay(programme, friend, "before", HOTEL, now=at, booked_at=before)
    await travel.pay(programme, friend, "late", HOTEL, now=late)
    await travel.pay(programme, friend, "free", FREE, now=late, booked_at=at)
    assert await referred.sides(friend) == [J]
    # it came late, and happened in time
    await travel.pay(programme, friend, "A", HOTEL, now=late, booked_at=at)
    await travel.pay(programme, friend, "B", HOTEL, now=late, booked_at=at)
    assert await referred.sides(friend) == [J, R]
    found = await friends.latest(friend)
    assert found is not None
    assert found.fact_at == at


async def test_refunding_the_last_one_loses_it_and_another_reaches_it_again(
    database: object,
) -> None:
    programme, friend = await friend_of("first_booking", within_days=30)
    for reference in ("A", "B"):
        await travel.pay(programme, friend, reference, HOTEL)
    await travel.refund(programme, "A", "1", (1, "499"))
    await travel.refund(programme, "A", "2")
    assert await referred.sides(friend) == [J, R]
    await travel.refund(programme, "B", "1")
    assert await referred.sides(friend) == [J, R, L]
    late = make.NOW + 31 * DAY
    await travel.pay(programme, friend, "late", HOTEL, now=late)
    assert await referred.sides(friend) == [J, R, L]
    await travel.pay(programme, friend, "C", HOTEL, now=late, booked_at=make.NOW + DAY)
    assert await referred.sides(friend) == [J, R, L, R]


async def test_an_amendment_reaches_and_loses_it(database: object) -> None:
    programme, friend = await friend_of("first_booking")
    await travel.pay(programme, friend, "A", HOTEL, HOTEL)
    await travel.refund(programme, "A", "1")
    more = make.line_of("hotel", "700")
    await travel.amend(programme, "A", "up", HOTEL, more)
    assert await referred.sides(friend) == [J, R, L, R]
    await travel.amend(programme, "A", "down", HOTEL, HOTEL)
    assert await referred.sides(friend) == [J, R, L, R, L]


async def test_a_refund_that_came_first_reaches_and_loses_it(database: object) -> None:
    programme, friend = await friend_of("first_booking")
    await travel.refund(programme, "A", "1")
    await travel.pay(programme, friend, "A", HOTEL)
    assert await referred.sides(friend) == [J, R, L]


async def test_where_a_booking_has_to_be_completed_all_of_it_has(database: object) -> None:
    programme, friend = await friend_of("first_completed_booking", within_days=30)
    day = make.NOW.date()
    stay = replace(HOTEL, travel_from=day, travel_to=day)
    late, end = make.NOW + 31 * DAY, make.NOW + 30 * DAY
    for reference in ("A", "B", "late"):
        await travel.pay(programme, friend, reference, stay, stay)
    await travel.complete(programme, "late", now=late)
    await travel.complete(programme, "A", 1, now=make.NOW + DAY)
    assert await referred.sides(friend) == [J]
    await travel.complete(programme, "A", 2, now=late, at=end)
    found = await friends.latest(friend)
    assert found is not None
    assert (found.status, found.fact_at) == (R, end)
    # what is left of B is complete once the open line is refunded
    await travel.complete(programme, "B", 1, now=late, at=end)
    await travel.refund(programme, "A", "1", now=late)
    assert await referred.sides(friend) == [J, R, L]
    await travel.refund(programme, "B", "1", (2, "500"), now=late)
    assert await referred.sides(friend) == [J, R, L, R]
    await travel.refund(programme, "B", "2", now=late)
    assert await referred.sides(friend) == [J, R, L, R, L]


async def test_what_a_guest_booked_does_not_count(database: object) -> None:
    programme = await referred.programme_with("first_booking")
    code = await referred.code_of(await make.enrol(programme))
    guest = await make.enrol(programme, reference="li", guest=True)
    await travel.pay(programme, guest, "A", HOTEL)
    await make.enrol(programme, reference="li", referral_code=code)
    await travel.amend(programme, "A", "1", make.line_of("hotel", "700"))
    assert await referred.sides(guest) == [J]
    await travel.pay(programme, guest, "B", HOTEL)
    await travel.refund(programme, "B", "1")
    assert await referred.sides(guest) == [J, R, L]


async def test_the_terms_are_those_of_enrolling(database: object) -> None:
    programme, friend = await friend_of("first_booking")
    document = referred.document("first_completed_booking")
    programme = await make.publish(programme, document)
    await travel.pay(programme, friend, "A", HOTEL, now=make.NOW + DAY)
    assert await referred.sides(friend) == [J, R]


async def test_where_enrolling_is_enough_no_refund_loses_it(database: object) -> None:
    programme, friend = await friend_of("enrolled")
    await travel.pay(programme, friend, "A", HOTEL)
    await travel.refund(programme, "A", "1")
    assert await referred.sides(friend) == [J, R]


async def test_a_booking_and_its_refund_at_once_agree(database: object) -> None:
    programme, friend = await friend_of("first_booking")
    await travel.pay(programme, friend, "A", HOTEL)
    done = await make.outcomes(
        travel.refund(programme, "A", "1"), travel.pay(programme, friend, "B", HOTEL)
    )
    assert done == {"Outcome": 2}
    # B came before the refund, or reached it again after it
    assert await referred.sides(friend) in ([J, R], [J, R, L, R])

"""One address or name, taken by several members at the same time."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable
from uuid import UUID

import pytest
from tortoise.transactions import in_transaction

from domain.kernel import lookups
from domain.kernel.database import rows, update
from domain.kernel.idempotency import Outcome
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import ConcurrentRequest, InvalidInput
from domain.members import enrolment, identity, members, profile
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.members.refusals import EmailTaken
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.domain.test_races import together, waiting
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("proved")


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

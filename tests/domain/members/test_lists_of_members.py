"""Lists of members: pages, filters and searches."""

from datetime import timedelta
from uuid import UUID

import pytest

import models
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.members import enrolment, members
from domain.members.members import MemberFilter
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection, role
from ops.postgres.database import connected
from ops.upgrade import migrate
from tests.conftest import Database
from tests.support import factories as make

DAY = timedelta(days=1)


@pytest.mark.parametrize("parts", [True, False])
async def test_a_search_among_thousands_takes_an_index(
    fresh_database: Database, *, parts: bool
) -> None:
    """With pg_trgm, and as on a PostgreSQL that has it not."""
    async with connection(fresh_database.owner) as owner:
        if not await owner.fetchval("SELECT to_regclass($1)", members.PARTS_INDEX):
            pytest.skip("the PostgreSQL found here has no pg_trgm")
        if not parts:
            await owner.execute(f"DROP INDEX {members.PARTS_INDEX}")
        async with connected(fresh_database.serving, everywhere=False):
            programme = await make.establish()
            many = [member_named(programme, f"M-{n:05}", f"Wang {n:05}") for n in range(4000)]
            await enrolment.insert(many, programme)
            await owner.execute("VACUUM (ANALYZE) member, account")
            for text, index, count in (
                ("m-0123", "member_by_reference", 10),
                ("WANG 0123", "member_by_name", 10),
                ("g 0123", "member_by_name", 10 if parts else 0),
                ("g ", "member_by_name", 0),
            ):
                wanted = MemberFilter(search=await members.search(programme.id, text))
                assert await members.count(programme.id, wanted) == count
                assert len(await members.page(programme.id, wanted, limit=50)) == count
                long_enough = len(text) >= members.PART_CHARACTERS_MIN
                for plan in await plans(programme, wanted):
                    assert (members.PARTS_INDEX if parts and long_enough else index) in plan
                    assert "Seq Scan on member" not in plan
    if not parts:  # a PostgreSQL that gets it later gets the index by the next `migrate`
        built = await migrate(fresh_database.owner, role(fresh_database.serving))
        assert built == [members.PARTS_INDEX]


async def plans(programme: Programme, wanted: MemberFilter) -> list[str]:
    """How a count and a page are read."""
    values = members._filter_values(programme.id, wanted)
    of_page = (None, None, 50, None, None)
    found = [
        await rows(f"EXPLAIN {members._COUNT}", *values),
        await rows(f"EXPLAIN {members._PAGE}", *values, *of_page),
    ]
    return ["\n".join(line["QUERY PLAN"] for line in plan) for plan in found]


def member_named(programme: Programme, reference: str, name: str) -> models.Member:
    return models.Member(
        member_id=new_id(),
        programme_id=programme.id,
        reference=reference,
        name=name,
        locale="en",
        profile={"likes": "x" * 400},
        status="ENROLLED",
        joined_at=make.NOW,
        referral_code=reference,
    )


async def test_members_are_paged_newest_first_and_filtered(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    await make.enrol(other, name="Li")
    ids = [
        await make.enrol(programme, reference=f"member-{n}", name=name, now=make.NOW + n * DAY)
        for n, name in enumerate(("Li 100%", "Wang", "Li_2", "Zhao"))
    ]
    await make.book(programme, ids[1], ("hotel", "5000"), now=make.NOW + 9 * DAY)
    guest = await make.enrol(programme, guest=True, now=make.NOW + 4 * DAY)
    newest_first = [guest, *reversed(ids)]

    async def search(text: str) -> MemberFilter:
        return MemberFilter(search=await members.search(programme.id, text))

    seen: list[UUID] = []
    after = None
    while found := await members.page(programme.id, MemberFilter(), limit=2, after=after):
        seen += [member.member_id for member in found]
        after = (found[-1].joined_at, found[-1].member_id)
    assert seen == newest_first
    for wanted, expected in (
        (MemberFilter(), newest_first),
        (await search("li"), [ids[2], ids[0]]),
        (await search("li 100%"), [ids[0]]),
        (await search("%"), []),
        (await search("li_"), [ids[2]]),
        (await search("MEMBER-3"), [ids[3]]),
        (await search("\\"), []),
        (await search("Wang\x00"), [ids[1]]),
        (MemberFilter(tiers=["gold"]), [ids[1]]),
        (MemberFilter(status=MemberStatus.GUEST), [guest]),
        (MemberFilter(joined_from=make.NOW + 3 * DAY), [guest, ids[3]]),
        (MemberFilter(joined_until=make.NOW + DAY), [ids[0]]),
    ):
        page = await members.page(programme.id, wanted, limit=9)
        assert [member.member_id for member in page] == expected
        assert await members.count(programme.id, wanted) == len(expected)

"""Erasing a member, and giving out all that is kept of it, over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.insight import rollups
from domain.kernel.database import rows
from domain.members.consents import Purpose
from domain.privacy import keeping
from tests.conftest import Database
from tests.domain.test_races import in_turn
from tests.support import factories as make
from tests.support import figured
from tests.support.callers import TODAY, open_stage

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)

HIM = {"reference": "xiaoli"}


async def balances_and_facts(member_id: UUID) -> dict[str, list[str]]:
    """What stays of a member, row by row."""
    kept = {}
    for table in (
        "ledger_entry",
        "lot",
        "allocation",
        "booking",
        "award",
        "consent",
        "tier_credit",
    ):
        found = await rows(
            f"SELECT to_jsonb(t)::text AS one FROM {table} t WHERE member_id = $1 ORDER BY 1",
            member_id,
        )
        kept[table] = [one["one"] for one in found]
    return kept


async def test_a_member_is_erased_and_what_happened_stays() -> None:
    stage = await open_stage()
    partner, staff = await stage.partner(), stage.staff().reading("en")
    friend = await make.rich_member(stage.programme, 100, now=TODAY, reference="friend")
    code = await rows("SELECT referral_code FROM member WHERE member_id = $1", friend)
    await make.enrol(
        stage.programme,
        now=TODAY,
        reference="xiaoli",
        email="li@example.com",
        name="Li",
        referral_code=code[0]["referral_code"],
    )
    member_id = await stage.member_id()
    await make.consent(stage.programme, member_id, Purpose.MARKETING)
    await partner.book("B-1", {"product": "hotel", "amount": "400"})
    him = stage.member().reading("en")
    before = await balances_and_facts(member_id)

    own = (await him.read("{ me { id } }"))["me"]["id"]

    problem = await him.refused("eraseMember", confirm=399)
    assert (problem["code"], problem["path"], problem["message"]) == (
        "INVALID_INPUT",
        ["confirm"],
        "The member would lose 400 points, not 399.",
    )
    erased = await him.done("eraseMember", "erasedAt", confirm=400)
    assert erased["erasedAt"] is not None

    after = await balances_and_facts(member_id)
    last = after["ledger_entry"]
    assert [one for one in last if one in before["ledger_entry"]] == before["ledger_entry"]
    moved = await rows(
        "SELECT kind, points, reason FROM ledger_entry WHERE member_id = $1 "
        "ORDER BY sequence DESC LIMIT 1",
        member_id,
    )
    assert moved == [{"kind": "ADJUST", "points": 400, "reason": "erased"}]
    for table in ("booking", "award", "consent", "tier_credit"):
        assert after[table] == before[table], table
    [member] = await rows("SELECT * FROM member WHERE member_id = $1", member_id)
    gone = ("name", "birthday", "referred_by")
    assert {name: member[name] for name in gone} == dict.fromkeys(gone)
    assert await rows("SELECT id FROM contact WHERE member_id = $1", member_id) == []
    assert (member["reference"], member["profile"], member["status"]) == (
        f"erased-{member_id}",
        "{}",
        "ERASED",
    )
    found = await rows("SELECT scope FROM lookup WHERE member_id = $1 ORDER BY 1", member_id)
    assert {one["scope"] for one in found} == {"booking"}
    assert (await him.post({"query": "{ me { id } }"})).status_code == 401
    # nothing finds it any more; twice, by whoever knows its id, it is answered as it was
    assert (await staff.refused("eraseMember", member=HIM, confirm=0))["code"] == "NOT_FOUND"
    again = await staff.do("eraseMember", "erasedAt", member={"id": own}, confirm=0)
    assert again == {"erasedAt": erased["erasedAt"], "errors": [], "replayed": True}
    assert await make.faults(member_id) == []
    # whoever was erased may come again, as somebody else
    other = await make.enrol(stage.programme, now=TODAY, reference="xiaoli", email="li@example.com")
    assert other != member_id
    # less is taken back than was earned: there is nothing any more
    lost = await partner.done("refundBooking", "pointsClawedBack", booking="B-1", reference="R")
    assert lost["pointsClawedBack"] == 0
    assert await make.faults(member_id) == []


async def test_who_was_erased_and_has_no_erasure_is_a_fault(
    owner_connection: asyncpg.Connection,
) -> None:
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    await stage.staff().done("eraseMember", member=HIM, confirm=0)
    assert await make.faults(member_id) == []

    await owner_connection.execute("DELETE FROM erasure WHERE member_id = $1", member_id)
    await owner_connection.execute(
        "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
        "VALUES ($1, 'reference', 'xiaoli', $2, $2)",
        stage.programme.id,
        member_id,
    )

    found = await make.faults(member_id)
    for said in (
        "its erasure is none, should be one, as it is called",
        f"what its reference finds is {member_id}, should be nobody, or who is called so",
    ):
        assert [said in one for one in found].count(True) == 1


async def test_what_finds_who_is_erased_by_its_status_alone_is_judged_as_anybodys(
    owner_connection: asyncpg.Connection,
) -> None:
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    await owner_connection.execute(
        "UPDATE member SET status = 'ERASED' WHERE member_id = $1", member_id
    )
    # what was altered is named by its seal
    [altered] = before = await make.faults(member_id)
    assert "as seal 1 has it" in altered

    await owner_connection.execute(
        "DELETE FROM lookup WHERE member_id = $1 AND scope = 'reference'", member_id
    )
    said = "what its reference finds is nobody, or another"
    [missing] = [one for one in await make.faults(member_id) if one not in before]
    assert said in missing


async def test_of_two_who_erase_at_once_both_have_one_answer() -> None:
    stage = await open_stage()
    await make.rich_member(stage.programme, 30, now=TODAY, reference="xiaoli")
    member_id = await stage.member_id()
    staff = stage.staff()
    own = stage.member()
    answers = await asyncio.gather(
        *(own.do("eraseMember", "erasedAt", confirm=30) for _ in range(2)),
        *(staff.do("eraseMember", "erasedAt", member=HIM, confirm=30) for _ in range(2)),
    )
    done = [one for one in answers if not one["errors"]]
    assert len(done) >= 1
    assert len({one["erasedAt"] for one in done}) == 1
    assert sum(not one["replayed"] for one in done) == 1
    for one in answers:
        assert [error["code"] for error in one["errors"]] in (
            [],
            ["NOT_FOUND"],
            ["CONCURRENT_REQUEST"],
        )
    erasures = await rows("SELECT was, points FROM erasure WHERE member_id = $1", member_id)
    assert erasures == [{"was": "ENROLLED", "points": 30}]
    assert await make.faults(member_id) == []


async def test_who_was_erased_by_staff_meanwhile_leaves_no_key(database: Database) -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    first, second = await in_turn(
        database,
        await stage.member_id(),
        stage.staff().do("eraseMember", "erasedAt", member=HIM, confirm=0),
        stage.member().do("eraseMember", "erasedAt", confirm=0),
    )
    assert isinstance(first, dict)
    assert first == {"erasedAt": first["erasedAt"], "replayed": False, "errors": []}
    assert second == {"erasedAt": first["erasedAt"], "replayed": True, "errors": []}
    found = await rows(
        "SELECT caller FROM idempotency_key WHERE programme_id = $1 AND operation = 'eraseMember'",
        stage.programme.id,
    )
    assert found == [{"caller": "staff:kim"}]


async def test_what_was_proposed_about_who_is_erased_is_over() -> None:
    stage = await open_stage()
    await make.rich_member(stage.programme, 30, now=TODAY, reference="xiaoli")
    staff, lee = stage.staff(), stage.staff("lee")
    sent: dict[str, Any] = {"member": HIM, "points": 10**6, "reason": "来电：地址有误"}
    proposed = (await staff.done("adjustPoints", "proposal { id }", **sent))["proposal"]["id"]

    await staff.done("eraseMember", member=HIM, confirm=30)

    for operation, reason in (("approveProposal", {}), ("rejectProposal", {"reason": "重复"})):
        problem = await lee.refused(operation, proposal=proposed, **reason)
        assert (problem["code"], problem["path"]) == ("PROPOSAL_STATE", ["proposal"])
    assert await staff.read("{ proposals(first: 9, open: true) { totalCount } }") == {
        "proposals": {"totalCount": 0}
    }


async def test_who_holds_or_owes_points_is_not_erased() -> None:
    stage = await open_stage()
    await make.rich_member(stage.programme, 500, now=TODAY, reference="xiaoli")
    member_id = await stage.member_id()
    reward = await make.reward(stage.programme, list_points=100, stock=9)
    await make.redeem(stage.programme, member_id, reward, hold=True, now=TODAY)
    before = await stage.everything()
    assert (await stage.member().refused("eraseMember", confirm=500))["code"] == "HOLDS_OPEN"
    assert await stage.everything() == before


async def test_figures_are_what_they_were_of_members_and_guests() -> None:
    programme = await make.establish()
    member = await make.enrol(programme, reference="member")
    guest = await make.enrol(programme, reference="guest", guest=True)
    for one in (member, guest):
        await make.book(programme, one, ("hotel", "100"))
    day = make.NOW.date()
    await figured.settle(programme, day, day)
    before = await figured.kept(programme)
    assert [one["value"] for one in before["figure_day"] if one["measure"] == "joined"] == [1]

    await make.erase(programme, member, 100, now=make.NOW + DAY)
    await make.erase(programme, guest, now=make.NOW + DAY)

    assert [one async for one in rollups.rebuild(programme)] != []
    assert await figured.kept(programme) == before
    assert await make.faults(member) + await make.faults(guest) == []


async def test_contacts_of_a_guest_go_two_years_after_its_last_booking() -> None:
    programme = await make.establish()
    said: dict[str, Any] = {"email": "guest@example.com", "phone": "+8613900000077", "name": "G"}
    guest = await make.enrol(programme, reference="guest", guest=True, **said)
    await make.book(programme, guest, ("hotel", "100"))
    member = await make.enrol(programme, email="member@example.com")
    late = make.NOW + keeping.GUESTS_DAYS * DAY
    assert [one async for one in keeping.outlived(programme, late)] == []
    late += DAY
    assert [one async for one in keeping.outlived(programme, late)] == [guest]

    assert await keeping.forget_contacts(programme, guest, late) == 2

    assert await keeping.forget_contacts(programme, member, late) == 0
    assert await rows("SELECT name FROM member WHERE member_id = $1", guest) == [{"name": "G"}]
    assert await make.known_by(guest) == (None, None)
    found = await rows(
        "SELECT scope FROM lookup WHERE member_id = ANY($1::uuid[]) AND scope = 'email'",
        [guest, member],
    )
    assert found == [{"scope": "email"}]
    assert [one async for one in keeping.outlived(programme, late)] == []
    assert await make.faults(guest) == []

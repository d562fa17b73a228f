"""Verification of texts that are kept apart: what was altered is found, and told in no words."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

import models
from domain.activities import activities, reversals
from domain.activities.contents import ActivitySent
from domain.kernel import rewriting, secrecy
from domain.kernel.commitments import Committed
from domain.kernel.database import rows
from domain.members import tier_assignments
from domain.members.identity import MemberKey
from domain.members.tier_assignments import AssignmentSent
from domain.proof import audit_checks, first_seals, verification
from domain.redemptions import cancellations, deliveries
from domain.transfers import adjustments
from domain.transfers.adjustments import AdjustmentSent
from ops.postgres.connections import connection, role
from ops.postgres.database import connected
from ops.upgrade import migrate
from tests.conftest import Database
from tests.support import factories as make
from tests.support.servers import SECRET_KEY

WORDS = "Ada Lovelace, Linden 5"

OWNERS = [
    ("activity", "attributes"),
    ("activity_reversal", "reason"),
    ("ledger_entry", "reason"),
    ("redemption", "cancel_reason"),
    ("redemption", "partner_account"),
    ("redemption", "tracking"),
    ("tier_change", "note"),
    ("transfer", "note"),
]


async def type_everywhere() -> None:
    """A text in each column that commits to one, of two members."""
    programme = await make.establish()
    joined = make.NOW - timedelta(days=90)
    member = await make.rich_member(programme, 9000, now=joined)
    other = await make.enrol(programme)
    by = make.staff(programme)
    await make.adjust(programme, member, 10, WORDS)
    await make.transfer(programme, member, other, 5, note=WORDS)
    key = MemberKey.of_id(member)
    told = replace(make.request(by), reason=WORDS)
    await adjustments.adjust(told, programme, key, AdjustmentSent(1, WORDS))
    assigned = AssignmentSent("gold", WORDS)
    await tier_assignments.assign(make.request(by), programme, key, assigned)
    shared = ActivitySent("share", "1", attributes={"to": WORDS})
    reported = await activities.earn(make.request(by), programme, key, shared)
    activity = reported.owned("activity_id")
    await reversals.reverse(make.request(by), programme, activity, WORDS)
    lounge = await make.reward(programme, list_points=10)
    given_up = await make.redeem(programme, member, lounge)
    await cancellations.cancel(make.request(by), programme, member, given_up, WORDS)
    sent = await make.redeem(programme, member, lounge)
    await deliveries.ship(make.request(by), programme, (member, sent), WORDS)
    await make.fulfil(programme, member, sent, WORDS + ", again")
    miles = await make.reward(programme, list_points=10, kind="PARTNER")
    await make.redeem(programme, member, miles, partner_account=WORDS)


async def faults() -> list[str]:
    of_members = [fault async for batch in verification.batches() for fault in batch.faults]
    return [str(fault) for fault in of_members + await audit_checks.chains()]


async def test_what_people_type_stands_in_no_row_that_stays(fresh_database: Database) -> None:
    async with connection(fresh_database.owner) as owner:
        async with connected(fresh_database.serving, everywhere=False):
            await type_everywhere()
            assert await faults() == []
        kept = await owner.fetch("SELECT DISTINCT owner_table, field FROM private_text")
        assert sorted(map(tuple, kept)) == OWNERS
        # a tracking that was replaced is gone
        gone = await owner.fetch("SELECT field FROM private_text WHERE value IS NULL")
        assert [one["field"] for one in gone] == ["tracking"]
        for table in [table for table, _ in OWNERS] + ["private_text", "outbox_event"]:
            texts = await owner.fetch(f"SELECT t::text FROM {table} t")
            assert texts
            assert not [text for text in texts if "Lovelace" in text[0]], table
        async with connected(fresh_database.serving, everywhere=False):
            await _altered(owner)
            await _unreadable()
        await _typed_before(owner, fresh_database)
        async with connected(fresh_database.serving, everywhere=False):
            await _under_a_new_key()


async def _altered(owner: asyncpg.Connection) -> None:
    found = await owner.fetchrow("SELECT * FROM private_text WHERE owner_table = 'transfer'")
    assert found is not None
    for change, said in (
        ({"value": secrecy.concealed("Grace Hopper")}, "value is another text, should be the one"),
        ({"salt": bytes(16)}, "value is another text, should be the one committed to"),
        ({"commitment": str(Committed.to(WORDS))}, "that of the note of a transfer"),
        ({"commitment": str(Committed.to(WORDS))}, "a commitment to a text of the member"),
        ({"field": "reason"}, "that of the reason of a transfer"),
    ):
        [(column, value)] = change.items()
        name = f"UPDATE private_text SET {column} = $1 WHERE member_id = $2 AND id = $3"
        await owner.execute(name, value, found["member_id"], found["id"])
        told = await faults()
        assert any(said in fault for fault in told), told
        assert not any("Lovelace" in fault or "Hopper" in fault for fault in told)
        await owner.execute(name, found[column], found["member_id"], found["id"])
    await owner.execute("UPDATE transfer SET note = 'in clear'")
    assert [fault.partition(": ")[2] for fault in await faults()].count(
        "note is a text, should be a commitment: `python -m ops migrate` keeps the text apart"
    ) == 2
    assert await faults() != []


async def _unreadable() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrecy, "_said", lambda: [bytes(32)])
        told = await faults()
        assert any("value is unreadable, should be under a key" in one for one in told)
        assert any("what was typed of row 2 is unreadable, should be" in one for one in told)


async def _under_a_new_key() -> None:
    """What is kept under the old key, or none, is read and rewritten; then the old one can go."""
    new = b"new key".ljust(32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrecy, "_said", lambda: [new, SECRET_KEY])
        assert await faults() == []
        found = [one async for one in rewriting.rewritable()]
        assert Counter(one.table for one in found) == {"audit_reason": 2, "private_text": 12}
        assert [await rewriting.rewrite(one) for one in found] == [1] * 14
        assert [one async for one in rewriting.rewritable()] == []
        patch.setattr(secrecy, "_said", lambda: [new])
        assert await faults() == []
        audited = await rows("SELECT value FROM audit_reason")
        assert WORDS in {secrecy.revealed(one["value"]) for one in audited}
        assert len(secrecy.current_beginning()) == secrecy.BEGINNING_CHARACTERS


async def _typed_before(owner: asyncpg.Connection, database: Database) -> None:
    """What servers of the release before wrote is moved by `migrate`, hashes and all."""
    await owner.execute("DELETE FROM private_text WHERE owner_table = 'transfer'")
    await owner.execute("UPDATE transfer SET note = 'for ' || direction")
    await owner.execute(
        'UPDATE activity SET attributes = \'{"to": "Ada", "score": 3}\' WHERE type = \'share\''
    )
    await owner.execute("DELETE FROM private_text WHERE owner_table = 'activity'")
    # members of before have no seals, and get their first ones once all of it is moved
    await owner.execute("DELETE FROM seal")
    await owner.execute("UPDATE account SET seal_number = NULL, seal_hash = NULL")

    assert await migrate(database.owner, role(database.serving), starting=True) == []
    applied = await migrate(database.owner, role(database.serving))

    assert applied == ["texts of activity.attributes", "texts of transfer.note"]
    assert await migrate(database.owner, role(database.serving)) == []
    async with connected(database.serving, everywhere=False):
        for programme in await models.Programme.all():
            assert [one async for one in first_seals.seal(programme.id, make.NOW)] == [2]
        assert await faults() == []
    texts = await owner.fetch(
        "SELECT value FROM private_text WHERE owner_table IN ('transfer', 'activity') ORDER BY 1"
    )
    assert [one["value"] for one in texts] == ["for IN", "for OUT", '{"to": "Ada", "score": 3}']

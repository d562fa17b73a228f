"""What was redeemed before orders and reveals were kept is brought along by the migration."""

import importlib
from datetime import timedelta

import asyncpg

from ops.postgres.database import connected, connection, migrate, role
from tests.conftest import Database
from tests.support import factories as make

MIGRATION = importlib.import_module("migrations.models.6_20261122180000_partner_orders")

REVEALS = "SELECT redemption_id, actor, revealed_at FROM code_reveal ORDER BY redemption_id"
ENDED = (
    "SELECT id, status, cancelled_at, cancelled_by, cancel_reason FROM redemption "
    "WHERE status = 'RELEASED' ORDER BY id"
)


async def test_what_was_there_before_is_brought_along(fresh_database: Database) -> None:
    """Who was shown codes and who let a hold go is said by the ledger's own entries."""
    later = make.NOW + timedelta(hours=1)
    async with connected(fresh_database.serving, everywhere=False):
        programme = await make.establish()
        member_id = await make.rich_member(programme, 10_000)
        coupon = await make.reward(programme, kind="COUPON", list_points=10)
        miles = await make.reward(programme, kind="PARTNER", list_points=10)
        await make.redeem(programme, member_id, coupon)
        held, died, given_up = [
            await make.redeem(programme, member_id, coupon, hold=True) for _ in range(3)
        ]
        await make.confirm(programme, member_id, held, caller=make.staff(programme))
        await make.cancel(programme, member_id, given_up)
        ordered = await make.redeem(programme, member_id, miles, now=later)
        await make.fulfil(programme, member_id, ordered, None, "AIR-1", now=later)

    async with connection(fresh_database.owner) as owner:
        reveals, ended = await owner.fetch(REVEALS), await owner.fetch(ENDED)
        assert len(reveals) == 2
        assert [row["cancelled_at"] for row in ended] == [None, make.NOW]
        assert {row["id"] for row in ended} == {died, given_up}
        await _again(owner)
        assert await owner.fetch(REVEALS) == reveals
        assert await owner.fetch(ENDED) == ended
        [reward] = await owner.fetch("SELECT * FROM reward WHERE kind = 'PARTNER'")
        assert (reward["partner_units"], reward["unit_names"]) == (1, reward["names"])
    await migrate(fresh_database.owner, role(fresh_database.serving))
    async with connected(fresh_database.serving, everywhere=False):
        assert await make.faults(member_id) == []


async def _again(owner: asyncpg.Connection) -> None:
    async with owner.transaction():
        await owner.execute(await MIGRATION.downgrade(None))
        await owner.execute(await MIGRATION.upgrade(None))

"""`demo` fills in what is missing, twice the same, and what it prints can be called with."""

import re
from datetime import UTC, datetime

import pytest

from domain import partners, programmes
from ops import demo, stories
from ops.database import connected, connection
from tests import factories
from tests.ops.commands import Commands


async def content(commands: Commands) -> dict[str, list[str]]:
    """Every row of every table."""
    async with connection(commands.database.owner) as owner:
        tables = await owner.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
        return {
            name: [row[0] for row in await owner.fetch(f"SELECT t::text FROM {name} t ORDER BY 1")]
            for name in (table["tablename"] for table in tables)
        }


async def test_a_second_run_changes_nothing(commands: Commands) -> None:
    commands.output("demo")
    first = await content(commands)
    commands.output("demo")
    assert await content(commands) == first
    assert len(first["member"]) == 8
    assert commands.run("verify").returncode == 0


async def test_rewards_of_the_demo(commands: Commands) -> None:
    commands.output("demo")
    async with connection(commands.database.serving) as reader:
        rows = await reader.fetch(
            "SELECT r.*, s.remaining FROM reward r LEFT JOIN reward_stock s ON s.reward_id = r.id"
        )
    assert {row["code"]: (row["kind"], row["list_points"], row["worth_minor"]) for row in rows} == {
        "coupon_10": ("COUPON", 1000, 1000),
        "coupon_50": ("COUPON", 5000, 5000),
        "coupon_open": ("COUPON", 1, None),
        "lounge": ("SERVICE", 4000, 15000),
        "backpack": ("PRODUCT", 3000, None),
        "seat_choice": ("SERVICE", 800, None),
        "room_upgrade": ("SERVICE", 6000, None),
        "ebook": ("PRODUCT", 500, None),
        "airline_miles": ("PARTNER", 2000, None),
    }
    assert {row["minimum_tier"] for row in rows} == {row["per_member_limit"] for row in rows}
    assert all(row["remaining"] is None or row["remaining"] > 900 for row in rows)


async def test_members_of_the_demo_differ(commands: Commands) -> None:
    commands.output("demo")
    async with connection(commands.database.serving) as reader:
        tiers = await reader.fetch("SELECT DISTINCT tier FROM account")
        statuses = await reader.fetch("SELECT DISTINCT status FROM redemption")
        soon = await reader.fetchval(
            "SELECT count(*) FROM account WHERE next_due_at < now() + interval '30 days'"
        )
    assert {row["tier"] for row in tiers} == {"silver", "gold", "platinum", "diamond"}
    assert {row["status"] for row in statuses} == {"CONFIRMED", "FULFILLED", "CANCELLED"}
    assert soon >= 2


async def test_an_interrupted_demo_is_finished(commands: Commands) -> None:
    told = stories.shipped("ota")
    assert told is not None
    seen = 0

    def stop(steps: int) -> None:
        nonlocal seen
        seen += steps
        if seen == 20:
            raise InterruptedError

    async with connected(commands.database.serving, everywhere=False):
        programme = await demo.publish("ota")
        caller = await demo.reporter(programme, told)
        with pytest.raises(InterruptedError):
            await stories.play(programme, told, caller, datetime.now(UTC), stop)
    commands.output("demo")

    found = {table: len(rows) for table, rows in (await content(commands)).items()}
    steps = [step for person in told.members for step in person.story]
    assert found["member"] == len(told.members)
    assert found["booking"] == sum(step.book is not None for step in steps)
    assert found["activity"] == sum(step.activity is not None for step in steps)
    assert found["redemption"] == sum(step.redeem is not None for step in steps)
    assert commands.run("verify").returncode == 0


async def test_credentials_are_those_of_the_demo(commands: Commands) -> None:
    printed = commands.output("demo")
    key = re.search(r"partner key: mp_development_([0-9a-f]{16})_[0-9a-f]{64}\n", printed)
    public = re.search(r"public key: mp_development_pub_([0-9a-f]{16})\n", printed)
    assert key is not None
    assert public is not None
    assert printed.count("token") == 2
    assert "member token (xiaoli, not enrolled yet): ey" in printed
    async with connected(commands.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        found = await partners.find_key(key[1])
        assert found is not None
        assert found.partner_id == await partners.find_id(programme, "booking-engine")
        assert found.scopes == {"members", "earn", "redeem", "fulfil", "read"}
        assert (await partners.find_key(public[1])) is not None
    assert key[0].split()[-1] in commands.output(
        "token", "--programme", "ota", "--partner", "booking-engine"
    )


async def test_the_newcomer_is_told_once_it_is_enrolled(commands: Commands) -> None:
    commands.output("demo")
    async with connected(commands.database.serving, everywhere=False):
        await factories.enrol(await programmes.get("ota"), reference="xiaoli")
    assert "member token (xiaoli): ey" in commands.output("demo")


def test_production_has_no_demo(commands: Commands) -> None:
    production = {"MILEPOST_ENVIRONMENT": "production", "MILEPOST_ALLOW_DEVELOPMENT_KEYS": "true"}
    for command in (["demo"], ["serve", "--demo"]):
        assert commands.refusal(*command, **production) == (
            "demo data do not belong into production"
        )

"""`demo` fills in what is missing, twice the same, and what it prints can be called with."""

import re
from datetime import UTC, datetime

import asyncpg
import pytest

from domain.kernel.callers import OWN_SCOPES
from domain.members import identity
from domain.partners import partner_keys, partners
from domain.programmes import programmes
from ops.commands import demo, stories
from ops.commands.stories import Demo
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support.commands import Commands


def demos() -> list[Demo]:
    """What ships of every programme that has a demo."""
    found = (stories.shipped(path.stem) for path in sorted(stories.FOLDER.glob("*.yaml")))
    return [told for told in found if told is not None]


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


async def test_the_demo_looks_like_a_programme(commands: Commands) -> None:
    printed = commands.output("demo")
    first = await content(commands)
    assert len(first["member"]) == sum(len(told.members) for told in demos())
    async with connection(commands.database.serving) as reader:
        await check_rewards(reader)
        await check_members(reader)
    await check_credentials(commands, printed)
    assert await commands.faults() == []

    again = commands.output("demo")
    assert await content(commands) == first
    assert re.findall("mp_development_.*", again) == re.findall("mp_development_.*", printed)


async def check_rewards(reader: asyncpg.Connection) -> None:
    rows = await reader.fetch(
        "SELECT r.*, s.remaining, p.code AS programme FROM reward r "
        "JOIN programme p ON p.id = r.programme_id LEFT JOIN reward_stock s ON s.reward_id = r.id"
    )
    assert {row["code"] for row in rows if row["programme"] == "ctrip"} == {
        *("coupon_10", "gift_card", "bank_points"),
    }
    rows = [row for row in rows if row["programme"] == "ota"]
    assert {row["code"]: (row["kind"], row["list_points"], row["worth_minor"]) for row in rows} == {
        "coupon_10": ("COUPON", 1000, 1000),
        "coupon_50": ("COUPON", 5000, 5000),
        "gold_coupon": ("COUPON", 0, 5000),
        "coupon_open": ("COUPON", 1, None),
        "lounge": ("SERVICE", 4000, 15000),
        "backpack": ("PRODUCT", 3000, None),
        "seat_choice": ("SERVICE", 800, None),
        "room_upgrade": ("SERVICE", 6000, None),
        "ebook": ("PRODUCT", 500, None),
        "airline_miles": ("PARTNER", 2000, None),
    }
    assert {row["minimum_tier"] for row in rows} == {None}
    assert {row["per_member_limit"] for row in rows} == {None}
    assert all(row["remaining"] is None or row["remaining"] > 900 for row in rows)


async def check_members(reader: asyncpg.Connection) -> None:
    """Every tier, every state of a redemption, points that are soon gone, and benefits used."""
    tiers = await reader.fetch("SELECT DISTINCT tier FROM account")
    assert {row["tier"] for row in tiers} == {
        *("silver", "gold", "platinum", "diamond"),
        *("level_1", "level_2", "level_3", "member"),
    }
    used = await reader.fetch("SELECT DISTINCT benefit FROM benefit_use")
    assert {row["benefit"] for row in used} == {"breakfast", "lounge_visit", "upgrade"}
    statuses = await reader.fetch("SELECT DISTINCT status FROM redemption")
    assert {row["status"] for row in statuses} == {"CONFIRMED", "FULFILLED", "CANCELLED"}
    soon = "SELECT count(*) FROM account WHERE next_due_at < now() + interval '30 days'"
    assert await reader.fetchval(soon) >= 2


async def check_credentials(commands: Commands, printed: str) -> None:
    """Printed keys are the partner's and the programme's; the member is not enrolled yet."""
    printed = printed[printed.index("programme ota\n") :]
    key = re.search(r"partner key: mp_development_([0-9a-f]{16})_[0-9a-f]{64}\n", printed)
    public = re.search(r"public key: mp_development_pub_([0-9a-f]{16})\n", printed)
    assert key is not None
    assert public is not None
    assert re.search(r"member token \(xiaoli, not enrolled yet\): ey\S+\n", printed)
    assert re.search(r"staff token: ey\S+\n", printed)
    async with connected(commands.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        known = await partner_keys.find(key[1])
        assert known is not None
        found = known.key
        assert found.partner_id == await partners.find_id(programme, "booking-engine")
        assert found.scopes == set(OWN_SCOPES)
        assert await partner_keys.find(public[1]) is not None
        assert await identity.find_id(programme.id, "xiaoli") is None
    options = ["--programme", "ota", "--partner", "booking-engine"]
    assert commands.output("token", *options) == f"{key[0].split()[-1]}\n"


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

    rows_of = await content(commands)
    found = {table: len(rows) for table, rows in rows_of.items()}
    given = sum(",system," in row for row in rows_of["activity"])
    coupons = sum(",gold_welcome," in row for row in rows_of["activity"])
    people = [person for told in demos() for person in told.members]
    steps = [step for person in people for step in person.story]
    assert found["member"] == len(people)
    assert found["completion"] == sum(step.completed for step in steps)
    assert found["benefit_use"] == sum(step.use is not None for step in steps)
    assert found["booking"] == sum(step.book is not None for step in steps)
    assert found["activity"] - given == sum(step.activity is not None for step in steps)
    assert found["redemption"] - coupons == sum(step.redeem is not None for step in steps)
    assert await commands.faults() == []


def test_production_has_no_demo(commands: Commands) -> None:
    production = {
        "MILEPOST_ENVIRONMENT": "production",
        "MILEPOST_ALLOW_DEVELOPMENT_KEYS": "true",
        "MILEPOST_SECRET_KEY": "0" * 43,
        "MILEPOST_SEAL_KEYS": "2026:" + "0" * 43 + "=",
    }
    for command in (["demo"], ["serve", "--demo"]):
        assert commands.refusal(*command, **production) == ("demo data do not belong in production")

"""Every CHECK refuses a bad row, whoever writes it: tried as the owner, on real rows."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.conftest import Database
from tests.models import good_rows
from tests.models.bad_rows import (
    bookings,
    earning,
    figures,
    kernel,
    ledger,
    members,
    notices,
    partners,
    programmes,
    rewards,
    risk,
)
from tests.models.good_rows import Rows
from tests.support import factories as make

BACK = "CASE WHEN use_id IS NOT NULL THEN gen_random_uuid() END"

BAD = [
    *kernel.BAD,
    *programmes.BAD,
    *partners.BAD,
    *ledger.BAD,
    *earning.BAD,
    *members.BAD,
    *rewards.BAD,
    *bookings.BAD,
    *risk.BAD,
    *notices.BAD,
    *figures.BAD,
]
"""A table, its constraint, and what breaks it: by the rooms of the tables."""

BUCKETS = {
    "EARN": {("issued", "pending"), ("issued", "available")},
    "MATURE": {("pending", "available")},
    "HOLD": {("available", "held")},
    "RELEASE": {("held", "available")},
    "CAPTURE": {("held", "redeemed")},
    "REDEEM": {("available", "redeemed")},
    "REINSTATE": {("redeemed", "available")},
    "EXPIRE": {("available", "expired")},
    "CLAW_BACK": {
        ("pending", "clawed_back"),
        ("available", "clawed_back"),
        ("owed", "clawed_back"),
    },
    "SETTLE": {("available", "owed")},
    "TRANSFER_OUT": {("available", "transferred")},
    "TRANSFER_IN": {("transferred", "available")},
    "ADJUST": {("adjusted", "available"), ("available", "adjusted")},
}
"""From and to of every kind of entry."""

NAMES = (
    "pending",
    "available",
    "held",
    "owed",
    "issued",
    "redeemed",
    "expired",
    "clawed_back",
    "adjusted",
    "transferred",
)


@pytest.fixture(scope="module")
async def good(database: Database) -> Rows:
    return await good_rows.play()


@pytest.fixture
async def owner(
    database: Database, owner_connection: asyncpg.Connection
) -> AsyncIterator[asyncpg.Connection]:
    """The owner, in a transaction that is rolled back."""
    change = owner_connection.transaction()
    await change.start()
    yield owner_connection
    await change.rollback()


@pytest.mark.parametrize(("table", "constraint", "bad"), BAD)
async def test_a_bad_row_is_refused(
    good: Rows, owner: asyncpg.Connection, table: str, constraint: str, bad: str
) -> None:
    made = await _made_since(owner, table)
    rows = await owner.fetchval(f"SELECT count(*) FROM {table} WHERE {made}", good.since)
    assert rows > 0, f"there is no good row of {table} to be made bad"
    values, _, which = bad.partition(" WHERE ")
    which = f"({made}) AND {which or 'true'}"
    refused = set()
    # each by itself, since any of them may be the first one that is reached
    for [place] in await owner.fetch(f"SELECT ctid FROM {table} WHERE {which}", good.since):
        try:
            async with owner.transaction():
                await owner.execute(f"UPDATE {table} SET {values} WHERE ctid = $1", place)
        except asyncpg.CheckViolationError as error:
            refused.add(error.constraint_name)
    assert refused == {constraint}


async def _made_since(owner: asyncpg.Connection, table: str) -> str:
    """The condition that a row belongs to what was made since $1: other tests' rows stand beside
    it, and may be refused for another reason first.
    """
    found = await owner.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 "
        "AND attname IN ('id', 'member_id', 'programme_id', 'reward_id') "
        "AND atttypid = 'uuid'::regtype",
        table,
    )
    return " OR ".join(f"{column[0]} > $1::uuid" for column in found) or "$1::uuid IS NOT NULL"


async def test_every_check_of_the_database_is_tried(owner: asyncpg.Connection) -> None:
    found = await owner.fetch(
        "SELECT conname::text FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"
    )
    assert {row[0] for row in found} == {constraint for _, constraint, _ in BAD}


@pytest.mark.parametrize("kind", sorted(BUCKETS))
async def test_an_entry_moves_between_the_buckets_of_its_kind_only(
    good: Rows, owner: asyncpg.Connection, kind: str
) -> None:
    accepted = set()
    for source in NAMES:
        for target in NAMES:
            with contextlib.suppress(asyncpg.CheckViolationError):
                async with owner.transaction():
                    await owner.execute(
                        "UPDATE ledger_entry SET kind = $1, from_bucket = $2, to_bucket = $3, "
                        "reason = 'why', holds_until = $5 "
                        "WHERE member_id = $4 AND sequence = 1",
                        kind,
                        source,
                        target,
                        good.member,
                        make.NOW if kind == "HOLD" else None,
                    )
                accepted.add((source, target))
    assert accepted == BUCKETS[kind]


@pytest.mark.parametrize(
    ("table", "constraint", "bad"),
    [
        ("allocation", "allocation_entry", "entry_id = gen_random_uuid()"),
        ("allocation", "allocation_lot", "lot_id = gen_random_uuid()"),
        ("amendment", "amendment_booking", "booking_id = gen_random_uuid()"),
        ("amendment_line", "amendment_line_amendment", "amendment_id = gen_random_uuid()"),
        ("amendment_line", "amendment_line_line", "line_number = line_number + 9"),
        ("award", "award_amendment", "amendment_id = gen_random_uuid(), refund_id = NULL"),
        ("booking_line", "booking_line_amendment", "amendment_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_amendment", "amendment_id = gen_random_uuid()"),
        ("award", "award_booking", "booking_id = gen_random_uuid(), activity_id = NULL"),
        ("award", "award_refund", "refund_id = gen_random_uuid(), amendment_id = NULL"),
        ("booking", "booking_redemption", "redemption_id = gen_random_uuid()"),
        ("booking", "booking_quote", "quote_id = gen_random_uuid()"),
        ("quote", "quote_policy", "policy_version_id = gen_random_uuid()"),
        ("quote", "quote_programme", "programme_id = gen_random_uuid()"),
        ("code_reveal", "code_reveal_redemption", "redemption_id = gen_random_uuid()"),
        ("completion", "completion_line", "line_number = 9"),
        ("coupon_use", "coupon_use_amendment", f"amendment_id = {BACK}, refund_id = NULL"),
        ("coupon_use", "coupon_use_booking", "booking_id = gen_random_uuid()"),
        ("coupon_use", "coupon_use_of_use", f"use_id = {BACK}"),
        ("coupon_use", "coupon_use_refund", f"refund_id = {BACK}"),
        ("expiry_reminder", "expiry_reminder_account", "member_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_refund", "refund_id = gen_random_uuid()"),
        ("lot", "lot_booking", "booking_id = gen_random_uuid()"),
        ("lot", "lot_matured_by", "matured_entry_id = gen_random_uuid()"),
        ("refund", "refund_booking", "booking_id = gen_random_uuid()"),
        ("refund_line", "refund_line_line", "line_number = 9"),
        ("refund_line", "refund_line_refund", "refund_id = gen_random_uuid()"),
        ("booking_line", "booking_line_booking", "booking_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_redemption", "redemption_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_transfer", "transfer_id = gen_random_uuid()"),
        ("lot", "lot_policy", "policy_version_id = gen_random_uuid()"),
        ("backtest_claim", "backtest_claim_backtest", "backtest_id = gen_random_uuid()"),
        ("member", "member_programme", "programme_id = gen_random_uuid()"),
        ("redemption", "redemption_reward", "reward_id = gen_random_uuid()"),
        ("referral", "referral_policy_version", "policy_version_id = gen_random_uuid()"),
        ("referral", "referral_programme", "programme_id = gen_random_uuid()"),
        ("tier_change", "tier_change_booking", "booking_id = gen_random_uuid()"),
        ("transfer", "transfer_programme", "programme_id = gen_random_uuid()"),
    ],
)
async def test_a_reference_to_nothing_is_refused(
    good: Rows, owner: asyncpg.Connection, table: str, constraint: str, bad: str
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(f"UPDATE {table} SET {bad} WHERE member_id = $1", good.member)
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize(
    ("constraint", "bad"),
    [
        ("reward_partner", "UPDATE reward SET partner_id = gen_random_uuid()"),
        ("pool_stock_reward", "UPDATE pool_stock SET reward_id = gen_random_uuid()"),
        ("coupon_code_programme", "UPDATE coupon_code SET programme_id = gen_random_uuid()"),
        ("parked_fact_programme", "UPDATE parked_fact SET programme_id = gen_random_uuid()"),
        ("policy_draft_programme", "UPDATE policy_draft SET programme_id = gen_random_uuid()"),
        (
            "proposal_programme",
            "UPDATE proposal SET programme_id = gen_random_uuid() WHERE proposed_by = 'staff:bob'",
        ),
        (
            "proposal_decision_proposal",
            "UPDATE proposal_decision SET proposed_by = 'staff:lee' WHERE outcome = 'REJECTED'",
        ),
        ("staff_day_programme", "UPDATE staff_day SET programme_id = gen_random_uuid()"),
        ("job_programme", "UPDATE job SET programme_id = gen_random_uuid()"),
        (
            "job_proposal",
            "UPDATE job SET proposal_id = gen_random_uuid() WHERE approved_at IS NOT NULL",
        ),
        ("export_part_job", "UPDATE export_part SET job_id = gen_random_uuid()"),
        ("import_row_job", "UPDATE import_row SET job_id = gen_random_uuid()"),
        ("backtest_programme", "UPDATE backtest SET programme_id = gen_random_uuid()"),
        ("rule_budget_programme", "UPDATE rule_budget SET programme_id = gen_random_uuid()"),
        ("backtest_claim_member", "UPDATE backtest_claim SET member_id = gen_random_uuid()"),
        ("transfer_member", "UPDATE transfer SET member_id = gen_random_uuid()"),
        ("referral_member", "UPDATE referral SET member_id = gen_random_uuid()"),
    ],
)
async def test_a_whole_column_of_references_to_nothing_is_refused(
    good: Rows, owner: asyncpg.Connection, constraint: str, bad: str
) -> None:
    """What other rows refer to is let go first, so that only this reference is in the way."""
    await owner.execute("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_transfer")
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(bad)
    assert refused.value.constraint_name == constraint


async def test_a_code_stands_once_in_a_programme(good: Rows, owner: asyncpg.Connection) -> None:
    other = await make.reward(good.programme, kind="COUPON", pooled_codes=True)
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await owner.execute(
            "INSERT INTO coupon_code (id, programme_id, reward_id, code, status, imported_at) "
            "VALUES (gen_random_uuid(), $1, $2, 'A', 'IMPORTED', $3)",
            good.programme.id,
            other.id,
            make.NOW,
        )
    assert refused.value.constraint_name == "coupon_code_once"


async def test_an_allocation_cannot_touch_another_members_lot(
    good: Rows, owner: asyncpg.Connection
) -> None:
    stranger = await make.rich_member(good.programme, 10)
    lot = await owner.fetchval("SELECT id FROM lot WHERE member_id = $1", stranger)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute(
            "UPDATE allocation SET lot_id = $1 WHERE member_id = $2 AND points < 0",
            lot,
            good.member,
        )


async def test_an_entry_touches_a_lot_once(good: Rows, owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            "INSERT INTO allocation (member_id, id, entry_id, lot_id, points) "
            "SELECT member_id, gen_random_uuid(), entry_id, lot_id, 1 FROM allocation "
            "WHERE member_id = $1",
            good.member,
        )


async def test_a_sequence_stands_once(good: Rows, owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            "UPDATE ledger_entry SET sequence = 1 WHERE member_id = $1 AND sequence = 2",
            good.member,
        )


@pytest.mark.parametrize("table", ["member", "account", "lot", "ledger_entry", "booking"])
async def test_what_is_referred_to_cannot_be_removed(
    good: Rows, owner: asyncpg.Connection, table: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await owner.execute(f"DELETE FROM {table} WHERE member_id = $1", good.member)
    # the second is what PostgreSQL says from 18 on
    assert refused.value.sqlstate in ("23503", "23001")

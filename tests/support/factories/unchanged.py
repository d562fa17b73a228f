"""Outcomes of concurrent calls, faults of members, and proof that a refusal changed nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from domain.kernel.database import rows, transact
from domain.kernel.refusals import Refusal
from domain.programmes.programmes import Programme
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue


async def outcomes(*calls: Awaitable[object]) -> Counter[str]:
    """Run the calls concurrently; how many ended with each code of refusal or type of answer."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [error for error in refusals if not isinstance(error, Refusal)] == []
    return Counter(
        answer.code if isinstance(answer, Refusal) else type(answer).__name__ for answer in answers
    )


async def faults(*member_ids: UUID) -> list[str]:
    """Faults that verification finds in these members' rows."""
    loaded = [
        rows_of
        for member_id in member_ids
        for rows_of in await verification.read(UUID(int=member_id.int - 1), member_id)
    ]
    known = await verification.read_catalogue(Catalogue({}, {}), loaded)
    return [str(fault) for member in loaded for fault in invariants.check(member, known)]


_ITS_OWN = """WITH members AS MATERIALIZED (SELECT member_id FROM member WHERE programme_id = $1),
    rewards AS MATERIALIZED (SELECT id FROM reward WHERE programme_id = $1) """
"""Used as arrays, these find rows by key; a join with them would read whole tables."""

COMPARED = {
    **dict.fromkeys(
        (
            "account",
            "activity",
            "activity_attempts",
            "activity_reversal",
            "allocation",
            "amendment",
            "amendment_line",
            "award",
            "backtest_claim",
            "benefit_use",
            "claim",
            "access",
            "consent",
            "contact",
            "contact_code",
            "past_contact",
            "coupon_use",
            "feedback",
            "booking",
            "booking_line",
            "code_reveal",
            "completion",
            "delivery_attempt",
            "delivery_detail",
            "erasure",
            "expiry_reminder",
            "exposure",
            "ledger_entry",
            "lot",
            "lot_value",
            "member",
            "member_month",
            "member_span",
            "notice",
            "overdue_line",
            "private_text",
            "push_address",
            "quote",
            "redemption",
            "referral",
            "refund",
            "refund_line",
            "reminder",
            "day_leaf",
            "seal",
            "segment_member",
            "tier_change",
            "member_change",
            "tier_credit",
            "tier_total",
            "transfer",
            "trial",
        ),
        "member_id = ANY(ARRAY(SELECT member_id FROM members))",
    ),
    **dict.fromkeys(
        (
            "backtest",
            "books",
            "root",
            "calendar_mark",
            "closed_period",
            "figure_day",
            "journal_day",
            "liability_day",
            "feed_entry",
            "feed_head",
            "delivery",
            "delivery_lane",
            "delivery_target",
            "experiment_stop",
            "idempotency_key",
            "job",
            "lookup",
            "outbox_event",
            "parked_fact",
            "partner_payment",
            "partner_points",
            "partner_purchase",
            "partner_statement",
            "partner_terms",
            "policy_draft",
            "policy_raise",
            "policy_version",
            "proposal",
            "proposal_decision",
            "review",
            "reward",
            "revocation",
            "risk_decision",
            "rule_budget",
            "signal",
            "staff_day",
            "suppression",
            "erased_contact",
            "notice_template",
            "announcement",
            "webhook",
        ),
        "programme_id = $1",
    ),
    **dict.fromkeys(
        ("import_row", "export_part"),
        "job_id = ANY(ARRAY(SELECT id FROM job WHERE programme_id = $1))",
    ),
    **dict.fromkeys(
        ("reward_stock", "pool_stock", "coupon_code", "stock_change"),
        "reward_id = ANY(ARRAY(SELECT id FROM rewards))",
    ),
}

_EVERYTHING = _ITS_OWN + " UNION ALL ".join(
    f"SELECT '{table}' AS table, array(SELECT t::text FROM {table} t WHERE {belongs} ORDER BY 1) "
    "AS texts"
    for table, belongs in COMPARED.items()
)


async def everything(programme: Programme) -> dict[str, list[str]]:
    """Every row of the programme, by table: what a refused call must leave as it was."""

    async def read() -> list[dict[str, Any]]:
        # this query over all tables is planned once per connection instead of six times
        await rows("SET LOCAL plan_cache_mode = force_generic_plan")
        return await rows(_EVERYTHING, programme.id)

    return {one["table"]: one["texts"] for one in await transact(read)}


@asynccontextmanager
async def refused(
    programme: Programme, error: type[Refusal], *path: str, **facts: Any
) -> AsyncIterator[None]:
    """Assert that the block raises this refusal at this path and changes nothing."""
    before = await everything(programme)
    with pytest.raises(error) as raised:
        yield
    assert raised.value.path == path
    found = raised.value.facts
    assert {name: found[name] for name in facts} == facts
    assert await everything(programme) == before

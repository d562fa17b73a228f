"""Imports against the ledger: each imported balance is a lot of its member, spending of a day
counts as its row says, nothing was imported without a row, and a job's counts match its rows.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import dates, money
from domain.kernel.database import Row, rows
from domain.programmes import programmes
from domain.programmes.policy import Policy
from domain.proof.evidence import Fault
from domain.tiers.spending import Spent


async def of_members(after: UUID, until: UUID) -> list[Fault]:
    """Every fault in balances of members after one id through another."""
    written = await rows(
        "SELECT r.member_id, r.lot_id AS id, l.points AS found, r.content::jsonb->>'points' "
        "AS expected, e.actor, 'import:' || r.job_id AS job FROM import_row r "
        "LEFT JOIN lot l ON l.member_id = r.member_id AND l.id = r.lot_id "
        "LEFT JOIN allocation a ON a.member_id = l.member_id AND a.lot_id = l.id "
        "AND a.points = l.points "
        "LEFT JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id "
        "AND e.kind = 'ADJUST' AND e.to_bucket = 'available' "
        "WHERE r.member_id > $1 AND r.member_id <= $2 AND r.lot_id IS NOT NULL",
        after,
        until,
    )
    credited: dict[UUID, list[dict[str, object]]] = {}
    for one in written:
        credited.setdefault(one["id"], []).append(one)
    faults = []
    for lot_id, found in credited.items():
        if not any(
            str(one["found"]) == one["expected"] and one["actor"] == one["job"] for one in found
        ):
            one = found[0]
            said, wanted = f"{one['found']} by {one['actor']}", f"{one['expected']} by {one['job']}"
            faults.append(Fault("lot", lot_id, UUID(str(one["member_id"])), "points", said, wanted))
    return faults + await _without_row(after, until) + await _spent(after, until)


async def _without_row(after: UUID, until: UUID) -> list[Fault]:
    """Entries of imports without a row, although the import's rows are kept."""
    found = await rows(
        "SELECT e.member_id, e.id, e.actor FROM ledger_entry e "
        "JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id "
        "LEFT JOIN import_row r ON r.member_id = e.member_id AND r.lot_id = a.lot_id "
        "AND 'import:' || r.job_id = e.actor "
        "WHERE e.member_id > $1 AND e.member_id <= $2 AND e.kind = 'ADJUST' "
        "AND e.actor LIKE 'import:%' AND r.lot_id IS NULL "
        "AND NOT EXISTS (SELECT FROM job j WHERE 'import:' || j.id = e.actor "
        "AND j.finished_at IS NOT NULL AND j.forgotten_at IS NOT NULL)",
        after,
        until,
    )
    return [
        Fault("ledger_entry", one["id"], one["member_id"], "its row", one["actor"], "a row DONE")
        for one in found
    ]


async def _spent(after: UUID, until: UUID) -> list[Fault]:
    """Spending elsewhere on a day against the kept rows, in both directions."""
    said = await rows(
        "SELECT r.member_id, r.job_id, p.code, r.content::jsonb->>'spend' AS spend, "
        "r.content::jsonb->>'spent_on' AS day FROM import_row r JOIN job j ON j.id = r.job_id "
        "JOIN programme p ON p.id = j.programme_id WHERE r.member_id > $1 AND r.member_id <= $2 "
        "AND j.kind = 'IMPORT_STANDINGS' AND r.status = 'DONE' "
        "AND nullif(r.content::jsonb->>'spend', '') IS NOT NULL",
        after,
        until,
    )
    counted = await rows(
        "SELECT c.member_id, c.id, c.job_id, c.occurred_at, c.spend_minor, EXISTS ("
        "SELECT FROM job j WHERE j.id = c.job_id AND j.forgotten_at IS NULL) AS kept "
        "FROM tier_credit c WHERE c.member_id > $1 AND c.member_id <= $2 AND c.job_id IS NOT NULL",
        after,
        until,
    )
    policies = {code: await _any_policy(code) for code in {one["code"] for one in said}}
    expected = {
        (one["member_id"], spent.id_of(one["member_id"])): (spent, one["job_id"])
        for one in said
        for spent in [_of_row(policies[one["code"]], one)]
    }
    return list(_compared(expected, counted))


async def _any_policy(code: str) -> Policy:
    """Any policy of a programme: currency and time zone never change."""
    return (await programmes.get(code)).versions[-1].policy


def _of_row(policy: Policy, said: Row) -> Spent:
    day = date.fromisoformat(said["day"])
    minor = money.to_minor_units(Decimal(said["spend"]), policy.currency)
    return Spent(day, dates.start_of_day(day, policy.zone), minor)


def _compared(
    expected: dict[tuple[UUID, UUID], tuple[Spent, UUID]], counted: Iterable[Row]
) -> Iterable[Fault]:
    """Differences between rows and what counts."""
    left = dict[tuple[UUID, UUID], Any](expected)
    for one in counted:
        place = one["member_id"], one["id"]
        spent, _ = left.pop(place, (None, None))
        if spent is None:
            if one["kept"]:
                job = str(one["job_id"])
                yield Fault("tier_credit", one["id"], one["member_id"], "its row", job, "a row")
            continue
        for what, found, wanted in (
            ("spend_minor", one["spend_minor"], spent.minor),
            ("occurred_at", one["occurred_at"], spent.began_at),
        ):
            if found != wanted:
                said = f"{wanted}, as its row says"
                yield Fault("tier_credit", place[1], place[0], what, str(found), said)
    for (member_id, own), (spent, job_id) in left.items():
        said = f"{spent.minor} by {job_id}"
        yield Fault("tier_credit", own, member_id, "spend_minor", "none", said)


async def counts() -> list[Fault]:
    """Every job whose kept rows differ from its counts."""
    found = await rows(
        "SELECT j.id, concat_ws(' ', j.done, j.known, j.refused) AS counted, concat_ws(' ', "
        "count(*) FILTER (WHERE r.status = 'DONE'), count(*) FILTER (WHERE r.status = 'KNOWN'), "
        "count(*) FILTER (WHERE r.status = 'REFUSED')) AS added, j.total, count(r.job_id) AS rows "
        "FROM job j LEFT JOIN import_row r ON r.job_id = j.id "
        "WHERE j.uploaded_at IS NOT NULL AND j.forgotten_at IS NULL GROUP BY j.id",
    )
    faults = []
    for job in found:
        if job["counted"] != job["added"]:
            what = "done, known and refused"
            faults.append(Fault("job", job["id"], None, what, job["counted"], job["added"]))
        if job["total"] != job["rows"]:
            faults.append(
                Fault("job", job["id"], None, "total", str(job["total"]), str(job["rows"]))
            )
    return faults

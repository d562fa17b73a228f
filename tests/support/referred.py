"""Referrals in tests: programmes that have them, and the state of a referral on either side."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.activities import referral_outcomes
from domain.kernel.database import row, rows
from domain.programmes.programmes import Programme
from domain.referrals import referral_reads
from domain.referrals.referral_reads import FriendRow
from tests.support import factories as make

BASE = make.rule("rate", "base", points=1)
LINK = "https://example.com/?c={code}"


async def programme_with(qualifies: str = "enrolled", **terms: Any) -> Programme:
    """The shipped programme with one earning rule and these terms of referrals."""
    return await make.establish(document(qualifies, **terms))


def document(
    qualifies: str = "enrolled", parts: dict[str, Any] | None = None, **terms: Any
) -> dict[str, Any]:
    """The same as a document, with other `parts` replaced."""
    referrals = {"qualifies": qualifies, **terms}
    return make.variant(BASE, **{"referrals": referrals, **(parts or {})})


async def code_of(member_id: UUID) -> str:
    found = await row("SELECT referral_code FROM member WHERE member_id = $1", member_id)
    assert found is not None
    return str(found["referral_code"])


async def bring(programme: Programme, referrer: UUID, **sent: Any) -> UUID:
    """A friend who enrols by the referrer's code."""
    return await make.enrol(programme, referral_code=await code_of(referrer), **sent)


async def run(programme: Programme, now: datetime = make.NOW) -> int:
    """Run the job once; how many outcomes it wrote."""
    found = [one async for one in referral_outcomes.due(programme, now)]
    return sum([await referral_outcomes.apply(programme, one, now) for one in found])


async def outcomes(referrer: UUID) -> list[tuple[str, list[str]]]:
    """Status and flags of each of the referrer's friends on its side, in the order of joining."""
    found = await rows(
        "SELECT DISTINCT ON (joined_at, id) status, flags FROM referral "
        "WHERE member_id = $1 AND side = 'REFERRER' ORDER BY joined_at, id, version DESC",
        referrer,
    )
    return [(one["status"], orjson.loads(one["flags"])) for one in found]


async def unapplied(programme: Programme) -> int:
    found = await row(
        "SELECT count(*) AS count FROM referral WHERE programme_id = $1 AND applied_at IS NULL",
        programme.id,
    )
    return int(found["count"]) if found else 0


async def sides(member_id: UUID) -> list[str]:
    """The statuses of the referral by which this member joined, by version."""
    return [
        version["status"]
        for version in await rows(
            "SELECT status FROM referral WHERE member_id = $1 AND side = 'REFEREE' "
            "ORDER BY version",
            member_id,
        )
    ]


async def friends_of(referrer: UUID) -> list[FriendRow]:
    """The referrer's friends, the latest to join first."""
    return (await referral_reads.pages([referrer], 100, None))[referrer]

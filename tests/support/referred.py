"""Referrals in tests: programmes that have them, and how one stands on either side."""

from typing import Any
from uuid import UUID

from domain.kernel.database import row, rows
from domain.programmes.programmes import Programme
from tests.support import factories as make

BASE = make.rule("rate", "base", points=1)
LINK = "https://example.com/?c={code}"


async def programme_with(qualifies: str = "enrolled", **terms: Any) -> Programme:
    """The shipped programme with one earning rule and these terms of referrals."""
    return await make.establish(document(qualifies, **terms))


def document(qualifies: str = "enrolled", **terms: Any) -> dict[str, Any]:
    return make.variant(BASE, referrals={"qualifies": qualifies, **terms})


async def code_of(member_id: UUID) -> str:
    found = await row("SELECT referral_code FROM member WHERE member_id = $1", member_id)
    assert found is not None
    return str(found["referral_code"])


async def bring(programme: Programme, referrer: UUID, **sent: Any) -> UUID:
    """A friend who enrols by the referrer's code."""
    return await make.enrol(programme, referral_code=await code_of(referrer), **sent)


async def sides(member_id: UUID) -> list[str]:
    """The versions of the referral by which this member joined, in their order."""
    return [
        version["status"]
        for version in await rows(
            "SELECT status FROM referral WHERE member_id = $1 AND side = 'REFEREE' "
            "ORDER BY version",
            member_id,
        )
    ]

"""What rules judge a member by: its status, its birth date, and its profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import row
from domain.kernel.refusals import NotFound
from domain.members.statuses import MemberStatus


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a rule may ask of a member; `profile` holds every key, known to a rule or not."""

    status: MemberStatus
    birthday: date | None
    profile: Mapping[str, Any]
    joined_at: datetime


async def of(member_id: UUID) -> Particulars:
    """The member's particulars now.

    Raises: NotFound.
    """
    found = await row(
        "SELECT status, birthday, profile, joined_at FROM member WHERE member_id = $1", member_id
    )
    if found is None:
        raise NotFound("member", str(member_id), path=("member",))
    profile = orjson.loads(found["profile"])
    status = MemberStatus(found["status"])
    return Particulars(status, found["birthday"], profile, found["joined_at"])

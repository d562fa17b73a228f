"""Facts about a member for rules: its status, its birth date, and its profile."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import Row
from domain.kernel.queries import Query, ask, query
from domain.kernel.refusals import NotFound
from domain.kernel.values import value
from domain.members.statuses import MemberStatus
from domain.programmes.policy import Policy


@value(frozen=True, slots=True)
class Particulars:
    """Facts about a member that a rule may use; `profile` has its usable values (`trusted`)."""

    status: MemberStatus
    birthday: date | None
    profile: Mapping[str, Any]
    joined_at: datetime


def trusted(
    policy: Policy, profile: Mapping[str, Any], writers: Mapping[str, str]
) -> dict[str, Any]:
    """Values of a profile that rules may use: those written by callers that may write them.

    Anybody may write a key until it is declared, so a value that a member wrote before does not
    count where only staff may write it.
    """
    return {
        name: value
        for name, value in profile.items()
        if (key := policy.profile.get(name)) is None
        or name not in writers
        or writers[name] in key.writable_by
    }


async def of(member_id: UUID, policy: Policy) -> Particulars:
    """The member's facts now, as rules of this policy need them.

    Raises: NotFound.
    """
    found = await of_many([member_id], policy)
    if member_id not in found:
        raise NotFound("member", str(member_id), path=("member",))
    return found[member_id]


_COLUMNS = ("member_id", "status", "birthday", "profile", "profile_writers", "joined_at")


def query_of(member_ids: Sequence[UUID]) -> Query:
    return query(
        _COLUMNS,
        f"SELECT {', '.join(_COLUMNS)} FROM member WHERE member_id = ANY($1::uuid[])",
        list(member_ids),
    )


async def of_many(member_ids: Sequence[UUID], policy: Policy) -> dict[UUID, Particulars]:
    """The same for those of several members that exist; one query for all."""
    found = await ask(query_of(member_ids))
    return {member["member_id"]: _particulars(member, policy) for member in found}


def _particulars(found: Row, policy: Policy) -> Particulars:
    profile = trusted(
        policy, orjson.loads(found["profile"]), orjson.loads(found["profile_writers"] or "{}")
    )
    status = MemberStatus(found["status"])
    return Particulars(status, found["birthday"], profile, found["joined_at"])

"""Capping: clipping the points of grants by the member's caps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.accounts.accounts import Account
from domain.earning import member_caps
from domain.earning.limits import Grant
from domain.grants.values import Changes, Occasion
from domain.programmes.programmes import Version


async def within_caps(
    account: Account, changes: Changes, come: Sequence[Occasion], net: Mapping[UUID, int]
) -> dict[UUID | int, int]:
    """The points of each restored grant, by id, and of each new one, by its place.

    Points of ended grants, `net` of each, can be gained again. Points that caps leave to one grant
    are not available to the next, even if its budget then has less: clipping is never undone.
    """
    wanted: list[tuple[UUID | int, Version, str, datetime, int]] = [
        (
            one.id,
            account.programme.version(one.policy_version_id),
            one.rule,
            one.occurred_at,
            one.recovered,
        )
        for one in changes.again
    ]
    wanted += [
        (place, one.version, one.grant.code, one.occurred_at, one.points)
        for place, one in enumerate(come)
    ]
    gained = [Grant(one.rule, -net[one.id], one.occurred_at) for one in changes.ended]
    capped: dict[UUID | int, int] = {}
    before: dict[tuple[UUID, datetime], list[int]] = {}
    for key, version, rule, instant, points in wanted:
        asked = version.id, instant
        if asked not in before:
            before[asked] = await member_caps.gained(account, version.policy, instant)
        left = member_caps.left_of(version.policy, instant, before[asked], gained)
        capped[key] = points if left is None else min(points, left)
        gained.append(Grant(rule, capped[key], instant))
    return capped

"""Reaching a member: the channels by which it can and may be notified now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.kernel import dates
from domain.kernel.database import rows
from domain.ledger import ledger
from domain.members import consents, contacts
from domain.members.consents import Channel, Purpose
from domain.members.contacts import ContactKind
from domain.members.statuses import MemberStatus
from domain.notices import announcements, channels, devices, suppressing
from domain.notices.channels import Counted, Reach
from domain.notices.devices import Device
from domain.notices.kinds import SERVICE, Kind, announcements_in
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, in_force

CHANNELS = {ContactKind.EMAIL: Channel.EMAIL, ContactKind.PHONE: Channel.SMS}


async def addresses(member_ids: Sequence[UUID]) -> dict[UUID, dict[Channel, str]]:
    """The proved address and number of each member by channel; unproved ones are left out."""
    found: dict[UUID, dict[Channel, str]] = {member_id: {} for member_id in member_ids}
    for one in await contacts.of_members(member_ids):
        if one.proved_at is not None:
            found[one.member_id][CHANNELS[one.kind]] = one.value
    return found


async def receiver(member_id: UUID, status: MemberStatus | None, kind: Kind) -> UUID:
    """The receiver of a notice for a member with this status: a service for a merged member goes to
    the member that it was merged into.
    """
    is_gone = status is MemberStatus.MERGED and kind in SERVICE
    return await ledger.became(member_id) if is_gone else member_id


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of a member: its proved address by channel, and the devices to which messages may
    be sent. Channels that are `addressed` may be `suppressed`.
    """

    addresses: Mapping[Channel, str]
    devices: tuple[Device, ...]
    addressed: frozenset[Channel]
    suppressed: frozenset[Channel]


async def places(programme_id: UUID, member_id: UUID) -> Places:
    own = (await addresses([member_id]))[member_id]
    known = await devices.of_member(member_id)
    reached = await devices.reachable(programme_id, known)
    of_devices = {Channel.PUSH} if known else set()
    gone = {Channel.PUSH} if known and not reached else set()
    suppressed = await suppressing.suppressed(programme_id, own)
    return Places(own, reached, frozenset(own) | of_devices, suppressed | gone)


def policy_at(programme: Programme, instant: datetime) -> Policy:
    """The policy of an instant; before the first version took effect, the first."""
    return (in_force(programme.versions, instant) or programme.versions[0]).policy


async def granted(policy: Policy, member_id: UUID, purpose: Purpose | None) -> frozenset[Channel]:
    """The channels on which a member consents to a notice; a service needs no consent."""
    if purpose is None:
        return frozenset()
    last = (await consents.last([member_id]))[member_id]
    return frozenset(
        one.channel
        for one in consents.standing(policy, last)
        if one.purpose is purpose and one.channel is not None and one.granted
    )


async def age(
    programme: Programme,
    kind: Kind,
    variables: Mapping[str, Any],
    happened_at: datetime,
    at: datetime,
) -> timedelta:
    """Age of a notice at an instant of the programme's clock; unlimited if its object has ended,
    such as points, an offer or an announcement.
    """
    for code in announcements_in(kind, variables):
        if await announcements.is_over(programme.id, code, at):
            return timedelta.max
    return channels.age(kind, variables, happened_at, at, policy_at(programme, at))


async def counted(policy: Policy, member_id: UUID, now: datetime) -> dict[Channel, Counted]:
    """Numbers of notices chosen for sending today and this month, at an instant of the programme's
    clock.
    """
    day, _ = dates.period_bounds(now, "day", policy.zone)
    month, _ = dates.period_bounds(now, "month", policy.zone)
    found = await rows(
        "SELECT c.key AS channel, count(*) FILTER (WHERE n.decided_at >= $2) AS day, "
        "count(*) AS month FROM notice n CROSS JOIN LATERAL jsonb_each(n.channels) AS c "
        "WHERE n.member_id = $1 AND n.decided_at >= $3 AND n.kind <> ALL($4::text[]) "
        "AND c.value = 'null' GROUP BY c.key",
        member_id,
        day,
        month,
        [kind.value for kind in SERVICE],
    )
    return {Channel(one["channel"]): Counted(one["day"], one["month"]) for one in found}


async def reach(
    programme: Programme,
    member_id: UUID,
    kind: Kind,
    served: Collection[Channel],
    now: datetime,
) -> Reach:
    """The whole reach for a notice of this kind, at an instant of the programme's clock."""
    policy = policy_at(programme, now)
    there = await places(programme.id, member_id)
    return Reach(
        frozenset(served),
        there.addressed,
        await granted(policy, member_id, kind.purpose),
        await counted(policy, member_id, now),
        there.suppressed,
    )

"""Devices: receivers of a member's pushes, registered by its application, at most ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel.database import row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier
from domain.kernel.refusals import InvalidInput
from domain.members import statuses
from domain.members.consents import Channel
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import MemberSuspended
from domain.members.statuses import GONE
from domain.notices import suppressing
from domain.notices.suppressing import PUSH_CHARACTERS_MAX
from domain.programmes.programmes import Programme

DEVICES_MAX = 10


class PushProvider(StrEnum):
    HTTP = "HTTP"
    WECHAT = "WECHAT"


@dataclass(frozen=True, slots=True)
class Device:
    """An address of a provider."""

    provider: PushProvider
    address: str

    def canonical(self) -> dict[str, Any]:
        return {"provider": self.provider, "address": self.address}


@dataclass(frozen=True, slots=True)
class DeviceSent:
    """A member's device."""

    member: MemberKey
    device: Device

    def canonical(self) -> dict[str, Any]:
        return {"member": self.member, "device": self.device}


async def of_member(member_id: UUID) -> list[Device]:
    """Devices of a member, the first registered first."""
    found = await rows(
        "SELECT provider, address FROM push_address WHERE member_id = $1 "
        "ORDER BY registered_at, id",
        member_id,
    )
    return [Device(PushProvider(one["provider"]), one["address"]) for one in found]


async def reachable(programme_id: UUID, found: Sequence[Device]) -> tuple[Device, ...]:
    """Those of these to which messages may be sent: none that bounced."""
    addresses = [device.address for device in found]
    gone = await suppressing.among(programme_id, Channel.PUSH, addresses)
    return tuple(device for device in found if device.address not in gone)


async def register(request: Request, programme: Programme, sent: DeviceSent) -> Outcome:
    """Register a device for pushes; one that is registered stays. Figures: `member_id`, `count`.

    Raises: NotFound, InvalidInput, MemberSuspended for whose membership has ended,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.device.address, ("address",), PUSH_CHARACTERS_MAX)

    async def work() -> Figures:
        member_id = await _locked(programme, sent)
        if not await _has(member_id, sent.device):
            await _add(request, member_id, sent.device)
        return await _figures(member_id)

    return await once(request, "registerPush", sent, work)


async def remove(request: Request, programme: Programme, sent: DeviceSent) -> Outcome:
    """Remove a device, whether or not it was registered. Figures: `member_id`,
    `count`.

    Raises: NotFound, InvalidInput, MemberSuspended for whose membership has ended,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.device.address, ("address",), PUSH_CHARACTERS_MAX)

    async def work() -> Figures:
        member_id = await _locked(programme, sent)
        await update(
            "DELETE FROM push_address WHERE member_id = $1 AND provider = $2 AND address = $3",
            member_id,
            sent.device.provider.value,
            sent.device.address,
        )
        return await _figures(member_id)

    return await once(request, "removePush", sent, work)


async def _locked(programme: Programme, sent: DeviceSent) -> UUID:
    """The member under the lock of its row. Raises: NotFound, MemberSuspended."""
    member_id = await find_or_refuse(programme.id, sent.member)
    if await statuses.lock(member_id) in GONE:
        raise MemberSuspended(path=("member",))
    return member_id


async def _has(member_id: UUID, device: Device) -> bool:
    found = await row(
        "SELECT id FROM push_address WHERE member_id = $1 AND provider = $2 AND address = $3",
        member_id,
        device.provider.value,
        device.address,
    )
    return found is not None


async def _add(request: Request, member_id: UUID, device: Device) -> None:
    taken = await rows("SELECT slot FROM push_address WHERE member_id = $1", member_id)
    free = set(range(1, DEVICES_MAX + 1)) - {one["slot"] for one in taken}
    if not free:
        most = str(DEVICES_MAX)
        raise InvalidInput("too_many_devices", str(DEVICES_MAX + 1), (most,), path=("address",))
    await rows(
        "INSERT INTO push_address (member_id, id, slot, provider, address, registered_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        member_id,
        new_id(),
        min(free),
        device.provider.value,
        device.address,
        request.now,
    )


async def _figures(member_id: UUID) -> Figures:
    found = await row("SELECT count(*) AS count FROM push_address WHERE member_id = $1", member_id)
    return {"member_id": str(member_id), "count": int(found["count"]) if found else 0}


async def erase(member_id: UUID) -> None:
    """Remove all devices of a member."""
    await update("DELETE FROM push_address WHERE member_id = $1", member_id)

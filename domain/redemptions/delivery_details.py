"""Delivery details: where and to whom a reward is delivered; personal, kept for a limited time."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import models
from domain.kernel.callers import Caller, CallerKind, Scope
from domain.kernel.database import rows, update
from domain.kernel.ids import new_id
from domain.kernel.inputs import NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import Instant, InvalidInput
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import Redemption
from domain.rewards.catalogue import Requirement, Reward

ADDRESS_CHARACTERS_MAX = 500
PHONE_CHARACTERS_MAX = 40
AHEAD_DAYS_MAX = 730
"""Longest time until an appointment."""

SHOWN_DAYS = 30
"""Days after the delivery for which they are shown."""

KEPT_DAYS = 180
"""Days after the delivery for which they are kept."""

BATCH = 500

Key = tuple[UUID, UUID]
"""A redemption, by (member id, id)."""


@dataclass(frozen=True, slots=True)
class DeliverySent:
    """Details given for a delivery; the last three are for an appointment."""

    recipient: str | None = None
    phone: str | None = None
    address: str | None = None
    note: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    place: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "recipient": self.recipient,
            "phone": self.phone,
            "address": self.address,
            "note": self.note,
            "from": self.from_at,
            "until": self.until_at,
            "place": self.place,
        }


_CHARACTERS_MAX = {
    "recipient": NAME_CHARACTERS_MAX,
    "phone": PHONE_CHARACTERS_MAX,
    "address": ADDRESS_CHARACTERS_MAX,
    "note": NOTE_CHARACTERS_MAX,
    "place": ADDRESS_CHARACTERS_MAX,
}
_NEEDED = {
    Requirement.ADDRESS: ("recipient", "phone", "address"),
    Requirement.APPOINTMENT: ("recipient", "phone", "from_at"),
}
_OTHERS = {
    Requirement.ADDRESS: ("from_at", "until_at", "place"),
    Requirement.APPOINTMENT: ("address",),
}
_INPUT = {"from_at": "from", "until_at": "until"}


def check(reward: Reward, sent: DeliverySent | None, now: datetime) -> None:
    """Check that exactly what the reward requires is given. Raises: InvalidInput."""
    path, wanted = ("delivery",), reward.requires
    if wanted is None:
        if sent is not None:
            raise InvalidInput("delivery_not_taken", reward.code, path=path)
        return
    if sent is None:
        needed = tuple(_INPUT.get(name, name) for name in _NEEDED[wanted])
        raise InvalidInput("delivery_required", reward.code, needed, path=path)
    for name in _NEEDED[wanted]:
        if getattr(sent, name) is None:
            shown = _INPUT.get(name, name)
            raise InvalidInput("delivery_detail_missing", reward.code, path=(*path, shown))
    for name in _OTHERS[wanted]:
        if getattr(sent, name) is not None:
            shown = _INPUT.get(name, name)
            raise InvalidInput("delivery_detail_not_taken", reward.code, path=(*path, shown))
    for name, most in _CHARACTERS_MAX.items():
        if (text := getattr(sent, name)) is not None:
            check_text(text, most, (*path, name))
    _check_appointment(sent, now)


def _check_appointment(sent: DeliverySent, now: datetime) -> None:
    if sent.from_at is not None:
        latest = now + timedelta(days=AHEAD_DAYS_MAX)
        if not now < sent.from_at <= latest:
            bounds = (Instant.of(now), Instant.of(latest))
            at = Instant.of(sent.from_at)
            raise InvalidInput("appointment_time", at, bounds, path=("delivery", "from"))
        if sent.until_at is not None and not (
            sent.from_at < sent.until_at <= sent.from_at + timedelta(days=AHEAD_DAYS_MAX)
        ):
            begins = (Instant.of(sent.from_at),)
            until = Instant.of(sent.until_at)
            raise InvalidInput("appointment_end", until, begins, path=("delivery", "until"))
    elif sent.until_at is not None:
        raise InvalidInput("appointment_begin_missing", path=("delivery", "from"))


def to_row(key: Key, sent: DeliverySent, actor: str, now: datetime) -> models.DeliveryDetail:
    return models.DeliveryDetail(
        member_id=key[0], id=new_id(), redemption_id=key[1], **_columns(sent, actor, now)
    )


def _columns(sent: DeliverySent, actor: str, now: datetime) -> dict[str, Any]:
    return {
        "recipient": sent.recipient,
        "phone": sent.phone,
        "address": sent.address,
        "note": sent.note,
        "from_at": sent.from_at,
        "until_at": sent.until_at,
        "place": sent.place,
        "saved_at": now,
        "saved_by": actor,
    }


async def keep(key: Key, sent: DeliverySent, actor: str, now: datetime) -> None:
    """Store the details in place of earlier ones; under the account's lock."""
    there = models.DeliveryDetail.filter(member_id=key[0], redemption_id=key[1])
    if not await there.update(**_columns(sent, actor, now)):
        await models.DeliveryDetail.create(
            member_id=key[0], id=new_id(), redemption_id=key[1], **_columns(sent, actor, now)
        )


async def remove(key: Key) -> int:
    return await update(
        "DELETE FROM delivery_detail WHERE member_id = $1 AND redemption_id = $2", *key
    )


def is_shown(caller: Caller, redemption: Redemption, now: datetime) -> bool:
    """Whether the caller may see them: the member, staff, and who delivers, for a limited time."""
    done = redemption.fulfilled_at
    if done is not None and now >= done + timedelta(days=SHOWN_DAYS):
        return False
    if caller.kind is CallerKind.MEMBER:
        return caller.is_itself(redemption.member_id)
    return caller.may(Scope.FULFIL) and caller.delivers(redemption.partner_id)


async def of_redemptions(programme_id: UUID, ids: Sequence[Key]) -> dict[UUID, DeliverySent]:
    """By redemption, the latest details; one statement for all of them."""
    found = await rows(
        "SELECT d.redemption_id, d.recipient, d.phone, d.address, d.note, d.from_at, d.until_at, "
        "d.place FROM delivery_detail d JOIN redemption r ON r.member_id = d.member_id "
        "AND r.id = d.redemption_id WHERE d.member_id = ANY($1::uuid[]) "
        "AND r.member_id = ANY($1::uuid[]) AND d.redemption_id = ANY($2::uuid[]) "
        "AND r.programme_id = $3",
        [member_id for member_id, _ in ids],
        [redemption_id for _, redemption_id in ids],
        programme_id,
    )
    return {detail.pop("redemption_id"): DeliverySent(**detail) for detail in found}


async def outlived(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Members with details that must no longer be kept, by id."""
    after = UUID(int=0)
    while found := await rows(
        f"SELECT DISTINCT d.member_id {_OUTLIVED} AND d.member_id > $3 "
        "ORDER BY d.member_id LIMIT $4",
        programme.id,
        now - timedelta(days=KEPT_DAYS),
        after,
        BATCH,
    ):
        for detail in found:
            after = detail["member_id"]
            yield after


async def forget(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Remove a member's details that must no longer be kept; returns how many."""
    return await update(
        "DELETE FROM delivery_detail WHERE member_id = $3 AND id IN "
        f"(SELECT d.id {_OUTLIVED} AND d.member_id = $3 AND r.member_id = $3)",
        programme.id,
        now - timedelta(days=KEPT_DAYS),
        member_id,
    )


_OUTLIVED = (
    "FROM delivery_detail d JOIN redemption r ON r.member_id = d.member_id "
    "AND r.id = d.redemption_id JOIN member m ON m.member_id = d.member_id "
    "WHERE r.programme_id = $1 AND (r.fulfilled_at <= $2 OR m.status = 'ERASED' "
    "OR r.status IN ('CANCELLED', 'RELEASED'))"
)
"""Condition for details of a delivery that is long over or never comes, and of erased members."""


async def erase(member_id: UUID) -> None:
    """Remove all delivery details of a member."""
    await update("DELETE FROM delivery_detail WHERE member_id = $1", member_id)

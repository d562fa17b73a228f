"""Entries of the ledger in words: what each did, and the booking, reward or reason it is about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.ledger.values import EntryKind
from domain.programmes.policy import Policy

KINDS: Mapping[EntryKind, Mapping[str, str]] = {
    EntryKind.EARN: {"en": "Points earned", "zh-CN": "获得积分"},
    EntryKind.MATURE: {"en": "Points now available", "zh-CN": "积分可用"},
    EntryKind.CLAW_BACK: {"en": "Taken back after a refund", "zh-CN": "退款扣回"},
    EntryKind.SETTLE: {"en": "Arrears settled", "zh-CN": "抵扣欠分"},
    EntryKind.HOLD: {"en": "Reserved", "zh-CN": "预留"},
    EntryKind.RELEASE: {"en": "Reservation released", "zh-CN": "预留已释放"},
    EntryKind.CAPTURE: {"en": "Redeemed", "zh-CN": "兑换"},
    EntryKind.TRANSFER_OUT: {"en": "Given to another member", "zh-CN": "转赠给其他会员"},
    EntryKind.TRANSFER_IN: {"en": "Got from another member", "zh-CN": "收到其他会员转赠"},
    EntryKind.ADJUST: {"en": "Correction", "zh-CN": "人工调整"},
    EntryKind.REDEEM: {"en": "Redeemed", "zh-CN": "兑换"},
    EntryKind.REINSTATE: {"en": "Returned", "zh-CN": "退回"},
    EntryKind.EXPIRE: {"en": "Points expired", "zh-CN": "积分过期"},
}
_AMENDED = {"en": "Taken back after a change", "zh-CN": "变更扣回"}
_BOOKING = {"en": "Booking {}", "zh-CN": "订单 {}"}
_BOOKING_AMENDED = {"en": "Booking {}, changed", "zh-CN": "订单 {}（变更）"}
_OFFSET = {"en": "payment for a booking", "zh-CN": "订单抵扣"}


class Told(Protocol):
    """What is told of an entry, whether it is recorded or only due."""

    @property
    def kind(self) -> EntryKind: ...
    @property
    def booking_reference(self) -> str | None: ...
    @property
    def amendment_id(self) -> UUID | None: ...
    @property
    def activity_type(self) -> str | None: ...
    @property
    def redemption_id(self) -> UUID | None: ...
    @property
    def redeemed_at(self) -> datetime | None: ...
    @property
    def reward_names(self) -> Mapping[str, str] | None: ...
    @property
    def reason(self) -> str | None: ...


def entry_text(entry: Told, policy: Policy, reader: str) -> str:
    """One line about the entry; a correction names what it corrects."""
    if entry.booking_reference is None and entry.activity_type is not None:
        rule = policy.activity_types.get(entry.activity_type)
        return rule.name.in_locale(reader) if rule else entry.activity_type
    about = _about(entry, reader)
    if about is None:
        return KINDS[entry.kind][reader]
    if entry.kind is EntryKind.EARN:
        return about
    taken = entry.kind is EntryKind.CLAW_BACK and entry.amendment_id is not None
    words = (_AMENDED if taken else KINDS[entry.kind])[reader]
    return f"{words}：{about}" if reader == "zh-CN" else f"{words}: {about}"


def _about(entry: Told, reader: str) -> str | None:
    if entry.booking_reference is not None:
        earned = entry.kind is EntryKind.EARN and entry.amendment_id is not None
        return (_BOOKING_AMENDED if earned else _BOOKING)[reader].format(entry.booking_reference)
    if entry.reward_names is not None:
        return entry.reward_names[reader]
    if entry.redemption_id is not None:
        return _OFFSET[reader]
    return entry.reason if entry.kind is EntryKind.ADJUST else None

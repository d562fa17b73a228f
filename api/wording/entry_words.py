"""Entries of the ledger in words: the kind of each, and its booking, reward or reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from api.wording.catalogues import sentence
from api.wording.words import names_of, version_policy
from domain.ledger.values import EntryKind
from domain.programmes.programmes import Programme


class Movement(Protocol):
    """Data of an entry for its text, whether it is recorded or only due."""

    @property
    def kind(self) -> EntryKind: ...
    @property
    def booking_reference(self) -> str | None: ...
    @property
    def amendment_id(self) -> UUID | None: ...
    @property
    def refunded(self) -> bool: ...
    @property
    def activity_type(self) -> str | None: ...
    @property
    def activity_version_id(self) -> UUID | None: ...
    @property
    def redemption_id(self) -> UUID | None: ...
    @property
    def redeemed_at(self) -> datetime | None: ...
    @property
    def reward_names(self) -> Mapping[str, str] | None: ...
    @property
    def gift(self) -> bool: ...
    @property
    def reason(self) -> str | None: ...


def kind_text(kind: EntryKind, reader: str) -> str:
    """The effect of an entry of this kind, as a heading."""
    return sentence(f"entry.{kind}", reader)


def entry_text(entry: Movement, programme: Programme, reader: str) -> str:
    """One line about the entry; a correction names what it corrects.

    An activity or grant has the name that it had in the version that paid it.
    """
    about = _about(entry, programme, reader)
    if about is None:
        return _kind_text(entry, reader)
    if entry.kind is EntryKind.EARN:
        return about
    return sentence("entry.about", reader, entry=_kind_text(entry, reader), about=about)


def _kind_text(entry: Movement, reader: str) -> str:
    """The text of a kind; a clawback names its cause: a refund, a change, or none for a
    reversal.
    """
    if entry.kind is not EntryKind.CLAW_BACK:
        return kind_text(entry.kind, reader)
    if entry.amendment_id is not None:
        return sentence("entry.CLAW_BACK.amended", reader)
    if entry.refunded:
        return sentence("entry.CLAW_BACK.refunded", reader)
    return kind_text(entry.kind, reader)


def _about(entry: Movement, programme: Programme, reader: str) -> str | None:
    if entry.booking_reference is not None:
        earned = entry.kind is EntryKind.EARN and entry.amendment_id is not None
        msgid = "entry.booking.amended" if earned else "entry.booking"
        return sentence(msgid, reader, reference=entry.booking_reference)
    if entry.activity_type and entry.activity_version_id:
        policy = version_policy(programme, entry.activity_version_id)
        return names_of(policy, reader).get(entry.activity_type, entry.activity_type)
    if entry.reward_names is not None:
        return entry.reward_names[reader]
    if entry.redemption_id is not None:
        return sentence("entry.gift" if entry.gift else "entry.offset", reader)
    return entry.reason if entry.kind is EntryKind.ADJUST else None

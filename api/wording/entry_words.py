"""Entries of the ledger in words: what each did, and the booking, reward or reason it is about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from api.wording.catalogues import sentence
from api.wording.words import version_policy
from domain.ledger.values import EntryKind
from domain.programmes.programmes import Programme


class Movement(Protocol):
    """What is said of an entry, whether it is recorded or only due."""

    @property
    def kind(self) -> EntryKind: ...
    @property
    def booking_reference(self) -> str | None: ...
    @property
    def amendment_id(self) -> UUID | None: ...
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
    def reason(self) -> str | None: ...


def kind_text(kind: EntryKind, reader: str) -> str:
    """What an entry of this kind does, as a heading."""
    return sentence(f"entry.{kind}", reader)


def entry_text(entry: Movement, programme: Programme, reader: str) -> str:
    """One line about the entry; a correction names what it corrects.

    An activity has the name that it had in the version that paid it.
    """
    version_id = entry.activity_version_id
    if entry.booking_reference is None and entry.activity_type and version_id:
        rule = version_policy(programme, version_id).activity_types.get(entry.activity_type)
        return rule.name.in_locale(reader) if rule else entry.activity_type
    about = _about(entry, reader)
    if about is None:
        return kind_text(entry.kind, reader)
    if entry.kind is EntryKind.EARN:
        return about
    taken = entry.kind is EntryKind.CLAW_BACK and entry.amendment_id is not None
    words = sentence("entry.CLAW_BACK.amended", reader) if taken else kind_text(entry.kind, reader)
    return sentence("entry.about", reader, entry=words, about=about)


def _about(entry: Movement, reader: str) -> str | None:
    if entry.booking_reference is not None:
        earned = entry.kind is EntryKind.EARN and entry.amendment_id is not None
        msgid = "entry.booking.amended" if earned else "entry.booking"
        return sentence(msgid, reader, reference=entry.booking_reference)
    if entry.reward_names is not None:
        return entry.reward_names[reader]
    if entry.redemption_id is not None:
        return sentence("entry.offset", reader)
    return entry.reason if entry.kind is EntryKind.ADJUST else None

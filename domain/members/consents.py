"""Consent: which messages a member agrees to, by channel, and which uses of its data.

Each statement of the member is kept, and the last one counts. Without one, the policy decides about
news of the account; everything else requires a recorded consent. Service messages, such as that a
reward was sent, need none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.kernel import dates
from domain.kernel.callers import Caller, CallerKind, Scope
from domain.kernel.database import Row, row, rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import Path, check_identifier
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput
from domain.members import statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached, MemberSuspended
from domain.members.statuses import MemberStatus
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

TEXT_VERSION_CHARACTERS_MAX = 64
POLICY = "policy"
"""The source of what holds without a statement."""

DAILY_MAX = 50
"""Most consents that a member may record on one local day; it may always refuse."""

HISTORY_MAX = 100
"""Most statements shown about one purpose and channel, the latest ones; an export of the member has
all.
"""

_STATEMENT = "member_id, number, purpose, channel, granted, text_version, recorded_at, recorded_by"


class Channel(StrEnum):
    """Channels by which a member can be notified outside the application."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    PUSH = "PUSH"


class Purpose(StrEnum):
    """Purpose of consent."""

    ACCOUNT = "ACCOUNT"
    MARKETING = "MARKETING"
    PROFILING = "PROFILING"
    PARTNER_SHARING = "PARTNER_SHARING"

    @property
    def channels(self) -> tuple[Channel | None, ...]:
        """The channels that the statement is about; None where the purpose has none."""
        told = (Purpose.ACCOUNT, Purpose.MARKETING)
        return tuple(Channel) if self in told else (None,)


ConsentKey = tuple[Purpose, Channel | None]
"""Subject of one statement."""

CONSENT_KEYS: tuple[ConsentKey, ...] = tuple(
    (purpose, channel) for purpose in Purpose for channel in purpose.channels
)


@dataclass(frozen=True, slots=True)
class ConsentSent:
    """A statement of a member about one channel of a purpose, or about all of its channels.

    `text_version` names the text that it agreed to.
    """

    purpose: Purpose
    granted: bool
    channel: Channel | None = None
    text_version: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "purpose": self.purpose,
            "granted": self.granted,
            "channel": self.channel,
            "text_version": self.text_version,
        }

    @property
    def keys(self) -> tuple[ConsentKey, ...]:
        channels = self.purpose.channels if self.channel is None else (self.channel,)
        return tuple((self.purpose, channel) for channel in channels)


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A member's recorded statement about one purpose and channel."""

    member_id: UUID
    number: int
    purpose: Purpose
    channel: Channel | None
    granted: bool
    text_version: str | None
    recorded_at: datetime
    recorded_by: str

    @property
    def key(self) -> ConsentKey:
        return self.purpose, self.channel

    @property
    def source(self) -> str:
        """The kind of caller that recorded it."""
        return self.recorded_by.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent in force for one purpose and channel; `at` is None where the policy decides.
    `source` is the kind of caller that recorded it, such as `member` or `import`.
    """

    purpose: Purpose
    channel: Channel | None
    granted: bool
    text_version: str | None = None
    at: datetime | None = None
    source: str = POLICY


def check(sent: ConsentSent, path: Path = ()) -> None:
    """Raises: InvalidInput."""
    if sent.channel is not None and sent.channel not in sent.purpose.channels:
        allowed = tuple(one for one in Purpose if sent.channel in one.channels)
        raise InvalidInput("consent_channel", sent.purpose, allowed, path=(*path, "channel"))
    if sent.text_version is not None:
        at = (*path, "textVersion")
        check_identifier(sent.text_version, at, TEXT_VERSION_CHARACTERS_MAX)


def check_all(sent: Sequence[ConsentSent], path: Path) -> None:
    """Check each statement, and that no two are about the same thing. Raises: InvalidInput."""
    if len(sent) > len(CONSENT_KEYS):
        raise InvalidInput(
            "too_many_consents", str(len(sent)), (str(len(CONSENT_KEYS)),), path=path
        )
    seen: set[ConsentKey] = set()
    for number, one in enumerate(sent):
        at = (*path, str(number))
        check(one, at)
        if not seen.isdisjoint(one.keys):
            raise InvalidInput("consent_twice", one.purpose, path=at)
        seen.update(one.keys)


def without_statement(policy: Policy, key: ConsentKey) -> bool:
    """The consent in force as long as a member has made no statement."""
    purpose, channel = key
    return (
        purpose is Purpose.ACCOUNT
        and channel is not None
        and bool(getattr(policy.consent.account, channel.lower()))
    )


def standing(policy: Policy, last: Iterable[ConsentRecord]) -> Iterator[Consent]:
    """The consent in force for every purpose and channel, given a member's latest statements."""
    by_key = {one.key: one for one in last}
    for key in CONSENT_KEYS:
        found = by_key.get(key)
        if found is None:
            yield Consent(*key, granted=without_statement(policy, key))
        else:
            at, words = found.recorded_at, found.text_version
            yield Consent(*key, found.granted, words, at, found.source)


def shows_of(caller: Caller, member_id: UUID) -> bool:
    """A member sees its own; staff, and keys that enrol or read members, see anybody's."""
    if caller.kind is CallerKind.MEMBER:
        return caller.member_id == member_id
    return caller.may(Scope.MEMBERS) or caller.may(Scope.MEMBERS_READ)


async def last(member_ids: Sequence[UUID]) -> dict[UUID, list[ConsentRecord]]:
    """The last statement of each purpose and channel, by member; one query for all of them."""
    found = await rows(
        f"SELECT DISTINCT ON (member_id, purpose, channel) {_STATEMENT} FROM consent "
        "WHERE member_id = ANY($1::uuid[]) "
        "ORDER BY member_id, purpose, channel, number DESC",
        list(member_ids),
    )
    return _by_member(member_ids, found)


async def history(member_ids: Sequence[UUID]) -> dict[UUID, list[ConsentRecord]]:
    """The latest `HISTORY_MAX` statements of each purpose and channel, by member, newest first; one
    query for all.
    """
    found = await rows(
        f"SELECT {_STATEMENT} FROM (SELECT {_STATEMENT}, row_number() OVER ("
        "PARTITION BY member_id, purpose, channel ORDER BY number DESC) AS place "
        "FROM consent WHERE member_id = ANY($1::uuid[])) c WHERE place <= $2 "
        "ORDER BY member_id, number DESC",
        list(member_ids),
        HISTORY_MAX,
    )
    return _by_member(member_ids, found)


def _by_member(member_ids: Sequence[UUID], found: Iterable[Row]) -> dict[UUID, list[ConsentRecord]]:
    by_member: dict[UUID, list[ConsentRecord]] = {member_id: [] for member_id in member_ids}
    for one in found:
        channel = None if one["channel"] is None else Channel(one["channel"])
        known = {**one, "purpose": Purpose(one["purpose"]), "channel": channel}
        by_member[one["member_id"]].append(ConsentRecord(**known))
    return by_member


async def agreeing(programme_id: UUID, purpose: Purpose, after: UUID, most: int) -> list[UUID]:
    """Enrolled members who consent to a purpose by their latest statement, on at least one channel:
    those after a member, by id.
    """
    found = await rows(
        "SELECT m.member_id FROM member m WHERE m.programme_id = $1 AND m.status = $2 "
        "AND m.member_id > $3 AND EXISTS (SELECT FROM consent c WHERE c.member_id = m.member_id "
        "AND c.purpose = $4 AND c.granted AND NOT EXISTS (SELECT FROM consent l "
        "WHERE l.member_id = c.member_id AND l.purpose = c.purpose "
        "AND l.channel IS NOT DISTINCT FROM c.channel AND l.number > c.number)) "
        "ORDER BY m.member_id LIMIT $5",
        programme_id,
        MemberStatus.ENROLLED,
        after,
        purpose.value,
        most,
    )
    return [one["member_id"] for one in found]


async def record(
    request: Request, programme: Programme, member: MemberKey, sent: ConsentSent
) -> Outcome:
    """Record statements of a member; figures: `member_id`. Repeating a refusal adds nothing, nor
    does repeating consent to the same text.

    Raises: NotFound, InvalidInput, MemberSuspended for who was erased or merged, LimitReached,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check(sent)
    perform = partial(_record, request, programme, member, sent)
    return await once(request, "recordConsent", {"member": member, "consent": sent}, perform)


async def _record(
    request: Request, programme: Programme, member: MemberKey, sent: ConsentSent
) -> Figures:
    member_id = await find_or_refuse(programme.id, member)
    async with accounts.opened(programme, member_id, request.now) as account:
        if await statuses.of(member_id) in (MemberStatus.ERASED, MemberStatus.MERGED):
            raise MemberSuspended(path=("member",))
        await add(account, [sent], request.caller.actor)
    return {"member_id": str(member_id)}


async def add(account: Account, sent: Sequence[ConsentSent], actor: str) -> None:
    """Add those of these statements that differ from the member's latest ones, under the account's
    lock.

    Raises: LimitReached.
    """
    if not sent:
        return
    stated = (await last([account.member_id]))[account.member_id]
    said = {one.key: one for one in stated}
    new = [(key, one) for one in sent for key in one.keys if not repeats(one, said.get(key))]
    if granted := sum(one.granted for _, one in new):
        await _check_daily(account, granted)
    _state(account, new, actor, following=1 + max((one.number for one in stated), default=0))


def begin(account: Account, sent: Sequence[ConsentSent], actor: str) -> None:
    """Add the first statements of a member that this transaction creates."""
    _state(account, [(key, one) for one in sent for key in one.keys], actor, following=1)


def _state(
    account: Account, new: Iterable[tuple[ConsentKey, ConsentSent]], actor: str, *, following: int
) -> None:
    for number, (key, one) in enumerate(new, start=following):
        purpose, channel = key
        account.record(
            models.Consent(
                member_id=account.member_id,
                id=new_id(),
                number=number,
                purpose=purpose,
                channel=channel,
                granted=one.granted,
                text_version=one.text_version,
                recorded_at=account.now,
                recorded_by=actor,
            )
        )
        account.notify(Topic.CONSENT_CHANGED, purpose=purpose, channel=channel, granted=one.granted)


def repeats(sent: ConsentSent, said: ConsentRecord | None) -> bool:
    """Whether it only repeats the latest statement."""
    if said is None or said.granted != sent.granted:
        return False
    return not sent.granted or said.text_version == sent.text_version


async def _check_daily(account: Account, granted: int) -> None:
    """Check that this many more consents may be recorded today. Raises: LimitReached."""
    begins, ends = dates.period_bounds(account.now, "day", account.version.policy.zone)
    found = await row(
        "SELECT count(*) AS count FROM consent "
        "WHERE member_id = $1 AND granted AND recorded_at >= $2",
        account.member_id,
        begins,
    )
    if found and found["count"] + granted > DAILY_MAX:
        raise LimitReached(DAILY_MAX, ends, path=("member",))

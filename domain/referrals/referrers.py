"""The referrer's side of a referral: the outcomes, and reads of the referrer's other referrals."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from domain.accounts.accounts import Account
from domain.kernel.database import row, rows, update
from domain.kernel.outbox import Topic
from domain.referrals.friends import COLUMNS, of_row, to_row
from domain.referrals.states import Referral, ReferralStatus, Side

MANY_HOURS = timedelta(hours=24)
MANY_FRIENDS = 6
"""The friend with this number in 24 hours, and each later one, is reviewed by staff."""

FRIENDS_MAX = 500
"""Most friends that are read at once."""


async def latest(member_id: UUID, referral_id: UUID) -> Referral | None:
    """The latest version on the referrer's side; None before the friend's was carried there."""
    found = await row(
        f"SELECT {COLUMNS} FROM referral WHERE member_id = $1 AND id = $2 AND side = 'REFERRER' "
        "ORDER BY version DESC LIMIT 1",
        member_id,
        referral_id,
    )
    return of_row(found) if found else None


async def add(
    account: Account,
    before: Referral | None,
    friend: Referral,
    status: ReferralStatus,
    *,
    flags: Sequence[str] = (),
    due_at: datetime | None = None,
) -> Referral:
    """Record the outcome of this version of the friend's side; earlier due versions are done with
    it.

    `due_at` is the instant at which a friend without a fact must be checked.
    """
    made = Referral(
        member_id=account.member_id,
        id=friend.id,
        version=before.version + 1 if before else 1,
        side=Side.REFERRER,
        other_id=friend.member_id,
        status=status,
        joined_at=friend.joined_at,
        fact_at=friend.fact_at,
        recorded_at=account.now,
        policy_version_id=friend.policy_version_id,
        answers=friend.version,
        flags=tuple(flags),
        actor=friend.actor,
        reason=friend.reason,
    )
    await mark_applied(made.member_id, made.id, made.version, account.now)
    account.record(to_row(account, made, due_at=due_at))
    account.notify(Topic.REFERRAL_CHANGED, referral_id=made.id, side=made.side, status=made.status)
    return made


async def mark_applied(member_id: UUID, referral_id: UUID, through: int, now: datetime) -> None:
    """Mark versions of this side through this one as done."""
    await update(
        "UPDATE referral SET applied_at = $4 "
        "WHERE member_id = $1 AND id = $2 AND version <= $3 AND applied_at IS NULL",
        member_id,
        referral_id,
        through,
        now,
    )


async def friends_of(member_id: UUID) -> AsyncGenerator[list[UUID], None]:
    """All friends who joined with this member's code, as far as carried to this side, the first one
    first, at most `FRIENDS_MAX` at a time.
    """
    after = UUID(int=0)
    while found := await rows(
        "SELECT id, other_id FROM referral WHERE member_id = $1 AND side = 'REFERRER' "
        "AND version = 1 AND id > $2 ORDER BY id LIMIT $3",
        member_id,
        after,
        FRIENDS_MAX,
    ):
        after = found[-1]["id"]
        yield [friend["other_id"] for friend in found]


async def joined_around(member_id: UUID, joined_at: datetime) -> list[datetime]:
    """Joining instants of other friends that were carried here before, up to 24 hours from this
    instant.
    """
    found = await rows(
        "SELECT joined_at FROM referral WHERE member_id = $1 AND side = 'REFERRER' "
        "AND version = 1 AND joined_at > $2 AND joined_at < $3",
        member_id,
        joined_at - MANY_HOURS,
        joined_at + MANY_HOURS,
    )
    return [friend["joined_at"] for friend in found]


def is_many(joined_at: datetime, others: Sequence[datetime]) -> bool:
    """Whether some 24 hours in which this friend joined have `MANY_FRIENDS` with it."""
    instants = sorted([*others, joined_at])
    spans = zip(instants, instants[MANY_FRIENDS - 1 :], strict=False)
    return any(last - first < MANY_HOURS and first <= joined_at <= last for first, last in spans)


async def first_flags(member_id: UUID, referral_id: UUID) -> list[str]:
    """Flags of the friend when it was first carried to this side."""
    found = await row(
        "SELECT flags FROM referral WHERE member_id = $1 AND id = $2 AND version = 1",
        member_id,
        referral_id,
    )
    return list(orjson.loads(found["flags"])) if found else []


async def qualified(
    whose: Sequence[UUID], span: tuple[datetime, datetime] | None, *, besides: UUID
) -> int:
    """Number of other friends with a fact in this span (UTC) for whom the referrer, or a member
    merged into it, is rewarded.
    """
    first, end = span or (None, None)
    found = await row(
        "SELECT count(*) AS count FROM (SELECT DISTINCT ON (member_id, id) status, fact_at "
        "FROM referral WHERE member_id = ANY($1::uuid[]) AND side = 'REFERRER' AND id <> $2 "
        "ORDER BY member_id, id, version DESC) r WHERE status = 'QUALIFIED' "
        "AND ($3::timestamptz IS NULL OR fact_at >= $3) "
        "AND ($4::timestamptz IS NULL OR fact_at < $4)",
        list(whose),
        besides,
        first,
        end,
    )
    return int(found["count"]) if found else 0

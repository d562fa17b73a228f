"""The friend's side of a referral: joining, and each version after it.

Rows are added to the friend's open account and written when that closes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

import models
from domain.accounts.accounts import Account
from domain.kernel.database import Row, row, rows
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.kernel.pages import beyond
from domain.kernel.queries import Query, ask_one, query
from domain.programmes.programmes import Version
from domain.referrals.states import Referral, ReferralStatus, Side

COLUMNS = (
    "member_id, id, version, side, other_id, status, joined_at, fact_at, recorded_at, "
    "policy_version_id, answers, flags, actor, reason"
)


def join(account: Account, referrer_id: UUID, version: Version, joined_at: datetime) -> None:
    """Record that this account's member joined with the code of `referrer_id`, on the terms of
    `version`; does nothing without such terms.
    """
    terms = version.policy.referrals
    if terms is None:
        return
    joined = Referral(
        member_id=account.member_id,
        id=new_id(),
        version=0,
        side=Side.REFEREE,
        other_id=referrer_id,
        status=ReferralStatus.JOINED,
        joined_at=joined_at,
        fact_at=None,
        recorded_at=account.now,
        policy_version_id=version.id,
    )
    first = add(account, joined, ReferralStatus.JOINED)
    if terms.qualifies == "enrolled":
        add(account, first, ReferralStatus.REACHED, fact_at=joined_at)


def add(
    account: Account,
    before: Referral,
    status: ReferralStatus,
    *,
    fact_at: datetime | None = None,
    applied: bool = False,
    **said: Any,
) -> Referral:
    """Add the version after `before` on the same side; columns not in `said` are null.

    One that is not `applied` yet is due at once.
    """
    now = account.now
    made = Referral(
        member_id=before.member_id,
        id=before.id,
        version=before.version + 1,
        side=before.side,
        other_id=before.other_id,
        status=status,
        joined_at=before.joined_at,
        fact_at=fact_at,
        recorded_at=now,
        policy_version_id=before.policy_version_id,
        **said,
    )
    account.record(to_row(account, made, due_at=None if applied else now))
    account.notify(Topic.REFERRAL_CHANGED, referral_id=made.id, side=made.side, status=made.status)
    return made


def to_row(account: Account, made: Referral, *, due_at: datetime | None) -> models.Referral:
    """The row of a version; without `due_at` it is not due."""
    return models.Referral(
        member_id=made.member_id,
        id=made.id,
        version=made.version,
        programme_id=account.programme.id,
        side=made.side,
        other_id=made.other_id,
        status=made.status,
        joined_at=made.joined_at,
        fact_at=made.fact_at,
        recorded_at=made.recorded_at,
        policy_version_id=made.policy_version_id,
        answers=made.answers,
        flags=list(made.flags),
        actor=made.actor,
        reason=made.reason,
        due_at=due_at,
        applied_at=made.recorded_at if due_at is None else None,
    )


def of_row(found: Row) -> Referral:
    """A version, of a row of `COLUMNS`."""
    return Referral(
        **{
            **found,
            "side": Side(found["side"]),
            "status": ReferralStatus(found["status"]),
            "flags": tuple(orjson.loads(found["flags"])),
        }
    )


async def latest(member_id: UUID) -> Referral | None:
    """The latest version of the referral by which this member joined; None without one."""
    found = await ask_one(query_of_latest(member_id))
    return of_row(found) if found else None


def query_of_latest(member_id: UUID) -> Query:
    return query(
        COLUMNS.split(", "),
        f"SELECT {COLUMNS} FROM referral WHERE member_id = $1 AND side = 'REFEREE' "
        "ORDER BY version DESC LIMIT 1",
        member_id,
    )


async def was_approved(member_id: UUID, referral_id: UUID) -> bool:
    """Whether staff has approved the friend, whatever has happened since."""
    found = await row(
        "SELECT version FROM referral WHERE member_id = $1 AND id = $2 AND side = 'REFEREE' "
        "AND status = 'REACHED' AND actor IS NOT NULL LIMIT 1",
        member_id,
        referral_id,
    )
    return found is not None


_PLACE = ("timestamptz", "uuid", "uuid", "int")
"""The types of the key by which states that are due are read."""


@dataclass(frozen=True, slots=True)
class Unapplied:
    """A version of either side that must be applied from `due_at` on (UTC)."""

    due_at: datetime
    member_id: UUID
    id: UUID
    version: int
    friend_id: UUID

    @property
    def place(self) -> tuple[datetime, UUID, UUID, int]:
        return self.due_at, self.member_id, self.id, self.version


async def unapplied(
    programme_id: UUID, now: datetime, after: Unapplied | None, limit: int
) -> Sequence[Unapplied]:
    """At most `limit` versions that are due, those after this one, the longest due first."""
    found = await rows(
        "SELECT due_at, member_id, id, version, "
        "CASE side WHEN 'REFEREE' THEN member_id ELSE other_id END AS friend_id FROM referral "
        "WHERE programme_id = $1 AND applied_at IS NULL AND due_at <= $2 "
        f"AND {beyond('due_at, member_id, id, version', 3, *_PLACE, descending=False)} "
        "ORDER BY due_at, member_id, id, version LIMIT $7",
        programme_id,
        now,
        *(after.place if after else (None, None, None, None)),
        limit,
    )
    return [Unapplied(**version) for version in found]

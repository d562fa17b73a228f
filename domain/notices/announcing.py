"""Announcing: members are notified of an announcement once it begins, each once.

A run goes through the members a batch at a time, each under its own lock. Its position is stored
after each batch in which none failed, so a run that was killed continues there.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.earning import segments
from domain.kernel.database import row, rows, transact, update
from domain.kernel.outbox import Topic
from domain.members import identity, members
from domain.members.members import Member
from domain.members.statuses import MemberStatus
from domain.notices import announcements, occasions
from domain.notices.announcements import Announcement
from domain.notices.kinds import Kind
from domain.programmes.programmes import Programme
from domain.tiers import tier_reviews

BATCH = 500


@dataclass(slots=True)
class Run:
    """A run over the members for one announcement as it was saved at an instant, from `position`
    on; once it was `saved_again` the run ends, as the audience may have changed.
    """

    programme: Programme
    announcement: Announcement
    saved_at: datetime
    now: datetime
    position: UUID
    given: int = 0
    announced: int = 0
    saved_again: bool = False


async def runs(programme: Programme, now: datetime) -> list[Run]:
    """Runs to begin or continue: of announcements that have begun and not ended."""
    found = await rows(
        f"SELECT {announcements.COLUMNS}, position, saved_at FROM announcement "
        "WHERE programme_id = $1 AND notify AND notified_at IS NULL AND from_at <= $2 "
        "AND (until_at IS NULL OR until_at > $2) ORDER BY from_at, code",
        programme.id,
        now,
    )
    made = []
    for one in found:
        position, saved_at = one.pop("position") or UUID(int=0), one.pop("saved_at")
        announcement = announcements.to_announcement(one)
        made.append(Run(programme, announcement, saved_at, now, position))
    return made


@dataclass(frozen=True, slots=True)
class Listener:
    """A member to be notified of an announcement."""

    run: Run
    member_id: UUID

    def __str__(self) -> str:
        return f"{self.run.announcement.code} for {self.member_id}"


async def listeners(programme: Programme, now: datetime) -> AsyncGenerator[Listener, None]:
    """All members to be notified of announcements that have begun, one announcement after the
    other.
    """
    for run in await runs(programme, now):
        async with aclosing(audience(run)) as found:
            async for member_id in found:
                yield Listener(run, member_id)


async def audience(run: Run) -> AsyncGenerator[UUID, None]:
    """Enrolled members whom it is for, each once.

    The position is stored up to the first failure; the next run does the rest again.
    """
    while batch := await identity.next_after(
        run.programme.id, run.position, BATCH, status=MemberStatus.ENROLLED
    ):
        for member_id in await _of(run, batch):
            run.given += 1
            yield member_id
            if run.saved_again:
                return
        run.position = batch[-1]
        if run.announced == run.given:
            await _keep(run, None)
    if run.announced == run.given:
        await _keep(run, run.now)


async def announce(_: Programme, listener: Listener, __: datetime) -> int:
    """Write the event for one member, in a transaction, as of the run's instant; returns 0 if it
    was written before, or the announcement was saved again since the run began.

    Raises: ConcurrentRequest.
    """
    done = await transact(partial(_announce, listener.run, listener.member_id))
    listener.run.announced += 1
    return done


async def _announce(run: Run, member_id: UUID) -> int:
    code = run.announcement.code
    run.saved_again = not await _stands(run)
    if run.saved_again:
        return 0
    async with accounts.opened(run.programme, member_id, run.now) as account:
        topic = Topic.ANNOUNCEMENT_SENT
        return await occasions.write(account, Kind.ANNOUNCEMENT, code, topic, code=code)


async def _stands(run: Run) -> bool:
    """Whether the announcement is unchanged since the run began."""
    sql = "SELECT 1 AS one FROM announcement WHERE id = $1 AND saved_at = $2"
    return await row(sql, run.announcement.id, run.saved_at) is not None


async def _of(run: Run, batch: Sequence[UUID]) -> list[UUID]:
    """Those of these members who belong to the announcement's audience."""
    if run.announcement.tiers is None and run.announcement.segment is None:
        return list(batch)
    known = await members.many(batch)
    found = await of_members(run.programme, list(known.values()), [run.announcement], run.now)
    return [one for one in batch if found.get(one)]


async def of_members(
    programme: Programme, batch: Sequence[Member], wanted: Sequence[Announcement], now: datetime
) -> dict[UUID, list[Announcement]]:
    """By member, those of these announcements that are for it; without enrolment, those for
    everybody. At most `counts.MEMBERS_MAX` members.
    """
    policy, found = programme.as_of(now).policy, {}
    named = tuple(dict.fromkeys(one.segment for one in wanted if one.segment is not None))
    within = await segments.of_batch(programme, batch, named, now)
    for member in batch:
        tier = None
        if member.status is MemberStatus.ENROLLED:
            holding, _ = await tier_reviews.foresee(programme, member.holding, now)
            tier = policy.tier_code(holding.tier)
        own = within.get(member.member_id, ())
        found[member.member_id] = [one for one in wanted if one.is_for(tier, own)]
    return found


async def _keep(run: Run, notified_at: datetime | None) -> None:
    # one that was saved again meanwhile gets a new run
    await update(
        "UPDATE announcement SET position = $3, notified_at = $4 "
        "WHERE id = $1 AND saved_at = $2 AND notified_at IS NULL",
        run.announcement.id,
        run.saved_at,
        run.position,
        notified_at,
    )

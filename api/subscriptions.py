"""Subscriptions of a client: a member's balance, ledger, redemptions and notices, and jobs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

from api.balances import Balance, balance_until, learn_language, load_row
from api.jobs import JOB_TYPE, Job, load_job
from api.kit import live
from api.kit.context import Info
from api.kit.inputs import MemberBy, visible_member
from api.kit.live import Turn, patiently
from api.kit.relay import from_global_id
from api.kit.request_errors import RequestError, RequestErrorCode
from api.ledger import LedgerEntry, to_entry
from api.notices import Notice, to_notice
from api.redemptions import Redemption, to_redemption
from domain.delivery import following
from domain.jobs import jobs
from domain.kernel.outbox import Topic
from domain.kernel.refusals import NotFound
from domain.kernel.signs import Sign
from domain.ledger import entries
from domain.ledger.entries import EntryRow
from domain.notices import inbox
from domain.notices.arriving import Arrivals
from domain.redemptions import redemption_reads

ENTRIES_MAX = 10
"""Most entries that are read at once, and charged as one answer, like a page of them."""

REDEMPTIONS: frozenset[str] = frozenset(
    {
        Topic.REWARD_HELD,
        Topic.REWARD_REDEEMED,
        Topic.REWARD_RELEASED,
        Topic.REDEMPTION_SHIPPED,
        Topic.REDEMPTION_FULFILLED,
        Topic.REDEMPTION_REJECTED,
        Topic.REDEMPTION_CANCELLED,
        Topic.COUPON_USED,
        Topic.COUPON_RETURNED,
        Topic.COUPON_EXTENDED,
        Topic.BOOKING_RECORDED,
    }
)
"""The events by which redemptions change; one of a booking names that which paid for it."""

Named: TypeAlias = Annotated[
    MemberBy | None,
    strawberry.argument(
        description="Member; null means the calling member. Other callers must name one."
    ),
]


async def _watched(info: Info, member: MemberBy | None) -> UUID:
    """The member that a subscription is about.

    Raises: RequestError BAD_USER_INPUT
    """
    try:
        found = await visible_member(info, member)
    except NotFound:
        found = None
    if found is None:
        raise RequestError(
            RequestErrorCode.BAD_USER_INPUT,
            "`member` names no member that you may see."
            if member
            else "Name a member, or enrol first.",
            field="member",
        )
    return found


async def balances(info: Info, member: MemberBy | None = None) -> AsyncIterator[Turn]:
    """At once, at each event of the member, and when something falls due."""
    context = info.context
    member_id = await _watched(info, member)
    async with context.kept_open.watch(context.programme, member_id) as watch:
        async for _ in watch.changes():
            yield Turn(watch, member_id)


async def appended(
    info: Info, member: MemberBy | None = None, after: int | None = None
) -> AsyncIterator[Turn]:
    """Each entry after that sequence, in order; without one, after the last existing entry."""
    context = info.context
    member_id = await _watched(info, member)
    async with context.kept_open.watch(context.programme, member_id) as watch:
        last = after
        if last is None:
            last = await patiently(partial(entries.last_sequence, member_id))
        async for _ in watch.changes():
            more = True
            while more and not watch.ended:
                now = context.programme.now(datetime.now(UTC))
                found = await patiently(
                    partial(entries.following, member_id, last, ENTRIES_MAX, now)
                )
                for place, row in enumerate(found):
                    last = row.sequence
                    yield Turn(watch, row, news=True, paid=place > 0)
                more = len(found) == ENTRIES_MAX


async def changed(info: Info, member: MemberBy | None = None) -> AsyncIterator[Turn]:
    """Each changed redemption that the caller may see, in its state then."""
    context = info.context
    member_id = await _watched(info, member)
    async with context.kept_open.watch(context.programme, member_id, REDEMPTIONS) as watch:
        async for heard in watch.changes():
            if not heard:
                continue
            named = await patiently(partial(following.redemptions_of, member_id, heard))
            keys = [(member_id, own) for own in named]
            found = await patiently(partial(redemption_reads.many, context.programme.id, keys))
            for own in named:
                row = found.get(own)
                if row is not None and row.is_there_for(context.caller):
                    yield Turn(watch, row, news=True)


async def received(info: Info) -> AsyncIterator[Turn]:
    """Each new notice of the calling member from now on."""
    context = info.context
    member_id = context.caller.member_id
    if member_id is None:
        raise RequestError(
            RequestErrorCode.BAD_USER_INPUT, "Only a member that has joined is sent notices."
        )
    signs = frozenset({Sign.NOTICE})
    async with context.kept_open.watch(context.programme, member_id, signs) as watch:
        arrivals = Arrivals(member_id, context.programme.now(datetime.now(UTC)))
        await patiently(arrivals.more)
        async for _ in watch.changes():
            for row in await patiently(arrivals.more):
                yield Turn(watch, row, news=True)


def _no_job() -> RequestError:
    return RequestError(RequestErrorCode.BAD_USER_INPUT, "`id` names no job.", field="id")


async def worked_on(info: Info, id: strawberry.ID) -> AsyncIterator[Turn]:
    """A turn at once, after each progress of the job, and a last one at its end.

    Raises: RequestError BAD_USER_INPUT
    """
    context, named = info.context, from_global_id(id)
    if named is None or named.type_name != JOB_TYPE:
        raise _no_job()
    if await patiently(partial(jobs.find, context.programme.id, named.id)) is None:
        raise _no_job()
    signs = frozenset({Sign.JOB})
    async with context.kept_open.watch(context.programme, named.id, signs) as watch:
        async for _ in watch.changes():
            yield Turn(watch, named.id)


@strawberry.type(
    description="All subscriptions, by WebSocket (graphql-transport-ws) or server-sent events; "
    "each sends changes at most five times a second."
)
class Subscription:
    @live.live(
        balances,
        "Balance of a member: now, at each change, and when points mature or expire.",
    )
    async def balance_changed(self, info: Info, member: Named = None) -> Balance:
        turn = info.context.subject
        row = await load_row(info, turn.about)
        if row is None:
            raise RequestError(RequestErrorCode.BAD_USER_INPUT, "There is no such member any more.")
        balance, turn.watch.due_at = await balance_until(info, row)
        return balance

    @live.live(
        appended,
        "Entries of a member's ledger as they are recorded, in the order of their sequence, each "
        "once.",
    )
    async def ledger_appended(
        self,
        info: Info,
        member: Named = None,
        after: Annotated[
            int | None,
            strawberry.argument(
                description="Sequence of the last entry that the client has; all later ones are "
                "sent, beginning with those already recorded. Null sends only what is recorded "
                "from now on."
            ),
        ] = None,
    ) -> LedgerEntry:
        await learn_language(info)
        row: EntryRow = info.context.subject.about
        return to_entry(info, row)

    @live.live(
        changed,
        "Redemptions of a member that the caller may see, each as it is after a change from now "
        "on.",
    )
    async def redemption_changed(self, info: Info, member: Named = None) -> Redemption:
        await learn_language(info)
        row: redemption_reads.Redemption = info.context.subject.about
        return to_redemption(row, info.context.now)

    @live.live(received, "Notices sent to the calling member from now on, each once.")
    async def notice_received(self, info: Info) -> Notice:
        await learn_language(info)
        row: inbox.Notice = info.context.subject.about
        return to_notice(row)

    @live.live(
        worked_on, "Job with this id: now, at each progress, and for the last time when it ends."
    )
    async def job_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")],
    ) -> Job:
        turn = info.context.subject
        job = await load_job(info, turn.about)
        if job is None:
            raise _no_job()
        if job.found.finished:
            turn.watch.end()
        return job

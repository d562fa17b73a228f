"""Sending a notice again at the request of staff: with the member's consent, however often it was
sent before.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.delivery import feed, lanes, targets
from domain.kernel.database import update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.refusals import InvalidInput, NotFound, StateConflict
from domain.members import statuses
from domain.members.consents import Channel
from domain.notices import channels, deciding, inbox, reaching
from domain.notices.inbox import Named, Notice
from domain.notices.kinds import hears
from domain.programmes.programmes import Programme
from domain.webhooks.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class ResendRequest:
    """A notice, and the channel by which to send it."""

    notice: Named
    channel: Channel


async def resend(
    request: Request, programme: Programme, wanted: ResendRequest, outgoing: Outgoing, now: datetime
) -> Outcome:
    """Send a notice by a channel at a real instant, even by one that was not chosen for it; a
    notice that waits to be sent stays as it is. Figures: `member_id`, `notice_id`.

    Raises: NotFound, InvalidInput where it is withheld, StateConflict, IdempotencyKeyReused,
        ConcurrentRequest.
    """

    async def work() -> Figures:
        notice = await _found(request, wanted.notice)
        served = frozenset(Channel(one) for one in outgoing.told_by)
        await _check(programme, notice, wanted.channel, served, request.now)
        event = await feed.find(programme.id, notice.member_id, notice.event_id)
        if event is None:
            raise StateConflict("event", "REMOVED", ("KEPT",), path=("notice",))
        target = await targets.opened(programme.id, deciding.TARGETS[wanted.channel])
        await lanes.add_again(programme.id, event, target, now)
        await _note(notice, wanted.channel)
        return {"member_id": str(notice.member_id), "notice_id": str(notice.id)}

    sent = [wanted.notice.named, wanted.channel]
    return await once(request, "resendNotice", sent, work)


async def _found(request: Request, named: Named) -> Notice:
    programme_id = request.caller.programme_id
    found = await inbox.by_ids(programme_id, [named.key]) if named.key else {}
    notice = found.get(named.key[1]) if named.key else None
    if notice is None:
        raise NotFound("notice", named.named, path=("notice",))
    return notice


async def _check(
    programme: Programme,
    notice: Notice,
    channel: Channel,
    served: frozenset[Channel],
    now: datetime,
) -> None:
    """Under the lock of the member's row, as when it is decided."""
    status = await statuses.lock(notice.member_id)
    receiver_id = await reaching.receiver(notice.member_id, status, notice.kind)
    if receiver_id != notice.member_id:
        status = await statuses.lock(receiver_id)
    if status is None or not hears(status, notice.kind):
        shown = str(status or "")
        raise StateConflict("member", shown, (statuses.MemberStatus.ENROLLED,), path=("notice",))
    reach = await reaching.reach(programme, receiver_id, notice.kind, served, now)
    age = await reaching.age(programme, notice.kind, notice.variables, now, now)
    withheld = channels.obstacle(notice.kind, channel, age, reach)
    if withheld is not None:
        raise InvalidInput("notice_withheld", withheld.value, path=("channel",))


async def _note(notice: Notice, channel: Channel) -> None:
    await update(
        "UPDATE notice SET channels = coalesce(channels, '{}') || jsonb_build_object($3::text, "
        "NULL), decided_at = coalesce(decided_at, happened_at) WHERE member_id = $1 AND id = $2",
        notice.member_id,
        notice.id,
        channel.value,
    )


def key_of(outcome: Outcome) -> tuple[UUID, UUID]:
    """The (member id, id) of the notice that was sent again."""
    return UUID(outcome.figures["member_id"]), UUID(outcome.figures["notice_id"])

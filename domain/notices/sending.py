"""Sending a notice: its receiver now, or the reason why it is not sent any more."""

from dataclasses import dataclass
from datetime import datetime

from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery
from domain.members import profile, statuses
from domain.members.consents import Channel
from domain.notices import channels, deciding, inbox, reaching
from domain.notices.channels import Reach, Withheld
from domain.notices.devices import Device
from domain.notices.inbox import Notice
from domain.notices.kinds import hears
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in the member's language: for its address, or of a push for its devices."""

    notice: Notice
    address: str
    locale: str
    devices: tuple[Device, ...] = ()


async def letter(
    programme: Programme,
    event: NumberedEvent,
    delivery: Delivery,
    channel: Channel,
    now: datetime,
) -> Letter | Withheld | None:
    """The letter to send by a channel at a real instant. All conditions are checked again, as the
    member may have withdrawn its consent, changed its address or left since the decision. None
    where nobody may get it. The age of a notice that staff send again counts from that moment.
    """
    member_id, at = event.member_id, programme.now(now)
    own = deciding.id_of(event)
    notice = (await inbox.by_ids(programme.id, [(member_id, own)])).get(own)
    if notice is None:
        return None
    status = await statuses.of(member_id)
    member_id = await reaching.receiver(member_id, status, notice.kind)
    if member_id != event.member_id:
        status = await statuses.of(member_id)
    if not hears(status, notice.kind):
        return None
    policy = reaching.policy_at(programme, at)
    there = await reaching.places(programme.id, member_id)
    granted = await reaching.granted(policy, member_id, notice.kind.purpose)
    reach = Reach(frozenset({channel}), there.addressed, granted, {}, there.suppressed)
    resent = delivery.waits_since > event.numbered_at
    since = programme.now(delivery.waits_since) if resent else notice.happened_at
    age = await reaching.age(programme, notice.kind, notice.variables, since, at)
    withheld = channels.obstacle(notice.kind, channel, age, reach)
    if withheld is not None:
        return withheld
    address = there.addresses.get(channel, "")
    return Letter(notice, address, await profile.locale_of(member_id), there.devices)

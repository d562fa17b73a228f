"""What members are told, and what they say: notices, announcements, feedback."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.delivery import numbering
from domain.delivery.numbering import Part
from domain.feedback import submitting
from domain.feedback.submitting import AnswerSent, FeedbackKey, FeedbackSent
from domain.kernel import outbox
from domain.kernel.callers import Caller
from domain.kernel.database import transact
from domain.kernel.ids import new_id
from domain.kernel.outbox import Event, Topic, part_of
from domain.kernel.writes import Writes
from domain.members.consents import Channel
from domain.members.identity import MemberKey
from domain.notices import announcements, deciding, devices, suppressing, templates
from domain.notices.announcements import AnnouncementSent
from domain.notices.devices import Device, DeviceSent, PushProvider
from domain.notices.suppressing import BounceKind
from domain.programmes.programmes import Programme
from tests.support.factories.calls import NOW, request, staff


async def notice(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> UUID:
    """A notice of an answer to feedback, whose event has its position; its id."""
    real = now - programme.clock_offset
    about = new_id()
    answered = Event(Topic.FEEDBACK_ANSWERED, member_id, {"feedback_id": about})

    async def work() -> None:
        writes = Writes(member_id)
        outbox.add(writes, programme.id, now, [answered])
        await writes.send()

    await transact(work)
    placed = await numbering.place(Part(programme.id, programme.code, part_of(member_id)), real)
    [own] = [one for one in placed if one.payload.get("feedback_id") == str(about)]
    assert await deciding.decide(programme, own, (), real)
    return deciding.id_of(own)


async def say(
    programme: Programme,
    member_id: UUID,
    *,
    now: datetime = NOW,
    caller: Caller | None = None,
    **about: UUID,
) -> UUID:
    """Feedback of a member that nobody has answered; its id."""
    sent = FeedbackSent("The breakfast was late.", 3, **about)
    outcome = await submitting.submit(
        request(caller or staff(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    return UUID(outcome.figures["feedback_id"])


async def bounce(
    programme: Programme,
    address: str = "gone@example.com",
    kind: BounceKind = BounceKind.HARD,
    *,
    now: datetime = NOW,
) -> bool:
    """A bounce that staff report; whether the address is suppressed."""
    asked = request(staff(programme), now=now)
    outcome = await suppressing.report(asked, programme, Channel.EMAIL, address, kind)
    suppressed: bool = outcome.figures["suppressed"]
    return suppressed


async def template(
    programme: Programme,
    kind: str = "welcome",
    *,
    now: datetime = NOW,
    subject: str | None = "Hello from {{ programme }}",
    body: str | None = "<p>{{ programme }} is glad.</p>",
) -> int:
    """A text of mail in English that staff publish; its version."""
    place = templates.template_key(kind, Channel.EMAIL, "en")
    asked = request(staff(programme), now=now)
    outcome = await templates.publish(asked, templates.TemplateSent(place, subject, body))
    version: int = outcome.figures["version"]
    return version


async def announcement(
    programme: Programme, code: str = "summer", *, now: datetime = NOW, **sent: Any
) -> str:
    """An announcement that staff save, from now on and for all where nothing else is said."""
    words = {"zh-CN": "夏日", "en": "Summer"}
    whole = {"title": words, "text": words, "from_at": now, **sent}
    asked = request(staff(programme), now=now)
    await announcements.save(asked, programme, AnnouncementSent(code, **whole))
    return code


async def device(
    programme: Programme,
    member_id: UUID,
    address: str = "device-1",
    *,
    provider: PushProvider = PushProvider.HTTP,
    now: datetime = NOW,
) -> int:
    """A device that pushes to a member go to; how many it has."""
    sent = DeviceSent(MemberKey.of_id(member_id), Device(provider, address))
    outcome = await devices.register(request(staff(programme), now=now), programme, sent)
    count: int = outcome.figures["count"]
    return count


async def answer(programme: Programme, member_id: UUID, feedback_id: UUID) -> None:
    """Staff answer what a member said."""
    key, sent = FeedbackKey(member_id, feedback_id, "it"), AnswerSent("Thank you.")
    await submitting.answer(request(staff(programme)), programme, key, sent)

"""Notices, announcements, templates, devices, bounces and feedback."""

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
    """A notice of answered feedback, whose event is numbered; its id."""
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
    """Unanswered feedback of a member; its id."""
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
    """Report a bounce as staff; whether the address is suppressed."""
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
    """Publish an English template of mail as staff; its version."""
    place = templates.template_key(kind, Channel.EMAIL, "en")
    asked = request(staff(programme), now=now)
    outcome = await templates.publish(asked, templates.TemplateSent(place, subject, body))
    version: int = outcome.figures["version"]
    return version


async def announcement(
    programme: Programme, code: str = "summer", *, now: datetime = NOW, **sent: Any
) -> str:
    """Save an announcement as staff, by default for all members from `now` on; its code."""
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
    """Register a member's device for pushes; how many devices the member has."""
    sent = DeviceSent(MemberKey.of_id(member_id), Device(provider, address))
    outcome = await devices.register(request(staff(programme), now=now), programme, sent)
    count: int = outcome.figures["count"]
    return count


async def answer(programme: Programme, member_id: UUID, feedback_id: UUID) -> None:
    """Answer a member's feedback as staff."""
    key, sent = FeedbackKey(member_id, feedback_id, "it"), AnswerSent("Thank you.")
    await submitting.answer(request(staff(programme)), programme, key, sent)

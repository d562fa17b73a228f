"""Codes of contacts on their way: each is sent once, and then removed everywhere."""

from dataclasses import replace
from datetime import datetime

from domain.delivery import fan_out
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery
from domain.delivery.recording import ANSWER_CHARACTERS_MAX, Result
from domain.delivery.retrying import AttemptOutcome
from domain.members.consents import Channel
from domain.notices import contact_codes, sending
from domain.notices.channels import Withheld
from domain.notices.sending import Letter
from domain.programmes.programmes import Programme
from ops.worker.carriers import Post


async def letter(
    programme: Programme,
    event: NumberedEvent,
    delivery: Delivery,
    channel: Channel,
    key: bytes,
    now: datetime,
) -> Letter | Withheld | None:
    """The letter for a channel at a real instant: the notice of an event, or a code."""
    if event.topic in fan_out.CODED:
        return await contact_codes.letter(programme, event, key, now)
    return await sending.letter(programme, event, delivery, channel, now)


def sent_once(event: NumberedEvent, letter: Letter, post: Post) -> Post:
    """The attempt; after that of a code the code itself is removed, unless it will be sent again,
    and the stored answer does not contain it.
    """
    if event.topic not in fan_out.CODED:
        return post
    code = str(letter.notice.variables["code"])

    def hidden(said: str | None) -> str | None:
        return said and said.replace(code, "(the code)")[:ANSWER_CHARACTERS_MAX]

    async def send(now: datetime) -> Result:
        result = await post(now)
        if result.outcome is not AttemptOutcome.FAILED and result.retry_after is None:
            await contact_codes.forget(event)
        return replace(result, answer=hidden(result.answer), error=hidden(result.error))

    return send

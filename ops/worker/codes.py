"""Codes of contacts on their way: each goes out once, and is then kept nowhere."""

from dataclasses import replace
from datetime import datetime

from domain.delivery.events import NumberedEvent
from domain.delivery.recording import Result
from domain.delivery.retrying import Outcome
from domain.notices import contact_codes
from domain.notices.sending import Letter
from ops.worker.carriers import Post

SHOWN_CHARACTERS_MAX = 500


def sent_once(event: NumberedEvent, letter: Letter, post: Post) -> Post:
    """The attempt, after which the code itself is removed unless it is to be sent again; what is
    kept of the answer does not have it.
    """
    code = str(letter.notice.variables["code"])

    def hidden(said: str | None) -> str | None:
        return said and said.replace(code, "(the code)")[:SHOWN_CHARACTERS_MAX]

    async def send(now: datetime) -> Result:
        result = await post(now)
        if result.outcome is not Outcome.FAILED and result.retry_after is None:
            await contact_codes.forget(event)
        return replace(result, answer=hidden(result.answer), error=hidden(result.error))

    return send

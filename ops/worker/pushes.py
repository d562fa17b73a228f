"""The carrier of pushes: to the devices and accounts of a member, at most once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote

import orjson

from api.edge import posting
from api.edge.posting import Answer, Clients
from api.edge.posting import Letter as Posting
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Result
from domain.delivery.retrying import AttemptOutcome
from domain.members.consents import Channel
from domain.notices import sending, suppressing
from domain.notices.channels import Withheld
from domain.notices.devices import Device, PushProvider
from domain.programmes.programmes import Programme
from ops import providers
from ops.providers import Plain, WeChat
from ops.worker import posted, wording
from ops.worker.carriers import Later, Never, Post
from ops.worker.posted import Verdict, said_in, signed_as_webhooks
from ops.worker.wording import Words

TOKEN_MARGIN = timedelta(minutes=5)
"""So long before it ends a token of WeChat is not used any more."""

NO_TOKEN, GONE, BUSY = {40001, 40014, 42001}, {40003, 43004}, {-1, 45009}
"""Codes of WeChat: for an expired token, for an account that gets no messages, for its own
limits.
"""

_BEST = (
    AttemptOutcome.ACCEPTED,
    AttemptOutcome.UNKNOWN,
    AttemptOutcome.FAILED,
    AttemptOutcome.REFUSED,
)
"""Of the results for several devices, the first in this order is the result of the push."""


@dataclass(frozen=True, slots=True)
class Push:
    """One push, to these devices."""

    kind: str
    delivery: Delivery
    devices: Sequence[Device]
    words: Words

    def of(self, provider: PushProvider) -> list[str]:
        return [one.address for one in self.devices if one.provider is provider]


@dataclass(slots=True)
class Pushes:
    """Sends pushes to the operator's own address, which gets all devices at once, and to WeChat,
    each account separately.
    """

    plain: Plain | None = None
    wechat: WeChat | None = None
    through: Clients = field(default_factory=lambda: Clients(kept_seconds=0))
    token: tuple[str, datetime] | None = None
    at_most_once: bool = True

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never | Later:
        letter = await sending.letter(programme, event, delivery, Channel.PUSH, now)
        if letter is None or isinstance(letter, Withheld):
            return Never(letter)
        said = await wording.by_day(programme, letter, Channel.PUSH, now)
        if isinstance(said, Later):
            return said
        reached = tuple(self._reached(letter.devices, said))
        if not reached:
            served = any(self._serves(one) for one in letter.devices)
            return Never(Withheld.NOT_CONFIGURED if served else Withheld.NO_ADDRESS)
        push = Push(letter.notice.kind.value, delivery, reached, said)
        return partial(self._post, programme, push)

    def _serves(self, device: Device) -> bool:
        own = self.plain if device.provider is PushProvider.HTTP else self.wechat
        return own is not None

    def _reached(self, found: Iterable[Device], said: Words) -> Iterable[Device]:
        """Devices to which the push can be sent; WeChat stores the text itself."""
        return (
            one
            for one in found
            if self._serves(one)
            and (one.provider is PushProvider.HTTP or said.template is not None)
        )

    async def _post(self, programme: Programme, push: Push, now: datetime) -> Result:
        made: list[tuple[Answer, Verdict]] = []
        if self.plain is not None and push.of(PushProvider.HTTP):
            made.append(await self._to_plain(self.plain, push))
        if self.wechat is not None:
            made += [
                await self._to_wechat(programme, self.wechat, push, address)
                for address in push.of(PushProvider.WECHAT)
            ]
        answer, verdict = min(made, key=lambda one: _BEST.index(one[1].outcome))
        hidden = tuple(one.address for one in push.devices)
        return posted.result(answer, verdict, now, hidden)

    async def _to_plain(self, plain: Plain, push: Push) -> tuple[Answer, Verdict]:
        said = {
            "id": str(push.delivery.id),
            "to": push.of(PushProvider.HTTP),
            "kind": push.kind,
            "title": push.words.title,
            "text": push.words.own or push.words.body,
            "template": push.words.template,
            "parameters": dict(push.words.parameters),
        }
        letter = Posting(plain.url, *signed_as_webhooks(plain, push.delivery, said))
        answer = await posting.post(self.through, letter, providers.RULES)
        return answer, posted.by_status(answer)

    async def _to_wechat(
        self, programme: Programme, wechat: WeChat, push: Push, address: str
    ) -> tuple[Answer, Verdict]:
        token, answer = await self._token(wechat)
        if token is None:
            # nothing of the message has left
            said = "WeChat gave no access token"
            return Answer(answer.at, answer.milliseconds, error=said), Verdict(
                AttemptOutcome.FAILED
            )
        body = {
            "touser": address,
            "template_id": push.words.template,
            "client_msg_id": push.delivery.asked.hex,
            "data": {name: {"value": value} for name, value in push.words.parameters.items()},
        }
        url = f"{wechat.url}/cgi-bin/message/template/send?access_token={quote(token)}"
        letter = Posting(url, orjson.dumps(body), lambda _: {})
        answer = await posting.post(self.through, letter, providers.RULES)
        return answer, await self._verdict(programme, answer, address)

    async def _verdict(self, programme: Programme, answer: Answer, address: str) -> Verdict:
        code = said_in(answer).get("errcode")
        if not isinstance(code, int):
            return posted.without_a_word(answer)
        told = posted.by_status(answer)
        if told.outcome is not AttemptOutcome.ACCEPTED:
            return told
        if code in NO_TOKEN:
            self.token = None
        if code in GONE:
            await suppressing.suppress(programme, Channel.PUSH, address, answer.at)
        ours = code in NO_TOKEN or code in BUSY
        refused = AttemptOutcome.FAILED if ours else AttemptOutcome.REFUSED
        return Verdict(AttemptOutcome.ACCEPTED if code == 0 else refused)

    async def _token(self, wechat: WeChat) -> tuple[str | None, Answer]:
        """The present token for WeChat, with WeChat's answer if a new one was requested."""
        now = datetime.now(UTC)
        if self.token is not None and self.token[1] > now:
            return self.token[0], Answer(now, 0)
        asked = {
            "grant_type": "client_credential",
            "appid": wechat.app_id,
            "secret": wechat.secret,
        }
        letter = Posting(f"{wechat.url}/cgi-bin/stable_token", orjson.dumps(asked), lambda _: {})
        answer = await posting.post(self.through, letter, providers.RULES)
        said = said_in(answer)
        token, seconds = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            return None, answer
        self.token = token, now + timedelta(seconds=seconds) - TOKEN_MARGIN
        return token, answer

    async def close(self) -> None:
        await self.through.close()

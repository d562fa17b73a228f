"""The carrier of text messages: to proved numbers by a provider, at most once each."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

import orjson

from api.edge import posting
from api.edge.posting import Answer, Clients
from api.edge.posting import Letter as Posting
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Result
from domain.delivery.retrying import AttemptOutcome
from domain.members.consents import Channel
from domain.notices.channels import Withheld
from domain.programmes.programmes import Programme
from ops import providers
from ops.providers import Aliyun, Plain, SmsProvider, Tencent
from ops.worker import codes, posted, signatures, wording
from ops.worker.carriers import Later, Never, Post
from ops.worker.posted import Verdict, said_in, signed_as_webhooks
from ops.worker.signatures import Service
from ops.worker.wording import Words

AGAIN = timedelta(hours=1)
"""Time before the next attempt for a number at the provider's rate limit."""

OURS = (
    *("AuthFailure", "InvalidAccessKey", "SignatureDoesNotMatch", "IncompleteSignature"),
    *("Throttling", "RequestLimitExceeded", "InternalError", "ServiceUnavailable", "isp."),
    *("isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "isv.ACCOUNT", "isv.SMS_SIGN"),
    *("FailedOperation.InsufficientBalance", "FailedOperation.Signature", "UnauthorizedOperation"),
)
"""Prefixes of codes that blame the provider or ourselves, not this member's number."""

OFTEN = ("isv.BUSINESS_LIMIT_CONTROL", "LimitExceeded", "isv.DAY_LIMIT_CONTROL")


@dataclass(frozen=True, slots=True)
class Text:
    """One text message, and the unique name of its attempt."""

    delivery: Delivery
    number: str
    words: Words

    @property
    def attempt(self) -> str:
        return f"{self.delivery.asked.hex}{self.delivery.attempts}"


class Api(Protocol):
    """Requests to a provider, and its answers."""

    @property
    def needs_template(self) -> bool: ...

    def posting(self, text: Text) -> Posting: ...

    def verdict(self, answer: Answer) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class OfAliyun:
    provider: Aliyun
    needs_template: bool = True

    def posting(self, text: Text) -> Posting:
        said = {
            "PhoneNumbers": text.number.removeprefix("+"),
            "SignName": self.provider.sign,
            "TemplateCode": text.words.template or "",
            "TemplateParam": orjson.dumps(dict(text.words.parameters)).decode(),
            "OutId": str(text.delivery.id),
        }
        query = signatures.query_of(said)

        def signed(at: datetime) -> dict[str, str]:
            headers = {
                "Host": _host(self.provider.url),
                "Content-Type": "application/x-www-form-urlencoded",
                "x-acs-action": "SendSms",
                "x-acs-version": "2017-05-25",
                "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "x-acs-signature-nonce": text.attempt,
            }
            key = self.provider.key_id, self.provider.key_secret
            return signatures.acs3(key, query, headers)

        return Posting(f"{self.provider.url}/?{query}", b"", signed)

    def verdict(self, answer: Answer) -> Verdict:
        return _by_code(answer, said_in(answer).get("Code"), "OK")


@dataclass(frozen=True, slots=True)
class OfTencent:
    provider: Tencent
    needs_template: bool = True

    def posting(self, text: Text) -> Posting:
        provider = self.provider
        said = {
            "PhoneNumberSet": [text.number],
            "SmsSdkAppId": provider.app,
            "SignName": provider.sign,
            "TemplateId": text.words.template,
            "TemplateParamSet": list(text.words.parameters.values()),
            "SessionContext": str(text.delivery.id),
        }
        body = orjson.dumps(said)

        def signed(at: datetime) -> dict[str, str]:
            key, service = (provider.secret_id, provider.secret_key), _host(provider.url)
            asked = {
                "X-TC-Action": "SendSms",
                "X-TC-Version": "2021-01-11",
                "X-TC-Region": provider.region,
            }
            json = "application/json; charset=utf-8"
            return {**asked, **signatures.tc3(key, Service("sms", service), json, body, at)}

        return Posting(f"{provider.url}/", body, signed)

    def verdict(self, answer: Answer) -> Verdict:
        said = said_in(answer).get("Response")
        response = said if isinstance(said, dict) else {}
        sent, error = response.get("SendStatusSet"), response.get("Error")
        of_number = sent[0] if isinstance(sent, list) and sent else error
        code = of_number.get("Code") if isinstance(of_number, dict) else None
        return _by_code(answer, code, "Ok")


@dataclass(frozen=True, slots=True)
class OfPlain:
    provider: Plain
    needs_template: bool = False

    def posting(self, text: Text) -> Posting:
        said = {
            "id": str(text.delivery.id),
            "to": text.number,
            "text": text.words.own or text.words.body,
            "template": text.words.template,
            "parameters": dict(text.words.parameters),
        }
        return Posting(self.provider.url, *signed_as_webhooks(self.provider, text.delivery, said))

    def verdict(self, answer: Answer) -> Verdict:
        return posted.by_status(answer)


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _by_code(answer: Answer, code: object, fine: str) -> Verdict:
    """The verdict by the provider's code, or without one by the status of HTTP."""
    if not isinstance(code, str):
        return posted.without_a_word(answer)
    if code == fine:
        return Verdict(AttemptOutcome.ACCEPTED)
    if code.startswith(OFTEN):
        return Verdict(AttemptOutcome.REFUSED, AGAIN)
    return Verdict(AttemptOutcome.FAILED if code.startswith(OURS) else AttemptOutcome.REFUSED)


def api_of(provider: SmsProvider) -> Api:
    match provider:
        case Aliyun():
            return OfAliyun(provider)
        case Tencent():
            return OfTencent(provider)
        case Plain():
            return OfPlain(provider)


@dataclass(frozen=True, slots=True)
class Texts:
    """Sends text messages to a provider, each by a new connection: a kept one may be broken, and
    then it would be unknown whether the message was accepted.
    """

    api: Api
    key: bytes = field(repr=False)
    through: Clients = field(default_factory=lambda: Clients(kept_seconds=0))
    at_most_once: bool = True

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never | Later:
        letter = await codes.letter(programme, event, delivery, Channel.SMS, self.key, now)
        if letter is None or isinstance(letter, Withheld):
            return Never(letter)
        said = await wording.by_day(programme, letter, Channel.SMS, now)
        if isinstance(said, Later):
            return said
        if self.api.needs_template and said.template is None:
            return Never(Withheld.NOT_CONFIGURED)
        post = partial(self._post, Text(delivery, letter.address, said))
        return codes.sent_once(event, letter, post)

    async def _post(self, text: Text, now: datetime) -> Result:
        letter = self.api.posting(text)
        answer = await posting.post(self.through, letter, providers.RULES)
        hidden = (text.number, text.number.removeprefix("+"))
        return posted.result(answer, self.api.verdict(answer), now, hidden)

    async def close(self) -> None:
        await self.through.close()

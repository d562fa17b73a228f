"""Texts of notices that a programme publishes: versions of each kind, channel and language.

A notice uses the version that was published when it was decided.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.kernel import audit
from domain.kernel.callers import Caller
from domain.kernel.database import row
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier
from domain.kernel.refusals import InvalidInput
from domain.members.consents import Channel
from domain.notices import checking
from domain.notices.kinds import Kind
from domain.notices.refusals import TemplateInvalid
from domain.programmes import programmes
from domain.programmes.nodes import LOCALES

PROVIDER_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class TemplateKey:
    """What a text is of: it has versions, and no other text is of the same."""

    kind: Kind
    channel: Channel
    locale: str

    def canonical(self) -> dict[str, Any]:
        return {"kind": self.kind, "channel": self.channel, "locale": self.locale}


@dataclass(frozen=True, slots=True)
class TemplateSent:
    """A text as it is published; without a body where the provider has it."""

    key: TemplateKey
    subject: str | None = None
    body: str | None = None
    provider_template: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "place": self.key,
            "subject": self.subject,
            "body": self.body,
            "provider_template": self.provider_template,
        }


@dataclass(frozen=True, slots=True)
class Template:
    version: int
    subject: str | None
    body: str | None
    provider_template: str | None


def template_key(kind: str, channel: Channel, locale: str) -> TemplateKey:
    """Raises: InvalidInput."""
    if kind not in list(Kind):
        raise InvalidInput("notice_kind", kind[:64], tuple(Kind), path=("kind",))
    if locale not in LOCALES:
        raise InvalidInput("locale", locale[:64], tuple(LOCALES), path=("locale",))
    return TemplateKey(Kind(kind), channel, locale)


def check(sent: TemplateSent) -> None:
    """Raises: InvalidInput, TemplateInvalid."""
    if sent.provider_template is not None:
        at = ("providerTemplate",)
        check_identifier(sent.provider_template, at, PROVIDER_CHARACTERS_MAX)
    parts = {"subject": sent.subject, "body": sent.body}
    found = checking.faults(sent.key.kind, sent.key.channel, parts)
    if found:
        raise TemplateInvalid(tuple(found))


async def publish(request: Request, sent: TemplateSent) -> Outcome:
    """Use this text for notices decided from now on; figures: `version`.

    Raises: InvalidInput, TemplateInvalid, IdempotencyKeyReused, ConcurrentRequest.
    """
    check(sent)

    async def work() -> Figures:
        return {"version": await _publish(request.caller, sent, request.now)}

    return await once(request, "publishTemplate", sent, work)


async def _publish(caller: Caller, sent: TemplateSent, now: datetime) -> int:
    # two publications at once make two versions: the lock of the programme's row orders them
    await programmes.lock(caller.programme_id)
    last = await _latest(caller.programme_id, sent.key, None)
    version = (last.version if last else 0) + 1
    await models.NoticeTemplate.create(
        id=audit.adds("notice_template", new_id()),
        programme_id=caller.programme_id,
        kind=sent.key.kind.value,
        channel=sent.key.channel.value,
        locale=sent.key.locale,
        version=version,
        subject=sent.subject,
        body=sent.body,
        provider_template=sent.provider_template,
        published_at=now,
        published_by=caller.actor,
    )
    return version


async def in_force(programme_id: UUID, key: TemplateKey, at: datetime) -> Template | None:
    """The last version that was published by an instant; None where there was none."""
    return await _latest(programme_id, key, at)


async def _latest(programme_id: UUID, key: TemplateKey, at: datetime | None) -> Template | None:
    found = await row(
        "SELECT version, subject, body, provider_template FROM notice_template "
        "WHERE programme_id = $1 "
        "AND kind = $2 AND channel = $3 AND locale = $4 "
        "AND ($5::timestamptz IS NULL OR published_at <= $5) ORDER BY version DESC LIMIT 1",
        programme_id,
        key.kind.value,
        key.channel.value,
        key.locale,
        at,
    )
    return Template(**found) if found else None

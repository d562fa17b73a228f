"""Notices in the words that go out by a channel: the programme's own text, or the shipped one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from api.wording.catalogues import DEFAULT_LANGUAGE
from api.wording.messages import language_of
from api.wording.notice_words import (
    Names,
    Published,
    parameters,
    published,
    shipped,
    variables_of,
)
from domain.members.consents import Channel
from domain.notices import channels, naming, reaching, templates
from domain.notices.sending import Letter
from domain.notices.templates import TemplateKey
from domain.programmes.programmes import Programme
from ops.worker.carriers import Later


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in words. `own` is the body that the programme published, if any, `template` the
    provider's name of the text, and `parameters` its values, in the order of their use.
    """

    title: str
    body: str
    own: str | None = None
    template: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


async def by_day(
    programme: Programme, letter: Letter, channel: Channel, now: datetime
) -> Words | Later:
    """The same at a real instant, or that it waits for the morning."""
    at = programme.now(now)
    zone = reaching.policy_at(programme, at).zone
    if waits := channels.quiet_for(letter.notice.kind, channel, at, zone):
        return Later(now + waits)
    return await words(programme, letter, channel)


async def words(programme: Programme, letter: Letter, channel: Channel) -> Words:
    """The notice in the member's language, by the text that was published when it was decided; of
    mail that is HTML.
    """
    notice = letter.notice
    called = await naming.called(programme.id, notice.kind, notice.variables)
    names = Names(programme, reaching.policy_at(programme, notice.happened_at), called)
    language = language_of(letter.locale) or DEFAULT_LANGUAGE
    said = variables_of(notice.kind, notice.variables, names, language)
    made = shipped(notice.kind, said, language)
    key = TemplateKey(notice.kind, channel, language)
    own = await templates.in_force(programme.id, key, notice.decided_at or notice.happened_at)
    if own is None:
        return Words(made.title, made.body)
    text = Published(own.subject, own.body)
    subject, body = published(text, said, language, html=channel is Channel.EMAIL)
    return Words(
        subject or made.title,
        made.body,
        body,
        own.provider_template,
        parameters(notice.kind, own.body or "", said, language),
    )

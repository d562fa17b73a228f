"""Texts of notices that a programme writes itself: published, and looked at before."""

from typing import Annotated, Any

import strawberry

from api.balances import learn_language
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, to_key
from api.kit.mutations import Payload, mutation
from api.kit.problems import Problem, problem_for
from api.kit.scalars import Locale
from api.wording import notice_words
from api.wording.notice_words import Names, Published
from api.wording.words import current_policy
from domain.kernel.refusals import Refusal
from domain.members import identity
from domain.members.consents import Channel
from domain.notices import checking, inbox, naming, templates
from domain.notices.checking import LENGTHS
from domain.notices.templates import TemplateKey, TemplateSent

KIND = "Kind of notice, such as points_earned."


@strawberry.input(description="Text of one kind of notice, on one channel, in one language.")
class PublishTemplateInput(KeyedInput):
    kind: str = strawberry.field(description=KIND)
    channel: Channel = strawberry.field(description="Channel by which it is sent.")
    locale: Locale = strawberry.field(description="Language of the text, zh-CN or en.")
    subject: str | None = strawberry.field(
        default=None,
        description=f"Subject of a mail, or title, at most {LENGTHS['subject']} characters.",
    )
    body: str | None = strawberry.field(
        default=None,
        description=f"Body, at most {LENGTHS['body']} characters; HTML for a mail, in which "
        "variables are escaped.",
    )
    provider_template: str | None = strawberry.field(
        default=None, description="Name of the template at the provider of text messages."
    )


@strawberry.type(description="Result of publishing a text for notices.")
class PublishTemplatePayload(Payload):
    version: int = strawberry.field(
        default=0, description="Version of the text, from 1; 0 when refused."
    )


@strawberry.type(description="Notice as it would be sent.")
class NoticePreview:
    subject: str | None = strawberry.field(description="Subject or title; null when there is none.")
    body: str | None = strawberry.field(description="Body; null when the text has faults.")
    errors: list[Problem] = strawberry.field(
        description="Problems of the text; empty when it has none."
    )


@strawberry.type
class TemplatesQuery:
    @field(
        "Notice as it would be sent with the given text, or without one, with the published or "
        "built-in text. It shows the data of the member's last notice of this kind, or samples if "
        "there is none. Nothing is kept."
    )
    async def preview_notice(
        self,
        info: Info,
        kind: Annotated[str, strawberry.argument(description=KIND)],
        channel: Annotated[
            Channel, strawberry.argument(description="Channel by which it is sent.")
        ],
        locale: Annotated[Locale, strawberry.argument(description="Language, zh-CN or en.")],
        subject: Annotated[
            str | None, strawberry.argument(description="Subject or title to try.")
        ] = None,
        body: Annotated[str | None, strawberry.argument(description="Body to try.")] = None,
        member: Annotated[
            MemberBy | None, strawberry.argument(description="Member whose last notice is shown.")
        ] = None,
    ) -> NoticePreview | None:
        await learn_language(info)
        try:
            key = templates.template_key(kind, channel, locale)
            if subject is not None or body is not None:
                templates.check(TemplateSent(key, subject, body))
            said = await _said(info, key, member)
        except Refusal as refusal:
            problem = await problem_for(info, refusal, {"member": member})
            return NoticePreview(subject=None, body=None, errors=[problem])
        tried = Published(subject, body) if body is not None else await _published(info, key)
        if tried is None:
            text = notice_words.shipped(key.kind, said, key.locale)
            return NoticePreview(subject=text.title, body=text.body, errors=[])
        html = channel is Channel.EMAIL
        shown = notice_words.published(tried, said, key.locale, html=html)
        return NoticePreview(subject=shown[0], body=shown[1], errors=[])


async def _published(info: Info, key: TemplateKey) -> Published | None:
    found = await templates.in_force(info.context.caller.programme_id, key, info.context.now)
    return Published(found.subject, found.body) if found else None


async def _said(info: Info, key: TemplateKey, by: MemberBy | None) -> dict[str, Any]:
    """The rendered text. Raises: NotFound."""
    programme_id = info.context.caller.programme_id
    if by is not None:
        member_id = await identity.find_or_refuse(programme_id, to_key(by, ("member",)))
        last = await inbox.last_of_kind(member_id, key.kind)
        if last is not None:
            called = await naming.called(programme_id, last.kind, last.variables)
            names = Names(info.context.programme, current_policy(info), called)
            return notice_words.variables_of(last.kind, last.variables, names, key.locale)
    programme = current_policy(info).name.in_locale(key.locale)
    return {**checking.samples(key.kind)[-2], "programme": programme}


@strawberry.type
class TemplatesMutation:
    @mutation("Publish a text for notices; notices decided from now on use it.")
    async def publish_template(
        self, info: Info, input: Sent[PublishTemplateInput]
    ) -> PublishTemplatePayload | None:
        key = templates.template_key(input.kind, input.channel, input.locale)
        sent = TemplateSent(key, input.subject, input.body, input.provider_template)
        outcome = await templates.publish(request(info, input), sent)
        return PublishTemplatePayload(version=outcome.figures["version"], replayed=outcome.replayed)

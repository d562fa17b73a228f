"""Consent as clients see it: a member's consents, and the mutation that states them."""

from datetime import datetime
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from api.wording.words import current_policy
from domain.members import consents
from domain.members.consents import Channel, ConsentSent, Purpose

describe(
    Channel,
    "Channel by which a member is notified outside the application.",
    {
        Channel.EMAIL: "Mail to the proved e-mail address.",
        Channel.SMS: "Text message to the proved phone number.",
        Channel.PUSH: "Notification on a device.",
    },
)
describe(
    Purpose,
    "Purpose of consent. Service messages, such as that a reward was sent, need no consent.",
    {
        Purpose.ACCOUNT: "News of points, tiers and trips, on a channel.",
        Purpose.MARKETING: "Offers and announcements, on a channel.",
        Purpose.PROFILING: "Figures about what members like.",
        Purpose.PARTNER_SHARING: "Personal details given to partners.",
    },
)

TEXT_VERSION = "Version of the text that the member agreed to; at most 64 characters."


@strawberry.type(description="Statement that a member made about a purpose and channel.")
class ConsentStatement:
    granted: bool = strawberry.field(description="Whether the member agreed.")
    text_version: str | None = strawberry.field(
        description="Version of the text that the statement was about; null when none was given."
    )
    at: datetime = strawberry.field(description="Instant of the statement.")
    source: str = strawberry.field(
        description="Kind of caller that recorded it: `member`, `partner`, `staff` or `import`."
    )


@strawberry.type(description="Whether a member agrees to something.")
class Consent:
    member_id: strawberry.Private[UUID]
    purpose: Purpose = strawberry.field(description="Purpose of the consent.")
    channel: Channel | None = strawberry.field(
        description="Channel of the consent; null for a purpose without channels."
    )
    granted: bool = strawberry.field(description="Whether the member agrees.")
    text_version: str | None = strawberry.field(
        description="Version of the text that the member agreed to; null when none was given."
    )
    at: datetime | None = strawberry.field(
        description="Instant of the member's last statement; null when it made none, so that the "
        "policy decides."
    )
    source: str = strawberry.field(
        description="Kind of caller that recorded the statement: `member`, `partner`, `staff` or "
        "`import`; `policy` when there is no statement."
    )

    @field(
        "Statements of the member about it, newest first, at most "
        f"{consents.HISTORY_MAX}. Empty when the member made none."
    )
    async def history(self, info: Info) -> list[ConsentStatement]:
        found = await info.context.loaders.of_member(consents.history, self.member_id)
        return [
            ConsentStatement(
                granted=one.granted,
                text_version=one.text_version,
                at=one.recorded_at,
                source=one.source,
            )
            for one in found
            if one.key == (self.purpose, self.channel)
        ]


async def load_consents(info: Info, member_id: UUID) -> list[Consent]:
    if not consents.shows_of(info.context.caller, member_id):
        return []
    last = await info.context.loaders.of_member(consents.last, member_id)
    return [
        Consent(
            member_id=member_id,
            purpose=one.purpose,
            channel=one.channel,
            granted=one.granted,
            text_version=one.text_version,
            at=one.at,
            source=one.source,
        )
        for one in consents.standing(current_policy(info), last)
    ]


@strawberry.input(description="Statement of a member about one purpose.")
class ConsentInput:
    purpose: Purpose = strawberry.field(description="Purpose that the statement is about.")
    channel: Channel | None = strawberry.field(
        default=None,
        description="Channel that the statement is about; null means all channels of the purpose.",
    )
    granted: bool = strawberry.field(description="Whether the member agrees.")
    text_version: str | None = strawberry.field(default=None, description=TEXT_VERSION)


def to_sent(said: ConsentInput) -> ConsentSent:
    return ConsentSent(said.purpose, said.granted, said.channel, said.text_version)


@strawberry.input(description="Statement of a member about one purpose.")
class RecordConsentInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member who makes the statement; defaults to the calling member."
    )
    purpose: Purpose = strawberry.field(description="Purpose that the statement is about.")
    channel: Channel | None = strawberry.field(
        default=None,
        description="Channel that the statement is about; null means all channels of the purpose.",
    )
    granted: bool = strawberry.field(description="Whether the member agrees.")
    text_version: str | None = strawberry.field(default=None, description=TEXT_VERSION)


@strawberry.type(description="Result of recording consent.")
class RecordConsentPayload(Payload):
    consents: list[Consent] | None = strawberry.field(
        default=None,
        description="Consent for every purpose and channel, as it stands now; null when refused.",
    )


@strawberry.type
class ConsentMutation:
    @mutation(
        "Record what a member agrees to or refuses. The last statement counts. Agreement to one "
        f"channel can be recorded {consents.DAILY_MAX} times a day; a refusal, always."
    )
    async def record_consent(
        self, info: Info, input: Sent[RecordConsentInput]
    ) -> RecordConsentPayload | None:
        sent = ConsentSent(input.purpose, input.granted, input.channel, input.text_version)
        member = await subject(info, input.member)
        outcome = await consents.record(request(info, input), info.context.programme, member, sent)
        return RecordConsentPayload(
            consents=await load_consents(info, outcome.member_id), replayed=outcome.replayed
        )

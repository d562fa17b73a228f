"""Enrolment: how members join, and how what is known of them is changed."""

from dataclasses import replace
from datetime import date

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from api.kit.scalars import JSON, Locale
from api.members import Member, load_member
from domain.kernel.callers import CallerKind
from domain.members import enrolment, profile
from domain.members.enrolment import EnrolSent


@strawberry.input(description="A new member. A member enrols itself only.")
class EnrolMemberInput(KeyedInput):
    reference: str | None = strawberry.field(
        default=None,
        description="What the platform calls the member; made up without it. A member's own is "
        "its token's subject.",
    )
    name: str | None = strawberry.field(default=None, description="Its name.")
    email: str | None = strawberry.field(default=None, description="Its e-mail address.")
    phone: str | None = strawberry.field(
        default=None, description="Its phone number, with the country code."
    )
    birthday: date | None = strawberry.field(default=None, description="Its date of birth.")
    locale: Locale | None = strawberry.field(
        default=None, description="The language it reads: zh-CN or en."
    )
    referral_code: str | None = strawberry.field(
        default=None, description="The code of the member that recommended the programme."
    )
    profile: JSON | None = strawberry.field(
        default=None, description="Travel preferences and the like, as an object."
    )
    guest: bool | None = strawberry.field(
        default=False, description="Record bookings without earning; may enrol later."
    )


@strawberry.type(description="What enrolling answers.")
class EnrolMemberPayload(Payload):
    member: Member | None = strawberry.field(default=None, description="The member.")


@strawberry.input(description="What changes: absent stays, null is cleared.")
class UpdateMemberInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Which member; a member means itself."
    )
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its name.")
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its e-mail address."
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its phone number, with the country code."
    )
    birthday: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its date of birth; changes once a calendar year, for staff always.",
    )
    locale: Locale | None = strawberry.field(
        default=strawberry.UNSET, description="The language it reads: zh-CN or en."
    )
    profile: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="Keys of its profile: one that is given is set, or removed by null, and "
        "others stay. Null for all that the caller may write.",
    )


@strawberry.type(description="What changing a member answers.")
class UpdateMemberPayload(Payload):
    member: Member | None = strawberry.field(default=None, description="The member.")


CHANGEABLE = ("name", "email", "phone", "birthday", "locale", "profile")
ENROLLED_WITH = (*CHANGEABLE, "reference", "referral_code")


@strawberry.type
class EnrolmentMutation:
    @mutation("Enrol a member, record a guest, or enrol one who was a guest.")
    async def enrol_member(
        self, info: Info, input: Sent[EnrolMemberInput]
    ) -> EnrolMemberPayload | None:
        given = {name: value for name, value in vars(input).items() if name in ENROLLED_WITH}
        sent = EnrolSent(**given, guest=bool(input.guest))
        outcome = await enrolment.enrol(request(info, input), info.context.programme, sent)
        caller = info.context.caller
        if caller.kind is CallerKind.MEMBER:  # what follows in this operation knows it
            info.context.caller = replace(caller, member_id=outcome.member_id)
        return EnrolMemberPayload(
            member=await load_member(info, outcome.member_id), replayed=outcome.replayed
        )

    @mutation("Change what is known of a member.")
    async def update_member(
        self, info: Info, input: Sent[UpdateMemberInput]
    ) -> UpdateMemberPayload | None:
        member = await subject(info, input.member)
        changes = {
            name: getattr(input, name)
            for name in CHANGEABLE
            if getattr(input, name) is not strawberry.UNSET
        }
        outcome = await profile.change(
            request(info, input), info.context.programme, member, changes
        )
        return UpdateMemberPayload(
            member=await load_member(info, outcome.member_id), replayed=outcome.replayed
        )

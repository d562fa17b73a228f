"""Enrolment: how members join, and how their data are changed."""

from dataclasses import replace
from datetime import date

import strawberry

from api.consents import ConsentInput, to_sent
from api.kit.context import Info
from api.kit.inputs import (
    UNDER_REVIEW,
    KeyedInput,
    MemberBy,
    Sent,
    SignalledInput,
    request,
    subject,
)
from api.kit.mutations import Payload, mutation
from api.kit.scalars import JSON, Locale
from api.members import Member, load_member
from domain.kernel.callers import CallerKind
from domain.members import enrolment, profile
from domain.members.contacts import ContactKind
from domain.members.enrolment import EnrolSent

_PROVED_BY = (
    "from a partner or staff, or from a member whose token has verified it, it is proved, and "
    "refused when another member's is; else it finds nobody until it is proved."
)
EMAIL = f"E-mail address; {_PROVED_BY}"
PHONE = f"Phone number, with the country code; {_PROVED_BY}"
PROVED = (
    "Contacts in this request that the caller vouches for, having checked that they are the "
    "member's; null means all that are given, or none when the caller is the member."
)


@strawberry.input(description="Personal details of a new member. A member can enrol only itself.")
class EnrolMemberInput(SignalledInput):
    reference: str | None = strawberry.field(
        default=None,
        description="Platform's own reference for the member; generated when absent. For a member "
        "that enrols itself, it is the subject of its token.",
    )
    name: str | None = strawberry.field(default=None, description="Full name.")
    email: str | None = strawberry.field(default=None, description=EMAIL)
    phone: str | None = strawberry.field(default=None, description=PHONE)
    birthday: date | None = strawberry.field(default=None, description="Date of birth.")
    locale: Locale | None = strawberry.field(
        default=None, description="Language of texts for the member: zh-CN or en."
    )
    referral_code: str | None = strawberry.field(
        default=None, description="Referral code of the member who referred this one."
    )
    profile: JSON | None = strawberry.field(
        default=None, description="Travel preferences and similar details, as an object."
    )
    guest: bool | None = strawberry.field(
        default=False,
        description="Whether to record a guest: bookings earn no points until the guest enrols.",
    )
    contacts_proved: list[ContactKind] | None = strawberry.field(default=None, description=PROVED)
    consents: list[ConsentInput] | None = strawberry.field(
        default=None,
        description="Statements that the member makes when joining, each about a different "
        "purpose or channel.",
    )


@strawberry.type(description="Result of an enrolment.")
class EnrolMemberPayload(Payload):
    member: Member | None = strawberry.field(
        default=None, description="Member that was enrolled or recorded; null when refused."
    )
    under_review: bool = strawberry.field(default=False, description=UNDER_REVIEW)


@strawberry.input(
    description="Changes to a member's personal details: an absent field stays as it is, null "
    "clears it."
)
class UpdateMemberInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member to change; defaults to the calling member and is required from other "
        "callers.",
    )
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Full name.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description=EMAIL)
    phone: str | None = strawberry.field(default=strawberry.UNSET, description=PHONE)
    birthday: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Date of birth; changes at most once a calendar year, except by staff.",
    )
    locale: Locale | None = strawberry.field(
        default=strawberry.UNSET, description="Language of texts for the member: zh-CN or en."
    )
    profile: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="Profile keys to change: a key with a value is set, a key with null is "
        "removed, all others stay. Null instead of an object removes every key that the caller "
        "may write.",
    )
    contacts_proved: list[ContactKind] | None = strawberry.field(default=None, description=PROVED)


@strawberry.type(description="Result of changing a member.")
class UpdateMemberPayload(Payload):
    member: Member | None = strawberry.field(
        default=None, description="Member after the change; null when refused."
    )


CHANGEABLE = ("name", "email", "phone", "birthday", "locale", "profile")
ENROLLED_WITH = (*CHANGEABLE, "reference", "referral_code")


def _kinds(said: list[ContactKind] | None) -> tuple[ContactKind, ...] | None:
    return None if said is None else tuple(said)


@strawberry.type
class EnrolmentMutation:
    @mutation("Enrol a member, record a guest, or enrol a former guest.")
    async def enrol_member(
        self, info: Info, input: Sent[EnrolMemberInput]
    ) -> EnrolMemberPayload | None:
        given = {name: value for name, value in vars(input).items() if name in ENROLLED_WITH}
        sent = EnrolSent(
            **given,
            guest=bool(input.guest),
            contacts_proved=_kinds(input.contacts_proved),
            consents=tuple(map(to_sent, input.consents or ())),
        )
        outcome = await enrolment.enrol(request(info, input), info.context.programme, sent)
        caller = info.context.caller
        if caller.kind is CallerKind.MEMBER:  # later fields of this operation use it
            info.context.caller = replace(caller, member_id=outcome.member_id)
        return EnrolMemberPayload(
            member=await load_member(info, outcome.member_id),
            under_review=outcome.figures.get("under_review", False),
            replayed=outcome.replayed,
        )

    @mutation("Change a member's personal details.")
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
            request(info, input),
            info.context.programme,
            member,
            changes,
            proved=_kinds(input.contacts_proved),
        )
        return UpdateMemberPayload(
            member=await load_member(info, outcome.member_id), replayed=outcome.replayed
        )

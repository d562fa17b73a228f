"""Contacts of a member: addresses at which it can be reached, and found once they are proved."""

from datetime import datetime
from uuid import UUID

import strawberry

from api.balances import load_row
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from api.kit.personal import shown
from domain.kernel.callers import CallerKind, Scope
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import InvalidInput
from domain.members import contacts, identity, members, proving
from domain.members.contacts import ContactKind, VouchSent
from domain.members.identity import MemberKey
from domain.members.looks import CONTACTS
from domain.notices import contact_codes
from domain.notices.contact_codes import Guess

describe(
    ContactKind,
    "Kind of contact.",
    {ContactKind.EMAIL: "E-mail address.", ContactKind.PHONE: "Phone number."},
)


@strawberry.type(
    description="E-mail address or phone number of a member. A member is found only by proved "
    "contacts, and no two members have the same proved contact."
)
class Contact:
    kind: ContactKind = strawberry.field(description="Kind of contact.")
    value: str = strawberry.field(description="E-mail address as given, or phone number in E.164.")
    proved_at: datetime | None = strawberry.field(
        description="Instant at which a partner or staff vouched for it, or a code proved it; "
        "null when it is not proved."
    )


async def load_contacts(info: Info, row: members.Member) -> list[Contact]:
    """The contacts of this member; none where the caller's key does not show them."""
    said = shown(info, row.member_id, CONTACTS, await _of_member(info, row.member_id)) or []
    return [Contact(kind=one.kind, value=one.value, proved_at=one.proved_at) for one in said]


async def load_value(info: Info, row: members.Member, kind: ContactKind) -> str | None:
    """The member's contact of a kind, as by `load_contacts`."""
    said = await _of_member(info, row.member_id)
    value = next((one.value for one in said if one.kind is kind), None)
    return shown(info, row.member_id, CONTACTS, value)


async def _of_member(info: Info, member_id: UUID) -> list[contacts.Contact]:
    if not info.context.caller.sees(Scope.MEMBERS_READ):
        return []
    return await info.context.loaders.of_member(contacts.by_member, member_id)


@strawberry.input(
    description="Contact of a member to prove: either a partner or staff vouches for it, having "
    "checked that it is the member's, or the code that was sent to it proves it."
)
class ProveContactInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member to whom the contact belongs, named by anything but that contact; "
        "defaults to the calling member.",
    )
    kind: ContactKind = strawberry.field(description="Kind of the contact.")
    value: str | None = strawberry.field(
        default=None,
        description="Address or number that was checked; refused when the member has a different "
        "one by now. Null vouches for the one that the member has now, which may have been "
        "changed since the check.",
    )
    code: str | None = strawberry.field(
        default=None,
        description="Code that `requestContactCode` sent to the contact; required from a member, "
        "unless its token has verified the contact. Null vouches for the contact.",
    )


@strawberry.type(description="Result of proving a contact.")
class ProveContactPayload(Payload):
    contact: Contact | None = strawberry.field(
        default=None,
        description="Contact as it is now; null when refused, or when the caller's key may not "
        "read contacts.",
    )


@strawberry.input(description="Contact of a member to which a code is sent.")
class RequestContactCodeInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member to whom the contact belongs; defaults to the calling member.",
    )
    kind: ContactKind = strawberry.field(
        description="Kind of the contact, which is not proved yet."
    )


@strawberry.type(description="Result of requesting a code.")
class RequestContactCodePayload(Payload):
    sent_at: datetime | None = strawberry.field(
        default=None,
        description="Instant from which the code is valid for ten minutes; null when refused.",
    )


async def _prove(info: Info, input: ProveContactInput, member: MemberKey) -> Outcome:
    """Prove by the code if there is one; otherwise by the member's token, or another caller's word.

    Raises: InvalidInput.
    """
    context, asked = info.context, request(info, input)
    if input.code is not None:
        guess = Guess(input.kind, input.code, input.value)
        own = await identity.find_or_refuse(context.caller.programme_id, member)
        return await contact_codes.prove(asked, context.programme, own, guess, context.outgoing)
    value = input.value
    if context.caller.kind is CallerKind.MEMBER:
        # a token proves only the value that it verified, not a value that the member has by now
        value = value or context.caller.contacts.get(input.kind.column)
        if value is None or not contacts.is_verified(context.caller, input.kind, value):
            raise InvalidInput("contact_code_required", path=("code",))
    sent = VouchSent(input.kind, value)
    try:
        return await proving.prove(asked, context.programme, member, sent)
    except InvalidInput as refusal:
        if input.value is None and refusal.path == ("value",):
            # the token's value differs, and it sent nothing but `kind`
            refusal.path = ("kind",)
        raise


@strawberry.type
class ContactsMutation:
    @mutation(
        "Send a six-digit code to the member's own e-mail address or phone number, to prove that "
        "contact. It is valid for ten minutes and five attempts, and replaces the code before it; "
        "at most five are sent in an hour."
    )
    async def request_contact_code(
        self, info: Info, input: Sent[RequestContactCodeInput]
    ) -> RequestContactCodePayload | None:
        context = info.context
        own = await identity.find_or_refuse(
            context.caller.programme_id, await subject(info, input.member)
        )
        outcome = await contact_codes.ask(
            request(info, input), context.programme, own, input.kind, context.outgoing
        )
        return RequestContactCodePayload(
            sent_at=datetime.fromisoformat(outcome.figures["at"]), replayed=outcome.replayed
        )

    @mutation(
        "Prove a member's contact, by a code or by vouching for it. From then on that member is "
        "found by it, and it is removed from any other member who gave it without proof."
    )
    async def prove_contact(
        self, info: Info, input: Sent[ProveContactInput]
    ) -> ProveContactPayload | None:
        outcome = await _prove(info, input, await subject(info, input.member))
        row = await load_row(info, outcome.member_id)
        shown = []
        caller = info.context.caller
        own = caller.kind is CallerKind.MEMBER
        if row is not None and (own or caller.sees(Scope.MEMBERS_READ)):
            shown = await load_contacts(info, row)
        return ProveContactPayload(
            contact=next((contact for contact in shown if contact.kind is input.kind), None),
            replayed=outcome.replayed,
        )

"""Contacts of a member: by what it can be reached, and found once that is proved."""

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
    description="Address or number of a member. Only one that is proved finds the member, and no "
    "two members have the same proved."
)
class Contact:
    kind: ContactKind = strawberry.field(description="Kind of contact.")
    value: str = strawberry.field(
        description="E-mail address as it was given, or phone number in E.164."
    )
    proved_at: datetime | None = strawberry.field(
        description="Instant from which a partner or staff vouches for it, or a code proved it; "
        "null when only the member says so."
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
    description="Contact of a member: a partner or staff vouches for it, having checked itself "
    "that it is the member's; or it is proved by the code that was sent to it."
)
class ProveContactInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None,
        description="Member whose contact it is, named by anything but that contact; defaults to "
        "the calling member.",
    )
    kind: ContactKind = strawberry.field(description="Kind of the contact.")
    value: str | None = strawberry.field(
        default=None,
        description="Address or number that was checked; refused when the member has another by "
        "now. Null vouches for whatever the member has, which it may have changed meanwhile.",
    )
    code: str | None = strawberry.field(
        default=None,
        description="Code that `requestContactCode` sent to the contact; a member whose token has "
        "not verified the contact proves by nothing else. Null vouches for the contact.",
    )


@strawberry.type(description="Result of proving a contact.")
class ProveContactPayload(Payload):
    contact: Contact | None = strawberry.field(
        default=None,
        description="Contact as it is now; null when refused, or where the caller's key shows no "
        "contacts.",
    )


@strawberry.input(description="Contact of a member that a code is sent to.")
class RequestContactCodeInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member whose contact it is; defaults to the calling member."
    )
    kind: ContactKind = strawberry.field(
        description="Kind of the contact, which is not proved yet."
    )


@strawberry.type(description="Result of asking for a code.")
class RequestContactCodePayload(Payload):
    sent_at: datetime | None = strawberry.field(
        default=None,
        description="Instant from which the code is good for ten minutes; null when refused.",
    )


async def _prove(info: Info, input: ProveContactInput, member: MemberKey) -> Outcome:
    """By the code where there is one; by its token a member, by its word whoever is none.

    Raises: InvalidInput.
    """
    context, asked = info.context, request(info, input)
    if input.code is not None:
        guess = Guess(input.kind, input.code, input.value)
        own = await identity.find_or_refuse(context.caller.programme_id, member)
        return await contact_codes.prove(asked, context.programme, own, guess, context.outgoing)
    value = input.value
    if context.caller.kind is CallerKind.MEMBER:
        # its token proves what it has verified, and nothing else that the member may have by now
        value = value or context.caller.contacts.get(input.kind.column)
        if value is None or not contacts.is_verified(context.caller, input.kind, value):
            raise InvalidInput("contact_code_required", path=("code",))
    sent = VouchSent(input.kind, value)
    try:
        return await proving.prove(asked, context.programme, member, sent)
    except InvalidInput as refusal:
        if input.value is None and refusal.path == ("value",):
            # what its token says differs, and `kind` is all that it sent
            refusal.path = ("kind",)
        raise


@strawberry.type
class ContactsMutation:
    @mutation(
        "Send a code of six digits to the member's own e-mail address or phone number, to prove "
        "it by. It is good for ten minutes and five tries, and ends the one before it; five are "
        "sent in an hour."
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
        "Prove a member's contact, by a code or by one's word: from then on it finds that "
        "member, and whoever else gave it without proof has it no more."
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

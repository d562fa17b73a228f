"""Contacts of a member: by what it can be reached, and found once that is proved."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from api.balances import load_row
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from domain.kernel.callers import Caller, Scope
from domain.members import contacts, members
from domain.members.contacts import ContactKind, VouchSent

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
        description="Instant from which a partner or staff vouches for it; null when only the "
        "member says so."
    )


async def load_contacts(info: Info, row: members.Member) -> list[Contact]:
    """The contacts in this row, each with whether it is proved."""
    shown = []
    for kind in ContactKind:
        value: str | None = getattr(row, kind.column)
        if value is not None:
            proved_at = await info.context.loaders.load(_proofs, (row.member_id, kind, value))
            shown.append(Contact(kind=kind, value=value, proved_at=proved_at))
    return shown


async def _proofs(
    caller: Caller, said: list[tuple[UUID, ContactKind, str]]
) -> Sequence[datetime | None]:
    proved = await contacts.proofs(caller.programme_id, said)
    return [proved[one] for one in said]


@strawberry.input(
    description="Contact of a member that the caller vouches for: it has checked itself that the "
    "contact is the member's."
)
class ProveContactInput(KeyedInput):
    member: MemberBy = strawberry.field(
        description="Member whose contact it is, named by anything but that contact."
    )
    kind: ContactKind = strawberry.field(description="Kind of the contact.")
    value: str | None = strawberry.field(
        default=None,
        description="Address or number that was checked; refused when the member has another by "
        "now. Null vouches for whatever the member has, which it may have changed meanwhile.",
    )


@strawberry.type(description="Result of vouching for a contact.")
class ProveContactPayload(Payload):
    contact: Contact | None = strawberry.field(
        default=None,
        description="Contact as it is now; null when refused, or where the caller's key shows no "
        "contacts.",
    )


@strawberry.type
class ContactsMutation:
    @mutation(
        "Vouch for a member's contact: from then on it finds that member, and whoever else gave "
        "it without proof has it no more."
    )
    async def prove_contact(
        self, info: Info, input: Sent[ProveContactInput]
    ) -> ProveContactPayload | None:
        outcome = await contacts.prove(
            request(info, input),
            info.context.programme,
            await subject(info, input.member),
            VouchSent(input.kind, input.value),
        )
        row = await load_row(info, outcome.member_id)
        shown = []
        if row is not None and info.context.caller.sees(Scope.MEMBERS_READ):
            shown = await load_contacts(info, row)
        return ProveContactPayload(
            contact=next((contact for contact in shown if contact.kind is input.kind), None),
            replayed=outcome.replayed,
        )

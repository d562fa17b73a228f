"""Partners as clients see them, and what their keys permit."""

from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from domain.kernel.callers import Scope
from domain.partners import partners

describe(
    Scope,
    "Permission of a partner's key.",
    {
        Scope.MEMBERS: "Enrol, change and find members.",
        Scope.EARN: "Report bookings and activities.",
        Scope.REDEEM: "Redeem, confirm and cancel for a member.",
        Scope.FULFIL: "Deliver redemptions, accept coupons, and record the use of benefits.",
        Scope.READ: "Read everything that a partner may see.",
        Scope.MEMBERS_READ: "Names, contacts, birthdays and profiles of members, and the list of "
        "members; without it these fields are empty.",
        Scope.CODES: "Coupon codes; without it they are not shown.",
        Scope.MANAGE: "Keep the partner's own endpoints of webhooks.",
        Scope.ALL_PARTNERS: "Act on what other partners reported and made; without it a partner "
        "sees and changes only its own.",
    },
)


@strawberry.type(description="A partner of the programme.")
class Partner:
    code: str = strawberry.field(description="Stable code of the partner.")
    name: str = strawberry.field(description="Name of the partner.")


async def load_partner(info: Info, partner_id: UUID | None) -> Partner | None:
    """The partner of this id; asked once for all that are shown."""
    if partner_id is None:
        return None
    code, name = await info.context.loaders.of_member(partners.names, partner_id)
    return Partner(code=code, name=name)

"""Claims as clients see them: bookings for which a member did not get points."""

from datetime import date, datetime
from typing import Any

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import SHOWN_CHARACTERS_MAX, to_owned
from api.kit.relay import Node, to_global_id
from api.kit.scalars import Points
from api.partners import Partner, load_partner
from domain.claims import claims
from domain.claims.claims import ClaimKey, ClaimStatus

CLAIM_TYPE = "Claim"

describe(
    ClaimStatus,
    "Status of a claim.",
    {
        ClaimStatus.OPEN: "Not decided yet.",
        ClaimStatus.APPROVED: "The booking was recorded.",
        ClaimStatus.DECLINED: "The booking was not recorded, for the reason given.",
        ClaimStatus.WITHDRAWN: "The member withdrew it, or the membership has ended.",
        ClaimStatus.ALREADY_CREDITED: "The booking had already been recorded for the member.",
    },
)


@strawberry.type
class ClaimFields(Node):
    """Fields of a claim without its member, which `Claim` adds."""

    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    reference: str = strawberry.field(description="Booking system's reference of the booking.")
    on: date = strawberry.field(description="Local day of the booking.")
    text: str = strawberry.field(description="Text that the member wrote about it.")
    links: list[str] = strawberry.field(
        description="URLs of pages that support the claim; empty when there are none."
    )
    status: ClaimStatus = strawberry.field(description="Status of the claim.")
    opened_at: datetime = strawberry.field(description="Instant at which the claim was made.")
    decided_at: datetime | None = strawberry.field(
        description="Instant at which it was decided or withdrawn; null while it is open."
    )
    reason: str | None = strawberry.field(
        description="Reason given for the decision; `closed` when the membership was closed "
        "meanwhile, `merged` when it was merged into another, to which the claim then belongs; "
        "null when none was given."
    )
    points_awarded: Points | None = strawberry.field(
        description="Points that the booking earned when it was recorded; null unless the claim "
        "was approved."
    )
    row: strawberry.Private[claims.Claim]

    @field("Partner that sold the booking; null when the member did not name one.")
    async def partner(self, info: Info) -> Partner | None:
        return await load_partner(info, self.row.partner_id)


def fields_of(row: claims.Claim) -> dict[str, Any]:
    return {
        "id": to_global_id(CLAIM_TYPE, row.id, member_id=row.member_id),
        "reference": row.reference,
        "on": row.booked_on,
        "text": row.text,
        "links": list(row.links),
        "status": row.status,
        "opened_at": row.opened_at,
        "decided_at": row.decided_at,
        "reason": row.reason,
        "points_awarded": None if row.points is None else Points(row.points),
        "row": row,
    }


def to_claim_key(global_id: str) -> ClaimKey:
    """Raises: NotFound."""
    member_id, claim_id = to_owned(global_id, CLAIM_TYPE, what="claim", path=("claim",))
    return ClaimKey(member_id, claim_id, global_id[:SHOWN_CHARACTERS_MAX])

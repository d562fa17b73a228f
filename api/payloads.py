"""Payloads of mutations that move a member's points: each contains the member after the write.

A client that caches objects by their ids thus gets the changes without another request.
"""

from uuid import UUID

import strawberry

from api.grants import Activity
from api.kit.context import Info
from api.kit.mutations import Payload
from api.members import Member, load_member, shows_member


@strawberry.type(description="Fields of the payload of a mutation that moves a member's points.")
class MemberPayload(Payload):
    member: Member | None = strawberry.field(
        default=None,
        description="Member whose points the mutation may move, as it is afterwards; null when "
        "refused, when nothing is recorded yet, and for a caller that may not see the member.",
    )


@strawberry.type(description="Fields of the payload of a mutation that reports what happened.")
class FactPayload(MemberPayload):
    grants: list[Activity] = strawberry.field(
        default_factory=list,
        description="Grants that the change caused, ended or restored; empty when there are none.",
    )


async def load_shown(info: Info, member_id: UUID) -> Member | None:
    """The member after the write, if the caller may see it: itself, or one that it may look up."""
    return await load_member(info, member_id) if shows_member(info, member_id) else None

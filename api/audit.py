"""The audit: actions of staff and operators, as admins read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.fields import field
from api.kit.relay import from_global_id
from api.kit.scalars import JSON
from api.staff import roles_of
from domain.kernel import audit_reads
from domain.kernel.callers import Role


@strawberry.type(
    description="Row of the audit: one call by staff, or one command. Rows are numbered in the "
    "order in which they took effect."
)
class AuditRow:
    sequence: int = strawberry.field(
        description="Number of the row within its programme, from 1 without gaps."
    )
    at: datetime = strawberry.field(description="Instant of the call.")
    actor: str = strawberry.field(
        description="Person who made the call, such as `staff:kim`, or `ops:kim` for a command."
    )
    roles: list[Role] = strawberry.field(description="Roles that the person's token named.")
    operation: str = strawberry.field(description="Name of the mutation, or of the command.")
    subject: str | None = strawberry.field(
        description="Kind and name of the object that the call was about, such as "
        "`reward:lounge`, or `member:` and an id; null when there was none."
    )
    reason: str | None = strawberry.field(
        description="Reason that the person gave; once erased, a hash that commits to it, such as "
        "`sha256:…`; null when none was given."
    )
    before: JSON | None = strawberry.field(
        description="Values before the change, by row; null when the call changed nothing that "
        "the audit keeps."
    )
    after: JSON | None = strawberry.field(
        description="Values after the change, by row, with the result of the call; personal "
        "values are replaced by `changed`."
    )
    request_id: str | None = strawberry.field(
        description="Id of the request, the same as in its answer and in the log; null for a "
        "command."
    )
    hash: str = strawberry.field(
        description="SHA-256 of the row and of the previous row's hash, as hexadecimal text."
    )


@strawberry.type(description="One row of the list of the audit.")
class AuditRowEdge(Edge[AuditRow]):
    pass


@strawberry.type(description="One page of the audit.")
class AuditRowConnection(Connection[AuditRowEdge]):
    pass


LISTING: Listing[audit_reads.AuditRow, AuditRowConnection] = Listing(
    "audit", AuditRowConnection, AuditRowEdge, (int,), lambda row: (row.sequence,)
)


def to_row(row: audit_reads.AuditRow) -> AuditRow:
    return AuditRow(
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        roles=roles_of(row.roles),
        operation=row.operation,
        subject=row.subject,
        reason=row.reason,
        before=None if row.before is None else JSON(dict(row.before)),
        after=None if row.after is None else JSON(dict(row.after)),
        request_id=row.request_id,
        hash=row.hash.hex(),
    )


async def _named(programme_id: UUID, subject: str | None) -> list[str] | None:
    """The subject by all its names; a global id means its object, by itself or after a kind."""
    if not subject:
        return None
    kind, named, name = subject.partition(":")
    found = from_global_id(name if named else subject)
    if found is not None and (not named or kind == found.type_name.lower()):
        return await audit_reads.names_of(programme_id, found.type_name.lower(), str(found.id))
    if not named:
        return await audit_reads.names_of_any(programme_id, subject)
    return await audit_reads.names_of(programme_id, kind, name)


@strawberry.type
class AuditQuery:
    @field("Rows of the audit, newest first; for staff with the role admin.")
    async def audit(
        self,
        info: Info,
        subject: Annotated[
            str | None,
            strawberry.argument(
                description="Object that the rows are about or changed: a kind with a code or id, "
                "such as `reward:lounge` (for a member also with its reference), or a global id. "
                "Without the kind, members, rewards, partners and programmes are searched; null "
                "means all rows."
            ),
        ] = None,
        first: First = PAGE_DEFAULT,
        after: After = None,
    ) -> AuditRowConnection:
        programme_id = info.context.programme.id
        wanted = await _named(programme_id, subject)

        async def rows(limit: int, start: Start) -> list[audit_reads.AuditRow]:
            return await audit_reads.page(programme_id, wanted, limit=limit, after=start)

        async def count() -> int:
            return await audit_reads.count(programme_id, wanted)

        return await LISTING.page(first, after, rows=rows, node=to_row, count=count)

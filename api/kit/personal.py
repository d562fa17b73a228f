"""What is personal of a member: shown to whom it may be, and noted where that is somebody else."""

from typing import TypeVar
from uuid import UUID

from api.kit.context import Info
from domain.kernel.callers import CallerKind, Scope

T = TypeVar("T")


def shown(info: Info, member_id: UUID, what: str, value: T) -> T | None:
    """The value, which stands in the answer; None to a caller to whom it is not shown. What
    somebody else than the member is shown is recorded before the answer leaves.
    """
    context = info.context
    if not context.caller.sees(Scope.MEMBERS_READ):
        return None
    if value and context.caller.kind is not CallerKind.MEMBER:
        context.shown.setdefault(member_id, set()).add(what)
    return value

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
    if value:
        note(info, member_id, what)
    return value


def note(info: Info, member_id: UUID, what: str) -> None:
    """The answer shows this of the member; recorded where that is somebody else than it."""
    if info.context.caller.kind is not CallerKind.MEMBER:
        info.context.shown.setdefault(member_id, set()).add(what)

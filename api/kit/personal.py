"""Personal data of a member: shown only to permitted callers, and noted if these are others."""

from typing import TypeVar
from uuid import UUID

from api.kit.context import Info
from domain.kernel.callers import CallerKind, Scope

T = TypeVar("T")


def shown(info: Info, member_id: UUID, what: str, value: T) -> T | None:
    """The value for the answer; None for a caller that may not see it. Data shown to anybody except
    the member are recorded before the answer is sent.
    """
    context = info.context
    if not context.caller.sees(Scope.MEMBERS_READ):
        return None
    if value:
        note(info, member_id, what)
    return value


def note(info: Info, member_id: UUID, what: str) -> None:
    """Note that the answer shows this about the member; recorded unless the caller is that
    member.
    """
    if info.context.caller.kind is not CallerKind.MEMBER:
        info.context.shown.setdefault(member_id, set()).add(what)

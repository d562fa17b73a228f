"""Rows of a member and of those merged into it, as one list that belongs to it."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from api.kit.connections import Start
from api.kit.context import Info
from domain.ledger import ledger
from domain.members import endings
from domain.members.members import Member

Row = TypeVar("Row")


async def know(info: Info, member_id: UUID) -> None:
    """Let the calling member act for this one, if that was merged into it; needs a query only for
    another member.
    """
    context = info.context
    stranger = context.caller.is_stranger_to(member_id)
    if stranger and await ledger.became(member_id) == context.caller.member_id:
        _add(info, [member_id])


async def of(info: Info, member: Member) -> Sequence[UUID]:
    """The member and all merged into it; no query where nobody was."""
    if not member.has_merged:
        return (member.member_id,)
    family = await info.context.loaders.of_member(endings.families, member.member_id)
    if info.context.caller.member_id == member.member_id:
        _add(info, family)
    return family


def _add(info: Info, member_ids: Sequence[UUID]) -> None:
    caller = info.context.caller
    info.context.caller = replace(caller, formerly=caller.formerly.union(member_ids))


def pages(
    info: Info,
    family: Sequence[UUID],
    key: Callable[[Row], Any],
    read: Callable[..., Awaitable[Mapping[UUID, list[Row]]]],
    *terms: Hashable,
) -> Callable[[int, Start], Awaitable[list[Row]]]:
    """A function that reads a page of the rows of all of these, greatest keys first, from the page
    of each by `read`.
    """
    of_member = info.context.loaders.of_member

    async def page(limit: int, start: Start) -> list[Row]:
        found = await gather(*(of_member(read, one, *terms, limit, start) for one in family))
        if len(found) == 1:
            return found[0]
        return sorted(chain(*found), key=key, reverse=True)[:limit]

    return page


def counts(
    info: Info,
    family: Sequence[UUID],
    read: Callable[..., Awaitable[Mapping[UUID, int]]],
    *terms: Hashable,
) -> Callable[[], Awaitable[int]]:
    """A function that counts the rows of all of these."""
    of_member = info.context.loaders.of_member

    async def count() -> int:
        return sum(await gather(*(of_member(read, one, *terms) for one in family)))

    return count

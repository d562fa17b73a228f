"""Common parts of the checks of several kinds of rows. Refusals are by the numbers of rows."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar
from uuid import UUID

from domain.jobs import columns
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Numbered
from domain.kernel.refusals import InvalidInput, NotFound, Refusal
from domain.members import statuses
from domain.members.identity import MemberKey

T = TypeVar("T")


def each(rows: Numbered, read: Callable[[Row], T]) -> tuple[dict[int, T], dict[int, Refusal]]:
    """The content of each valid row, and why the others are refused."""
    found: dict[int, T] = {}
    refused: dict[int, Refusal] = {}
    for number, row in rows.items():
        try:
            found[number] = read(row)
        except Refusal as refusal:
            refused[number] = refusal
    return found, refused


def absent(keys: Mapping[int, MemberKey], known: Collection[MemberKey]) -> dict[int, Refusal]:
    """Refusals of rows about unknown members."""
    return {
        number: NotFound("member", key.value[: columns.SHOWN_CHARACTERS_MAX], path=("member",))
        for number, key in keys.items()
        if key not in known
    }


def emptied(kind: Columns, rows: Numbered) -> dict[int, Refusal]:
    """Refusals of rows that were valid when checked and are empty now: their member was erased
    since.
    """
    return {
        number: InvalidInput("row_erased")
        for number, row in rows.items()
        if any(name not in row for name in kind.required)
    }


def by_number(
    keys: Mapping[int, MemberKey],
    known: Mapping[MemberKey, UUID],
    refused: Mapping[UUID, Refusal],
) -> dict[int, Refusal]:
    """Refusals of rows about unknown or refused members."""
    return absent(keys, known) | {
        number: refused[known[key]]
        for number, key in keys.items()
        if key in known and known[key] in refused
    }


async def unfit(member_ids: Collection[UUID]) -> dict[UUID, Refusal]:
    """Those of these members who are not enrolled, and why that refuses them."""
    refused: dict[UUID, Refusal] = {}
    for own, status in (await statuses.of_many(sorted(member_ids))).items():
        try:
            statuses.check_enrolled(status)
        except Refusal as refusal:
            refused[own] = refusal
    return refused

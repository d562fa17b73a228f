"""Private texts: what people typed, kept apart from the permanent rows, which contain only a
commitment.

Code that writes such a row puts a `Committed` in its column, and the text is written with it. A
read shows the text as before, and nothing once it is erased.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from tortoise.models import Model

import models
from domain.kernel import secrecy
from domain.kernel.commitments import PREFIX, Committed
from domain.kernel.database import update
from domain.kernel.ids import new_id

COLUMNS: Mapping[type[Model], tuple[str, ...]] = {
    models.Activity: ("attributes",),
    models.ActivityReversal: ("reason",),
    models.LedgerEntry: ("reason",),
    models.MemberChange: ("reason",),
    models.Redemption: ("partner_account", "tracking", "cancel_reason"),
    models.Referral: ("reason",),
    models.Review: ("note", "reason"),
    models.TierChange: ("note",),
    models.Transfer: ("note",),
}
"""Columns of commitments, by table. The system's own texts are stored there as they are."""

ERASED = "erased"
"""Replaces an erased text in columns that must not be empty."""

APART = "*"
"""Key, which no policy can declare, under which an object has the commitment to its undeclared
attributes.
"""


def rows_of(table: type[Model], new: Mapping[str, Any]) -> Iterator[Model]:
    """The texts that a new row commits to."""
    for name in COLUMNS.get(table, ()):
        value = new.get(name)
        if isinstance(value, dict):
            value = value.get(APART)
        if isinstance(value, Committed):
            yield to_row(new["member_id"], table, new["id"], name, value)


def to_row(
    member_id: UUID, table: type[Model], owner_id: UUID, field: str, made: Committed
) -> models.PrivateText:
    """The text that a column of a row, by its id, commits to."""
    return models.PrivateText(
        member_id=member_id,
        id=new_id(),
        owner_table=table._meta.db_table,
        owner_id=owner_id,
        field=field,
        commitment=str(made),
        salt=made.salt,
        value=secrecy.concealed(made.text),
    )


def without_undeclared(attributes: Mapping[str, Any], declared: Any) -> dict[str, Any]:
    """The declared attributes, and the commitment to all others, if there are any."""
    kept = {name: value for name, value in attributes.items() if name in declared}
    apart = {name: value for name, value in attributes.items() if name not in declared}
    return {**kept, APART: Committed.to(orjson.dumps(apart).decode())} if apart else kept


def with_undeclared(attributes: Mapping[str, Any], apart: str | None) -> dict[str, Any]:
    """All attributes of a row, including undeclared ones until they are erased."""
    said = attributes.get(APART)
    if not (isinstance(said, str) and said.startswith(PREFIX)):
        return dict(attributes)
    text = secrecy.shown(apart)
    told = {name: value for name, value in attributes.items() if name != APART}
    return told | (orjson.loads(text) if text else {})


def selected(column: str, whose: str | None, *, of: str | None = None) -> str:
    """SQL for what `shown` reads: the value of a column of a member's row, or the text that it
    commits to, null where that is erased. `whose` is a condition on the members, such as `= $1`,
    None for all; `of` is the expression with the commitment where that is not the column itself.
    """
    alias, said = column.partition(".")[0], of or column
    named = f"AND p.member_id {whose} " if whose else ""
    return (
        f"CASE WHEN {said} LIKE '{PREFIX}%' THEN (SELECT p.value FROM private_text p "
        f"WHERE p.member_id = {alias}.member_id {named}"
        f"AND p.commitment = {said} AND p.value IS NOT NULL LIMIT 1) ELSE {said} END"
    )


def shown(value: str | None) -> str | None:
    """The text of a value that was selected or is about to be written."""
    return value.text if isinstance(value, Committed) else secrecy.shown(value)


async def keep(
    member_id: UUID, table: type[Model], owner_id: UUID, columns: Mapping[str, Any]
) -> None:
    """Write the texts to which changed columns of a row commit, replacing the earlier ones."""
    for name, value in columns.items():
        if isinstance(value, Committed):
            await _forget(member_id, owner_id, name)
            await models.PrivateText.bulk_create([to_row(member_id, table, owner_id, name, value)])


async def forget(member_id: UUID) -> None:
    """Erase all texts of a member; the commitments to them stay."""
    await update(
        "UPDATE private_text SET salt = NULL, value = NULL WHERE member_id = $1 "
        "AND value IS NOT NULL",
        member_id,
    )


async def forget_of(member_ids: Iterable[UUID], owner_ids: Sequence[UUID]) -> None:
    """Erase the texts of these rows of other members."""
    if owner_ids:
        await update(
            "UPDATE private_text SET salt = NULL, value = NULL WHERE member_id = ANY($1::uuid[]) "
            "AND owner_id = ANY($2::uuid[]) AND value IS NOT NULL",
            list(member_ids),
            list(owner_ids),
        )


async def _forget(member_id: UUID, owner_id: UUID, field: str) -> None:
    await update(
        "UPDATE private_text SET salt = NULL, value = NULL WHERE member_id = $1 "
        "AND owner_id = $2 AND field = $3 AND value IS NOT NULL",
        member_id,
        owner_id,
        field,
    )

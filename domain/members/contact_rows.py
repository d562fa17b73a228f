"""Rows of contacts: added, replaced and removed, under the account's lock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.kernel import lookups, sealed_rows, secrecy
from domain.kernel.commitments import Committed
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.kernel.lookups import Proof
from domain.kernel.sealing import SealedRow
from domain.members import contacts, returning
from domain.members.contacts import Contact, ContactKind, key, keys


@dataclass(frozen=True, slots=True)
class Owner:
    """Owner of contacts to be written."""

    programme_id: UUID
    member_id: UUID


def new(
    owner: Owner, values: Mapping[str, Any], proofs: Mapping[ContactKind, Proof]
) -> list[models.Contact]:
    """Rows of a new member's contacts, proved where there is a proof."""
    return [
        to_row(owner, kind, value, proofs.get(kind))
        for kind in ContactKind
        if (value := values.get(kind.column)) is not None
    ]


def to_row(owner: Owner, kind: ContactKind, value: str, proof: Proof | None) -> models.Contact:
    made = Committed.to(value)
    return models.Contact(
        member_id=owner.member_id,
        id=new_id(),
        kind=kind.value,
        value=secrecy.concealed(value),
        digest=contacts.digests(owner.programme_id, kind, value)[0],
        commitment=str(made),
        salt=made.salt,
        proved_at=proof.proved_at if proof else None,
        proved_by=proof.proved_by if proof else None,
    )


async def change(
    owner: Owner,
    values: Mapping[str, Any],
    proofs: Mapping[ContactKind, Proof],
    now: datetime,
) -> tuple[list[ContactKind], list[SealedRow]]:
    """Set a member's contacts to `values`; returns which have changed, and the rows to seal. A
    replaced contact finds nobody any more, though its proof is remembered; another spelling of the
    same contact keeps its proof.
    """
    named = [kind for kind in ContactKind if kind.column in values]
    if not named:
        return [], []
    before = {one.kind: one for one in await contacts.of_members([owner.member_id])}
    changed, sealed = [], []
    for kind in named:
        value, old = values[kind.column], before.get(kind)
        if (old and old.value) != value:
            changed.append(kind)
        elif kind not in proofs or (old and is_proved(owner.programme_id, old)):
            continue
        kept = value is not None and old is not None and _is_kept_by(owner, old, key(value))
        for known in keys(old.value) if old is not None and not kept else ():
            if value is None or known != key(value):
                await lookups.free_own(owner.programme_id, kind.scope, known, owner.member_id)
        if old is not None and not kept and old.proved_at is not None:
            await returning.leave(owner.programme_id, old, now)
        if value is not None:
            sealed += await _write(to_row(owner, kind, value, proofs.get(kind)), kept=kept)
        else:
            sealed += await remove(owner.member_id, [kind])
    return changed, sealed


def is_proved(programme_id: UUID, contact: Contact) -> bool:
    """Whether proving it again would change nothing: it is proved, and stored with its newest
    digest.
    """
    newest = contacts.digests(programme_id, contact.kind, contact.value)[0]
    return contact.proved_at is not None and contact.digest == newest


def _is_kept_by(owner: Owner, contact: Contact, known: str) -> bool:
    return contact.digest in lookups.digests(owner.programme_id, contact.kind.scope, known)


async def _write(row: models.Contact, *, kept: bool) -> list[SealedRow]:
    """Replace the contact of this kind; if it is the same, its proof is `kept`."""
    proved = (
        ("coalesce(c.proved_at, excluded.proved_at)", "coalesce(c.proved_by, excluded.proved_by)")
        if kept
        else ("excluded.proved_at", "excluded.proved_by")
    )
    written = await rows(
        "INSERT INTO contact AS c (member_id, id, kind, value, digest, commitment, salt, "
        "proved_at, proved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (member_id, kind) DO UPDATE SET value = excluded.value, "
        "digest = excluded.digest, commitment = excluded.commitment, salt = excluded.salt, "
        f"proved_at = {proved[0]}, proved_by = {proved[1]} "
        f"RETURNING {sealed_rows.columns('contact')}",
        row.member_id,
        row.id,
        row.kind,
        row.value,
        row.digest,
        row.commitment,
        row.salt,
        row.proved_at,
        row.proved_by,
    )
    return sealed_rows.of_all("contact", written)


async def remove(
    member_id: UUID, kinds: Collection[ContactKind] = tuple(ContactKind)
) -> list[SealedRow]:
    """Remove a member's contacts of these kinds; returns the rows to seal."""
    gone = await rows(
        "DELETE FROM contact WHERE member_id = $1 AND kind = ANY($2::text[]) RETURNING id",
        member_id,
        [kind.value for kind in kinds],
    )
    return [sealed_rows.removed("contact", one) for one in gone]

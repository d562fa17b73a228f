"""Partners: the systems that report bookings and redeem, and the scopes that their keys may
have.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.kernel import audit, cache
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import (
    NAME_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    check_identifier,
    check_text,
)
from domain.kernel.refusals import InvalidInput, NotFound
from domain.programmes.programmes import Programme

CODE_CHARACTERS_MAX = 64

_FORM = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
"""Form of the code of a new partner. Older codes in other forms stay, so no constraint checks this:
it would refuse every change of their rows.
"""


@dataclass(frozen=True, slots=True)
class Partner:
    """A stored partner; `scopes` are the most that one of its keys may have."""

    id: UUID
    code: str
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class PartnerSent:
    """The sent settings of a partner, by its code."""

    code: str
    name: str
    scopes: tuple[Scope, ...]

    def canonical(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name, "scopes": self.scopes}


async def create(programme: Programme, code: str, name: str, now: datetime) -> UUID:
    """The partner of this code, created if there is none; its keys may have no scopes yet.

    Raises: InvalidInput.
    """
    _check(code, name)

    async def work() -> UUID:
        known = await _find(programme.id, code)
        if known is not None:
            return known
        _check_form(code)
        created = await row(
            "INSERT INTO partner (id, programme_id, code, name, scopes, created_at) "
            "VALUES ($1, $2, $3, $4, '', $5) "
            "ON CONFLICT (programme_id, code) DO NOTHING RETURNING id",
            new_id(),
            programme.id,
            code,
            name,
            now,
        )
        if created is None:
            return await find_id(programme, code)
        made: UUID = created["id"]
        return audit.adds("partner", made)

    return await audit.act(programme.id, now, "createPartner", work)


async def save(request: Request, sent: PartnerSent) -> Outcome:
    """Make the partner with this code, or change its name and scopes; figures: `partner`.

    All of its keys lose the scopes that it loses, in every process as soon as it is notified.

    Raises: InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    _check(sent.code, sent.name)
    outcome = await once(request, "savePartner", sent, lambda: _save(request, sent))
    cache.forget()
    return outcome


async def _save(request: Request, sent: PartnerSent) -> Figures:
    there = await row(
        "SELECT id FROM partner WHERE programme_id = $1 AND code = $2 FOR UPDATE",
        request.caller.programme_id,
        sent.code,
    )
    if there is None:
        _check_form(sent.code)
    else:
        await audit.writes("partner", there["id"])
        await audit.writes("partner_key", *await _keys(there["id"]))
    saved = await row(
        "INSERT INTO partner (id, programme_id, code, name, scopes, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (programme_id, code) "
        "DO UPDATE SET name = excluded.name, scopes = excluded.scopes RETURNING id",
        new_id(),
        request.caller.programme_id,
        sent.code,
        sent.name,
        _joined(sent.scopes),
        request.now,
    )
    if saved is None:
        raise LookupError("a partner that was just written is gone")
    if there is None:
        audit.adds("partner", saved["id"])
    # making a key locks the partner's row, so none is made meanwhile with more
    await rows(
        "UPDATE partner_key SET scopes = array_to_string(ARRAY("
        "SELECT unnest(string_to_array(scopes, ' ')) INTERSECT SELECT unnest($2::text[]) "
        "ORDER BY 1), ' ') "
        "WHERE partner_id = $1 AND revoked_at IS NULL "
        "AND NOT string_to_array(scopes, ' ') <@ $2::text[]",
        saved["id"],
        list(sent.scopes),
    )
    await cache.announce()
    return {"partner": str(saved["id"])}


async def _keys(partner_id: UUID) -> list[str]:
    """The ids of a partner's keys that can still lose scopes."""
    found = await rows(
        "SELECT id FROM partner_key WHERE partner_id = $1 AND revoked_at IS NULL", partner_id
    )
    return [one["id"] for one in found]


async def lock(partner_id: UUID) -> Partner:
    """The partner under its lock, which is held to make its keys or change its scopes."""
    await row("SELECT id FROM partner WHERE id = $1 FOR UPDATE", partner_id)
    # only now: the locking statement may have waited, and show the previous state
    found = await get(partner_id)
    if found is None:
        raise LookupError("a partner is never removed")
    return found


async def allow(partner: Partner, scopes: Iterable[str]) -> None:
    """Allow these scopes for a partner's keys, too; in a transaction that has locked the
    partner.
    """
    if not partner.scopes.issuperset(scopes):
        await audit.writes("partner", partner.id)
        await update(
            "UPDATE partner SET scopes = $2 WHERE id = $1",
            partner.id,
            _joined(partner.scopes.union(scopes)),
        )


async def owner_of(
    programme: Programme, caller: Caller, code: str | None, path: tuple[str, ...] = ("partner",)
) -> UUID | None:
    """The partner that a call is about: a partner's own, and for staff the one they name.

    Raises: NotFound.
    """
    if code is None:
        return caller.partner_id
    found = await find_id(programme, code, path)
    if caller.partner_id not in (None, found):
        raise NotFound("partner", code[:REFERENCE_CHARACTERS_MAX], path=path)
    return found


async def find_id(programme: Programme, code: str, path: tuple[str, ...] = ()) -> UUID:
    """Raises: NotFound."""
    found = await _find(programme.id, code)
    if found is None:
        raise NotFound("partner", code[:REFERENCE_CHARACTERS_MAX], path=path)
    return found


async def _find(programme_id: UUID, code: str) -> UUID | None:
    # not by the model, which raises for a code that is longer than any
    found = await row(
        "SELECT id FROM partner WHERE programme_id = $1 AND code = $2", programme_id, code
    )
    return UUID(str(found["id"])) if found else None


async def get(partner_id: UUID) -> Partner | None:
    found = await row("SELECT id, code, name, scopes FROM partner WHERE id = $1", partner_id)
    if found is None:
        return None
    return Partner(**{**found, "scopes": frozenset((found["scopes"] or "").split())})


async def names(ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Code and name by partner id; one query for all of them."""
    found = await models.Partner.filter(id__in=ids).values("id", "code", "name")
    return {partner["id"]: (partner["code"], partner["name"]) for partner in found}


async def ids(programme_id: UUID) -> dict[str, UUID]:
    """The programme's partners by code."""
    found = await rows("SELECT id, code FROM partner WHERE programme_id = $1", programme_id)
    return {partner["code"]: partner["id"] for partner in found}


def _check(code: str, name: str) -> None:
    check_identifier(code, ("code",), CODE_CHARACTERS_MAX)
    check_text(name, NAME_CHARACTERS_MAX, ("name",))


def _check_form(code: str) -> None:
    if not _FORM.fullmatch(code):
        raise InvalidInput("code_form", code, path=("code",))


def _joined(scopes: Iterable[str]) -> str:
    return " ".join(sorted(set(scopes)))

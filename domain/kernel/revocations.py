"""Ended sessions: subjects whose tokens are refused, and the instant of issue up to which they are.

The subject of tokens is kept as a digest under the secret key, because a member's reference is
erased with the member. It is kept for as long as an older token could be valid.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from uuid import UUID

from domain.kernel import audit, cache, lookups, secrecy
from domain.kernel.database import rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_identifier, check_text
from domain.kernel.lookups import LookupScope

SUBJECT_CHARACTERS_MAX = 128
TOKEN_DAYS_MAX = 90
"""Longest life of a token, from its issue."""

KEPT_DAYS = TOKEN_DAYS_MAX + 1
"""How long the end of sessions is kept: no older token is valid after that."""

FORGOTTEN_MAX = 10_000
"""Most old rows that one statement removes."""


class TokenKind(StrEnum):
    """Kind of a token's subject: a member and a person of staff may have the same name."""

    MEMBER = "member"
    STAFF = "staff"


async def revoke(request: Request, subject: str, kind: TokenKind | None, now: datetime) -> Outcome:
    """Refuse all tokens of a subject, or those of one kind, that were issued by `now`, a real
    instant, in every process as soon as it hears of it; figures: `revoked_at`.

    Raises: InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(subject, ("subject",), SUBJECT_CHARACTERS_MAX)
    if request.reason is not None:
        check_text(request.reason, NOTE_CHARACTERS_MAX, ("reason",))
    programme_id = request.caller.programme_id

    async def work() -> Figures:
        of_staff = kind is TokenKind.STAFF
        found = (
            None if of_staff else await lookups.find(programme_id, LookupScope.REFERENCE, subject)
        )
        told = _digests(programme_id, subject)[0]
        audit.about(f"member:{found['member_id']}" if found else f"subject:{told[:8].hex()}")
        await end(programme_id, [subject], kind, now, request.caller.actor)
        return {"revoked_at": now.isoformat()}

    sent = {"subject": subject} | ({} if kind is None else {"kind": kind})
    outcome = await once(request, "revokeSessions", sent, work)
    cache.forget()
    return outcome


async def end(
    programme_id: UUID,
    subjects: Iterable[str],
    kind: TokenKind | None,
    now: datetime,
    actor: str,
) -> None:
    """The same for several subjects, in the caller's transaction."""
    await rows(
        "INSERT INTO revocation (programme_id, subject, revoked_at, revoked_by) "
        "SELECT $1, subject, $3, $4 FROM unnest($2::bytea[]) AS said (subject) "
        "ON CONFLICT (programme_id, subject) DO UPDATE SET "
        "revoked_at = greatest(revocation.revoked_at, excluded.revoked_at), "
        "revoked_by = excluded.revoked_by",
        programme_id,
        sorted(_digests(programme_id, one, kind)[0] for one in subjects),
        now,
        actor,
    )
    await cache.announce()


async def ended(
    programme_id: UUID, kind: TokenKind, subject: str, issued_at: int, now: datetime
) -> bool:
    """Whether a token of this subject, issued at this second since 1970, is refused, including one
    of the very second in which its sessions were ended. `now` is an instant of the real clock.
    """
    living = partial(_load, programme_id, now - timedelta(days=KEPT_DAYS))
    known = await cache.remember("revocation", str(programme_id), living)
    if not known:
        return False
    said = [*_digests(programme_id, subject, kind), *_digests(programme_id, subject)]
    last = max((known[one] for one in said if one in known), default=None)
    return last is not None and issued_at < last + 1


async def _load(programme_id: UUID, since: datetime) -> Mapping[bytes, int]:
    """The second up to which tokens are refused, by the subject's digest."""
    found = await rows(
        "SELECT subject, floor(extract(epoch FROM revoked_at))::bigint AS second FROM revocation "
        "WHERE programme_id = $1 AND revoked_at > $2",
        programme_id,
        since,
    )
    return {bytes(one["subject"]): one["second"] for one in found}


async def forget_old(programme_id: UUID, now: datetime) -> int:
    """Remove those of a programme that concern no token that could still be valid at `now`, an
    instant of the real clock; at most `FORGOTTEN_MAX`; returns how many.
    """
    return await update(
        "DELETE FROM revocation WHERE (programme_id, subject) IN "
        "(SELECT programme_id, subject FROM revocation "
        "WHERE programme_id = $1 AND revoked_at <= $2 LIMIT $3)",
        programme_id,
        now - timedelta(days=KEPT_DAYS),
        FORGOTTEN_MAX,
    )


def _digests(programme_id: UUID, subject: str, kind: TokenKind | None = None) -> list[bytes]:
    """Digests for tokens of one kind, or of every kind if none is given."""
    said = f"{programme_id}:{subject}" if kind is None else f"{programme_id}:{subject}\x00{kind}"
    return secrecy.digests("revocation", said)

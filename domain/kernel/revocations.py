"""Sessions that were ended: whose tokens are refused, and up to which instant of their issue.

What tokens call somebody is kept as a digest under the secret key, for a member's reference is
erased with the member.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from domain.kernel import audit, cache, lookups, secrecy
from domain.kernel.database import rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_identifier, check_text
from domain.kernel.lookups import LookupScope

SUBJECT_CHARACTERS_MAX = 128


async def revoke(request: Request, subject: str, now: datetime) -> Outcome:
    """Refuse all tokens of a subject that were issued by `now`, a real instant, in every process
    as soon as it hears of it; figures: `revoked_at`.

    Raises: InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(subject, ("subject",), SUBJECT_CHARACTERS_MAX)
    if request.reason is not None:
        check_text(request.reason, NOTE_CHARACTERS_MAX, ("reason",))
    programme_id = request.caller.programme_id

    async def work() -> Figures:
        found = await lookups.find(programme_id, LookupScope.REFERENCE, subject)
        told = _digests(programme_id, subject)[0]
        audit.about(f"member:{found['member_id']}" if found else f"subject:{told[:8].hex()}")
        await end(programme_id, [subject], now, request.caller.actor)
        return {"revoked_at": now.isoformat()}

    outcome = await once(request, "revokeSessions", {"subject": subject}, work)
    cache.forget()
    return outcome


async def end(programme_id: UUID, subjects: Iterable[str], now: datetime, actor: str) -> None:
    """The same of several subjects, in a transaction of the caller's."""
    await rows(
        "INSERT INTO revocation (programme_id, subject, revoked_at, revoked_by) "
        "SELECT $1, subject, $3, $4 FROM unnest($2::bytea[]) AS said (subject) "
        "ON CONFLICT (programme_id, subject) DO UPDATE SET "
        "revoked_at = greatest(revocation.revoked_at, excluded.revoked_at), "
        "revoked_by = excluded.revoked_by",
        programme_id,
        sorted(_digests(programme_id, one)[0] for one in subjects),
        now,
        actor,
    )
    await cache.announce()


async def ended(programme_id: UUID, subject: str, issued_at: object) -> bool:
    """Whether a token of this subject, issued in that second since 1970, is refused. One that does
    not say when it was issued is, where any is; so is one of the very second.
    """
    known = await cache.remember("revocation", str(programme_id), lambda: _load(programme_id))
    if not known:
        return False
    said = _digests(programme_id, subject)
    last = max((known[one] for one in said if one in known), default=None)
    if last is None:
        return False
    return not isinstance(issued_at, int | float) or issued_at < last + 1


async def _load(programme_id: UUID) -> Mapping[bytes, int]:
    """The second up to which tokens are refused, by the subject's digest."""
    found = await rows(
        "SELECT subject, floor(extract(epoch FROM revoked_at))::bigint AS second FROM revocation "
        "WHERE programme_id = $1",
        programme_id,
    )
    return {bytes(one["subject"]): one["second"] for one in found}


def _digests(programme_id: UUID, subject: str) -> list[bytes]:
    return secrecy.digests("revocation", f"{programme_id}:{subject}")

"""Attempts: reports over the limit, which are counted and not kept."""

from uuid import UUID

from domain.accounts.accounts import Account
from domain.kernel.database import update


async def count(account: Account, kept: UUID) -> None:
    """Count one more report over the limit; the account's lock is held."""
    await update(
        "INSERT INTO activity_attempts (member_id, id, attempts, last_at) "
        "VALUES ($1, $2, 2, $3) ON CONFLICT (member_id, id) "
        "DO UPDATE SET attempts = activity_attempts.attempts + 1, last_at = excluded.last_at",
        account.member_id,
        kept,
        account.now,
    )

"""Opening a member's journal: under the lock of its account, or only for reading.

What has fallen due is posted either way: a write records it, a read only applies it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.books import books
from domain.kernel.database import Outdated, Row, row, rows, tuples_of_each, was_named
from domain.kernel.queries import Query, read_ahead
from domain.kernel.sealing import Head
from domain.ledger import journal as journals
from domain.ledger import new_lots, states
from domain.ledger.journal import Journal
from domain.ledger.lots import NEVER
from domain.ledger.new_lots import NewLots
from domain.ledger.states import Live, _balances, live_state


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is read under the lock of an account: queries that will be needed, and the existing lots
    unless lots are only credited.
    """

    queries: Sequence[Query] = ()
    lots: bool = True


LOTS = Ahead()


async def lock(
    member_id: UUID, now: datetime, most: int | None = None, ahead: Ahead = LOTS
) -> tuple[Journal, Row]:
    """Lock the member's account, load its live lots and holds, and post what has fallen due.

    Only inside a transaction. The row is the account's, for its values other than the balances.
    Where more than `most` entries are due, the journal stays `behind`. What is read `ahead` is read
    by a statement of its own, as one that began before the lock was held may see old data. The same
    goes for the settled days: nothing is recorded in a settled day.
    """
    account = await _account(member_id, "FOR UPDATE")
    if account["merged_into"] is not None and was_named(member_id):
        # merged while it was waited for: what it was found by leads to another now
        raise Outdated
    whole = ahead.lots or not new_lots.are_enough(account) or _is_due(account, now)
    lots = [states.live_lots([member_id])] if whole else []
    asked = books.query_settled(account["programme_id"])
    await read_ahead([*lots, asked, *ahead.queries])
    begins = await books.not_before(account["programme_id"], now)
    if not whole and not _is_due(account, begins):
        return _journal(account, None, _not_before(account, begins)), account
    return await _load(account, begins, most), account


async def lock_free(
    member_ids: Iterable[UUID], now: datetime, most: int, *, lots: bool
) -> list[tuple[Journal, Row]]:
    """The same for those of several members whose accounts are not locked by others: by id, in a
    few statements for all, and with `most` entries for all together.
    """
    locked = await tuples_of_each(
        "SELECT * FROM account WHERE member_id = $1 FOR UPDATE SKIP LOCKED",
        [(member_id,) for member_id in sorted(member_ids)],
    )
    accounts = [dict(account) for account in locked]
    programmes = {one["programme_id"] for one in accounts}
    whole = [one for one in accounts if lots or not new_lots.are_enough(one) or _is_due(one, now)]
    ids = [one["member_id"] for one in whole]
    asked = [states.live_lots(ids)] if ids else []
    await read_ahead([*asked, *map(books.query_settled, programmes)])
    for programme_id in programmes:
        now = await books.not_before(programme_id, now)
    live = await live_state(ids, held=any(one["held"] for one in whole)) if ids else {}
    late = [one["member_id"] for one in accounts if _is_due(one, now)]
    late = [member_id for member_id in late if member_id not in live]
    live |= await live_state(late, held=False) if late else {}
    opened = [
        (_journal(one, live.get(one["member_id"]), _not_before(one, now)), one) for one in accounts
    ]
    for journal, _ in opened:
        journals.advance(journal, journal.now, most)
        most -= 0 if journal.behind else len(journal.entries)
    return opened


async def peek(member_id: UUID, now: datetime) -> tuple[Journal, Row]:
    """The same without the lock, for reading only; never write this journal."""
    account = await _account(member_id, "")
    return await _load(account, now), account


async def _account(member_id: UUID, lock_clause: str) -> Row:
    account = await row(f"SELECT * FROM account WHERE member_id = $1 {lock_clause}", member_id)
    if account is None:
        raise LookupError(f"member {member_id} has no account")
    return account


async def _load(account: Row, now: datetime, most: int | None = None) -> Journal:
    member_id = account["member_id"]
    live = (await live_state([member_id], held=account["held"] > 0))[member_id]
    journal = _journal(account, live, _not_before(account, now))
    journals.advance(journal, journal.now, most)
    return journal


def _not_before(account: Row, now: datetime) -> datetime:
    """Not before decisions about its tier either, so that what they rest on came before them."""
    return max(now, account["tier_recorded_at"] or now, account["last_recorded_at"] or now)


def _is_due(account: Row, now: datetime) -> bool:
    """Whether the passage of time has changed the account by then."""
    due = account["next_due_at"]
    return due is not None and due <= _not_before(account, now)


def _journal(account: Row, live: Live | None, now: datetime) -> Journal:
    """The account as it stands; with `NewLots` where `live` is not given."""
    known = live or Live()
    lots = {lot.id: lot for lot in known.lots}
    return Journal(
        member_id=account["member_id"],
        now=now,
        balances=_balances(account),
        sequence=account["sequence"],
        sequence_before=account["sequence"],
        last_hash=account["last_hash"],
        last_recorded_at=account["last_recorded_at"],
        last_effective_at=account["last_effective_at"],
        closed=account["closed_at"] is not None,
        ended=account["closed_at"] is not None and account["merged_into"] is None,
        lots=lots if live else NewLots(account["member_id"], account["next_due_at"]),
        holds={hold.redemption_id: hold for hold in known.holds},
        quiet_until=None if live else account["next_due_at"] or NEVER,
        sealed=_head(account),
    )


def _head(account: Row) -> Head | None:
    number = account["seal_number"]
    return None if number is None else Head(number, account["seal_hash"])


async def foresee(member_ids: Sequence[UUID], now: datetime) -> list[Journal]:
    """Accounts with what has fallen due posted, in a few statements; never write these."""
    found = await rows("SELECT * FROM account WHERE member_id = ANY($1::uuid[])", list(member_ids))
    live = await live_state(member_ids, held=any(account["held"] for account in found))
    opened = [_journal(account, live[account["member_id"]], now) for account in found]
    for journal in opened:
        journals.advance(journal, now)
    return opened

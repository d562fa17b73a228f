"""An account under its lock: opened, decided on in memory, and closed by one write.

Every change of a member's points or tier opens its account. Opening locks it, posts what the
passage of time has changed, and reviews the tier; closing writes facts, what counts towards tiers,
entries and events, by one statement. Both happen in the caller's transaction.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from tortoise.models import Model

import models
from domain.accounts import due_events, forfeits, seals
from domain.kernel import outbox, sealed_rows
from domain.kernel.database import Beforehand, Row, transact
from domain.kernel.ids import new_id
from domain.kernel.outbox import Event, Topic
from domain.kernel.queries import Query
from domain.kernel.writes import Writes, send_all
from domain.ledger import journal as journals
from domain.ledger import ledger, opening
from domain.ledger.journal import Journal
from domain.ledger.opening import LOTS, Ahead
from domain.ledger.values import SYSTEM, Cause
from domain.programmes.programmes import Programme, Version
from domain.rewards import released
from domain.tiers import qualification, tier_reviews, tiers
from domain.tiers.values import Credit, Holding, NewChange, Qualifying
from domain.valuation import lot_values
from domain.valuation.lot_values import Outside

DUE_MAX = 500
"""Most due entries that one transaction writes; more are written in several transactions."""

AFTERWARDS = Cause(SYSTEM.actor, reason="ended")
"""Actor that takes points that come to an ended membership."""


@dataclass(slots=True)
class Account:
    """A member's account, and what this transaction adds to it.

    `journal` has balances, lots and holds, with everything due posted; `holding` the tier, with
    ended periods decided. `changes` are decisions about the tier in their order; `recorded` is the
    tier in the database. The first `written` of the changes are already written, and the first
    `evaluated` have had their consequences; of `credits`, the first `counted` are written. Where
    the member was merged, its points went to the `successor`; where it `has_merged`, others were
    merged into it.
    """

    programme: Programme
    journal: Journal
    holding: Holding
    recorded: Holding
    facts: list[Model] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    changes: list[NewChange] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    abandoned: bool = False
    counted: int = 0
    written: int = 0
    evaluated: int = 0
    has_merged: bool = False
    successor: "Account | None" = None

    @property
    def member_id(self) -> UUID:
        return self.journal.member_id

    @property
    def holder(self) -> "Account":
        """The account that received its points by merges; itself without a merge."""
        return self.successor.holder if self.successor else self

    @property
    def ended(self) -> bool:
        """Whether nobody can spend the member's points: the membership that has them has ended."""
        return self.holder.journal.ended

    @property
    def now(self) -> datetime:
        """The instant of this write (UTC), never before that of the previous write."""
        return self.journal.now

    @property
    def version(self) -> Version:
        """The policy version in force now."""
        return self.programme.as_of(self.now)

    def abandon(self) -> None:
        """Leave the account unchanged: the request had been carried out before."""
        self.abandoned = True

    def record(self, *facts: Model) -> None:
        """Add rows to be written with the entries that refer to them."""
        self.facts.extend(facts)

    def count(self, counted: Iterable[Credit], change: NewChange | None = None) -> None:
        """Add what counts towards the tier, and the tier change of a current member."""
        self.credits.extend(replace(one, id=one.id or new_id()) for one in counted)
        if change is not None and not self.ended:
            self.changes.append(change)
            self.holding = change.holding

    def notify(self, topic: Topic, *, partner_id: UUID | None = None, **payload: Any) -> None:
        """Add an event about the member, sent once this is committed; `partner_id` is the partner
        that reported the booking or activity, owns the reward or enrolled the member.
        """
        self.events.append(Event(topic, self.member_id, payload, partner_id))


@asynccontextmanager
async def opened(
    programme: Programme, member_id: UUID, now: datetime, ahead: Ahead = LOTS
) -> AsyncIterator[Account]:
    """The member's account under its lock; what the body adds is written when it ends.

    Only inside a transaction of `transact`. A body that raises writes nothing. Where more than
    `DUE_MAX` entries are due, `catch_up` writes them before the transaction is run again. Queries
    that the body will need are read `ahead`, under the lock.
    """
    known: dict[UUID, Account] = {}
    account = await _open(programme, member_id, now, ahead, known)
    yield account
    await _close_known(known)


@asynccontextmanager
async def opened_together(
    programme: Programme, member_ids: Iterable[UUID], now: datetime
) -> AsyncIterator[dict[UUID, Account]]:
    """Several members' accounts, by member id, locked in the order of these ids; then the stock
    that expired holds give back, in the order of the rewards: so no two calls deadlock.
    """
    known: dict[UUID, Account] = {}
    accounts = {one: await _open(programme, one, now, LOTS, known) for one in sorted(member_ids)}
    yield accounts
    await released.lock_stock([account.journal for account in known.values()])
    await _close_known(known)


@asynccontextmanager
async def opened_with(
    programme: Programme,
    member_id: UUID,
    other_id: UUID | None,
    now: datetime,
    ahead: Ahead = LOTS,
) -> AsyncIterator[tuple[Account, Account]]:
    """The member's account as by `opened`, and that of another member involved; twice its own where
    no other is named.
    """
    if other_id in (None, member_id):
        async with opened(programme, member_id, now, ahead) as account:
            yield account, account
    else:
        both = (member_id, other_id)
        async with opened_together(programme, both, now) as found:
            yield found[member_id], found[other_id]


async def open_free(
    programme: Programme, member_ids: Iterable[UUID], now: datetime, *, lots: bool = True
) -> dict[UUID, Account]:
    """Those of these accounts that nobody else has locked, by member id, under their locks, inside
    a transaction; without `lots`, new lots can only be credited. `close_all` closes them.

    Members with more than `DUE_MAX` due entries are left out, or, among several, an expired hold.
    """
    free = await opening.lock_free(member_ids, now, DUE_MAX, lots=lots)
    return {
        journal.member_id: await _reviewed(programme, journal, found)
        for journal, found in free
        if not journal.behind and (len(free) == 1 or not journal.released)
    }


async def foresee(programme: Programme, member_id: UUID, now: datetime) -> Account:
    """The account as opening it would find it, without the lock; never close this one."""
    journal, row = await opening.peek(member_id, now)
    account = await _reviewed(programme, journal, row)
    if row["merged_into"] is not None:
        account.successor = await foresee(programme, row["merged_into"], now)
    return account


async def lock_as_recorded(
    programme: Programme, member_id: UUID, now: datetime, ahead: Sequence[Query]
) -> Account:
    """The account under its lock with its tier as recorded: history reviews it as it plays.

    The caller closes it. Queries that the caller will need are read `ahead`, under the lock.
    """
    journal, row = await opening.lock(member_id, now, ahead=Ahead(ahead))
    recorded = tiers.to_holding(row)
    return Account(programme, journal, recorded, recorded)


def of_new_member(programme: Programme, member: models.Member, holding: Holding) -> Account:
    """The empty account of a member that this transaction made; the caller closes it."""
    journal = Journal(member.member_id, member.joined_at)
    journal.changed.append(sealed_rows.of("member", vars(member)))
    return Account(programme, journal, holding, holding)


async def close(account: Account, *, notify: bool = True) -> None:
    """Write what was added to an account whose lock this transaction has."""
    if not account.abandoned:
        _forfeit(account)
        known = await lot_values.outside(account.programme, [account.journal])
        await _send(*await _collected(account, known, notify=notify))


async def close_all(accounts: Iterable[Account], *, notify: bool = True) -> None:
    """`close` for several members, by one statement for all whose writes are alike."""
    closing = [account for account in accounts if not account.abandoned]
    known = lot_values.NOTHING
    for account in closing:
        _forfeit(account)
    if closing:
        journals = [account.journal for account in closing]
        known = await lot_values.outside(closing[0].programme, journals)
    collected = [await _collected(account, known, notify=notify) for account in closing]
    await send_all(writes for writes, _ in collected)
    for writes, summed_at in collected:
        if summed_at is not None:
            await tiers.sum_up(writes.member_id, summed_at)


def _forfeit(account: Account) -> None:
    """Take what came to an ended membership, at once, whatever its source."""
    if account.ended:
        journals.advance(account.journal, account.now)
        account.events += forfeits.forfeit(account.journal, AFTERWARDS)


async def _collected(
    account: Account, known: Outside, *, notify: bool = True
) -> tuple[Writes, datetime | None]:
    """Everything to be written, and the instant up to which `tiers.sum_up` then counts."""
    writes = Writes(account.member_id)
    summed_at = _add_facts(account, writes)
    decided = account.changes[-1].holding if account.changes else account.recorded
    if account.holding != decided:
        tiers.add_holding(writes, account.holding)
    ledger.add(writes, account.journal)
    lot_values.add(writes, account.programme, account.journal, known)
    dead = await released.write(account.journal)
    if notify:
        moved = tier_reviews.moved(account.version.policy, account.changes)
        due = await due_events.of(account.journal, account.version.policy)
        events = [*due, *dead, *account.events, *moved]
        sequence = account.journal.sequence
        outbox.add(writes, account.programme.id, account.now, events, sequence=sequence)
    seals.add(writes, account.journal)
    return writes, summed_at


async def flush(account: Account) -> None:
    """Write the facts so far, and what counts of them, so that later queries find them."""
    writes = Writes(account.member_id)
    summed_at = _add_facts(account, writes)
    account.journal.changed += sealed_rows.of_writes(writes)
    await _send(writes, summed_at)


def _add_facts(account: Account, writes: Writes) -> datetime | None:
    facts, account.facts = account.facts, []
    counted, account.counted = account.credits[account.counted :], len(account.credits)
    writes.add(*facts)
    summed_at = tiers.add(writes, counted, account.changes[account.written :])
    account.written = len(account.changes)
    return summed_at


async def _send(writes: Writes, summed_at: datetime | None) -> None:
    await writes.send()
    if summed_at is not None:
        await tiers.sum_up(writes.member_id, summed_at)


async def catch_up(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Write what is due, in as many transactions as necessary; returns the number of entries.

    Raises: ConcurrentRequest.
    """
    entries, behind = 0, True
    while behind:
        written, behind = await transact(partial(_write_due, programme, member_id, now))
        entries += written
    return entries


async def _write_due(programme: Programme, member_id: UUID, now: datetime) -> tuple[int, bool]:
    """Write due entries, then review the tier; returns how many, and whether more are due."""
    journal, row = await opening.lock(member_id, now, DUE_MAX)
    recorded = tiers.to_holding(row)
    account = (
        Account(programme, journal, recorded, recorded)
        if journal.behind
        else await _reviewed(programme, journal, row)
    )
    await close(account)
    return len(journal.entries), journal.behind


async def catch_up_together(
    programme: Programme, member_ids: Iterable[UUID], now: datetime
) -> dict[UUID, int]:
    """Write what is due for several members in one transaction; returns the number of entries of
    each. Members that `open_free` leaves out are left to `catch_up`.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_write_together, programme, tuple(member_ids), now))


async def _write_together(
    programme: Programme, member_ids: Sequence[UUID], now: datetime
) -> dict[UUID, int]:
    opened = await open_free(programme, member_ids, now)
    await close_all(opened.values())
    return {member_id: len(account.journal.entries) for member_id, account in opened.items()}


async def _open(
    programme: Programme,
    member_id: UUID,
    now: datetime,
    ahead: Ahead,
    known: dict[UUID, Account],
) -> Account:
    """Open an account, and the one that received a merged member's points; each once."""
    if member_id in known:
        return known[member_id]
    journal, row = await opening.lock(member_id, now, DUE_MAX, ahead)
    if journal.behind:
        raise Beforehand(partial(catch_up, programme, member_id, now))
    account = known[member_id] = await _reviewed(programme, journal, row)
    if row["merged_into"] is not None:
        account.successor = await _open(programme, row["merged_into"], now, LOTS, known)
    return account


async def _close_known(known: Mapping[UUID, Account]) -> None:
    """Close all that were opened; what counted for a merged member counts for its successor."""
    for account in sorted(known.values(), key=_distance, reverse=True):
        if account.successor is not None and account.credits and not account.abandoned:
            count_on(account, account.successor, account.credits)
            await review_tier(account.successor)
    for account in known.values():
        await close(account)


def _distance(account: Account) -> int:
    """Number of merges between the member and the account that has its points."""
    return 1 + _distance(account.successor) if account.successor else 0


def count_on(account: Account, successor: Account, counted: Iterable[Credit]) -> None:
    """Count what counts for a member for the one into which it was merged, at the same instants."""
    own, now = successor.member_id, successor.now
    successor.credits += [
        Credit(
            own,
            one.occurred_at,
            now,
            one.qualifying,
            id=new_id(),
            source=(account.member_id, one.id),
        )
        for one in counted
        if one.qualifying != Qualifying()
    ]


async def review_tier(account: Account) -> None:
    """Review the tier by what counts, including what this transaction has added since."""
    made, version = account.credits[account.counted :], account.version
    if not made:
        return
    sums = await tiers.sums(account.member_id, version.policy, account.now)
    change = qualification.review(version, account.holding, sums, *made)
    if change is None and version.policy.refunds.tier == "now":
        change = qualification.downgrade(version, account.holding, sums, *made)
    account.count((), change)


async def _reviewed(programme: Programme, journal: Journal, row: Row) -> Account:
    recorded = tiers.to_holding(row)
    holding, changes = await tier_reviews.foresee(programme, recorded, journal.now)
    account = Account(programme, journal, holding, recorded, changes=changes)
    account.evaluated, account.has_merged = len(changes), row["has_merged"]
    return account

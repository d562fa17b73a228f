"""An account under its lock: opened, decided on in memory, and closed by one write.

Every change of a member's points or tier opens its account. Opening locks it, posts what time
alone has changed, and reviews the tier; closing writes facts, what counts toward tiers,
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
"""Entries that a transaction writes of what is due; what is more is written in several."""

AFTERWARDS = Cause(SYSTEM.actor, reason="ended")
"""What takes points that come to a membership once it has ended."""


@dataclass(slots=True)
class Account:
    """A member's account, and what this transaction adds to it.

    `journal` has balances, lots and holds with what was due posted, `holding` the tier with
    what had come to its end decided. `changes` are decisions about the tier in their order,
    `recorded` is how the tier stands in the database. The first `written` of these are written
    already, and the first `settled` have brought what they bring; of `credits` the first
    `counted` are written. Where the member was merged, its points went to the `successor`; where it
    `has_merged`, others were merged into it.
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
    settled: int = 0
    has_merged: bool = False
    successor: "Account | None" = None

    @property
    def member_id(self) -> UUID:
        return self.journal.member_id

    @property
    def holder(self) -> "Account":
        """Where its points went by merges; itself, without any."""
        return self.successor.holder if self.successor else self

    @property
    def ended(self) -> bool:
        """Whether nobody can spend what the member has: who would have it has ended."""
        return self.holder.journal.ended

    @property
    def now(self) -> datetime:
        """The instant of this write (UTC), never before that of the one before it."""
        return self.journal.now

    @property
    def version(self) -> Version:
        """The policy version in force now."""
        return self.programme.as_of(self.now)

    def abandon(self) -> None:
        """Leave the account as it was found: what was asked for had been done before."""
        self.abandoned = True

    def record(self, *facts: Model) -> None:
        """Rows to be written with the entries that refer to them."""
        self.facts.extend(facts)

    def count(self, counted: Iterable[Credit], change: NewChange | None = None) -> None:
        """What counts toward the tier, and the change that it brings to who is a member still."""
        self.credits.extend(replace(one, id=one.id or new_id()) for one in counted)
        if change is not None and not self.ended:
            self.changes.append(change)
            self.holding = change.holding

    def notify(self, topic: Topic, *, partner_id: UUID | None = None, **payload: Any) -> None:
        """An event for those who follow the member, once this is committed; `partner_id` is the
        partner that reported the booking or activity, owns the reward or enrolled the member.
        """
        self.events.append(Event(topic, self.member_id, payload, partner_id))


@asynccontextmanager
async def opened(
    programme: Programme, member_id: UUID, now: datetime, ahead: Ahead = LOTS
) -> AsyncIterator[Account]:
    """The member's account under its lock; what the body adds is written when it ends.

    Inside a transaction of `transact`. A body that raises writes nothing. Where more than
    `DUE_MAX` entries are due, `catch_up` writes them before the transaction is run again. What the
    body is going to ask for is read `ahead`, under the lock.
    """
    known: dict[UUID, Account] = {}
    account = await _open(programme, member_id, now, ahead, known)
    yield account
    await _close_known(known)


@asynccontextmanager
async def opened_together(
    programme: Programme, member_ids: Iterable[UUID], now: datetime
) -> AsyncIterator[dict[UUID, Account]]:
    """Several members' accounts, by member id, locked in the order of these, and the stock that
    dead holds give back in that of the rewards, so that no two calls wait for each other.
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
    """The member's account as by `opened`, and another's that it deals with; where no other is
    named, twice its own.
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
    """Those of these accounts that nobody has locked, by member id, under their locks, inside a
    transaction; where no `lots` are asked for, new ones can be credited. `close_all` closes them.

    Without who brings more than `DUE_MAX`, or of several one whose hold died: its stock is wanted.
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

    The caller closes it. What it is going to ask for is read `ahead`, under the lock.
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
    """`close` for several members, by one statement for all who write alike."""
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
    """What came to a membership that has ended is lost to it at once, by whichever way it came."""
    if account.ended:
        journals.advance(account.journal, account.now)
        account.events += forfeits.forfeit(account.journal, AFTERWARDS)


async def _collected(
    account: Account, known: Outside, *, notify: bool = True
) -> tuple[Writes, datetime | None]:
    """All that is to be written, and the instant to which `tiers.sum_up` comes then."""
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
    """Write the facts so far, and what counts of them, so that statements find them from now on."""
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
    """Write what is due, in as many transactions as it takes; how many entries it took.

    Raises: ConcurrentRequest.
    """
    entries, behind = 0, True
    while behind:
        written, behind = await transact(partial(_write_due, programme, member_id, now))
        entries += written
    return entries


async def _write_due(programme: Programme, member_id: UUID, now: datetime) -> tuple[int, bool]:
    """How many entries, and whether more are due; with the last the tier is reviewed."""
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
    """Write what is due for several members by one transaction; how many entries each took. Whom
    `open_free` leaves out is left to `catch_up`.

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
    """Open an account, and with it where the points of a merged member went; each once."""
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
    """Close all that were opened; what counted for a merged member counts where its points went."""
    for account in sorted(known.values(), key=_distance, reverse=True):
        if account.successor is not None and account.credits and not account.abandoned:
            count_on(account, account.successor, account.credits)
            await review_tier(account.successor)
    for account in known.values():
        await close(account)


def _distance(account: Account) -> int:
    """How many merges away its points are."""
    return 1 + _distance(account.successor) if account.successor else 0


def count_on(account: Account, successor: Account, counted: Iterable[Credit]) -> None:
    """Let what counts for a member count for the one whom it was merged into, at its instants."""
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
    """Judge the tier by what counts, with what this transaction has added and not yet judged."""
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
    account = Account(programme, journal, holding, recorded, changes=changes, settled=len(changes))
    account.has_merged = row["has_merged"]
    return account

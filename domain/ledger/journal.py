"""A member's account under its lock, and what one transaction posts to it: arithmetic on values,
which `domain.ledger.ledger` writes."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.kernel.ids import id_of, new_id
from domain.kernel.sealing import UNSEALED, Head, SealedRow
from domain.ledger import lots as lot_rules
from domain.ledger.digest import digest
from domain.ledger.lots import DueChange, Hold, Lot, Touch
from domain.ledger.values import (
    FIRST_HASH,
    HASH_VERSION,
    SYSTEM,
    Balances,
    Bucket,
    Cause,
    Entry,
    EntryKind,
)


@dataclass(slots=True)
class Journal:
    """The account as it stands, with what this transaction has posted so far.

    `lots` are those with points left and those restored, `holds` the open ones by redemption id,
    `released` those that died, `matured` the entry by which each lot matured; `now` never lies
    before the last recorded instant. `behind` means that more is due than was posted; `computing`,
    that what is posted follows from the passage of time only, so that its ids are the same whenever
    it is posted or shown. Nothing falls due before `quiet_until`, which is null where that has not
    been computed yet. `digest_of` makes the hash of each entry, null where no chain is made. A
    `closed` account owes nothing; it has `ended` where its points went to no other account. `cash`
    is the amount paid for a booking or amendment, by id; `amounts` are the values of new lots where
    the poster states them, and `sources` the lots whose points came back in new ones. `sealed` is
    the last seal; `changed` are rows, named as in seals, that are already written.
    """

    member_id: UUID
    now: datetime
    balances: Balances = field(default_factory=Balances)
    sequence: int = 0
    last_hash: bytes = FIRST_HASH
    last_recorded_at: datetime | None = None
    last_effective_at: datetime | None = None
    lots: MutableMapping[UUID, Lot] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    released: list[UUID] = field(default_factory=list)
    matured: dict[UUID, UUID] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    new_lot_ids: set[UUID] = field(default_factory=set)
    remaining_before: dict[UUID, int] = field(default_factory=dict)
    cash: dict[UUID, int] = field(default_factory=dict)
    amounts: dict[UUID, int] = field(default_factory=dict)
    sources: dict[UUID, UUID] = field(default_factory=dict)
    sequence_before: int = 0
    behind: bool = False
    closed: bool = False
    ended: bool = False
    computing: bool = False
    quiet_until: datetime | None = field(default=None, compare=False)
    sealed: Head | None = UNSEALED
    changed: list[SealedRow] = field(default_factory=list)
    new_id: Callable[[], UUID] = new_id
    digest_of: Callable[[bytes, UUID, Entry, Iterable[Lot]], bytes] | None = digest


def advance(journal: Journal, now: datetime, most: int | None = None) -> None:
    """Move the journal's instant forward and post what has fallen due by then. It stops after
    `most` entries: `journal.behind` says whether anything is left.
    """
    last = journal.last_recorded_at
    journal.now = now if last is None else max(now, last)
    if journal.quiet_until is not None and journal.now < journal.quiet_until:
        return
    agenda = lot_rules.Agenda(journal.lots, journal.holds, journal.now)
    while due := agenda.next():
        if most is not None and len(journal.entries) >= most:
            journal.behind = True
            return
        journal.computing = True
        _post_due(journal, due)
        journal.computing = False
        if due.matured is not None:
            agenda.add(journal.lots[due.matured.id])
        elif due.hold is not None:
            for touch in due.touches:
                agenda.add(journal.lots[touch.lot_id])
    journal.quiet_until = agenda.later


def _post_due(journal: Journal, due: DueChange) -> None:
    at = max(due.at, journal.last_effective_at or due.at)
    if due.matured is not None:
        lot = due.matured
        _mature(journal, lot, due.at, lot.matured_expires_at, SYSTEM, at)
    elif due.hold is not None:
        cause = Cause(SYSTEM.actor, redemption_id=due.hold.redemption_id)
        _release(journal, due.hold, due.touches, cause, at)
        journal.released.append(due.hold.redemption_id)
    else:
        buckets = (Bucket.AVAILABLE, Bucket.EXPIRED)
        _post(journal, EntryKind.EXPIRE, buckets, due.points, due.touches, SYSTEM, at)


def earn(journal: Journal, lot: Lot, cause: Cause) -> Entry:
    """Credit a new lot of available points."""
    return _credit(journal, EntryKind.EARN, Bucket.ISSUED, [lot], cause)


def earn_pending(journal: Journal, lot: Lot, cause: Cause) -> Entry:
    """Credit a new lot of pending points, which wait for the completion of what earned them."""
    _create(journal, lot)
    buckets, touch = (Bucket.ISSUED, Bucket.PENDING), Touch(lot.id, lot.points)
    return _post(journal, EntryKind.EARN, buckets, lot.points, (touch,), cause, created=[lot.id])


def mature(journal: Journal, lot_id: UUID, expires_at: datetime | None, cause: Cause) -> Entry:
    """Make the points left in a pending lot spendable from now on."""
    return _mature(journal, journal.lots[lot_id], journal.now, expires_at, cause)


def claw_back(journal: Journal, touches: Sequence[Touch], cause: Cause) -> Entry:
    """Take points back from lots that are all pending or all available."""
    pending = journal.lots[touches[0].lot_id].pending
    source = Bucket.PENDING if pending else Bucket.AVAILABLE
    points = -sum(touch.points for touch in touches)
    buckets = (source, Bucket.CLAWED_BACK)
    return _post(journal, EntryKind.CLAW_BACK, buckets, points, tuple(touches), cause)


def owe(journal: Journal, points: int, cause: Cause) -> Entry:
    """Take back points that the member no longer has: it owes them from now on."""
    buckets = (Bucket.OWED, Bucket.CLAWED_BACK)
    return _post(journal, EntryKind.CLAW_BACK, buckets, points, (), cause)


def transfer_in(journal: Journal, lots: Sequence[Lot], cause: Cause) -> Entry:
    """Credit points that another member gave, in lots with the giver's own terms."""
    return _credit(journal, EntryKind.TRANSFER_IN, Bucket.TRANSFERRED, lots, cause)


def transfer_out(journal: Journal, points: int, cause: Cause) -> Entry:
    """Give available points away, earliest expiry first.

    Raises: InsufficientPoints.
    """
    return _debit(journal, EntryKind.TRANSFER_OUT, Bucket.TRANSFERRED, points, cause)


def adjust_up(journal: Journal, lot: Lot, cause: Cause) -> Entry:
    """Correct by crediting a new lot."""
    return _credit(journal, EntryKind.ADJUST, Bucket.ADJUSTED, [lot], cause)


def adjust_down(journal: Journal, points: int, cause: Cause) -> Entry:
    """Correct by taking available points, earliest expiry first.

    Raises: InsufficientPoints.
    """
    return _debit(journal, EntryKind.ADJUST, Bucket.ADJUSTED, points, cause)


def hold(journal: Journal, points: int, until: datetime, cause: Cause) -> Entry:
    """Reserve available points for the cause's redemption, earliest expiry first.

    Raises: InsufficientPoints.
    """
    redemption_id = cause.redemption_id
    if redemption_id is None:
        raise ValueError("a hold belongs to a redemption")
    cause = replace(cause, holds_until=until)
    entry = _debit(journal, EntryKind.HOLD, Bucket.HELD, points, cause)
    journal.holds[redemption_id] = Hold(redemption_id, until, entry.touches)
    _wake(journal, until)
    return entry


def release(journal: Journal, redemption_id: UUID, cause: Cause) -> Entry:
    """Return a hold's points to the lots they came from. They settle arrears first; of the rest,
    points past their expiry expire at once.
    """
    held = journal.holds[redemption_id]
    touches = lot_rules.restore(held.touches, held.points)
    entry = _release(journal, held, touches, cause)
    advance(journal, journal.now)
    return entry


def capture(journal: Journal, redemption_id: UUID, points: int, cause: Cause) -> Entry:
    """Spend `points` of a hold; the rest of the hold goes back to its lots."""
    held = journal.holds[redemption_id]
    excess = held.points - points
    buckets = (Bucket.HELD, Bucket.REDEEMED)
    entry = _post(journal, EntryKind.CAPTURE, buckets, points, (), cause)
    if excess:
        touches = lot_rules.restore(held.touches, excess)
        _release(journal, held, touches, cause)
        advance(journal, journal.now)
    else:
        del journal.holds[redemption_id]
    return entry


def redeem(journal: Journal, points: int, cause: Cause) -> Entry:
    """Spend available points, earliest expiry first.

    Raises: InsufficientPoints.
    """
    return _debit(journal, EntryKind.REDEEM, Bucket.REDEEMED, points, cause)


def reinstate_anew(
    journal: Journal, returned: Sequence[Touch], lots: Sequence[Lot], cause: Cause
) -> Entry:
    """Give points back in new lots, one for each old lot that they `returned` from, where the
    expiry of the old lots would be unfair.
    """
    pairs = zip(lots, returned, strict=True)
    journal.sources.update({lot.id: touch.lot_id for lot, touch in pairs})
    return _credit(journal, EntryKind.REINSTATE, Bucket.REDEEMED, lots, cause)


def reinstate(journal: Journal, taken: Sequence[Touch], points: int, cause: Cause) -> Entry:
    """Give points back to the lots they came from. They settle arrears first; of the rest, points
    past their expiry expire at once.
    """
    touches = lot_rules.restore(taken, points)
    buckets = (Bucket.REDEEMED, Bucket.AVAILABLE)
    entry = _post(journal, EntryKind.REINSTATE, buckets, points, touches, cause)
    _settle_by_return(journal, touches, entry.effective_at)
    advance(journal, journal.now)
    return entry


def _credit(
    journal: Journal, kind: EntryKind, source: Bucket, lots: Sequence[Lot], cause: Cause
) -> Entry:
    for lot in lots:
        _create(journal, lot)
    touches = tuple(Touch(lot.id, lot.points) for lot in lots)
    points = sum(lot.points for lot in lots)
    buckets = (source, Bucket.AVAILABLE)
    created = [lot.id for lot in lots]
    entry = _post(journal, kind, buckets, points, touches, cause, created=created)
    _settle_arrears(journal, touches, entry.effective_at)
    return entry


def _settle_arrears(journal: Journal, credited: Iterable[Touch], at: datetime) -> None:
    """Settle arrears first, from what has just become available, at the same instant."""
    if not journal.balances.owed:
        return
    lots = [journal.lots[touch.lot_id] for touch in credited]
    points = min(journal.balances.owed, lot_rules.spendable_points(lots, at))
    if points:
        touches = lot_rules.draw_down(lots, points, at)
        buckets = (Bucket.AVAILABLE, Bucket.OWED)
        _post(journal, EntryKind.SETTLE, buckets, points, touches, SYSTEM, at)


def _settle_by_return(journal: Journal, returned: Iterable[Touch], at: datetime) -> None:
    """Settle arrears first from points that come back, even past their expiry; the rest expires."""
    by_lot = Counter[UUID]()
    for touch in returned:
        by_lot[touch.lot_id] += touch.points
    touches, wanted = [], journal.balances.owed
    for lot in sorted((journal.lots[lot_id] for lot_id in by_lot), key=lot_rules.spend_order):
        if taken := min(wanted, by_lot[lot.id]):
            touches.append(Touch(lot.id, -taken))
            wanted -= taken
    if touches:
        points = journal.balances.owed - wanted
        buckets = (Bucket.AVAILABLE, Bucket.OWED)
        _post(journal, EntryKind.SETTLE, buckets, points, tuple(touches), SYSTEM, at)


def _mature(
    journal: Journal,
    lot: Lot,
    available_at: datetime,
    expires_at: datetime | None,
    cause: Cause,
    effective_at: datetime | None = None,
) -> Entry:
    cause = replace(cause, booking_id=lot.booking_id)
    journal.lots[lot.id] = replace(lot, available_at=available_at, expires_at=expires_at)
    _wake(journal, expires_at)
    buckets = (Bucket.PENDING, Bucket.AVAILABLE)
    entry = _post(
        journal,
        EntryKind.MATURE,
        buckets,
        lot.remaining,
        (),
        cause,
        effective_at,
        created=[lot.id],
    )
    journal.matured[lot.id] = entry.id
    _settle_arrears(journal, [Touch(lot.id, lot.remaining)], entry.effective_at)
    return entry


def _debit(journal: Journal, kind: EntryKind, target: Bucket, points: int, cause: Cause) -> Entry:
    touches = lot_rules.draw_down(journal.lots.values(), points, journal.now)
    return _post(journal, kind, (Bucket.AVAILABLE, target), points, touches, cause)


def _release(
    journal: Journal,
    held: Hold,
    touches: tuple[Touch, ...],
    cause: Cause,
    effective_at: datetime | None = None,
) -> Entry:
    del journal.holds[held.redemption_id]
    points = sum(touch.points for touch in touches)
    buckets = (Bucket.HELD, Bucket.AVAILABLE)
    entry = _post(journal, EntryKind.RELEASE, buckets, points, touches, cause, effective_at)
    _settle_by_return(journal, touches, entry.effective_at)
    return entry


def _post(
    journal: Journal,
    kind: EntryKind,
    buckets: tuple[Bucket, Bucket],
    points: int,
    touches: tuple[Touch, ...],
    cause: Cause,
    effective_at: datetime | None = None,
    *,
    created: Collection[UUID] = (),
) -> Entry:
    if points <= 0:
        raise ValueError(f"an entry moves a positive number of points, not {points}")
    source, target = buckets
    after = journal.balances.moved(points, source, target)
    if min(after.pending, after.available, after.held, after.owed) < 0:
        raise ValueError(f"{kind} of {points} from {journal.balances} leaves less than nothing")
    for touch in touches:
        if touch.lot_id not in created:
            _touch(journal, touch)
    sequence, at = journal.sequence + 1, effective_at or journal.now
    entry = Entry(
        id=id_of(at, journal.member_id, sequence) if journal.computing else journal.new_id(),
        sequence=sequence,
        kind=kind,
        source=source,
        target=target,
        points=points,
        effective_at=at,
        recorded_at=journal.now,
        after=after,
        cause=cause,
        touches=touches,
        hash=b"",
        hash_version=HASH_VERSION,
    )
    if journal.digest_of is not None:
        credited = [journal.lots[lot_id] for lot_id in created]
        hashed = journal.digest_of(journal.last_hash, journal.member_id, entry, credited)
        entry = replace(entry, hash=hashed)
    journal.balances, journal.sequence, journal.last_hash = after, entry.sequence, entry.hash
    journal.last_recorded_at, journal.last_effective_at = entry.recorded_at, entry.effective_at
    journal.entries.append(entry)
    return entry


def _create(journal: Journal, lot: Lot) -> None:
    """Create a complete lot: the entry that credits it does not touch it again."""
    whole = lot.remaining == lot.points
    journal.lots[lot.id] = lot if whole else lot.with_remaining(lot.points)
    journal.new_lot_ids.add(lot.id)
    _wake(journal, lot.expires_at)
    _wake(journal, lot.matures_at)


def _wake(journal: Journal, at: datetime | None) -> None:
    """Note that something falls due at that instant, or may."""
    if at is not None and journal.quiet_until is not None and at < journal.quiet_until:
        journal.quiet_until = at


def _touch(journal: Journal, touch: Touch) -> None:
    lot = journal.lots[touch.lot_id]
    remaining = lot.remaining + touch.points
    if not 0 <= remaining <= lot.points:
        raise ValueError(f"lot {lot.id} of {lot.points} cannot hold {remaining}")
    if lot.id not in journal.new_lot_ids:
        journal.remaining_before.setdefault(lot.id, lot.remaining)
    journal.lots[lot.id] = lot.with_remaining(remaining)
    if touch.points > 0:
        _wake(journal, lot.expires_at)
        _wake(journal, lot.matures_at if lot.pending else None)

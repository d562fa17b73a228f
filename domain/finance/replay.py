"""A member's entries as rows of the journal, lot by lot, in order (pure).

Once a day is settled, the result is always the same: entries and lots never change, and nothing
depends on later facts.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from domain.finance.accounts import Account, Books, JournalKey, Position, of_partner
from domain.finance.lots import Drawn, Followed, expiry_month, follow
from domain.finance.prices import Prices
from domain.finance.valuing import Valuing
from domain.kernel import dates
from domain.kernel.database import Row
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, in_force
from domain.programmes.rules import PROGRAMME_FUNDER

Rows = Mapping[str, Sequence[Row]]
"""One member's rows by table, with the columns that `reading.SELECTS` names at least."""

IMPORT = "import:"
"""Prefix of the actor of an import."""


@dataclass(slots=True)
class Replayed:
    """Result of a member's entries: rows of the journal and of the liability; the values that its
    lots should have, as far as its own rows tell; points that transfers, by id, took out of each
    lot, and put into each, in the order of the lots; and the lots whose points returned in others.
    """

    books: Books = field(default_factory=Books)
    values: dict[UUID, int] = field(default_factory=dict)
    given: dict[UUID, list[int | None]] = field(default_factory=dict)
    received: dict[UUID, list[UUID]] = field(default_factory=dict)
    sources: dict[UUID, UUID] = field(default_factory=dict)
    lots: dict[UUID, Followed] = field(default_factory=dict)


def of_member(tables: Rows, programme: Programme, prices: Prices, through: date) -> Replayed:
    """Result of one member's entries with an effect through this day."""
    return _Replay(tables, programme, prices, through).made()


class _Replay:
    """The rows of a member, and the result so far."""

    def __init__(self, tables: Rows, programme: Programme, prices: Prices, through: date) -> None:
        self.programme, self.through = programme, through
        self.zone = programme.versions[0].policy.zone
        self.prices = prices
        self.valuing = Valuing(tables, programme, prices)
        self.values = {one["lot_id"]: one["amount"] for one in tables.get("lot_value", ())}
        self.rows_of_lots = {one["id"]: one for one in tables.get("lot", ())}
        self.matured = {
            one["matured_entry_id"]: one["id"]
            for one in self.rows_of_lots.values()
            if one["matured_entry_id"] is not None
        }
        self.touches: defaultdict[UUID, list[Row]] = defaultdict(list)
        for touch in sorted(tables.get("allocation", ()), key=lambda one: one["id"]):
            self.touches[touch["entry_id"]].append(touch)
        self.entries = sorted(tables.get("ledger_entry", ()), key=lambda one: one["sequence"])
        self.costs = {
            one["id"]: one["cost_minor"]
            for one in tables.get("redemption", ())
            if one["reward_id"] is not None and one["cost_minor"]
        }
        self.charged: set[tuple[UUID, bool]] = set()
        self.drawn: defaultdict[UUID, Drawn] = defaultdict(Drawn)
        self.arrears = 0
        self.into = Replayed()

    def made(self) -> Replayed:
        posting: Mapping[str, Callable[[Row, date], None]] = {
            "EARN": self._credit,
            "ADJUST": self._adjust,
            "REDEEM": self._redeem,
            "HOLD": self._hold,
            "RELEASE": self._release,
            "CAPTURE": self._capture,
            "REINSTATE": self._reinstate,
            "EXPIRE": self._expire,
            "CLAW_BACK": self._claw_back,
            "SETTLE": self._settle,
            "TRANSFER_OUT": self._give,
            "TRANSFER_IN": self._receive,
            "MATURE": self._mature,
        }
        for entry in self.entries:
            day = dates.local_date(entry["effective_at"], self.zone)
            if day > self.through:
                break
            posting[entry["kind"]](entry, day)
        return self.into

    # Lots.

    def _create(self, entry: Row, day: date) -> list[Followed]:
        """The lots that an entry credits, followed from now on."""
        expected = self.valuing.of(entry, [one["lot_id"] for one in self.touches[entry["id"]]])
        made = []
        for touch in self.touches[entry["id"]]:
            row = self.rows_of_lots[touch["lot_id"]]
            value = self.values.get(row["id"], expected.get(row["id"]))
            lot = follow(row, value, self.zone)
            self.into.lots[lot.id] = lot
            made.append(lot)
            self._hold_left(lot, day, lot.left, lot.left_amount)
        self.into.values.update(expected)
        return made

    def _hold_left(self, lot: Followed, day: date, points: int, amount: int) -> None:
        self.into.books.hold(Position(day, lot.expiry_month, lot.funder), points, amount)

    def _leave(self, lot_id: UUID, points: int, day: date) -> int:
        """The amount carried by points that leave a lot for good; below zero, by returning ones."""
        lot = self.into.lots[lot_id]
        carry = lot.leave(points)
        self._hold_left(lot, day, -points, -carry)
        return carry

    def _each(self, entry: Row, day: date) -> list[tuple[Followed, int, int]]:
        """Each lot from which an entry takes points, with these points and their amount."""
        return [
            (
                self.into.lots[one["lot_id"]],
                -one["points"],
                self._leave(one["lot_id"], -one["points"], day),
            )
            for one in self.touches[entry["id"]]
        ]

    def _mature(self, entry: Row, day: date) -> None:
        """The remaining points of a lot get their expiry."""
        if entry["id"] not in self.matured:
            return
        lot = self.into.lots[self.matured[entry["id"]]]
        self._hold_left(lot, day, -lot.left, -lot.left_amount)
        lot.expiry_month = expiry_month(self.rows_of_lots[lot.id]["expires_at"], self.zone)
        self._hold_left(lot, day, lot.left, lot.left_amount)

    # Credits.

    def _credit(self, entry: Row, day: date) -> None:
        for lot in self._create(entry, day):
            lot.origin = self._origin(lot, entry, day)
            self._defer(lot, lot.origin, day)

    def _origin(self, lot: Followed, entry: Row, day: date) -> str:
        """The account that pays for credited points."""
        if entry["kind"] == "ADJUST" and entry["actor"].startswith(IMPORT):
            return Account.OPENING
        if lot.funder != PROGRAMME_FUNDER:
            return of_partner(lot.funder, prepaid=self.prices.prepaid(lot.funder, day))
        return Account.TRAVEL_REVENUE if entry["booking_id"] else Account.MARKETING

    def _defer(self, lot: Followed, account: str, day: date) -> None:
        own = _of(lot, day, account), _of(lot, day, Account.DEFERRED)
        self.into.books.move(*own, lot.amount or 0, lot.points)

    def _adjust(self, entry: Row, day: date) -> None:
        if entry["to_bucket"] == "available":
            self._credit(entry, day)
            return
        self._out(entry, day, Account.MARKETING)

    def _out(self, entry: Row, day: date, account: str) -> None:
        """Move the points that an entry takes out of lots to one account."""
        for lot, points, carry in self._each(entry, day):
            self._recognise(lot, account, (points, carry), day)

    def _recognise(self, lot: Followed, account: str, what: tuple[int, int], day: date) -> None:
        points, carry = what
        own = _of(lot, day, Account.DEFERRED), _of(lot, day, account)
        self.into.books.move(*own, carry, points)

    # Redemptions.

    def _redeem(self, entry: Row, day: date) -> None:
        for lot, points, carry in self._each(entry, day):
            self._recognise(lot, Account.POINTS_REVENUE, (points, carry), day)
            if entry["redemption_id"] is not None:
                self.drawn[entry["redemption_id"]].spent.append((lot.id, points))
        self._charge(entry, day)

    def _hold(self, entry: Row, day: date) -> None:
        held = self.drawn[entry["redemption_id"]].held
        held += [(one["lot_id"], -one["points"]) for one in self.touches[entry["id"]]]

    def _release(self, entry: Row, day: date) -> None:
        self.drawn[entry["redemption_id"]].release()

    def _capture(self, entry: Row, day: date) -> None:
        for lot_id, points in self.drawn[entry["redemption_id"]].capture(entry["points"]):
            lot, carry = self.into.lots[lot_id], self._leave(lot_id, points, day)
            self._recognise(lot, Account.POINTS_REVENUE, (points, carry), day)
        self._charge(entry, day)

    def _reinstate(self, entry: Row, day: date) -> None:
        """Return points to their lots, or those of each lot in a new one."""
        redemption, touches = entry["redemption_id"], self.touches[entry["id"]]
        back = self.drawn[redemption].give_back(entry["points"])
        if any(one["lot_id"] in self.into.lots for one in touches):
            for one in touches:
                lot = self.into.lots[one["lot_id"]]
                carry = self._leave(lot.id, -one["points"], day)
                self._recognise(lot, Account.POINTS_REVENUE, (-one["points"], carry), day)
        else:
            sources = [self.into.lots[lot_id] for lot_id, _ in back]
            for source, touch in zip(sources, touches, strict=True):
                self.into.sources[touch["lot_id"]] = source.id
                self.valuing.renew(touch["lot_id"], source.renew(touch["points"]))
            for source, lot in zip(sources, self._create(entry, day), strict=True):
                lot.origin = source.origin
                self._defer(lot, Account.POINTS_REVENUE, day)
        self._charge(entry, day)

    def _charge(self, entry: Row, day: date) -> None:
        """Record the cost of a reward when its points are spent, and reverse it when they
        return.
        """
        redemption, back = entry["redemption_id"], entry["kind"] == "REINSTATE"
        if redemption not in self.costs or (redemption, back) in self.charged:
            return
        self.charged.add((redemption, back))
        cost = -self.costs[redemption] if back else self.costs[redemption]
        own = JournalKey(day, Account.REWARD_COST), JournalKey(day, Account.PAYABLE)
        self.into.books.move(*own, cost)

    # Ends.

    def _expire(self, entry: Row, day: date) -> None:
        method = self._policy(entry["effective_at"]).finance.method
        self._out(entry, day, Account.BREAKAGE if method == "remote" else Account.CONTRA)

    def _claw_back(self, entry: Row, day: date) -> None:
        if entry["from_bucket"] == "owed":
            owed = self._owe(entry)
            own = JournalKey(day, Account.ARREARS), JournalKey(day, Account.TRAVEL_REVENUE)
            self.into.books.move(*own, owed, entry["points"])
            return
        own_account = Account.TRAVEL_REVENUE if entry["booking_id"] else Account.MARKETING
        for lot, points, carry in self._each(entry, day):
            account = lot.origin or own_account
            self._recognise(lot, account, (points, carry), day)

    def _settle(self, entry: Row, day: date) -> None:
        """Record that points settle arrears: the difference between the worth and the amount that
        they carry is a loss.
        """
        owed, carried = -self._owe(entry), 0
        for lot, points, carry in self._each(entry, day):
            own = _of(lot, day, Account.DEFERRED), JournalKey(day, Account.ARREARS)
            self.into.books.move(*own, carry, points)
            carried += carry
        own = JournalKey(day, Account.SETTLEMENT), JournalKey(day, Account.ARREARS)
        self.into.books.move(*own, owed - carried)

    def _owe(self, entry: Row) -> int:
        """The increase of the worth of points owed; when none are owed, all of it is settled."""
        worth = self._policy(entry["effective_at"]).minor_per_point
        before, self.arrears = self.arrears, int(entry["owed_after"] * worth)
        return self.arrears - before

    # Transfers.

    def _give(self, entry: Row, day: date) -> None:
        carried = self.into.given[entry["transfer_id"]] = list[int | None]()
        for lot, points, carry in self._each(entry, day):
            self._recognise(lot, Account.TRANSFERS, (points, carry), day)
            carried.append(None if lot.amount is None else carry)

    def _receive(self, entry: Row, day: date) -> None:
        made = self._create(entry, day)
        self.into.received[entry["transfer_id"]] = [lot.id for lot in made]
        for lot in made:
            if lot.funder != PROGRAMME_FUNDER:
                prepaid = self.prices.prepaid(lot.funder, day)
                lot.origin = of_partner(lot.funder, prepaid=prepaid)
            self._defer(lot, Account.TRANSFERS, day)

    def _policy(self, instant: datetime) -> Policy:
        return policy_at(self.programme, instant)


def policy_at(programme: Programme, instant: datetime) -> Policy:
    """The policy in force at an instant; the first one before that."""
    return (in_force(programme.versions, instant) or programme.versions[0]).policy


def _of(lot: Followed, day: date, account: str) -> JournalKey:
    return JournalKey(day, account, lot.funder, lot.cohort)

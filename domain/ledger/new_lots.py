"""New lots: when an account is opened only to credit lots, the existing ones are not read.

A member may have thousands of lots, and a booking adds one. The account itself has what else is
needed: the balances, and the next instant at which the passage of time changes any lot.
"""

from collections.abc import Iterator, MutableMapping
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.kernel.database import Beforehand, Row
from domain.ledger import lots
from domain.ledger.lots import Lot

_whole: ContextVar[frozenset[UUID]] = ContextVar("whole", default=frozenset())
"""Members for whom a lot was requested that had not been read."""


class NewLots(MutableMapping[UUID, Lot]):
    """The new lots of a member, by id; of the existing lots, the next falls due at `due_at`.

    A request for another lot, or for all, would get an incomplete answer, so the transaction starts
    again and reads the lots. Every way to read a mapping uses one of these five methods.
    """

    def __init__(self, member_id: UUID, due_at: datetime | None) -> None:
        self.member_id, self.due_at = member_id, due_at
        self._new: dict[UUID, Lot] = {}

    def next_due_at(self) -> datetime | None:
        """The next instant at which the passage of time changes these lots or the existing ones."""
        instants = (self.due_at, lots.next_due_at(self._new.values(), ()))
        return min((at for at in instants if at is not None), default=None)

    def __getitem__(self, lot_id: UUID) -> Lot:
        if lot_id not in self._new:
            raise self._unread()
        return self._new[lot_id]

    def __setitem__(self, lot_id: UUID, lot: Lot) -> None:
        self._new[lot_id] = lot

    def __delitem__(self, lot_id: UUID) -> None:
        raise self._unread()

    def __iter__(self) -> Iterator[UUID]:
        raise self._unread()

    def __len__(self) -> int:
        raise self._unread()

    def _unread(self) -> Beforehand:
        return Beforehand(partial(_read_whole, self.member_id))


async def _read_whole(member_id: UUID) -> None:
    _whole.set(_whole.get() | {member_id})


def are_enough(account: Row) -> bool:
    """Whether a credit needs only new lots of this account: the account is open, none of its points
    are held, and no more was requested.
    """
    if account["member_id"] in _whole.get():
        _whole.set(_whole.get() - {account["member_id"]})
        return False
    return account["held"] == 0 and account["closed_at"] is None

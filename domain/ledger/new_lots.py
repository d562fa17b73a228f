"""New lots: of an account that is opened only to credit some, nobody reads those that are there.

A member may have thousands of lots, and a booking adds one. What else they say is known without
them: the balances stand in the account, and so does when time alone will change any of them.
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
"""Members of whom somebody has asked for a lot that had not been read."""


class NewLots(MutableMapping[UUID, Lot]):
    """The new lots of a member, by id; of those that are there the next falls due at `due_at`.

    Who asks for another one, or for all, would be told less than there is. So the transaction
    begins again, and reads them. However a mapping is asked, it is by these five.
    """

    def __init__(self, member_id: UUID, due_at: datetime | None) -> None:
        self.member_id, self.due_at = member_id, due_at
        self._new: dict[UUID, Lot] = {}

    def next_due_at(self) -> datetime | None:
        """When time alone changes these lots or those that are there."""
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
    """Whether new lots are all that a credit needs of this account: it is open, nothing of it is
    held, and nobody has asked for more.
    """
    if account["member_id"] in _whole.get():
        _whole.set(_whole.get() - {account["member_id"]})
        return False
    return account["held"] == 0 and account["closed_at"] is None

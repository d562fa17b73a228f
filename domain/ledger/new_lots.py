"""New lots: of an account that is opened only to credit some, nobody reads those that are there.

A member may have thousands of lots, and a booking adds one. What else they say is known without
them: the balances stand in the account, and so does when time alone will change any of them.
"""

from contextvars import ContextVar
from datetime import datetime
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from domain.kernel.database import Beforehand, Row
from domain.ledger import lots
from domain.ledger.lots import Lot

_whole: ContextVar[frozenset[UUID]] = ContextVar("whole", default=frozenset())
"""Members of whom somebody has asked for a lot that had not been read."""


class NewLots(dict[UUID, Lot]):
    """The new lots of a member, by id; of those that are there the next falls due at `due_at`.

    Who asks for another one, or for all, would be told less than there is. So the transaction
    begins again, and reads them.
    """

    def __init__(self, member_id: UUID, due_at: datetime | None) -> None:
        super().__init__()
        self.member_id, self.due_at = member_id, due_at

    def next_due_at(self) -> datetime | None:
        """When time alone changes these lots or those that are there."""
        instants = (self.due_at, lots.next_due_at(super().values(), ()))
        return min((at for at in instants if at is not None), default=None)

    def _unread(self, *_: object) -> NoReturn:
        raise Beforehand(partial(_read_whole, self.member_id))

    __missing__ = __iter__ = __contains__ = __len__ = __reversed__ = __delitem__ = _unread
    __or__: Any = _unread
    copy: Any = _unread
    clear: Any = _unread
    popitem: Any = _unread
    keys: Any = _unread
    values: Any = _unread
    items: Any = _unread
    get: Any = _unread
    setdefault: Any = _unread
    pop: Any = _unread


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

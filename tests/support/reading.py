"""Read one member's ledger by the functions that read many members' ledgers."""

from datetime import UTC, datetime
from uuid import UUID

from domain.ledger import entries as ledger_entries
from domain.ledger import states
from domain.ledger.entries import EntryFilter, EntryRow, PageAsked
from domain.ledger.states import State
from domain.ledger.values import Balances

EVERY = EntryFilter()
AS_RECORDED = datetime(2000, 1, 1, tzinfo=UTC)
"""An instant before anything fell due."""


async def entries(
    member_id: UUID, wanted: EntryFilter = EVERY, *, limit: int, before: int | None = None
) -> list[EntryRow]:
    """At most `limit` entries, the newest first, with a sequence below `before` if given."""
    asked = PageAsked(wanted, limit, before, AS_RECORDED)
    return (await ledger_entries.pages([member_id], asked))[member_id]


async def count_entries(member_id: UUID, wanted: EntryFilter = EVERY) -> int:
    return (await ledger_entries.counts([member_id], wanted))[member_id]


async def state_at(member_id: UUID, instant: datetime) -> State:
    return (await states.states_at([member_id], instant))[member_id]


async def balances_at(member_id: UUID, instant: datetime) -> Balances:
    return (await state_at(member_id, instant)).balances

"""What an application shows first of a member, by one query: the member, its balance, its tier, and
a page of its ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from domain.kernel.database import rows
from domain.ledger import states
from domain.ledger.entries import EntryRow, PageAsked, now_of, page_select, to_entry
from domain.members.members import Member, select, to_member
from domain.tiers.tier_windows import Window


@dataclass(frozen=True, slots=True)
class FirstLook:
    """`expiring` is the input of `states.next_expiring`; `page` is the requested page of the
    ledger.

    Correct only for a member for whom nothing `is_due`.
    """

    member: Member
    expiring: Sequence[tuple[datetime, int]]
    asked: PageAsked
    page: Sequence[EntryRow]

    @property
    def is_due(self) -> bool:
        """Whether the passage of time has made changes that the account's row does not have."""
        due_at = self.member.next_due_at
        return due_at is not None and due_at <= self.asked.now


async def read(member_id: UUID, window: Window, asked: PageAsked) -> FirstLook | None:
    """One statement; None where there is no such member."""
    found = await rows(
        _statement(with_reasons=asked.with_reasons),
        member_id,
        window.from_,
        window.until,
        *asked.values(),
    )
    if not found:
        return None
    [one] = found
    expiring, page = one.pop("expiring"), one.pop("page")
    return FirstLook(
        member=to_member(one, window),
        expiring=expiring,
        asked=asked,
        page=[to_entry(entry, with_reasons=asked.with_reasons) for entry in page],
    )


@cache
def _statement(*, with_reasons: bool) -> str:
    """The account, its lots and its entries, of one member and of one instant."""
    terms = 4
    page = page_select("= $1", terms, with_reasons=with_reasons)
    expiring = states.EXPIRING.format(whose="$1", now=now_of(terms))
    beside = (
        f"ARRAY(SELECT ROW(x.*) FROM ({expiring}) x) AS expiring, "
        f"ARRAY(SELECT ROW(y.*) FROM ({page}) y) AS page,"
    )
    return select("$2", "$3", "= $1", beside)

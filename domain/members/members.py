"""Reading of members of a programme: their data and lists of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from domain.accounts.accounts import Account
from domain.kernel.database import Row, row, rows
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.queries import Query, ask, query
from domain.ledger import ledger, states
from domain.ledger.states import Live
from domain.ledger.values import Balances
from domain.members import contacts
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from domain.tiers import tier_windows
from domain.tiers.tier_windows import ALWAYS, Window
from domain.tiers.tiers import HOLDING_COLUMNS, QUALIFYING_COLUMNS, counted, to_holding
from domain.tiers.values import Holding, Qualifying, Sum


@dataclass(frozen=True, slots=True)
class Member:
    """A member with its account's cached state, as one statement reads it.

    `balances` are those last written: apply what is due before showing them (`states.state_now`)
    when `next_due_at` has come. `qualifying` is what counts towards tiers in the requested window.
    A member that `has_merged` also has the rows of those merged into it (`endings.families`).
    """

    member_id: UUID
    programme_id: UUID
    reference: str
    name: str | None
    birthday: date | None
    locale: str
    profile: dict[str, Any]
    profile_writers: dict[str, str]
    status: MemberStatus
    joined_at: datetime
    referral_code: str
    has_merged: bool
    balances: Balances
    next_due_at: datetime | None
    holding: Holding
    window: Window
    qualifying: Qualifying

    @property
    def tier(self) -> str:
        return self.holding.tier


@dataclass(frozen=True, slots=True)
class Search:
    """Search by a text: references and names that are LIKE the pattern, ignoring case, and members
    with the whole text as a proved contact.
    """

    pattern: str
    named: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """`search` as the function of that name gives it; instants are UTC."""

    search: Search | None = None
    tiers: Sequence[str] | None = None
    status: MemberStatus | None = None
    joined_from: datetime | None = None
    joined_until: datetime | None = None


PARTS_INDEX = "member_by_parts"
"""Made by `ops.upgrade` where the database has pg_trgm, whose trigrams find parts of a text."""
PART_CHARACTERS_MIN = 3
"""A shorter text has no trigram, and is searched at the beginning only."""


# Reads.


async def search(programme_id: UUID, text: str) -> Search:
    """The search for a text, which always uses an index: any part of a reference or name from three
    characters on where the database has pg_trgm, otherwise their beginning.
    """
    sent = text.replace("\x00", "")
    pattern = sent.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    if len(sent) >= PART_CHARACTERS_MIN and await _finds_parts():
        pattern = f"%{pattern}"
    return Search(pattern, await contacts.members_of(programme_id, sent))


async def _finds_parts() -> bool:
    found = await row("SELECT to_regclass($1) IS NOT NULL AS there", PARTS_INDEX)
    return bool(found and found["there"])


def select(from_: str, until: str, whose: str = "", beside: str = "") -> str:
    """SQL for members that meet `whose`, such as `= $1`, or all, on further conditions, with what
    counts in the window between these parameters; `beside` are further columns, each followed by a
    comma.
    """
    return f"""
SELECT {beside} m.member_id, m.programme_id, m.reference, m.name, m.birthday, m.locale,
    m.profile, coalesce(m.profile_writers, '{{}}') AS profile_writers, m.status,
    m.joined_at, m.referral_code, a.has_merged, a.pending, a.available, a.held, a.owed,
    a.next_due_at, {", ".join(f"a.{name}" for name in HOLDING_COLUMNS)}, q.*
FROM member m
JOIN account a ON a.member_id = m.member_id
{counted(from_, until, whose)}
WHERE {f"m.member_id {whose}" if whose else "true"}
"""


_FILTER = """
    AND m.programme_id = $1
    AND ($2::text IS NULL OR m.status = $2)
    AND m.joined_at >= coalesce($3::timestamptz, '-infinity')
    AND m.joined_at < coalesce($4::timestamptz, 'infinity')
    AND ($5::text[] IS NULL OR a.tier = ANY($5::text[]))
    AND ($6::text IS NULL OR lower(m.reference) LIKE lower($6) OR lower(m.name) LIKE lower($6)
        OR m.member_id = ANY($7::uuid[]))
"""

_PAGE = f"""{select("$11", "$12")} {_FILTER}
    AND {beyond("m.joined_at, m.member_id", 8, *AT_ID, descending=True)}
ORDER BY m.joined_at DESC, m.member_id DESC LIMIT $10
"""
_COUNT = f"""
SELECT count(*) AS count FROM member m JOIN account a ON a.member_id = m.member_id
WHERE true {_FILTER}
"""


async def many(member_ids: Sequence[UUID], window: Window = ALWAYS) -> dict[UUID, Member]:
    """Members by id with their account's state, one statement for all of them."""
    found = await ask(query_of(member_ids, window))
    return {member["member_id"]: to_member(member, window) for member in found}


def query_of(member_ids: Sequence[UUID], window: Window = ALWAYS) -> Query:
    return query(
        _COLUMNS,
        select("$2", "$3", "= ANY($1::uuid[])"),
        list(member_ids),
        window.from_,
        window.until,
    )


_COLUMNS = (
    "member_id",
    "programme_id",
    "reference",
    "name",
    "birthday",
    "locale",
    "profile",
    "profile_writers",
    "status",
    "joined_at",
    "referral_code",
    "has_merged",
    "pending",
    "available",
    "held",
    "owed",
    "next_due_at",
    *HOLDING_COLUMNS,
    *QUALIFYING_COLUMNS,
)


def query_under_lock(programme: Programme, member_id: UUID, now: datetime) -> Query:
    """The member with what counts in the window that is shown at this instant."""
    window = tier_windows.windows(programme.as_of(now).policy, now)[0]
    return query_of([member_id], window)


async def under_lock(account: Account, now: datetime) -> Member:
    """The member of an account that was opened at `now`, before anything is written to it."""
    [found] = await ask(query_under_lock(account.programme, account.member_id, now))
    return to_member(found, tier_windows.windows(account.programme.as_of(now).policy, now)[0])


@dataclass(frozen=True, slots=True)
class MemberAfter:
    """A member as a write has left it, and its points if they were all read."""

    member: Member
    live: Live | None


def after(before: Member, account: Account) -> MemberAfter:
    """The member as the closed account leaves it, from what was read when it was opened."""
    journal = account.journal
    counted = Sum(before.window, before.qualifying).plus(*account.credits)
    member = replace(
        before,
        balances=journal.balances,
        next_due_at=ledger.next_due_at(journal),
        holding=account.holding,
        qualifying=counted.qualifying,
    )
    return MemberAfter(member, states.live_of(journal))


async def initials(member_ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """The first character of each member's name; None where there is no name."""
    found = await rows(
        "SELECT member_id, left(name, 1) AS initial FROM member WHERE member_id = ANY($1::uuid[])",
        list(member_ids),
    )
    said = {member["member_id"]: member["initial"] for member in found}
    return {member_id: said.get(member_id) for member_id in member_ids}


async def page(
    programme_id: UUID,
    wanted: MemberFilter,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    window: Window = ALWAYS,
) -> list[Member]:
    """At most `limit` members, the newest first, those after `after` (joined at, id)."""
    found = await rows(
        _PAGE,
        *_filter_values(programme_id, wanted),
        after[0] if after else None,
        after[1] if after else None,
        limit,
        window.from_,
        window.until,
    )
    return [to_member(member, window) for member in found]


async def count(programme_id: UUID, wanted: MemberFilter) -> int:
    found = await row(_COUNT, *_filter_values(programme_id, wanted))
    return int(found["count"]) if found else 0


def _filter_values(programme_id: UUID, wanted: MemberFilter) -> tuple[Any, ...]:
    search = wanted.search
    return (
        programme_id,
        wanted.status,
        wanted.joined_from,
        wanted.joined_until,
        wanted.tiers,
        search.pattern if search else None,
        list(search.named) if search else [],
    )


def to_member(found: Row, window: Window) -> Member:
    balances = Balances(*(found.pop(name) for name in ("pending", "available", "held", "owed")))
    qualifying = Qualifying(**{name: found.pop(name) for name in QUALIFYING_COLUMNS})
    holding = to_holding(found)
    for name in HOLDING_COLUMNS:
        del found[name]
    profile, writers = (orjson.loads(found.pop(name)) for name in ("profile", "profile_writers"))
    status = MemberStatus(found.pop("status"))
    return Member(
        **found,
        balances=balances,
        holding=holding,
        window=window,
        qualifying=qualifying,
        profile=profile,
        profile_writers=writers,
        status=status,
    )

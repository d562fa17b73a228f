"""The ledger as members see it: every movement of points, the newest first."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry
from graphql import FieldNode

from api.balances import load_row
from api.bookings import Booking, load_booking
from api.kit import lookahead
from api.kit.connections import Connection, Edge, Listing, Start, limit_of
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import MaybeLater, field
from api.kit.loaders import Owned
from api.kit.lookahead import MAY_WAIT
from api.kit.relay import Node, to_global_id
from api.kit.request_errors import RequestError
from api.kit.scalars import Points
from api.redemptions import Redemption, load_redemption
from api.wording.entry_words import entry_text
from api.wording.words import ExplanationLine, InLocale, current_policy, explained, language
from domain.activities import activity_reads
from domain.bookings import booking_reads
from domain.earning import awards
from domain.earning.values import Explained
from domain.kernel import dates
from domain.kernel.callers import CallerKind
from domain.ledger import due_entries, entries
from domain.ledger.entries import EntryFilter, EntryRow, PageAsked
from domain.ledger.values import Bucket, EntryKind
from domain.members.first_looks import FirstLook
from domain.members.members import Member
from domain.transfers import transfers

describe(
    EntryKind,
    "Kind of ledger entry.",
    {
        EntryKind.EARN: "Points earned: issued → pending or available.",
        EntryKind.MATURE: "Pending points became spendable: pending → available.",
        EntryKind.HOLD: "Points reserved: available → held.",
        EntryKind.RELEASE: "Held points returned: held → available.",
        EntryKind.CAPTURE: "Held points spent: held → redeemed.",
        EntryKind.REDEEM: "Points spent: available → redeemed.",
        EntryKind.REINSTATE: "Spent points returned: redeemed → available.",
        EntryKind.EXPIRE: "Points expired: available → expired.",
        EntryKind.CLAW_BACK: "Points taken back after a refund or an amendment: pending, "
        "available or owed → clawed back.",
        EntryKind.SETTLE: "Arrears settled from new points: available → owed.",
        EntryKind.TRANSFER_OUT: "Points given to another member: available → transferred.",
        EntryKind.TRANSFER_IN: "Points received from another member: transferred → available.",
        EntryKind.ADJUST: "Correction by staff: adjusted → available, or available → adjusted.",
    },
)
describe(
    Bucket,
    "Bucket that contains points: four belong to the member, six to the programme.",
    {
        Bucket.PENDING: "The member's points that are earned but not yet spendable.",
        Bucket.AVAILABLE: "The member's points that can be spent.",
        Bucket.HELD: "The member's points reserved for redemptions.",
        Bucket.OWED: "The member's arrears.",
        Bucket.ISSUED: "The programme's source of earned points.",
        Bucket.REDEEMED: "The programme's spent points.",
        Bucket.EXPIRED: "The programme's expired points.",
        Bucket.CLAWED_BACK: "The programme's points taken back.",
        Bucket.ADJUSTED: "The programme's counterpart of corrections by staff.",
        Bucket.TRANSFERRED: "The programme's counterpart of transfers between members.",
    },
)


@strawberry.type(
    description="One movement of points between two buckets; never changed once recorded."
)
class LedgerEntry(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    sequence: int = strawberry.field(
        description="Number of the entry in the member's ledger, from 1 without gaps."
    )
    kind: EntryKind = strawberry.field(description="Kind of entry.")
    from_: Bucket = strawberry.field(name="from", description="Bucket that the points left.")
    to: Bucket = strawberry.field(description="Bucket that the points entered.")
    points: Points = strawberry.field(
        description="Signed change of pending and available points together."
    )
    available_change: Points = strawberry.field(description="Signed change of available points.")
    pending_change: Points = strawberry.field(description="Signed change of pending points.")
    available_after: Points = strawberry.field(description="Available balance after this entry.")
    effective_at: datetime = strawberry.field(description="Instant at which the entry took effect.")
    recorded: bool = strawberry.field(
        description="Whether the entry is recorded. False for a change that only the passage of "
        "time has caused, such as an expiry, until the member's next change or a job records it, "
        "with the same id, sequence and effective instant."
    )
    recorded_at: datetime = strawberry.field(
        description="Instant at which the entry was recorded; the instant of this answer while "
        "`recorded` is false."
    )
    expires_on: date | None = strawberry.field(
        description="Last date on which the points credited by this entry can be spent, in the "
        "programme's time zone; null when it credits none or they never expire."
    )
    reason: str | None = strawberry.field(
        description="Reason that staff gave for a correction. Staff also see the reason given for "
        "a cancellation or an early completion. Null for every other entry."
    )
    row: strawberry.Private[EntryRow]

    @field("Subject of the entry in words; for a correction, also its reason.")
    def description(self, info: Info, locale: InLocale = None) -> str:
        return entry_text(self.row, info.context.programme, language(info, locale))

    @field(
        "Booking that the entry is about; null when there is none, or when the caller may not see "
        "it."
    )
    async def booking(self, info: Info) -> Booking | None:
        row = self.row
        return await load_booking(info, (row.member_id, row.booking_id)) if row.booking_id else None

    @field(
        "Redemption that the entry is about; null when there is none, or when the caller may not "
        "see it."
    )
    async def redemption(self, info: Info) -> Redemption | None:
        row = self.row
        if row.redemption_id is None:
            return None
        return await load_redemption(info, (row.member_id, row.redemption_id))

    @field(
        "Message from the giver of a transfer to the receiver, shown only to these two and to "
        "staff who serve members; null for every other kind of entry."
    )
    async def note(self, info: Info) -> str | None:
        row, caller = self.row, info.context.caller
        own = caller.kind is CallerKind.MEMBER and caller.is_itself(row.member_id)
        if row.transfer_id is None or not (own or caller.serves):
            return None
        key = (row.member_id, row.transfer_id)
        return await info.context.loaders.of_owned(transfers.notes, key)

    @field(
        "Reasons for what the booking or activity of this entry earned; empty when the entry is "
        "about neither.",
        graphql_type=list[ExplanationLine],
        metadata=MAY_WAIT,
    )
    def explanation(self, info: Info) -> MaybeLater[list[ExplanationLine]]:
        row = self.row
        if row.with_reasons:
            reasons = awards.from_json(row.reasons) if row.reasons else ()
            return explained(info, Explained(reasons, row.judged_by))
        return self._explanation(info) if row.booking_id or row.activity_id else []

    async def _explanation(self, info: Info) -> list[ExplanationLine]:
        row, loaders = self.row, info.context.loaders
        found = Explained()
        if row.recorded:
            known = await loaders.of_owned(entries.reasons_of, (row.member_id, row.id))
            found = Explained(awards.from_json(known[0]) if known[0] else (), known[1])
        elif row.booking_id is not None:
            key = (row.member_id, row.booking_id)
            found = await loaders.of_owned(booking_reads.explanations, key)
        elif row.activity_id is not None:
            key = (row.member_id, row.activity_id)
            found = await loaders.of_owned(activity_reads.explanations, key)
        return explained(info, found)


@strawberry.type(description="One row of the ledger.")
class LedgerEdge(Edge[LedgerEntry]):
    pass


@strawberry.type(description="One page of the ledger.")
class LedgerConnection(Connection[LedgerEdge]):
    pass


LISTING: Listing[EntryRow, LedgerConnection] = Listing(
    "ledger", LedgerConnection, LedgerEdge, (int,), lambda row: (row.sequence,)
)


BUCKETS = {str(bucket): bucket for bucket in Bucket}


def to_entry(info: Info, row: EntryRow) -> LedgerEntry:
    return _shown_in(info)(row)


def _shown_in(info: Info) -> Callable[[EntryRow], LedgerEntry]:
    """How this operation shows entries: common values are determined once."""
    context, zone = info.context, current_policy(info).zone
    caller = context.caller
    by_staff = caller.kind is CallerKind.STAFF
    corrects = EntryKind.ADJUST

    def shown(row: EntryRow) -> LedgerEntry:
        row = row.shown_to(caller)
        available, pending = row.available_change, row.pending_change
        return LedgerEntry(
            id=to_global_id("LedgerEntry", row.id, member_id=row.member_id),
            sequence=row.sequence,
            kind=row.kind,
            from_=BUCKETS[row.from_bucket],
            to=BUCKETS[row.to_bucket],
            points=Points(available + pending),
            available_change=Points(available),
            pending_change=Points(pending),
            available_after=Points(row.available_after),
            effective_at=row.effective_at,
            recorded=row.recorded,
            recorded_at=row.recorded_at,
            expires_on=dates.last_valid_date(row.expires_at, zone) if row.expires_at else None,
            reason=row.reason if by_staff or row.kind is corrects else None,
            row=row,
        )

    return shown


def ask(
    info: Info, nodes: Sequence[FieldNode], wanted: EntryFilter, first: int | None, start: Start
) -> PageAsked:
    """The page of these fields, and the reads that it needs."""
    entry = lookahead.below(info, lookahead.below(info, nodes, "edges"), "node")
    return PageAsked(
        wanted,
        limit_of(first),
        start[0] if start else None,
        info.context.now,
        with_reasons=bool(lookahead.below(info, entry, "explanation")),
    )


def is_asked_below(info: Info) -> bool:
    """Whether the operation requests anything of the ledger below the resolved member."""
    return bool(lookahead.below(info, lookahead.own(info), "ledger"))


def asked_below(info: Info, member_id: UUID) -> PageAsked | None:
    """The only page of the ledger requested below the member that is resolved; None if there is
    none, if there are several, and if its resolver will refuse it.
    """
    nodes = lookahead.below(info, lookahead.own(info), "ledger")
    if len(nodes) != 1:
        return None
    given = lookahead.arguments(info, "Member", nodes[0])
    kinds = given.get("kinds")
    wanted = EntryFilter(
        None if kinds is None else tuple(kinds), given.get("from"), given.get("until")
    )
    try:
        start = LISTING.start(given.get("after"), member_id)
    except RequestError:
        return None
    return ask(info, nodes, wanted, given.get("first"), start)


async def page(
    info: Info, member: Member, wanted: EntryFilter, first: int | None, after: str | None
) -> LedgerConnection:
    """The page, with due entries first, as they will be when recorded."""
    member_id = member.member_id
    asked = ask(info, lookahead.own(info), wanted, first, LISTING.start(after, member_id))
    recorded = await info.context.loaders.of_member(entries.pages, member_id, asked)
    due = [row for row in await _due(info, member, wanted) if _precedes(row, asked.before)]
    return _listed(info, member, wanted, [*due, *recorded][: asked.limit], first, after)


def page_looked_at(
    info: Info, look: FirstLook, wanted: EntryFilter, first: int | None, after: str | None
) -> LedgerConnection | None:
    """The page that was read along with its member; None where that is another one."""
    start = LISTING.start(after, look.member.member_id)
    if look.asked != ask(info, lookahead.own(info), wanted, first, start):
        return None
    return _listed(info, look.member, wanted, look.page, first, after)


def _listed(
    info: Info,
    member: Member,
    wanted: EntryFilter,
    found: Sequence[EntryRow],
    first: int | None,
    after: str | None,
) -> LedgerConnection:
    async def count() -> int:
        of_member = info.context.loaders.of_member
        recorded = await of_member(entries.counts, member.member_id, wanted)
        return recorded + len(await _due(info, member, wanted))

    return LISTING.shown(
        found,
        first,
        after,
        owner=member.member_id,
        node=_shown_in(info),
        count=count,
    )


def _precedes(row: EntryRow, before: int | None) -> bool:
    return before is None or row.sequence < before


async def _due(info: Info, member: Member, wanted: EntryFilter) -> list[EntryRow]:
    """Due entries that are not recorded, the newest first; read only if there are any."""
    now = info.context.now
    if member.next_due_at is None or now < member.next_due_at:
        return []
    found = await info.context.loaders.of_member(due_entries.of_members, member.member_id, now)
    return [row for row in found if wanted.takes(row)]


async def load_entry(info: Info, key: Owned) -> LedgerEntry | None:
    row = await info.context.loaders.find(entries.many, key, info.context.now)
    if row is None and (member := await load_row(info, key[0])) is not None:
        due = await _due(info, member, EntryFilter())
        row = next((one for one in due if one.id == key[1]), None)
    return to_entry(info, row) if row else None

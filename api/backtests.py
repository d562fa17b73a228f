"""Back-tests as staff start, follow and read them."""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from api.backtest_page import render, to_notes
from api.balances import learn_language
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.relay import Node, from_global_id, to_global_id
from api.policy_sources import PolicySource, to_source
from api.wording.words import InLocale, language
from domain.backtests import backtests, tally
from domain.backtests.backtests import BacktestSent, BacktestStatus
from domain.backtests.tally import Dimension
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.refusals import NotFound
from domain.programmes.programmes import Programme

BACKTEST_TYPE = "Backtest"

describe(
    BacktestStatus,
    "State of a back-test.",
    {
        BacktestStatus.QUEUED: "Waits for back-tests that were started before it.",
        BacktestStatus.RUNNING: "Members are being replayed; the figures cover those replayed so "
        "far.",
        BacktestStatus.DONE: "All members were replayed.",
        BacktestStatus.FAILED: "A member could not be replayed.",
        BacktestStatus.CANCELLED: "Stopped by staff; the figures cover the members replayed until "
        "then.",
    },
)
describe(
    Dimension,
    "Dimension by which a back-test's sums are grouped.",
    {
        Dimension.PRODUCT: "Points granted for bookings, by product.",
        Dimension.RULE: "Points granted, by rule or type of activity.",
        Dimension.TIER: "Points granted, by the tier that the member had at that time.",
        Dimension.SEGMENT: "Points granted to the members of each segment, as it stands at the "
        "cutoff under each policy.",
        Dimension.FUNDER: "Points granted, by the partner that pays for them, or the programme.",
        Dimension.TIER_MEMBERS: "Members by their tier at the cutoff.",
        Dimension.BUDGET_WEEK: "Points granted by rules that have a budget, by rule and ISO week "
        "of the fact, such as `base 2026-W27`.",
        Dimension.WON: "Points granted to the members who gain most under the candidate, by "
        "reference.",
        Dimension.LOST: "Points granted to the members who lose most under the candidate, by "
        "reference.",
    },
    name="BacktestDimension",
)


@strawberry.type(description="One number of a back-test under both policies.")
class BacktestRow:
    key: str = strawberry.field(
        description="Subject of the numbers: name of a figure, code, code and week, or reference "
        "of a member."
    )
    baseline: Decimal = strawberry.field(description="Number under the baseline.")
    candidate: Decimal = strawberry.field(description="Number under the candidate.")


@strawberry.type(
    description="Comparison of a candidate policy with a baseline: both are replayed on what "
    "members really did. No member is changed by it."
)
class Backtest(Node):
    status: BacktestStatus = strawberry.field(description="State of the back-test.")
    from_: datetime = strawberry.field(
        name="from", description="Instant from which the candidate applies, inclusive."
    )
    until: datetime = strawberry.field(
        description="Instant until which the candidate applies, exclusive."
    )
    cutoff: datetime = strawberry.field(
        description="Instant that ends the replay: only facts recorded before it are used."
    )
    members: int = strawberry.field(description="Number of members to replay.")
    assumed: int = strawberry.field(
        description="Number of members for whom a value of today had to be used, because the "
        "value at that time is not known."
    )
    own_id: strawberry.Private[UUID]
    found: strawberry.Private[backtests.Listed]

    @field(
        "Share of the members replayed so far, from 0 to 1. Where rules have budgets, members are "
        "replayed again with what the budgets left, and the share starts again at 0."
    )
    def progress(self) -> Decimal:
        if not self.found.members:
            return Decimal(int(self.found.finished))
        return (Decimal(self.found.played) / self.found.members).quantize(Decimal("0.0001"))

    @field("Figures under both policies; money in units of the currency, `cost_share` in percent.")
    async def figures(self, info: Info) -> list[BacktestRow]:
        return _rows(backtests.figures(info.context.programme, await self.whole(info)))

    @field("Sums under both policies by one dimension, the largest change first.")
    async def breakdown(
        self,
        info: Info,
        by: Annotated[Dimension, strawberry.argument(description="Dimension of the rows.")],
    ) -> list[BacktestRow]:
        return _rows(tally.rows((await self.whole(info)).sums, by))

    @field(
        "SHA-256 of the request and of all sums, as hexadecimal text; the same input gives the "
        "same hash. Null until it is done."
    )
    def hash(self) -> str | None:
        return self.found.hash.hex() if self.found.hash else None

    @field(
        "Notes that a reader of the figures needs: what both replays leave out, and which values "
        "of today were used."
    )
    def notes(self, info: Info, locale: InLocale = None) -> list[str]:
        return to_notes(self.found, language(info, locale))

    @field("Report as one page of HTML without scripts; null until it is done.")
    async def html(self, info: Info, locale: InLocale = None) -> str | None:
        if self.found.status is not BacktestStatus.DONE:
            return None
        reader, found = language(info, locale), await self.whole(info)
        return await asyncio.to_thread(render, info.context.programme, found, reader)

    async def whole(self, info: Info) -> backtests.Backtest:
        """With the text and the sums, which are read where a field needs them."""
        return await info.context.loaders.load(_wholes, self.own_id)


async def _wholes(_: Caller, backtest_ids: list[UUID]) -> list[backtests.Backtest]:
    found = await backtests.whole(backtest_ids)
    return [found[backtest_id] for backtest_id in backtest_ids]


def _rows(found: list[tally.Row]) -> list[BacktestRow]:
    return [
        BacktestRow(
            key=row.key,
            baseline=tally.to_decimal(row.baseline),
            candidate=tally.to_decimal(row.candidate),
        )
        for row in found
    ]


@strawberry.type(description="One row of the list of back-tests.")
class BacktestEdge(Edge[Backtest]):
    pass


@strawberry.type(description="One page of back-tests.")
class BacktestConnection(Connection[BacktestEdge]):
    pass


LISTING: Listing[backtests.Listed, BacktestConnection] = Listing(
    "backtests",
    BacktestConnection,
    BacktestEdge,
    (datetime, UUID),
    lambda row: (row.created_at, row.id),
)


def to_backtest(found: backtests.Listed) -> Backtest:
    return Backtest(
        id=to_global_id(BACKTEST_TYPE, found.id),
        status=found.status,
        from_=found.from_at,
        until=found.until_at,
        cutoff=found.cutoff,
        members=found.members,
        assumed=found.assumed,
        own_id=found.id,
        found=found,
    )


async def load_backtest(info: Info, backtest_id: UUID) -> Backtest | None:
    """The back-test of this id; None to anybody but staff."""
    if info.context.caller.kind is not CallerKind.STAFF:
        return None
    found = await backtests.find(info.context.programme.id, backtest_id)
    return to_backtest(found) if found else None


@strawberry.type
class BacktestsQuery:
    @field("Back-test with this global id; null when there is none.")
    async def backtest(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")],
    ) -> Backtest | None:
        await learn_language(info)
        named = from_global_id(id)
        if named is None or named.type_name != BACKTEST_TYPE:
            return None
        return await load_backtest(info, named.id)

    @field("Back-tests of the programme, newest first.")
    async def backtests(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> BacktestConnection:
        await learn_language(info)
        programme_id = info.context.programme.id

        async def rows(limit: int, start: Start) -> list[backtests.Listed]:
            return await backtests.page(programme_id, limit=limit, after=start)

        async def count() -> int:
            return await backtests.count(programme_id)

        return await LISTING.page(first, after, rows=rows, node=to_backtest, count=count)


@strawberry.input(description="Candidate policy to compare with a baseline.")
class StartBacktestInput(KeyedInput):
    candidate: PolicySource = strawberry.field(description="Policy document to try.")
    baseline: PolicySource | None = strawberry.field(
        default=None,
        description="Policy document to compare with, as if it had always been in force; defaults "
        "to the versions that really were in force.",
    )
    from_: datetime | None = strawberry.field(
        name="from",
        default=None,
        description="Instant from which the candidate applies, inclusive; defaults to "
        f"{backtests.DAYS_DEFAULT} days before `until`.",
    )
    until: datetime | None = strawberry.field(
        default=None,
        description="Instant until which the candidate applies, exclusive; defaults to now.",
    )
    cutoff: datetime | None = strawberry.field(
        default=None,
        description="Instant that ends the replay: only facts recorded before it are used; "
        "defaults to `until`.",
    )
    segment: str | None = strawberry.field(
        default=None,
        description="Code of a segment whose members are counted, as it stands at the cutoff "
        "under the baseline, or under the candidate when only the candidate has it; defaults to "
        "all members.",
    )


@strawberry.input(description="Back-test to stop.")
class CancelBacktestInput(KeyedInput):
    backtest: strawberry.ID = strawberry.field(description="Global id of the back-test.")


@strawberry.type(description="Result of starting a back-test.")
class StartBacktestPayload(Payload):
    backtest: Backtest | None = strawberry.field(
        default=None,
        description="The back-test, in the queue; null when refused, or when it has been removed "
        "since.",
    )


@strawberry.type(description="Result of stopping a back-test.")
class CancelBacktestPayload(Payload):
    backtest: Backtest | None = strawberry.field(
        default=None,
        description="The back-test as it stands; null when refused, or when it has been removed "
        "since.",
    )


@strawberry.type
class BacktestsMutation:
    @mutation("Put a back-test in the queue; a worker runs them one after the other.")
    async def start_backtest(
        self, info: Info, input: Sent[StartBacktestInput]
    ) -> StartBacktestPayload | None:
        programme = info.context.programme
        sent = BacktestSent(
            to_source(input.candidate),
            None if input.baseline is None else to_source(input.baseline),
            input.from_,
            input.until,
            input.cutoff,
            input.segment,
        )
        outcome = await backtests.start(request(info, input), programme, sent)
        found = await _of(programme, outcome.figures["backtest_id"])
        return StartBacktestPayload(backtest=found, replayed=outcome.replayed)

    @mutation("Stop a back-test; one that has ended stays as it is.")
    async def cancel_backtest(
        self, info: Info, input: Sent[CancelBacktestInput]
    ) -> CancelBacktestPayload | None:
        programme, named = info.context.programme, from_global_id(input.backtest)
        if named is None or named.type_name != BACKTEST_TYPE:
            shown = input.backtest[:SHOWN_CHARACTERS_MAX]
            raise NotFound("backtest", shown, path=("backtest",))
        outcome = await backtests.cancel(request(info, input), programme, named.id)
        found = await _of(programme, outcome.figures["backtest_id"])
        return CancelBacktestPayload(backtest=found, replayed=outcome.replayed)


async def _of(programme: Programme, backtest_id: str) -> Backtest | None:
    found = await backtests.find(programme.id, UUID(backtest_id))
    return to_backtest(found) if found else None

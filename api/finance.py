"""Finance, as controllers read it: the liability, the journal, revenue and cost of points."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import strawberry

from api.kit.connections import After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.scalars import Money, Points, money
from api.kpis import InPeriod, Ratio, refusing, to_ratio
from domain.finance import closing, reports
from domain.finance.accounts import NONE, JournalKey, Moved
from domain.finance.breakage import Cohort, CohortKey
from domain.finance.reports import NotKept
from domain.insight import ratios
from domain.insight.kpis import Period
from domain.programmes.programmes import Programme


def currency_of(programme: Programme) -> str:
    return programme.versions[-1].policy.currency


@strawberry.type(
    description="Points of one funder that expire in one month, and the revenue deferred for them."
)
class LiabilityRow:
    expiry_month: str | None = strawberry.field(
        description="Month of the last day on which the points can be spent, such as `2026-12`; "
        "null when they never expire, or are pending, so that their expiry is not known yet."
    )
    funder: str = strawberry.field(
        description="Code of the partner that pays for the points; `programme` for points that "
        "the programme pays for."
    )
    points: Points = strawberry.field(description="Points still pending, available or held.")
    amount: Money = strawberry.field(description="Revenue deferred for them.")
    worth: Money = strawberry.field(
        description="Worth of the points under the policy in force on the day, rounded down."
    )


@strawberry.type(
    description="Points that members have at the end of a day, and the revenue deferred for them."
)
class Liability:
    as_of: date = strawberry.field(description="Day at whose end the figures stand.")
    points: Points = strawberry.field(description="Points still pending, available or held.")
    owed: Points = strawberry.field(
        description="Points that members owe; not included in `points`."
    )
    amount: Money = strawberry.field(
        description="Revenue deferred for the points: balance of the account `deferred`."
    )
    rows: list[LiabilityRow] = strawberry.field(
        description="The same by month of expiry, then by funder."
    )


@strawberry.type(description="Revenue and cost of points in a period.")
class Pnl:
    points_revenue: Money = strawberry.field(
        description="Revenue that had been deferred for points redeemed, less those reinstated."
    )
    breakage: Money = strawberry.field(description="Revenue from points that are not redeemed.")
    reward_cost: Money = strawberry.field(
        description="Cost of the rewards redeemed, less the cost of those cancelled."
    )
    marketing: Money = strawberry.field(
        description="Value of points granted for anything other than bookings, less those taken "
        "back."
    )
    settlement: Money = strawberry.field(
        description="Worth of settled arrears, less the revenue that was deferred for the points "
        "that settled them."
    )
    result: Money = strawberry.field(
        description="`pointsRevenue` plus `breakage`, less `rewardCost`, `marketing` and "
        "`settlement`."
    )


@strawberry.type(
    description="Points earned in one month and paid for by one funder, with what became of them."
)
class BreakageCohort:
    month: str = strawberry.field(
        description="Month in which the points were earned, such as `2026-12`."
    )
    funder: str = strawberry.field(
        description="Code of the partner that pays for the points; `programme` for points that "
        "the programme pays for."
    )
    points: Points = strawberry.field(description="Points credited, less those clawed back.")
    redeemed: Points = strawberry.field(description="Points redeemed, less those reinstated.")
    expired: Points = strawberry.field(description="Points that expired.")
    left: Points = strawberry.field(description="Points still pending, available or held.")
    suggested: Ratio = strawberry.field(
        description="Points that expired by all points, of the cohorts with nothing left: the same "
        f"for each. Its value is null while there are fewer than {reports.COHORTS_MIN} of them."
    )


@strawberry.type(description="Amounts by which one day changed one account.")
class JournalRow:
    day: date = strawberry.field(description="Day, in the programme's time zone.")
    account: str = strawberry.field(
        description="Account: `deferred`, `travel_revenue`, `points_revenue`, `breakage`, "
        "`contra`, `marketing`, `opening`, `reward_cost`, `payable`, `arrears`, `settlement`, "
        "`transfers`, or `receivable:` or `prepaid:` followed by the code of a partner."
    )
    funder: str = strawberry.field(
        description="Code of the partner that pays for the points; `programme` for points that "
        "the programme pays for."
    )
    cohort: str | None = strawberry.field(
        description="Month in which the points were earned, such as `2026-12`; null when the row "
        "belongs to no month."
    )
    debit: Money = strawberry.field(description="Sum of debits.")
    credit: Money = strawberry.field(description="Sum of credits.")
    points: Points = strawberry.field(
        description="Points to which the credits belong, less those to which the debits belong."
    )


@strawberry.type(description="One row of the journal's list.")
class JournalRowEdge(Edge[JournalRow]):
    pass


@strawberry.type(description="One page of the journal.")
class JournalRowConnection(Connection[JournalRowEdge]):
    pass


JournalLine = tuple[JournalKey, Moved]

LISTING: Listing[JournalLine, JournalRowConnection] = Listing(
    "journal",
    JournalRowConnection,
    JournalRowEdge,
    (int, str, str, str),
    lambda line: (line[0].day.toordinal(), *line[0][1:]),
)


def to_liability(found: reports.Liability, currency: str) -> Liability:
    return Liability(
        as_of=found.as_of,
        points=Points(found.points),
        owed=Points(found.owed),
        amount=money(found.amount, currency),
        rows=[
            LiabilityRow(
                expiry_month=row.expiry_month,
                funder=row.funder,
                points=Points(row.points),
                amount=money(row.amount, currency),
                worth=money(row.worth, currency),
            )
            for row in found.rows
        ],
    )


def to_pnl(found: reports.Pnl, currency: str) -> Pnl:
    return Pnl(
        points_revenue=money(found.points_revenue, currency),
        breakage=money(found.breakage, currency),
        reward_cost=money(found.reward_cost, currency),
        marketing=money(found.marketing, currency),
        settlement=money(found.settlement, currency),
        result=money(found.result, currency),
    )


def to_cohort(key: CohortKey, found: Cohort, suggested: ratios.Ratio) -> BreakageCohort:
    return BreakageCohort(
        month=key.month,
        funder=key.funder,
        points=Points(found.points),
        redeemed=Points(found.redeemed),
        expired=Points(found.dead),
        left=Points(found.left),
        suggested=to_ratio(suggested),
    )


def to_row(line: JournalLine, currency: str) -> JournalRow:
    of, moved = line
    return JournalRow(
        day=of.day,
        account=of.account,
        funder=of.funder,
        cohort=None if of.cohort == NONE else of.cohort,
        debit=money(moved.debit, currency),
        credit=money(moved.credit, currency),
        points=Points(moved.points),
    )


@contextmanager
def refusing_days() -> Iterator[None]:
    """Turns impossible days into an error of the request."""
    try:
        with refusing():
            yield
    except NotKept as error:
        said = (
            f"`asOf` is neither the last settled day, {error.settled}, nor the last day of a month "
            "before it."
        )
        raise RequestError(RequestErrorCode.BAD_USER_INPUT, said) from None


@strawberry.type
class FinanceQuery:
    @field("Points that members have at the end of a day, and the revenue deferred for them.")
    async def liability(
        self,
        info: Info,
        as_of: Annotated[
            date | None,
            strawberry.argument(
                description="Day: the last settled day, which is the default, or the last day of "
                "an earlier month."
            ),
        ] = None,
    ) -> Liability:
        programme = info.context.programme
        with refusing_days():
            return to_liability(await reports.liability(programme, as_of), currency_of(programme))

    @field("Revenue and cost of points in the settled days of a period.")
    async def programme_pnl(self, info: Info, period: InPeriod) -> Pnl:
        programme, asked = info.context.programme, Period(period.from_, period.through)
        with refusing():
            return to_pnl(await reports.pnl(programme, asked), currency_of(programme))

    @field(
        "Points and what became of them, by the month in which they were earned and by funder: "
        "the history from which to set the breakage in a policy."
    )
    async def breakage_history(self, info: Info) -> list[BreakageCohort]:
        with refusing():
            found = await reports.history(info.context.programme)
        return [to_cohort(key, one, found.suggested) for key, one in found.cohorts]

    @field("Journal of the settled days of a period, ordered by day, account, funder and cohort.")
    async def journal(
        self, info: Info, period: InPeriod, first: First = None, after: After = None
    ) -> JournalRowConnection:
        programme, asked = info.context.programme, Period(period.from_, period.through)

        async def rows(limit: int, start: Start) -> list[JournalLine]:
            return await reports.page(programme, asked, limit=limit, after=start)

        async def count() -> int:
            return await reports.count(programme, asked)

        currency = currency_of(programme)
        with refusing():
            return await LISTING.page(
                first, after, rows=rows, node=lambda line: to_row(line, currency), count=count
            )


@strawberry.input(description="Month of the journal that is to be closed.")
class ClosePeriodInput(KeyedInput):
    month: str = strawberry.field(
        description="Month, such as `2026-12`; all of its days must be settled, and the month "
        "before it must be closed if anything happened in it."
    )


@strawberry.type(description="Result of closing a month of the journal.")
class ClosePeriodPayload(Payload):
    sha256: str | None = strawberry.field(
        default=None,
        description="SHA-256 of the month's journal, in hexadecimal; null when refused.",
    )


@strawberry.type
class FinanceMutation:
    @mutation(
        "Close a month of the journal: it is never computed again, and later corrections become "
        "entries of an open day. Closing a closed month changes nothing and returns it."
    )
    async def close_period(
        self, info: Info, input: Sent[ClosePeriodInput]
    ) -> ClosePeriodPayload | None:
        outcome = await closing.close(request(info, input), info.context.programme, input.month)
        return ClosePeriodPayload(sha256=outcome.figures["sha256"], replayed=outcome.replayed)

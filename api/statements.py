"""Statements as clients see them: a period's figures, its entries, and a page to print."""

import asyncio
from dataclasses import replace
from datetime import date, datetime
from typing import NoReturn

import strawberry

from api import ledger
from api.kit.connections import PAGE_DEFAULT, After, First
from api.kit.context import Info
from api.kit.fields import field
from api.kit.personal import shown
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.scalars import Points
from api.ledger import LedgerConnection
from api.statement_page import Printed, render
from api.wording.messages import problem_message
from api.wording.words import InLocale, current_policy, language
from domain.kernel.callers import Caller
from domain.kernel.refusals import InvalidInput
from domain.ledger import statement_lines, statements
from domain.ledger.entries import EntryFilter
from domain.ledger.statement_lines import StatementLine
from domain.ledger.statements import Period
from domain.ledger.values import Bucket, EntryKind
from domain.members.looks import NAME
from domain.members.members import Member


@strawberry.input(
    description="Period of days in the programme's time zone, both inclusive; at most "
    f"{statements.PERIOD_DAYS_MAX} days."
)
class StatementPeriod:
    from_: date = strawberry.field(name="from", description="First day, inclusive.")
    through: date = strawberry.field(description="Last day, inclusive; may be in the future.")


@strawberry.type(description="Total effect of all entries of one kind on one bucket.")
class StatementMovement:
    kind: EntryKind = strawberry.field(description="Kind of entry.")
    points: Points = strawberry.field(description="Signed change of the bucket.")
    entries: int = strawberry.field(description="Number of entries.")


@strawberry.type(description="One bucket over the period: opening + movements = closing.")
class StatementBucket:
    bucket: Bucket = strawberry.field(description="One of the member's four buckets.")
    opening: Points = strawberry.field(
        description="Points in the bucket before the first day; for OWED, the arrears."
    )
    movements: list[StatementMovement] = strawberry.field(
        description="Changes of the bucket by kind of entry, including those that are due but not "
        "recorded yet."
    )
    closing: Points = strawberry.field(
        description="Points in the bucket at `asOf`; for OWED, the arrears."
    )


@strawberry.type(
    description="A member's points over a period. It no longer changes once the period has ended; "
    "a later correction appears in the period in which it is recorded."
)
class Statement:
    from_: date = strawberry.field(name="from", description="First day, inclusive.")
    through: date = strawberry.field(description="Last day, inclusive.")
    as_of: datetime = strawberry.field(
        description="Instant of the closing balances: the last instant of the period, or now "
        "while the period lasts. `balance(asOf:)` at this instant gives the same balances."
    )
    buckets: list[StatementBucket] = strawberry.field(
        description="The four buckets of the member: available, pending, held and owed points."
    )
    member: strawberry.Private[Member]
    found: strawberry.Private[statements.AccountStatement]

    @field(
        "Entries of the period, newest first, including those that are due but not recorded yet."
    )
    async def entries(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> LedgerConnection:
        over = self.found.interval
        wanted = EntryFilter(from_=over.start, until=over.as_of + statements.INSTANT)
        return await ledger.page(info, self.member, wanted, first, after)

    @field(
        "Printable page with every movement, including those that are due but not recorded yet; "
        f"null, with a top-level error, when there are more than {statement_lines.LINES_MAX} "
        "movements."
    )
    async def html(self, info: Info, locale: InLocale = None) -> str | None:
        reader = language(info, locale)
        try:
            statement_lines.check(self.found)
        except InvalidInput as error:
            _refuse(info, error)
        printed = Printed(
            name=shown(info, self.member.member_id, NAME, self.member.name),
            reference=self.member.reference,
            policy=current_policy(info),
            programme=info.context.programme,
            period=Period(self.from_, self.through),
            statement=self.found,
            lines=_shown(info, await info.context.loaders.load(_lines, self.found)),
            issued_at=info.context.now,
        )
        # outside the event loop: a thousand lines take some time
        return await asyncio.to_thread(render, printed, reader)


async def load_statement(info: Info, member: Member, period: StatementPeriod) -> Statement:
    """
    Raises: RequestError BAD_USER_INPUT
    """
    context, asked = info.context, Period(period.from_, period.through)
    first = await context.loaders.of_member(statements.first_entries, member.member_id)
    since = statements.since(member.joined_at, first)
    try:
        over = statements.interval(asked, since, context.now, current_policy(info).zone)
    except InvalidInput as error:
        _refuse(info, error)
    found = await context.loaders.of_member(statements.of_members, member.member_id, over)
    return Statement(
        from_=asked.first,
        through=asked.last,
        as_of=over.as_of,
        buckets=[_to_bucket(one) for one in found.buckets],
        member=member,
        found=found,
    )


def _to_bucket(one: statements.BucketStatement) -> StatementBucket:
    return StatementBucket(
        bucket=one.bucket,
        opening=Points(one.opening),
        movements=[
            StatementMovement(
                kind=movement.kind, points=Points(movement.points), entries=movement.entries
            )
            for movement in one.movements
        ],
        closing=Points(one.closing),
    )


def _refuse(info: Info, error: InvalidInput) -> NoReturn:
    """Refuse it like every impossible argument: as a request error, with the field and the allowed
    values.
    """
    message = problem_message(error, info.context.language)
    facts = {**error.facts, "field": ".".join(error.path)}
    raise RequestError(RequestErrorCode.BAD_USER_INPUT, message, **facts) from None


def _shown(info: Info, lines: tuple[StatementLine, ...]) -> tuple[StatementLine, ...]:
    """The statement for the caller: one for a partner names no bookings, as others may have
    reported them.
    """
    if info.context.caller.confined_to is None:
        return lines
    return tuple(replace(line, booking_reference=None) for line in lines)


async def _lines(
    _: Caller, asked: list[statements.AccountStatement]
) -> list[tuple[StatementLine, ...]]:
    return await statement_lines.of_statements(asked)

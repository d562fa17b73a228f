"""Settlement with a partner: its terms, the rules that it funds, and its statements."""

from decimal import Decimal
from uuid import UUID

import strawberry

from api.edge.statement_files import path_of
from api.kit.connections import Connection, Edge, Listing, Start
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.relay import Node, from_global_id, to_global_id
from api.kit.scalars import Money, Points, money
from api.wording.condition_words import funded_text
from api.wording.words import InLocale, current_policy, language
from domain.kernel import dates
from domain.kernel.refusals import InvalidInput
from domain.partners import prepaid, terms
from domain.partners.terms import TermsBasis
from domain.programmes import funders
from domain.programmes.policy import Policy
from domain.settlement import statements
from domain.settlement.statements import StatementStatus

describe(
    TermsBasis,
    "Points that a partner pays for.",
    {
        TermsBasis.ISSUED: "Points that the partner's rules grant, less those taken back.",
        TermsBasis.REDEEMED: "Points that members redeem from those that the partner's rules "
        "granted.",
    },
)


@strawberry.type(description="Terms under which a partner pays, from a month on.")
class PartnerTerms:
    from_month: str = strawberry.field(description="First month of the terms, such as `2026-12`.")
    basis: TermsBasis = strawberry.field(description="Points that the partner pays for.")
    price_per_point: Decimal = strawberry.field(
        description="Price of a point, in the programme's currency, with up to "
        f"{terms.PRICE_DECIMALS_MAX} decimals."
    )
    fee_percent: Decimal = strawberry.field(
        description="Fee, in percent of the exact charge before rounding."
    )
    prepaid: bool = strawberry.field(
        description="Whether the partner buys points in advance, and is charged nothing afterwards."
    )


describe(
    StatementStatus,
    "Status of a partner's statement.",
    {
        StatementStatus.CLOSED: "Closed; part of its net is still to be paid.",
        StatementStatus.SETTLED: "All of its net has been paid, or there was nothing to pay.",
    },
)

STATEMENT_TYPE = "PartnerStatement"


@strawberry.type(description="A closed month of a partner; its amounts never change.")
class PartnerStatement(Node):
    month: str = strawberry.field(
        description="Month, such as `2026-12`, in the programme's time zone."
    )
    status: StatementStatus = strawberry.field(description="Status of the statement now.")
    issued: Points = strawberry.field(
        description="Points that the partner's rules granted for what was recorded in the month."
    )
    reversed: Points = strawberry.field(
        description="Points taken back from those that its rules granted, in full, including "
        "points that were forgiven, owed or had expired."
    )
    redeemed: Points = strawberry.field(
        description="Points redeemed from those that its rules granted, less those reinstated; "
        "below zero when more were reinstated."
    )
    expired: Points = strawberry.field(
        description="Expired points of those that its rules granted; they cost nothing."
    )
    charge: Money = strawberry.field(
        description="Price of the points under the terms of the month; zero when they are prepaid."
    )
    fee: Money = strawberry.field(description="Fee, computed from the exact charge.")
    delivered: Money = strawberry.field(
        description="Cost of the partner's rewards that were delivered and of its coupons that "
        "were used, less those cancelled afterwards."
    )
    net: Money = strawberry.field(
        description="`charge` plus `fee` less `delivered`; above zero the partner pays it, below "
        "zero it is paid to the partner."
    )
    settled: Money = strawberry.field(
        description="Amount of the net that has been paid, by either side: from zero to the net "
        "without its sign."
    )
    sha256: str = strawberry.field(description="SHA-256 of the file at `csvUrl`, in hexadecimal.")
    csv_url: str = strawberry.field(
        description="Path of the rows as CSV, at the API's address and with the same token; the "
        "rows contain instants and ids, no names or references."
    )


@strawberry.type(description="One row of the list of a partner's statements.")
class PartnerStatementEdge(Edge[PartnerStatement]):
    pass


@strawberry.type(description="One page of a partner's statements.")
class PartnerStatementConnection(Connection[PartnerStatementEdge]):
    pass


STATEMENTS: Listing[statements.PartnerStatement, PartnerStatementConnection] = Listing(
    "partner statements",
    PartnerStatementConnection,
    PartnerStatementEdge,
    (int,),
    lambda row: (row.place,),
)


def to_statement(row: statements.PartnerStatement) -> PartnerStatement:
    volumes, charge, currency = row.volumes, row.charge, row.currency
    return PartnerStatement(
        id=to_global_id(STATEMENT_TYPE, row.id),
        month=terms.month_text(row.month),
        status=row.status,
        issued=Points(volumes.issued),
        reversed=Points(volumes.reversed),
        redeemed=Points(volumes.redeemed),
        expired=Points(volumes.expired),
        charge=money(charge.charge_minor, currency),
        fee=money(charge.fee_minor, currency),
        delivered=money(charge.delivered_minor, currency),
        net=money(charge.net_minor, currency),
        settled=money(row.settled_minor, currency),
        sha256=row.sha256.hex(),
        csv_url=path_of(row.id),
    )


def statement_id(global_id: str) -> UUID | None:
    """None for an id that names no statement."""
    found = from_global_id(global_id)
    if found is None or found.type_name != STATEMENT_TYPE or found.member_id is not None:
        return None
    return found.id


async def load_statement(info: Info, own: UUID) -> PartnerStatement | None:
    found = await statements.find(info.context.programme.id, own)
    seen = found is not None and statements.is_there_for(info.context.caller, found.partner_id)
    return to_statement(found) if found and seen else None


async def statement_of(partner_id: UUID, month: str) -> PartnerStatement | None:
    try:
        found = await statements.of_month(partner_id, terms.to_month(month, ("month",)))
    except InvalidInput:
        return None
    return to_statement(found) if found else None


async def statements_of(
    partner_id: UUID, first: int | None, after: str | None, *, shown: bool
) -> PartnerStatementConnection:
    """Statements of a partner; none if they are not `shown`."""

    async def rows(limit: int, start: Start) -> list[statements.PartnerStatement]:
        return await statements.page(partner_id, limit=limit, after=start) if shown else []

    async def count() -> int:
        return await statements.count(partner_id) if shown else 0

    return await STATEMENTS.page(
        first, after, rows=rows, node=to_statement, count=count, owner=partner_id
    )


@strawberry.type(
    description="A rule, activity or grant of the policy whose points a partner pays for."
)
class FundedRule:
    rule: str = strawberry.field(description="Its code in the policy in force.")
    policy: strawberry.Private[Policy]

    @field("Points or gift that it gives, and the conditions, in a sentence.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return funded_text(info.context.programme, self.policy, self.rule, language(info, locale))


async def load_terms(partner_id: UUID) -> list[PartnerTerms]:
    return [
        PartnerTerms(
            from_month=terms.month_text(one.from_month),
            basis=one.basis,
            price_per_point=one.price_per_point,
            fee_percent=one.fee_percent,
            prepaid=one.prepaid,
        )
        for one in await terms.of_partner(partner_id)
    ]


async def load_prepaid(info: Info, partner_id: UUID, code: str) -> Points | None:
    """Remaining prepaid points; None while they are not prepaid."""
    now, zone = info.context.now, current_policy(info).zone
    month = dates.local_date(now, zone).replace(day=1)
    found = await prepaid.of_codes(info.context.programme.id, [code], month)
    return Points((await prepaid.left([partner_id]))[partner_id]) if found else None


def funded_rules(info: Info, code: str) -> list[FundedRule]:
    policy = current_policy(info)
    return [FundedRule(rule=rule, policy=policy) for rule in funders.paid_for(policy, code)]

"""Awards: what each rule granted for a fact, credited in one lot for each of the terms."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

import models
from domain.accounts.accounts import Account
from domain.earning import lot_keys
from domain.earning.lot_keys import AT_ONCE, LotKey, PointsByLot
from domain.earning.values import Award, Reason
from domain.kernel.callers import partner_of
from domain.kernel.database import Row, rows
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.kernel.queries import Query, ask, of_each, query
from domain.ledger import journal as journals
from domain.ledger import lots
from domain.ledger.clawbacks import Clawback
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot
from domain.ledger.values import Bucket, Cause, EntryKind
from domain.programmes.programmes import Version
from domain.risk.verdicts import Withheld

AwardRow = models.Award


def credit(
    journal: Journal,
    version: Version,
    points: int,
    cause: Cause,
    *,
    rule: str | None = None,
    counted_from: datetime | None = None,
    withheld: Withheld | None = None,
) -> None:
    """Credit one lot of available points, on the terms of the `rule` that the lot names, or else on
    the programme's; its expiry counts from posting. If `withheld`, it is pending until then.

    If the expiry counts from an earlier instant and has passed, they expire at once.
    """
    if points == 0:
        return
    if withheld is not None:
        _credit_pending(journal, version, LotKey(rule, AT_ONCE), points, withheld.until, cause)
        return
    policy, now = version.policy, journal.now
    begins = counted_from or now
    expiry, funder = policy.terms(rule)
    lot = Lot(
        id=journal.new_id(),
        points=points,
        remaining=points,
        earned_at=now,
        available_at=begins,
        expires_at=lots.expires_at(expiry, begins, policy.zone),
        policy_version_id=version.id,
        funder=funder,
        booking_id=cause.booking_id,
        rule=rule,
    )
    journals.earn(journal, lot, cause)
    if counted_from is not None:
        journals.advance(journal, now)


def credit_lots(
    journal: Journal,
    version: Version,
    by_lot: PointsByLot,
    overdue_at: Mapping[int, datetime],
    cause: Cause,
    withheld: Withheld | None = None,
) -> None:
    """Credit one lot for each of the terms of points that can be spent at once, then one for each
    line and terms of pending points.

    Where the policy lets overdue points mature, each lot does so by itself at `overdue_at`, but not
    before `withheld` is over.
    """
    for rule, points in lot_keys.spendable(by_lot).items():
        credit(journal, version, points, cause, rule=rule, withheld=withheld)
    by_itself = version.policy.completion.then == "mature"
    begins = journal.now if withheld is None else withheld.until
    for key, points in lot_keys.pending(by_lot).items():
        matures_at = max(overdue_at[key.line], begins) if by_itself and begins else None
        _credit_pending(journal, version, key, points, matures_at, cause)


def _credit_pending(
    journal: Journal,
    version: Version,
    key: LotKey,
    points: int,
    matures_at: datetime | None,
    cause: Cause,
) -> None:
    """Credit one lot that matures by itself at this instant, or if none is given, when posted."""
    policy = version.policy
    expiry, funder = policy.terms(key.rule)
    lot = Lot(
        id=journal.new_id(),
        points=points,
        remaining=points,
        earned_at=journal.now,
        available_at=None,
        expires_at=None,
        policy_version_id=version.id,
        funder=funder,
        booking_id=cause.booking_id,
        line_number=key.line or None,
        matures_at=matures_at,
        matured_expires_at=matures_at and lots.expires_at(expiry, matures_at, policy.zone),
        rule=key.rule,
    )
    journals.earn_pending(journal, lot, cause)


def mature(journal: Journal, version: Version, waiting: Iterable[Lot], cause: Cause) -> int:
    """Make what is left of these pending lots spendable from now on, on the terms of the version
    that judged their fact; returns how many points.
    """
    total = 0
    for lot in waiting:
        expiry, _ = version.policy.terms(lot.rule)
        expires_at = lots.expires_at(expiry, journal.now, version.policy.zone)
        journals.mature(journal, lot.id, expires_at, cause)
        total += lot.remaining
    return total


def to_rows(
    member_id: UUID,
    awards: Iterable[Award],
    occurred_at: datetime,
    *,
    budget_periods: Mapping[str, str] | None = None,
    **facts: UUID | None,
) -> list[AwardRow]:
    """Rows of awards of a booking or activity, or of a change of one, with the columns that name
    it.

    `budget_periods` names, by rule, the period of the budget that its points count in.
    """
    return [
        models.Award(
            member_id=member_id,
            id=new_id(),
            rule=award.rule,
            points=award.points,
            occurred_at=occurred_at,
            budget_period=(budget_periods or {}).get(award.rule),
            **facts,
        )
        for award in awards
    ]


def notify(
    account: Account, awarded: Iterable[Award | AwardRow], reporter: str, points: int, **fact: UUID
) -> None:
    """Write the event of points that a booking or activity earned, by these rules."""
    if points:
        pending = sum(
            entry.points
            for entry in account.journal.entries
            if entry.kind is EntryKind.EARN
            and entry.target is Bucket.PENDING
            and all(getattr(entry.cause, name) == value for name, value in fact.items())
        )
        account.notify(
            Topic.POINTS_EARNED,
            partner_id=partner_of(reporter),
            points=points,
            pending=pending,
            rules=sorted({award.rule for award in awarded if award.points > 0}),
            **fact,
        )


def notify_clawback(
    account: Account, taken: Clawback, partner_id: UUID | None, **fact: UUID
) -> None:
    """Write the event of points of a booking or activity that were taken back."""
    if taken.clawed_back:
        account.notify(
            Topic.POINTS_CLAWED_BACK,
            partner_id=partner_id,
            points=taken.clawed_back,
            owed=taken.owed,
            forgiven=taken.forgiven,
            **fact,
        )


def to_json(explanation: Iterable[Reason]) -> list[dict[str, Any]]:
    return [
        {"code": reason.code, "params": dict(reason.params), "points": reason.points}
        for reason in explanation
    ]


def from_json(text: str) -> tuple[Reason, ...]:
    return tuple(Reason(**reason) for reason in orjson.loads(text))


@dataclass(frozen=True, slots=True)
class AwardRead:
    """What a rule granted for a fact, and the same `net` of refunds."""

    rule: str
    points: int
    net: int


async def of_bookings(ids: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[AwardRead]]:
    """By booking id, what each rule grants for it as last amended, before refunds and net of them.

    Bookings are named by (member id, id); one statement for all.
    """
    wanted = list(ids)
    granted = of_each(
        ("fact_id", "rule", "points", "net"),
        "SELECT b.id AS fact_id, g.rule, g.points, (SELECT coalesce(sum(n.points), 0) "
        "FROM award n WHERE n.member_id = $1 "
        "AND n.booking_id = b.id AND n.rule = g.rule)::bigint AS net "
        "FROM unnest($2::uuid[]) AS b (id) "
        "LEFT JOIN LATERAL (SELECT m.awarded FROM amendment m WHERE m.member_id = $1 "
        "AND m.booking_id = b.id "
        "ORDER BY m.version DESC LIMIT 1) m ON true "
        "CROSS JOIN LATERAL (SELECT row_number() OVER (ORDER BY a.id) AS place, a.rule, a.points "
        "FROM award a WHERE a.member_id = $1 "
        "AND a.booking_id = b.id AND m.awarded IS NULL AND a.refund_id IS NULL UNION ALL "
        "SELECT r.place, r.award ->> 0, (r.award ->> 1)::bigint "
        "FROM jsonb_array_elements(m.awarded) WITH ORDINALITY AS r (award, place)) g "
        "ORDER BY g.place",
        [member_id for member_id, _ in wanted],
        [booking_id for _, booking_id in wanted],
    )
    return _by_fact(wanted, await ask(granted))


async def of_activities(ids: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[AwardRead]]:
    """By activity id, what its rule granted at first, and net of reversals and restorations.

    Activities are named by (member id, id); one statement for all.
    """
    wanted = list(ids)
    found = await rows(
        "SELECT activity_id AS fact_id, rule, coalesce(sum(points) FILTER "
        "(WHERE activity_reversal_id IS NULL), 0)::bigint AS points, sum(points)::bigint AS net "
        "FROM award WHERE member_id = ANY($1::uuid[]) AND activity_id = ANY($2::uuid[]) "
        "GROUP BY activity_id, rule ORDER BY min(id::text)",
        [member_id for member_id, _ in wanted],
        [activity_id for _, activity_id in wanted],
    )
    return _by_fact(wanted, found)


def _by_fact(ids: list[tuple[UUID, UUID]], found: Iterable[Row]) -> dict[UUID, list[AwardRead]]:
    by_fact: dict[UUID, list[AwardRead]] = {fact_id: [] for _, fact_id in ids}
    for award in found:
        by_fact[award.pop("fact_id")].append(AwardRead(**award))
    return by_fact


def of_new(awarded: Iterable[AwardRow]) -> list[AwardRead]:
    """What rules granted for a new fact, from its first rows of awards."""
    rows = list(awarded)
    net = Counter[str]()
    for award in rows:
        net[award.rule] += award.points
    return [AwardRead(award.rule, award.points, net[award.rule]) for award in rows]


@dataclass(frozen=True, slots=True)
class AwardSum:
    """Points that one rule granted to a booking: at `first`, and `net` of all that followed."""

    first: int
    net: int


def query_of_booking(member_id: UUID, booking_id: UUID) -> Query:
    return query(
        ("rule", "net", "first"),
        "SELECT rule, sum(points)::bigint AS net, "
        "coalesce(sum(points) FILTER (WHERE refund_id IS NULL AND amendment_id IS NULL), 0)"
        "::bigint AS first FROM award "
        "WHERE member_id = $1 AND booking_id = $2 GROUP BY rule ORDER BY min(id::text)",
        member_id,
        booking_id,
    )


async def of_booking(member_id: UUID, booking_id: UUID) -> dict[str, AwardSum]:
    """What each rule granted to the booking, the earliest first."""
    found = await ask(query_of_booking(member_id, booking_id))
    return {award["rule"]: AwardSum(award["first"], award["net"]) for award in found}

"""Effects: the changes that an experiment caused, read once all facts that count have happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.experiments import costs, statistics, stopping
from domain.experiments.statistics import Interval, Sample
from domain.insight.ratios import Ratio
from domain.kernel import dates, money
from domain.kernel.database import Row, rows
from domain.ledger import lots
from domain.programmes import variants
from domain.programmes.experiment_terms import Experiment
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

RATIO_DECIMALS = 6


class ExperimentState(StrEnum):
    """State of an experiment, and whether its figures are reliable."""

    RUNNING = "RUNNING"
    TOO_EARLY = "TOO_EARLY"
    READ = "READ"
    STOPPED = "STOPPED"
    SPLIT_BROKEN = "SPLIT_BROKEN"


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """Members who met a variant, and their measures compared with the control, once available."""

    code: str
    members: int
    metric: Ratio | None = None
    difference: Interval | None = None
    cost_per_extra: Interval | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """An experiment with its figures; `cost` is exact, in minor units."""

    experiment: Experiment
    policy: Policy
    state: ExperimentState
    cost: Fraction
    variants: tuple[VariantFigures, ...]


async def of(programme: Programme, code: str, now: datetime) -> Reading | None:
    """The experiment of this code in its present state; None if there never was one."""
    found = stopping.find(programme, code)
    if found is None:
        return None
    experiment, policy = found
    cost = (await costs.of(programme, {code: found}))[code]
    read_at = _read_at(policy, experiment)
    state = _state(programme, found, now)
    counts = await _counts(programme, experiment)
    numbers = [counts.get(one.code, 0) for one in experiment.variants]
    weights = [one.weight for one in experiment.variants]
    figures = tuple(
        VariantFigures(one.code, counts.get(one.code, 0)) for one in experiment.variants
    )
    if now >= read_at and statistics.is_split_broken(numbers, weights):
        state = ExperimentState.SPLIT_BROKEN
    elif now >= read_at:
        state, figures = ExperimentState.READ, await _figures(programme, found)
    return Reading(experiment, policy, state, cost, figures)


def _state(
    programme: Programme, found: tuple[Experiment, Policy], now: datetime
) -> ExperimentState:
    """State of an experiment whose figures are not available yet."""
    experiment, policy = found
    end = variants.ends_at(policy, experiment, programme.stops)
    if now < end:
        return ExperimentState.RUNNING
    if end < dates.end_of_day(experiment.until, policy.zone):
        return ExperimentState.STOPPED
    return ExperimentState.TOO_EARLY


def _read_at(policy: Policy, experiment: Experiment) -> datetime:
    """The instant at which all days that count have passed for the last member that may have met
    it; if points of its variants expire at different times, the instant when the last of these have
    expired.
    """
    ends = dates.end_of_day(experiment.until, policy.zone)
    last = dates.end_of_day(dates.add_days(experiment.until, experiment.days), policy.zone)
    if not any(".expiry." in path for path in ("." + path for path in experiment.fields)):
        return last
    lives = [last]
    for variant in experiment.variants:
        document = variants.policy_of(policy, (experiment.code, variant.code))
        rules = (document.points, *document.earning, *document.activities)
        for expiry in (one.expiry for one in rules if one is not None):
            end = lots.expires_at(expiry, ends - timedelta(microseconds=1), policy.zone)
            lives += [end] if end is not None else []
    return max(lives)


async def _counts(programme: Programme, experiment: Experiment) -> dict[str, int]:
    found = await rows(
        "SELECT e.variant, count(*) AS members FROM exposure e "
        "JOIN member m ON m.member_id = e.member_id "
        "WHERE m.programme_id = $1 AND e.experiment = $2 GROUP BY e.variant",
        programme.id,
        experiment.code,
    )
    return {one["variant"]: one["members"] for one in found}


_MEASURED: Mapping[str, str] = {
    "conversion": "least(b.bookings, 1)",
    "repurchase": "CASE WHEN b.days > 1 THEN 1 ELSE 0 END",
    "redemption": (
        "(SELECT count(*) FROM (SELECT FROM redemption r WHERE r.member_id = s.member_id "
        "AND r.created_at >= s.at AND r.created_at < s.until AND r.activity_id IS NULL "
        "AND r.status IN ('CONFIRMED', 'SHIPPED', 'FULFILLED') LIMIT 1) one)"
    ),
    "cash": "b.cash",
}
"""Measures of a member who met it at `s.at`, until `s.until`."""

_FIGURES = """
WITH seen AS (
    SELECT e.member_id, e.variant, e.at, e.at + make_interval(days => $3) AS until
    FROM exposure e JOIN member m ON m.member_id = e.member_id
    WHERE m.programme_id = $1 AND e.experiment = $2),
measured AS (
    SELECT s.variant, ({measured})::numeric AS value,
        (SELECT coalesce(sum({net}), 0) FROM trial t WHERE t.member_id = s.member_id
            AND t.experiment = $2 AND t.occurred_at >= s.at AND t.occurred_at < s.until) AS extra
    FROM seen s CROSS JOIN LATERAL (
        SELECT count(*) AS bookings, count(DISTINCT (w.booked_at AT TIME ZONE $4)::date) AS days,
            coalesce(sum(w.cash), 0) AS cash
        FROM (
            SELECT b.booked_at, sum(x.amount - f.gross) AS amount, sum(x.cash - f.cash) AS cash
            FROM booking b
            JOIN booking_line l ON l.member_id = b.member_id AND l.booking_id = b.id
            LEFT JOIN LATERAL (SELECT v.amount_minor, v.cash_minor FROM amendment_line v
                WHERE v.member_id = l.member_id AND v.booking_id = l.booking_id
                AND v.line_number = l.number ORDER BY v.version DESC LIMIT 1) now ON true
            CROSS JOIN LATERAL (SELECT coalesce(now.amount_minor, l.amount_minor) AS amount,
                coalesce(now.cash_minor, l.cash_minor) AS cash) x
            CROSS JOIN LATERAL (SELECT coalesce(sum(p.gross_minor), 0) AS gross,
                coalesce(sum(p.cash_minor), 0) AS cash FROM refund_line p
                WHERE p.member_id = l.member_id AND p.booking_id = l.booking_id
                AND p.line_number = l.number) f
            WHERE b.member_id = s.member_id AND b.booked_at >= s.at AND b.booked_at < s.until
            GROUP BY b.id, b.booked_at) w
        WHERE w.amount > 0) b)
SELECT variant, count(*) AS members, sum(value) AS total, sum(value * value) AS squares,
    sum(extra)::bigint AS extra
FROM measured GROUP BY variant
"""
"""The measures of each variant's members, their squares, and the points beyond the control's."""


async def _figures(
    programme: Programme, found: tuple[Experiment, Policy]
) -> tuple[VariantFigures, ...]:
    experiment, policy = found
    read = await rows(
        _FIGURES.format(measured=_MEASURED[experiment.metric], net=costs.NET),
        programme.id,
        experiment.code,
        experiment.days,
        policy.timezone,
    )
    by_variant = {one["variant"]: one for one in read}
    samples = [_sample(by_variant.get(one.code), experiment, policy) for one in experiment.variants]
    return tuple(
        _of_variant(one.code, samples[0], sample, experiment, policy)
        for one, sample in zip(experiment.variants, samples, strict=True)
    )


def _sample(read: Row | None, experiment: Experiment, policy: Policy) -> Sample:
    if read is None:
        return Sample(0, Decimal(0), Decimal(0))
    scale = money.digits_of(policy.currency) if experiment.metric == "cash" else 0
    worth = read["extra"] * policy.minor_per_point
    cost = Decimal(worth.numerator) / worth.denominator
    return Sample(
        read["members"],
        read["total"].scaleb(-scale),
        read["squares"].scaleb(-2 * scale),
        cost.scaleb(-money.digits_of(policy.currency)),
    )


def _of_variant(
    code: str, control: Sample, sample: Sample, experiment: Experiment, policy: Policy
) -> VariantFigures:
    metric = Ratio(sample.total, Decimal(sample.members))
    if sample is control:
        return VariantFigures(code, sample.members, metric)
    shares = experiment.metric != "cash"
    found = statistics.difference(control, sample, len(experiment.variants), of_shares=shares)
    each = statistics.cost_per_extra(control, sample, found)
    places = money.digits_of(policy.currency) if shares else RATIO_DECIMALS
    return VariantFigures(
        code,
        sample.members,
        metric,
        found and found.rounded(RATIO_DECIMALS),
        each and each.rounded(places),
    )

"""Tiers over a period: their members at its end, their spending, and rises."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from domain.insight import ratios
from domain.insight.kpis import Period
from domain.insight.ratios import Ratio
from domain.kernel import money
from domain.kernel.database import rows
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class TierShare:
    """A tier by its code today: members at the end of the period, cash of bookings made with it,
    its share of all cash, and the ratio of rises out of it to its members at the start.
    """

    code: str
    members: int
    cash_minor: int
    share: Ratio
    risen: Ratio


async def tiers(
    programme: Programme, policy: Policy, period: Period, settled: date
) -> list[TierShare]:
    """Every level of the policy, from the entry tier upwards; earlier codes count as the tiers that
    they mean now.
    """
    found = await rows(
        "SELECT tier, sum(value) FILTER (WHERE measure = 'members')::bigint AS ended, "
        "sum(value) FILTER (WHERE measure = 'members' AND day < $2)::bigint AS began, "
        "sum(value) FILTER (WHERE measure = 'cash')::bigint AS cash, "
        "sum(value) FILTER (WHERE measure = 'upgraded')::bigint AS rose "
        "FROM figure_day WHERE programme_id = $1 AND known_day <= $4 "
        "AND measure IN ('members', 'cash', 'upgraded') AND day <= $3 "
        "AND (measure = 'members' OR day >= $2) GROUP BY tier",
        programme.id,
        period.first,
        period.last,
        settled,
    )
    sums: Counter[tuple[str, str]] = Counter()
    for one in found:
        code = policy.level(one["tier"]).code
        for name in ("ended", "began", "cash", "rose"):
            sums[name, code] += one[name] or 0
    whole = sum(value for (name, _), value in sums.items() if name == "cash")
    return [_share(sums, level.code, whole, policy) for level in policy.tiers.levels]


def _share(sums: Counter[tuple[str, str]], code: str, whole: int, policy: Policy) -> TierShare:
    cash = sums["cash", code]
    amounts = [money.to_amount(minor, policy.currency) for minor in (cash, whole)]
    return TierShare(
        code,
        sums["ended", code],
        cash,
        Ratio(*amounts),
        ratios.of(sums["rose", code], sums["began", code]),
    )

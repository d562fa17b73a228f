"""What of the programme `ota` the limit has written down, and the arithmetic of its policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import yaml

from ops.settings import ROOT

SHIPPED = ROOT / "domain" / "programmes" / "documents" / "ota.yaml"
ZONE = ZoneInfo("Asia/Shanghai")
CURRENCY = "CNY"
BONUS, BONUS_FROM, BONUS_POINTS = "flight_over_2000", 200_000, 500
SEGMENT, COUNT, COUNT_LEAST = "business_traveller", "business_hotels", 3
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Level:
    """A tier; `threshold` in minor units, `multiplier` in hundredths."""

    code: str
    name: str
    threshold: int
    multiplier: int


@dataclass(frozen=True, slots=True)
class Programme:
    """Ids from the database; names in English from the document."""

    id: UUID
    version_id: UUID
    ahead: timedelta
    levels: tuple[Level, ...]
    names: dict[str, str]

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def level(self, code: str) -> Level:
        return next(level for level in self.levels if level.code == code)

    def above(self, code: str) -> Level | None:
        place = next(n for n, level in enumerate(self.levels) if level.code == code)
        return self.levels[place + 1] if place + 1 < len(self.levels) else None


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    product: str
    minor: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What lines earn: in all, by line, by rule, and why."""

    points: int
    by_line: dict[int, int]
    awards: list[tuple[str, int]]
    explanation: list[dict[str, Any]]


async def load(connection: asyncpg.Connection) -> Programme:
    """The programme of the database."""
    row = await connection.fetchrow(
        "SELECT p.id, p.clock_offset_seconds, v.id AS version_id FROM programme p "
        "JOIN policy_version v ON v.programme_id = p.id WHERE p.code = 'ota'"
    )
    document = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    levels = tuple(
        Level(
            level["code"],
            level["name"]["en"],
            level["threshold"] * 100,
            int(Decimal(str(level["multiplier"])) * 100),
        )
        for level in document["tiers"]["levels"]
    )
    named = [*document["earning"], *document["activities"], *document["grants"]]
    names = {rule["code"]: rule["name"]["en"] for rule in named}
    names |= {level.code: level.name for level in levels}
    ahead = timedelta(seconds=row["clock_offset_seconds"])
    return Programme(row["id"], row["version_id"], ahead, levels, names)


def to_lines(sent: Sequence[dict[str, Any]]) -> list[Line]:
    return [
        Line(number, line["product"], int(Decimal(line["amount"]) * 100))
        for number, line in enumerate(sent, 1)
    ]


def evaluate(programme: Programme, lines: Sequence[Line], tier: str) -> Earned:
    """Points for these lines, of a member without a birthday, profile or segment."""
    total = sum(line.minor for line in lines)
    base = total // 100
    awards, why = [("base", base)], []
    why.append(_reason("rate", base, rule="base", amount_minor=total, currency=CURRENCY))
    level = programme.level(tier)
    share = total * level.multiplier // 10_000 - base
    if level.multiplier != 100:
        factor = f"{level.multiplier / 100:g}"
        why.append(_reason("tier_multiplier", share, tier=tier, factor=factor))
        if share:
            awards.append(("tier", share))
    by_line = _spread(base + share, {line.number: line.minor for line in lines})
    flights = {line.number: line.minor for line in lines if line.product == "flight"}
    paid = sum(flights.values())
    if paid >= BONUS_FROM:
        awards.append((BONUS, BONUS_POINTS))
        why.append(_reason("bonus", BONUS_POINTS, rule=BONUS))
        for number, points in _spread(BONUS_POINTS, flights).items():
            by_line[number] += points
    elif paid:
        short = BONUS_FROM - paid
        terms = {"rule": BONUS, "short_minor": short, "currency": CURRENCY, "bonus": BONUS_POINTS}
        why.append(_reason("near_miss", None, **terms))
    return Earned(sum(points for _, points in awards), by_line, awards, why)


def _reason(code: str, points: int | None, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params, "points": points}


def _spread(total: int, weights: dict[int, int]) -> dict[int, int]:
    """By largest remainder; ties go to the lower number."""
    whole = sum(weights.values())
    shares = {number: weight * total // whole for number, weight in weights.items()}
    rest = total - sum(shares.values())
    order = sorted(weights, key=lambda number: (-(weights[number] * total % whole), number))
    for number in order[:rest]:
        shares[number] += 1
    return shares


def expires_at(now: datetime) -> datetime:
    """Midnight after the same day of the next year."""
    local = now.astimezone(ZONE)
    day = 28 if (local.month, local.day) == (2, 29) else local.day
    last = local.replace(year=local.year + 1, day=day, hour=0, minute=0, second=0, microsecond=0)
    return (last.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=ZONE).astimezone(UTC)


def last_day(expires: datetime) -> str:
    """The last date on which points can be spent that end at this instant."""
    return (expires.astimezone(ZONE) - MICROSECOND).date().isoformat()


def money(minor: int) -> dict[str, str]:
    return {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": CURRENCY}


def money_text(minor: int) -> str:
    return f"{CURRENCY} {minor // 100:,}.{minor % 100:02d}"


def reason_text(programme: Programme, reason: dict[str, Any]) -> str:
    """One line of an explanation in English."""
    params, names = reason["params"], programme.names
    match reason["code"]:
        case "rate":
            return f"{names[params['rule']]}: on {money_text(params['amount_minor'])}"
        case "tier_multiplier":
            return f"Tier {names[params['tier']]}: ×{params['factor']}"
        case "near_miss":
            short = money_text(params["short_minor"])
            return f"{short} short of {names[params['rule']]} (+{params['bonus']})"
        case "limit_reached":
            return f"{names[params['rule']]}: the limit of {params['limit']} is used up"
        case _:
            return names[params["rule"]]

"""Placing offers in a programme's catalogue: compared with what is there, all of them or none.

What a reward is, and what its codes are, stays as it was first placed; its stock is what
redemptions left of it, and changes only where that is asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

import models
from domain.kernel import audit, dates, outbox
from domain.kernel.database import Row, rows, snapshot
from domain.kernel.ids import new_id
from domain.kernel.money import to_amount, to_minor_units
from domain.kernel.outbox import Event, Topic
from domain.kernel.refusals import EventTooOld, InvalidInput
from domain.partners import partners
from domain.programmes import programmes
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.refusals import FaultCode, Path, PolicyFault, PolicyInvalid
from domain.rewards import stock
from domain.rewards.offers import Offer, Offers
from domain.rewards.stock import By

_FIELDS = {
    "kind": "kind",
    "names": "name",
    "descriptions": "description",
    "list_points": "points",
    "open_value": "open_value",
    "worth_minor": "worth",
    "pooled_codes": "pooled",
    "low_water": "low_water",
    "partner_units": "units",
    "unit_names": "unit",
    "partner_id": "partner",
    "minimum_tier": "minimum_tier",
    "per_member_limit": "per_member_limit",
    "active": "active",
    "valid_from": "valid_from",
    "valid_until": "valid_until",
    "image_url": "image_url",
    "theme": "theme",
    "cost_minor": "cost",
    "minimum_spend_minor": "minimum_spend",
    "products": "products",
    "valid_days": "valid_days",
    "transferable": "transferable",
    "requires": "requires",
}
"""Name of each column of a reward in the file."""

_JSON = ("names", "descriptions", "unit_names", "products")
_MONEY = ("worth", "cost", "minimum_spend")


class PlacementOutcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class How:
    """`stock` sets the stock of what is there too; `dry_run` writes nothing."""

    missing_only: bool = False
    stock: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Result of one offer; `changes` are the fields of the file that differed."""

    code: str
    outcome: PlacementOutcome
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CurrentCatalogue:
    """State of the programme: its rewards by code, and its partners' ids."""

    policy: Policy
    rewards: Mapping[str, Row]
    partners: Mapping[str, UUID]


async def place(
    programme: Programme, offers: Offers, now: datetime, how: How | None = None
) -> list[Placement]:
    """Make the catalogue offer what the file says, and leave what it does not name.

    One transaction; what was placed before is unchanged by placing it again.

    Raises: PolicyInvalid with every fault and its path.
    """
    by = By(audit.doer(), now)

    async def work() -> list[Placement]:
        placed = await write(programme, offers, by, how or How())
        for one in placed:
            if one.outcome is not PlacementOutcome.UNCHANGED:
                audit.about(f"reward:{one.code}")
        return placed

    return await audit.act(programme.id, now, "placeRewards", work)


async def write(programme: Programme, offers: Offers, by: By, how: How) -> list[Placement]:
    """As `place`, inside a transaction. Raises: PolicyInvalid."""
    await programmes.lock(programme.id)
    known = await _known(programme, by.now)
    offered = [
        (place, offer)
        for place, offer in enumerate(offers.rewards)
        if not (how.missing_only and offer.code in known.rewards)
    ]
    faults = [fault for place, offer in offered for fault in _faults(known, place, offer)]
    if offers.programme != programme.code:
        code = FaultCode.OTHER_PROGRAMME
        faults.insert(0, PolicyFault(code, ("programme",), offers.programme, programme.code))
    if faults:
        raise PolicyInvalid(tuple(faults))
    placed = [
        compare(offer, _columns(known, offer), known.rewards.get(offer.code), stock=how.stock)
        for _, offer in offered
    ]
    if not how.dry_run:
        counted = {one.code for one in placed if "stock" in one.changes}
        await stock.lock_all([known.rewards[code]["id"] for code in counted])
        for (_, offer), placement in zip(offered, placed, strict=True):
            await _write(programme, known, offer, placement, by)
        await outbox.announce(programme.id, by.now, _events(programme, known, offered, placed))
    return placed


def _events(
    programme: Programme,
    known: CurrentCatalogue,
    offered: Sequence[tuple[int, Offer]],
    placed: Sequence[Placement],
) -> list[Event]:
    """One for each reward that is new or otherwise."""
    return [
        Event(
            Topic.REWARD_CHANGED,
            programme.id,
            {"reward": offer.code},
            known.partners[offer.partner] if offer.partner else None,
        )
        for (_, offer), placement in zip(offered, placed, strict=True)
        if placement.outcome is not PlacementOutcome.UNCHANGED
    ]


def compare(
    offer: Offer, columns: Mapping[str, Any], there: Row | None, *, stock: bool
) -> Placement:
    """Effect of placing an offer with these columns on the existing reward, if any."""
    if there is None:
        return Placement(offer.code, PlacementOutcome.NEW)
    changes = [_FIELDS[name] for name, value in columns.items() if there[name] != value]
    if stock and there["stock"] != offer.stock:
        changes.append("stock")
    outcome = PlacementOutcome.CHANGED if changes else PlacementOutcome.UNCHANGED
    return Placement(offer.code, outcome, tuple(changes))


def _faults(known: CurrentCatalogue, place: int, offer: Offer) -> Iterator[PolicyFault]:
    """What the offer contradicts in its programme: amounts, products, tier, partner, what it is
    already.
    """
    at = ("rewards", place)
    yield from _money_faults(known.policy, at, offer)
    products = tuple(known.policy.products)
    for number, product in enumerate(offer.products or ()):
        if product not in products:
            place_of = (*at, "products", number)
            yield PolicyFault(FaultCode.UNDEFINED, place_of, product, known=products)
    tiers = tuple(level.code for level in known.policy.tiers.levels)
    if offer.minimum_tier is not None and known.policy.tier_code(offer.minimum_tier) not in tiers:
        where = (*at, "minimum_tier")
        yield PolicyFault(FaultCode.UNDEFINED, where, offer.minimum_tier, known=tiers)
    if offer.partner is not None and offer.partner not in known.partners:
        partners = tuple(sorted(known.partners))
        yield PolicyFault(FaultCode.UNDEFINED, (*at, "partner"), offer.partner, known=partners)
    there = known.rewards.get(offer.code)
    if there is None:
        return
    wanted = {"kind": offer.kind.upper(), "open_value": offer.open_value}
    for column, value in {**wanted, "pooled_codes": offer.pooled}.items():
        if there[column] != value:
            where = (*at, _FIELDS[column])
            yield PolicyFault(FaultCode.PLACED_OTHERWISE, where, offer.code)


def _money_faults(policy: Policy, at: Path, offer: Offer) -> Iterator[PolicyFault]:
    for name in _MONEY:
        try:
            _minor(policy, offer, name)
        except InvalidInput as error:
            code = FaultCode.DECIMALS if error.reason == "too_many_decimals" else FaultCode.MOST
            yield PolicyFault(code, (*at, name), getattr(offer, name), "".join(error.allowed))


def _minor(policy: Policy, offer: Offer, name: str) -> int | None:
    amount: Decimal | None = getattr(offer, name)
    return None if amount is None else to_minor_units(amount, policy.currency)


def _columns(known: CurrentCatalogue, offer: Offer) -> dict[str, Any]:
    """An offer as the columns of its reward; days are those of the programme's zone."""
    zone = known.policy.zone
    first, last = offer.valid_from, offer.valid_until
    return {
        "kind": offer.kind.upper(),
        "names": offer.name.model_dump(by_alias=True),
        "descriptions": offer.description.model_dump(by_alias=True),
        "list_points": offer.points,
        "open_value": offer.open_value,
        "worth_minor": _minor(known.policy, offer, "worth"),
        "pooled_codes": offer.pooled,
        "low_water": offer.low_water,
        "partner_units": offer.units,
        "unit_names": offer.unit.model_dump(by_alias=True) if offer.unit else None,
        "partner_id": known.partners[offer.partner] if offer.partner else None,
        "minimum_tier": offer.minimum_tier and known.policy.tier_code(offer.minimum_tier),
        "per_member_limit": offer.per_member_limit,
        "active": offer.active,
        "valid_from": dates.start_of_day(first, zone) if first else None,
        "valid_until": dates.end_of_day(last, zone) if last else None,
        "image_url": offer.image_url,
        "theme": offer.theme,
        "cost_minor": _minor(known.policy, offer, "cost"),
        "minimum_spend_minor": _minor(known.policy, offer, "minimum_spend"),
        "products": list(offer.products) if offer.products else None,
        "valid_days": offer.valid_days,
        "transferable": offer.transferable,
        "requires": offer.requires and offer.requires.upper(),
    }


async def _write(
    programme: Programme, known: CurrentCatalogue, offer: Offer, placed: Placement, by: By
) -> None:
    columns = _columns(known, offer)
    if placed.outcome is PlacementOutcome.NEW:
        reward_id = audit.adds("reward", new_id())
        await models.Reward.create(
            id=reward_id, programme_id=programme.id, code=offer.code, created_at=by.now, **columns
        )
        await stock.place(reward_id, offer.stock, by)
    elif placed.outcome is PlacementOutcome.CHANGED:
        reward_id = known.rewards[offer.code]["id"]
        await audit.writes("reward", reward_id)
        await models.Reward.filter(id=reward_id).update(**columns)
        if "stock" in placed.changes:
            await stock.place(reward_id, offer.stock, by)


# Reads.


async def document(programme: Programme, now: datetime) -> dict[str, Any]:
    """The catalogue as it is, as a file that places nothing anew; the cheapest first."""
    async with snapshot():
        known = await _known(programme, now)
    codes = {partner_id: code for code, partner_id in known.partners.items()}
    found = sorted(known.rewards.items(), key=lambda named: (named[1]["list_points"], named[0]))
    rewards = [{"code": code, **_fields(known.policy, codes, row)} for code, row in found]
    return {"programme": programme.code, "rewards": rewards}


def _fields(policy: Policy, codes: Mapping[UUID, str], row: Row) -> dict[str, Any]:
    """A reward as the file says it, but for what is as without saying."""
    zone = policy.zone
    first, end = row["valid_from"], row["valid_until"]
    shown = {
        **{field: row[column] for column, field in _FIELDS.items()},
        "kind": row["kind"].lower(),
        **{name: _amount(policy, row[f"{name}_minor"]) for name in _MONEY},
        "requires": row["requires"] and row["requires"].lower(),
        "partner": codes.get(row["partner_id"]),
        "valid_from": None if first is None else dates.local_date(first, zone),
        "valid_until": None if end is None else dates.last_valid_date(end, zone),
        "stock": row["stock"],
    }
    unsaid = {"open_value": False, "pooled": False, "active": True, "transferable": True}
    return {
        field: value
        for field, value in shown.items()
        if value is not None and unsaid.get(field) is not value
    }


def _amount(policy: Policy, minor: int | None) -> str | None:
    return None if minor is None else str(to_amount(minor, policy.currency))


async def _known(programme: Programme, now: datetime) -> CurrentCatalogue:
    found = await rows(
        f"SELECT w.id, w.code, {', '.join(f'w.{column}' for column in _FIELDS)}, "
        "s.remaining AS stock FROM reward w LEFT JOIN reward_stock s ON s.reward_id = w.id "
        "WHERE w.programme_id = $1",
        programme.id,
    )
    policy = _policy(programme, now)
    for reward in found:
        reward.update({name: orjson.loads(reward[name] or "null") for name in _JSON})
        if reward["minimum_tier"] is not None:
            reward["minimum_tier"] = policy.tier_code(reward["minimum_tier"])
    return CurrentCatalogue(
        policy,
        {reward.pop("code"): reward for reward in found},
        await partners.ids(programme.id),
    )


def _policy(programme: Programme, now: datetime) -> Policy:
    """The policy in force, or before the first version begins, the one that will be."""
    try:
        return programme.as_of(now).policy
    except EventTooOld:
        return programme.versions[0].policy

"""Offers: the rewards that a programme begins with, in one validated file beside its policy."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from domain.database import rows, transact
from domain.errors import PolicyFault, PolicyInvalid
from domain.ids import new_id
from domain.money import to_minor_units
from domain.policy import Amount, Code, Node, Points, Words
from domain.programmes import Programme
from models import Reward, RewardStock

FOLDER = Path(__file__).resolve().parent / "programmes" / "rewards"


class Offer(Node):
    """One reward: its list price in points, its worth in the programme's currency."""

    code: Code
    kind: Literal["coupon", "service", "product", "partner"]
    name: Words
    description: Words
    points: Annotated[Points, Field(gt=0)]
    open_value: bool = False
    worth: Amount | None = None
    stock: int | None = Field(None, ge=0, strict=True)
    minimum_tier: Code | None = None
    per_member_limit: int | None = Field(None, gt=0, strict=True)

    @model_validator(mode="after")
    def _open_coupon(self) -> Self:
        if self.open_value and self.kind != "coupon":
            raise ValueError("only a coupon can be of open value")
        if self.open_value and self.worth is not None:
            raise ValueError("an open value is worth what its points are: leave `worth` out")
        return self


class Offers(Node):
    programme: Code
    rewards: tuple[Offer, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [offer.code for offer in self.rewards]
        if len(set(codes)) != len(codes):
            raise ValueError("a reward is offered twice")
        return self


def shipped(programme: str) -> Offers | None:
    """The offers that ship for the programme of this code; None without any.

    Raises: PolicyInvalid.
    """
    path = FOLDER / f"{programme}.yaml"
    return parse(path.read_text(encoding="utf-8")) if path.exists() else None


def parse(text: str) -> Offers:
    """Raises: PolicyInvalid with every fault and its path."""
    try:
        return Offers.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise PolicyInvalid((PolicyFault("$", f"not YAML: {reason}"),)) from None
    except ValidationError as error:
        faults = [
            PolicyFault(".".join(map(str, fault["loc"])) or "$", fault["msg"])
            for fault in error.errors()
        ]
        raise PolicyInvalid(tuple(faults)) from None


async def place(programme: Programme, offers: Offers, now: datetime) -> int:
    """Put the rewards that are not there yet into the catalogue; how many those were.

    What the catalogue has already stays as it is, its stock too.

    Raises: InvalidInput for a worth that the currency cannot express.
    """
    currency = programme.versions[-1].policy.currency
    made = {offer: _to_row(programme, offer, currency, now) for offer in offers.rewards}

    async def work() -> int:
        # the programme's row is the lock: two that place at once do it one after the other
        await rows("SELECT id FROM programme WHERE id = $1 FOR UPDATE", programme.id)
        found = await rows("SELECT code FROM reward WHERE programme_id = $1", programme.id)
        known = {reward["code"] for reward in found}
        missing = [offer for offer in offers.rewards if offer.code not in known]
        await Reward.bulk_create(made[offer] for offer in missing)
        await RewardStock.bulk_create(
            RewardStock(reward_id=made[offer].id, remaining=offer.stock)
            for offer in missing
            if offer.stock is not None
        )
        return len(missing)

    return await transact(work)


def _to_row(programme: Programme, offer: Offer, currency: str, now: datetime) -> Reward:
    worth = None
    if offer.worth is not None:
        worth = to_minor_units(offer.worth, currency, path=("rewards", offer.code, "worth"))
    return Reward(
        id=new_id(),
        programme_id=programme.id,
        code=offer.code,
        kind=offer.kind.upper(),
        names=offer.name.model_dump(by_alias=True),
        descriptions=offer.description.model_dump(by_alias=True),
        list_points=offer.points,
        open_value=offer.open_value,
        worth_minor=worth,
        minimum_tier=offer.minimum_tier,
        per_member_limit=offer.per_member_limit,
        pooled_codes=False,
        active=True,
        created_at=now,
    )

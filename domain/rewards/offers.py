"""Offers: the rewards of a programme in one validated file beside its policy."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from domain.programmes import reader
from domain.programmes.nodes import POINTS_MAX, Amount, Code, Node, Points, Words
from domain.programmes.refusals import PolicyFault, PolicyInvalid

FOLDER = Path(__file__).resolve().parents[1] / "programmes" / "documents" / "rewards"
UNITS_MAX = 10_000_000
"""Of a partner, for one reward."""

PARTNER_CODE_CHARACTERS_MAX = 64
COUNT_MAX = 2**31 - 1

Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)]
Count = Annotated[int, Field(gt=0, le=COUNT_MAX, strict=True)]


class Offer(Node):
    """One reward: its list price in points, its worth in the programme's currency."""

    code: Code = Field(description="Stable for programs; what the reward is known by.")
    kind: Literal["coupon", "service", "product", "partner"] = Field(
        description="A coupon is given at once, the others are delivered; it never changes."
    )
    name: Words
    description: Words
    points: Annotated[Points, Field(gt=0)] = Field(description="The list price of one.")
    open_value: bool = Field(False, description="A coupon for any number of points.")
    worth: Amount | None = Field(None, description="What one is worth.")
    stock: Annotated[int, Field(ge=0, le=POINTS_MAX, strict=True)] | None = Field(
        None, description="How many there are to give away; without it they cannot run out."
    )
    pooled: bool = Field(False, description="A coupon whose codes are imported into a pool.")
    low_water: Annotated[int, Field(ge=0, le=COUNT_MAX, strict=True)] | None = Field(
        None, description="Number of codes left in the pool at which staff are notified."
    )
    units: Annotated[int, Field(gt=0, le=UNITS_MAX, strict=True)] | None = Field(
        None, description="How many of its partner's units, as miles, one gives."
    )
    unit: Words | None = Field(None, description="What those units are called.")
    partner: (
        Annotated[str, StringConstraints(min_length=1, max_length=PARTNER_CODE_CHARACTERS_MAX)]
        | None
    ) = Field(None, description="Code of the partner that alone delivers it.")
    minimum_tier: Code | None = Field(None, description="The lowest tier that may have it.")
    per_member_limit: Count | None = Field(None, description="How many one member may have.")
    active: bool = Field(True, description="Whether it is on offer at all.")
    valid_from: date | None = Field(None, description="The first local day of the offer.")
    valid_until: date | None = Field(None, description="The last local day of the offer.")
    image_url: Url | None = Field(None, description="A picture of it.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind != "coupon" and (self.open_value or self.pooled):
            raise ValueError("only a coupon can be of open value or have a pool of codes")
        if self.open_value and self.worth is not None:
            raise ValueError("an open value is worth what its points are: leave `worth` out")
        if self.pooled and self.stock is not None:
            raise ValueError("the stock of a pool are its codes: leave `stock` out")
        if self.low_water is not None and not self.pooled:
            raise ValueError("`low_water` is of a pool of codes")
        if (self.kind == "partner") != (self.units is not None and self.unit is not None):
            raise ValueError("`units` and `unit` say what a reward of kind partner gives")
        if self.kind != "partner" and (self.units is not None or self.unit is not None):
            raise ValueError("`units` and `unit` are of a reward of kind partner")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("the offer ends before it begins")
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
        return Offers.model_validate(reader.read(text))
    except ValidationError as error:
        raise PolicyInvalid(tuple(_faults(error))) from None


def _faults(error: ValidationError) -> Iterable[PolicyFault]:
    for fault in error.errors():
        yield PolicyFault(".".join(map(str, fault["loc"])) or "$", fault["msg"])

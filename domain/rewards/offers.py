"""Offers: the rewards of a programme in one validated file beside its policy."""

import pathlib
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from domain.programmes import reader, trees
from domain.programmes.nodes import POINTS_MAX, Amount, Code, Day, Flag, Node, Points, Words
from domain.programmes.refusals import FaultCode, Path, PolicyFault

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "programmes" / "documents" / "rewards"
UNITS_MAX = 10_000_000
"""Most units of a partner for one reward."""

PARTNER_CODE_CHARACTERS_MAX = 64
COUNT_MAX = 2**31 - 1
VALID_DAYS_MAX = 3650
PRODUCTS_MAX = 100

Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)]
Count = Annotated[int, Field(gt=0, le=COUNT_MAX, strict=True)]


class Offer(Node):
    """One reward: its list price in points, its worth in the programme's currency."""

    code: Code = Field(description="Stable code of the reward, for programs.")
    kind: Literal["coupon", "service", "product", "partner"] = Field(
        description="Kind of reward: a coupon is issued at once, all others are delivered; it "
        "never changes."
    )
    name: Words
    description: Words
    points: Points = Field(
        description="List price of one unit; 0 if it is only given by grants and never redeemed."
    )
    open_value: Flag = Field(False, description="A coupon for any number of points.")
    worth: Amount | None = Field(None, description="Worth of one unit.")
    stock: Annotated[int, Field(ge=0, le=POINTS_MAX, strict=True)] | None = Field(
        None, description="Number of units in stock; without it, they cannot run out."
    )
    pooled: Flag = Field(False, description="A coupon whose codes are imported into a pool.")
    low_water: Annotated[int, Field(ge=0, le=COUNT_MAX, strict=True)] | None = Field(
        None, description="Number of codes left in the pool at which staff are notified."
    )
    units: Annotated[int, Field(gt=0, le=UNITS_MAX, strict=True)] | None = Field(
        None, description="Number of its partner's units, such as miles, that one unit gives."
    )
    unit: Words | None = Field(None, description="Name of the partner's units.")
    partner: (
        Annotated[str, StringConstraints(min_length=1, max_length=PARTNER_CODE_CHARACTERS_MAX)]
        | None
    ) = Field(None, description="Code of the only partner that delivers it.")
    minimum_tier: Code | None = Field(None, description="Lowest tier that may redeem it.")
    per_member_limit: Count | None = Field(None, description="Largest number for one member.")
    active: Flag = Field(True, description="Whether it is on offer.")
    valid_from: Day | None = Field(None, description="The first local day of the offer.")
    valid_until: Day | None = Field(None, description="The last local day of the offer.")
    image_url: Url | None = Field(None, description="URL of a picture.")
    theme: Code | None = Field(None, description="Theme under which it is shown.")
    cost: Amount | None = Field(
        None, description="Amount that its partner is paid for delivering one unit."
    )
    minimum_spend: Amount | None = Field(
        None, description="Smallest total price of the booking lines that the coupon applies to."
    )
    products: Annotated[tuple[Code, ...], Field(min_length=1, max_length=PRODUCTS_MAX)] | None = (
        Field(None, description="Products that the coupon applies to; without it, all.")
    )
    valid_days: Annotated[int, Field(gt=0, le=VALID_DAYS_MAX, strict=True)] | None = Field(
        None,
        description="Number of days after its issue for which a code is valid, if it has no "
        "end of its own.",
    )
    transferable: Flag = Field(
        True, description="Whether a member other than the one who received the code may use it."
    )
    requires: Literal["address", "appointment"] | None = Field(
        None, description="Details of the recipient that are needed for the delivery."
    )


class Offers(Node):
    programme: Code
    rewards: tuple[Offer, ...]


def shipped(programme: str) -> Offers | None:
    """The offers that ship for the programme of this code; None without any.

    Raises: PolicyInvalid.
    """
    path = FOLDER / f"{programme}.yaml"
    return parse(path.read_text(encoding="utf-8")) if path.exists() else None


def parse(text: str) -> Offers:
    """Raises: PolicyInvalid with every fault, its line and its path."""
    return reader.parse_as(Offers, text, _contradictions)


def validate(tree: Any) -> Offers:
    """The same of values. Raises: PolicyInvalid with every fault and its path."""
    return reader.validate_as(Offers, tree, _contradictions)


def _contradictions(tree: Any) -> Iterator[PolicyFault]:
    """Contradictions in an offer."""
    yield from trees.repeated(trees.codes(tree, "rewards"))
    for where, offer in trees.items(tree, "rewards"):
        if isinstance(offer, dict):
            yield from _of_coupons(offer, where)
            yield from trees.repeated(trees.texts(tree, *where, "products"))
            yield from _of_terms(offer, where)
            yield from _of_partners(offer, where)
            # days as text in a file, as such in a call
            first, last = (str(offer.get(name) or "") for name in ("valid_from", "valid_until"))
            if first and last and last < first:
                yield PolicyFault(FaultCode.BACKWARDS, (*where, "valid_from"), first, last)


def _of_coupons(offer: dict[str, Any], where: Path) -> Iterator[PolicyFault]:
    opened, pooled = offer.get("open_value") is True, offer.get("pooled") is True
    for name, given in (("open_value", opened), ("pooled", pooled)):
        if given and offer.get("kind") != "coupon":
            yield PolicyFault(FaultCode.COUPON_ONLY, (*where, name))
    if opened and offer.get("worth") is not None:
        yield PolicyFault(FaultCode.OPEN_WORTH, (*where, "worth"), offer["worth"])
    if offer.get("kind") == "coupon" and _NOTHING.fullmatch(str(offer.get("worth"))):
        yield PolicyFault(FaultCode.ABOVE, (*where, "worth"), str(offer["worth"]), "0")
    if opened and offer.get("points") == 0:
        yield PolicyFault(FaultCode.OPEN_POINTS, (*where, "points"))
    if pooled and offer.get("stock") is not None:
        yield PolicyFault(FaultCode.POOL_STOCK, (*where, "stock"), offer["stock"])
    if offer.get("low_water") is not None and not pooled:
        yield PolicyFault(FaultCode.LOW_WATER, (*where, "low_water"), offer["low_water"])


_NOTHING = re.compile(r"0+(?:\.0+)?")
"""No money, as a number or a text says it: a coupon of it takes nothing off."""


def _of_terms(offer: dict[str, Any], where: Path) -> Iterator[PolicyFault]:
    """What only a coupon has, and what has to be known for deliveries only."""
    given = [name for name in _COUPON_TERMS if offer.get(name) is not None]
    if offer.get("transferable") is False:
        given.append("transferable")
    if offer.get("kind") != "coupon":
        for name in given:
            yield PolicyFault(FaultCode.COUPON_TERMS, (*where, name), name, of_key=True)
    if offer.get("kind") in ("coupon", "partner") and offer.get("requires") is not None:
        yield PolicyFault(FaultCode.REQUIRES_DELIVERY, (*where, "requires"), offer["requires"])


_COUPON_TERMS = ("minimum_spend", "products", "valid_days")


def _of_partners(offer: dict[str, Any], where: Path) -> Iterator[PolicyFault]:
    for name in ("units", "unit"):
        given = offer.get(name) is not None
        if offer.get("kind") == "partner" and not given:
            yield PolicyFault(FaultCode.UNITS_MISSING, (*where, name), name)
        if offer.get("kind") != "partner" and given:
            yield PolicyFault(FaultCode.UNITS_OF_PARTNER, (*where, name), name, of_key=True)

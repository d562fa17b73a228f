"""Experiments: which members are judged by which other values of the document, and for how long."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from domain.programmes.nodes import Amount, Code, Day, Node, Words

EXPERIMENTS_MAX = 10
VARIANTS_MIN, VARIANTS_MAX = 2, 5
SETTINGS_MAX = 20

Metric = Literal["conversion", "repurchase", "redemption", "cash"]

_NUMBER = re.compile(r"-?\d+\.\d+", re.ASCII)


def _setting(value: object) -> object:
    """A stored document has its decimals as texts, and no field that may be set takes such a text
    for anything else.
    """
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


Setting = Annotated[
    str | bool | int | Decimal,
    BeforeValidator(_setting),
    WithJsonSchema({"type": ["string", "boolean", "number"]}),
]
"""A single value that a field of the document has in a variant."""

FieldPath = Annotated[str, StringConstraints(min_length=1, max_length=300)]
"""A field by its path, dotted; things in lists by their codes."""


class Variant(Node):
    """Members for whom the document applies with these values."""

    code: Code
    name: Words | None = None
    weight: Annotated[int, Field(ge=1, le=99, strict=True)] = Field(
        description="Share of the experiment's members, in percent; all shares add up to 100."
    )
    set: dict[FieldPath, Setting] = Field(
        default_factory=dict,
        max_length=SETTINGS_MAX,
        description="Values by field: the key is the field's path in the document, with list "
        "items named by their codes.",
    )


class Experiment(Node):
    """Variants of the document to compare; the first is the control."""

    code: Code
    name: Words | None = None
    from_: Day = Field(alias="from", description="First day.")
    until: Day = Field(description="Last day.")
    coverage: Annotated[int, Field(ge=1, le=100, strict=True)] = Field(
        100, description="Share of all members who take part, in percent."
    )
    metric: Metric = Field(description="Metric that is compared, for each participating member.")
    days: Annotated[int, Field(ge=1, le=730, strict=True)] = Field(
        description="Days after a member's first exposure within which its facts count."
    )
    budget: Annotated[Amount, Field(gt=0)] | None = Field(
        None,
        description="Cost beyond the control's at which the experiment ends, in the programme's "
        "currency; without it there is no limit.",
    )
    variants: tuple[Variant, ...] = Field(min_length=VARIANTS_MIN, max_length=VARIANTS_MAX)

    @property
    def control(self) -> Variant:
        return self.variants[0]

    @property
    def fields(self) -> tuple[str, ...]:
        """What any of its variants sets."""
        return tuple(dict.fromkeys(path for variant in self.variants for path in variant.set))

"""Nodes: what every part of a policy document is made of, and the values in it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

POINTS_MAX = 10**12
"""The largest number of points that any one rule may name."""


LOCALES = ("zh-CN", "en")
"""Languages that every text of a programme is written in."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Points = Annotated[int, Field(ge=0, le=POINTS_MAX, strict=True)]
ReporterKind = Literal["member", "partner", "staff"]
Period = Literal["day", "month", "year", "member"]


def _exact_decimal(value: object) -> object:
    """YAML reads 1.2 as a float: its shortest text is what the author wrote."""
    return str(value) if isinstance(value, float) else value


Rate = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=0, le=Decimal(1_000_000), decimal_places=6, allow_inf_nan=False),
]
Factor = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=1, le=Decimal(1_000), decimal_places=6, allow_inf_nan=False),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=0, le=Decimal(10**11), decimal_places=4, allow_inf_nan=False),
]


class Node(BaseModel):
    """A part of the document: immutable, and a misspelt key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Node):
    """One text in every language of the programme."""

    zh_cn: Text = Field(alias="zh-CN")
    en: Text

    def in_locale(self, locale: str) -> str:
        return self.zh_cn if locale.lower().startswith("zh") else self.en

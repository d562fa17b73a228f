"""Benefits: what members may use besides points, and how often, by level.

A level describes a benefit in words only, or names one that the document declares, whose uses are
recorded.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from domain.programmes import trees
from domain.programmes.nodes import BY_TERMS, BY_WORD, Code, Node, Words
from domain.programmes.refusals import FaultCode, PolicyFault
from domain.programmes.trees import codes, defined, items, value

BENEFITS_MAX = 50
"""Most benefits that a document may declare, and that a level may list."""

USES_MAX = 10_000


class Benefit(Node):
    """Something that a member may use: a lounge visit, a breakfast."""

    code: Code
    name: Words


class LevelBenefit(Node):
    """A declared benefit that a level gives, and how often."""

    benefit: Code
    uses: Annotated[int, Field(ge=1, le=USES_MAX, strict=True)] | None = Field(
        None, description="Number of uses in each period; without it, any number."
    )
    per: Literal["year", "month"] | None = Field(
        None, description="Local calendar year or month, after which the uses start again."
    )


def words_or_terms(found: object) -> str:
    """Discriminator: a benefit in words only, or a declared one."""
    terms = isinstance(found, LevelBenefit) if isinstance(found, BaseModel) else _has_terms(found)
    return BY_TERMS if terms else BY_WORD


def _has_terms(found: object) -> bool:
    return isinstance(found, dict) and not found.keys().isdisjoint(LevelBenefit.model_fields)


def faults(tree: Any) -> Iterator[PolicyFault]:
    """Contradictions about benefits in a document."""
    yield from trees.repeated(codes(tree, "benefits"))
    declared = defined(tree, codes(tree, "benefits"), "benefits")
    for level, _ in items(tree, "tiers", "levels"):
        listed = list(items(tree, *level, "benefits"))
        named = [((*at, "benefit"), value(one, "benefit")) for at, one in listed]
        found = [(at, code) for at, code in named if isinstance(code, str)]
        yield from trees.undefined(found, declared)
        yield from trees.repeated(found)
        for at, one in listed:
            for name, other in (("uses", "per"), ("per", "uses")):
                if value(one, name) is not None and value(one, other) is None:
                    yield PolicyFault(FaultCode.USES_PER, (*at, name), name, other, of_key=True)

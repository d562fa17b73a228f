"""What a mutation's decorator asks of its resolver; how it answers is seen on the real schema."""

import pytest
import strawberry

from api.kit.context import Info
from api.kit.mutations import Payload, mutation


@strawberry.type(description="Result of doing it.")
class DonePayload(Payload):
    pass


async def answers_nothing(self: object, info: Info) -> None:
    """Nobody could be told of a problem."""


async def answers_always(self: object, info: Info) -> DonePayload:
    """A failure would void what other mutations of the operation have answered."""
    return DonePayload()


@pytest.mark.parametrize("resolver", [answers_nothing, answers_always])
def test_a_mutation_answers_a_payload_or_null(resolver: object) -> None:
    with pytest.raises(TypeError, match="has to answer a payload or None"):
        mutation("Do it.")(resolver)  # type: ignore[type-var]

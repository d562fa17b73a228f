"""Mutations: each answers its own payload, with its result or with the problem that stopped it."""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, cast, get_args

import strawberry

from api.kit.context import Info
from api.kit.loaders import Loaders
from api.kit.problems import Problem, problem_for
from domain.kernel.callers import CallerKind
from domain.kernel.database import leave_snapshot
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import ConcurrentRequest, Refusal
from domain.members import identity
from domain.members.identity import MemberKey
from domain.members.refusals import MemberSuspended


@strawberry.type(description="Fields of every mutation's payload.")
class Payload:
    errors: list[Problem] = strawberry.field(
        default_factory=list,
        description="Problems because of which the mutation was refused and changed nothing; "
        "empty when it succeeded.",
    )
    replayed: bool = strawberry.field(
        default=False,
        description="Whether the request had already been carried out, under the same key and "
        "with the same input.",
    )


R = TypeVar("R", bound=Callable[..., Awaitable[Payload | None]])


def mutation(description: str, *, deprecated: str | None = None) -> Callable[[R], R]:
    """`@mutation("Do the work.") async def verb(self, info: Info, input: …) -> VerbPayload | None`

    The resolver uses no data read by an earlier mutation of the same operation: they may have
    changed since. The payload is read after the commit, of one instant. Where the resolver raises a
    refusal of the domain, the answer is its payload with that problem and nothing else.

    Raises: TypeError for a resolver whose annotation names no payload.
    """

    def decorate(resolver: R) -> R:
        answering = _answering(resolver)
        return cast(
            R,
            strawberry.mutation(answering, description=description, deprecation_reason=deprecated),
        )

    return decorate


def _answering(
    resolver: Callable[..., Awaitable[Payload | None]],
) -> Callable[..., Awaitable[Payload | None]]:
    payload = _payload_of(resolver)

    @wraps(resolver)
    async def answer(self: object, info: Info, **arguments: Any) -> Payload | None:
        info.context.loaders = Loaders(info.context.caller)
        await leave_snapshot()
        try:
            return await resolver(self, info, **arguments)
        except Refusal as error:
            told = await _as_it_stands(info, error)
            return payload(errors=[await problem_for(info, told, arguments.get("input"))])

    return answer


async def _as_it_stands(info: Info, error: Refusal) -> Refusal:
    """The refusal; if the calling member was merged since its token was read, its ended membership
    is no refusal: a repetition acts for the member that it was merged into.
    """
    caller = info.context.caller
    if not isinstance(error, MemberSuspended) or caller.kind is not CallerKind.MEMBER:
        return error
    key = MemberKey(LookupScope.REFERENCE, caller.identity)
    found = await identity.find(caller.programme_id, key)
    return error if found in (None, caller.member_id) else ConcurrentRequest(path=error.path)


def _payload_of(resolver: Callable[..., object]) -> type[Payload]:
    """The payload that the resolver's annotation names, as `VerbPayload | None`."""
    answers = signature(resolver).return_annotation
    named = [one for one in get_args(answers) if isinstance(one, type) and issubclass(one, Payload)]
    if len(named) != 1 or type(None) not in get_args(answers):
        raise TypeError(f"{resolver.__qualname__} has to answer a payload or None, not {answers!r}")
    return named[0]

"""Changes from one policy to another, and the sources of the compared policies."""

import asyncio
from typing import Annotated
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.fields import field
from api.kit.request_errors import RequestError, RequestErrorCode
from api.policy_sources import PolicySource, to_source
from api.wording.change_words import change_text, written
from api.wording.words import InLocale, language
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.refusals import NotFound
from domain.programmes import changes, sources
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.programmes.reader import parse
from domain.programmes.refusals import PolicyInvalid
from domain.programmes.sources import OfVersion, Source


@strawberry.type(description="One value that differs between two policies.")
class PolicyChange:
    path: str = strawberry.field(
        description="Place in the document, with dots between its parts; a rule, tier or season "
        "is named by its code."
    )
    before: str | None = strawberry.field(
        description="Value before, as written in the document, or as JSON when it has parts; null "
        "when there was none."
    )
    after: str | None = strawberry.field(
        description="Value after, likewise; null when there is none."
    )
    change: strawberry.Private[changes.Change]
    policies: strawberry.Private[tuple[Policy, Policy]]

    @field("The change in a sentence.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return change_text(self.change, *self.policies, language(info, locale))


REMEMBERED_MAX = 64

_found: dict[tuple[UUID, UUID], list[PolicyChange]] = {}


def compared(before: Policy, after: Policy) -> list[PolicyChange]:
    return [
        PolicyChange(
            path=one.path,
            before=written(one.before),
            after=written(one.after),
            change=one,
            policies=(before, after),
        )
        for one in changes.changes(before, after)
    ]


def changes_of_versions(programme: Programme, before: int, after: int) -> list[PolicyChange]:
    """Changes between two published versions: computed once, as neither ever changes.

    Raises: RequestError for a number without a version.
    """
    older, newer = _version(programme, before), _version(programme, after)
    key = (older.id, newer.id)
    if key not in _found:
        if len(_found) >= REMEMBERED_MAX:
            _found.clear()
        _found[key] = compared(older.policy, newer.policy)
    return _found[key]


def _version(programme: Programme, number: int) -> Version:
    found = next((one for one in programme.versions if one.number == number), None)
    if found is None:
        last = programme.versions[-1].number
        message = f"There is no version {number}; the last is {last}."
        raise RequestError(RequestErrorCode.BAD_USER_INPUT, message)
    return found


async def _policy(info: Info, source: Source) -> Policy:
    """Raises: NotFound, PolicyInvalid."""
    programme = info.context.programme
    if isinstance(source, OfVersion):
        # a version that an earlier release took is compared as it is
        found = next((one for one in programme.versions if one.number == source.number), None)
        if found is not None:
            return found.policy
    text = await sources.read(programme.id, source)
    # reading a long document takes a while, in which others are answered
    return await asyncio.to_thread(parse, text)


def shown_to(caller: Caller, found: list[PolicyChange]) -> list[PolicyChange]:
    """The changes that the caller may see: rules against fraud are only for staff."""
    if caller.kind is CallerKind.STAFF:
        return found
    return [one for one in found if one.change.at[0].key != "risk"]


@strawberry.type
class PolicyChangesQuery:
    @field(
        "Changes from one policy document to another, in the order of the newer one; null when "
        "either has faults or does not exist."
    )
    async def diff_policy(
        self,
        info: Info,
        from_: Annotated[
            PolicySource, strawberry.argument(name="from", description="Document before.")
        ],
        to: Annotated[PolicySource, strawberry.argument(description="Document after.")],
    ) -> list[PolicyChange] | None:
        try:
            return compared(
                await _policy(info, to_source(from_)), await _policy(info, to_source(to))
            )
        except (NotFound, PolicyInvalid):
            return None

"""Published versions of the policy, as staff see them, and publishing the next one."""

from datetime import datetime
from uuid import UUID

import strawberry

from api.kit.connections import Connection, Edge, Listing, Start
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.relay import Node, to_global_id
from api.policy_drafts import draft_named
from api.proposals import Proposal, proposal_of
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.refusals import InvalidInput
from domain.lint import lint
from domain.programmes import publications, sources
from domain.programmes.publications import Publication
from domain.programmes.sources import OfVersion, Source

VERSION_TYPE = "PolicyVersion"

WAYS = ("document", "draft", "version")
"""The ways to say which text is meant."""


@strawberry.type(description="Published version of the policy.")
class PolicyVersion(Node):
    number: int = strawberry.field(description="Number of the version, from 1 without gaps.")
    effective_from: datetime | None = strawberry.field(
        description="Instant from which the version is in force, unless a later version has the "
        "same instant; null for the first version, which was always in force."
    )
    published_at: datetime = strawberry.field(
        description="Instant at which the version was published."
    )
    published_by: str = strawberry.field(
        description="Person or system that published the version, or proposed it where another "
        "person had to approve it."
    )
    approved_by: str | None = strawberry.field(
        description="Person who approved it; null when the version in force at that time required "
        "no approval."
    )
    note: str = strawberry.field(
        description="Reason given for the change; empty when none was given."
    )
    own_id: strawberry.Private[UUID]

    @field(
        "Text of the version's document, as it was written; for versions older than the keeping "
        "of texts, their document in YAML without comments."
    )
    async def document(self, info: Info) -> str:
        return await info.context.loaders.load(_texts, self.own_id)


@strawberry.type(description="One row of the list of versions.")
class PolicyVersionEdge(Edge[PolicyVersion]):
    pass


@strawberry.type(description="One page of versions.")
class PolicyVersionConnection(Connection[PolicyVersionEdge]):
    pass


LISTING: Listing[Publication, PolicyVersionConnection] = Listing(
    "policy versions",
    PolicyVersionConnection,
    PolicyVersionEdge,
    (int,),
    lambda row: (row.number,),
)


async def _texts(_: Caller, version_ids: list[UUID]) -> list[str]:
    found = await sources.of_versions(version_ids)
    return [found[version_id] for version_id in version_ids]


def _to_version(row: Publication) -> PolicyVersion:
    return PolicyVersion(
        id=to_global_id(VERSION_TYPE, row.id),
        number=row.number,
        effective_from=row.effective_from,
        published_at=row.published_at,
        published_by=row.published_by,
        approved_by=row.approved_by,
        note=row.note,
        own_id=row.id,
    )


async def load_version(info: Info, version_id: UUID) -> PolicyVersion | None:
    """The version of this id; None to anybody but staff."""
    if info.context.caller.kind is not CallerKind.STAFF:
        return None
    row = await publications.get(info.context.programme.id, version_id)
    return _to_version(row) if row else None


async def page_of_versions(
    info: Info, first: int | None, after: str | None
) -> PolicyVersionConnection:
    programme_id = info.context.programme.id
    sees = info.context.caller.kind is CallerKind.STAFF

    async def rows(limit: int, start: Start) -> list[Publication]:
        return await publications.page(programme_id, limit=limit, after=start) if sees else []

    async def count() -> int:
        return await publications.count(programme_id) if sees else 0

    return await LISTING.page(first, after, rows=rows, node=_to_version, count=count)


@strawberry.input(
    description="Next version of the programme's policy; exactly one of `document`, `draft` "
    "and `version` is given."
)
class PublishPolicyInput(KeyedInput):
    document: str | None = strawberry.field(
        default=None, description="Complete policy document, in YAML or JSON."
    )
    draft: strawberry.ID | None = strawberry.field(
        default=None,
        description="Global id of a draft whose text is published; the draft stays.",
    )
    version: int | None = strawberry.field(
        default=None,
        description="Number of an earlier version whose text is published again: a rollback.",
    )
    effective_from: datetime | None = strawberry.field(
        default=None,
        description="Instant from which the version is in force, inclusive; defaults to now.",
    )
    note: str | None = strawberry.field(
        default=None, description="Reason for the change, kept in the policy's history."
    )
    accept: list[str] | None = strawberry.field(
        default=None,
        description="Findings of level ERROR to accept, so that they do not prevent publishing, "
        f"each as `CODE@path`; at most {lint.ACCEPTED_MAX}.",
    )


@strawberry.type(description="Result of publishing a policy.")
class PublishPolicyPayload(Payload):
    version: int | None = strawberry.field(
        default=None,
        description="Number of the new version; null when refused, and when the request became a "
        "proposal.",
    )
    proposal: Proposal | None = strawberry.field(
        default=None,
        description="Proposal that the request became, as it stands now; null when refused, and "
        "when the policy in force lets one person publish alone.",
    )


def _source(input: PublishPolicyInput) -> Source:
    """Raises: InvalidInput unless exactly one is given, NotFound."""
    if sum(one is not None for one in (input.document, input.draft, input.version)) != 1:
        raise InvalidInput("one_of", allowed=WAYS, path=("document",))
    if input.draft is not None:
        return draft_named(str(input.draft))
    if input.version is not None:
        return OfVersion(input.version)
    return input.document or ""


@strawberry.type
class PoliciesMutation:
    @mutation(
        "Publish the next version of the policy; a published version never changes. A version "
        "that is not in force yet is withdrawn by publishing another from the same instant. If "
        "the policy in force requires a second person, the request becomes a proposal instead."
    )
    async def publish_policy(
        self, info: Info, input: Sent[PublishPolicyInput]
    ) -> PublishPolicyPayload | None:
        outcome = await lint.publish(
            request(info, input),
            _source(input),
            effective_from=input.effective_from,
            note=input.note or "",
            accept=tuple(input.accept or ()),
        )
        return PublishPolicyPayload(
            version=outcome.figures.get("version"),
            proposal=await proposal_of(info, outcome),
            replayed=outcome.replayed,
        )

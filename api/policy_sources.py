"""Sources of a policy document that an operation uses."""

import strawberry

from api.kit.context import Info
from api.policy_drafts import draft_named
from domain.programmes import sources
from domain.programmes.sources import OfVersion, Source


@strawberry.input(
    one_of=True, description="One way to name a policy document; exactly one field is given."
)
class PolicySource:
    document: str | None = strawberry.field(
        default=strawberry.UNSET, description="Complete policy document, in YAML or JSON."
    )
    draft: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Global id of a draft."
    )
    version: int | None = strawberry.field(
        default=strawberry.UNSET, description="Number of a published version."
    )


def to_source(source: PolicySource) -> Source:
    """Raises: NotFound for an id of no draft."""
    if source.draft is not strawberry.UNSET:
        return draft_named(str(source.draft))
    if isinstance(source.version, int):
        return OfVersion(source.version)
    return str(source.document)


async def text_of(info: Info, source: PolicySource) -> str:
    """The document's text. Raises: NotFound."""
    return await sources.read(info.context.programme.id, to_source(source))

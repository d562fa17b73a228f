"""Where a policy document comes from that an operation is about."""

import strawberry


@strawberry.input(
    one_of=True, description="One way to name a policy document; exactly one field is given."
)
class PolicySource:
    document: str | None = strawberry.field(
        default=strawberry.UNSET, description="Complete policy document, in YAML or JSON."
    )


async def text_of(source: PolicySource) -> str:
    """The document's text."""
    return str(source.document)

"""Faults of documents as clients see them: each with its place, and in the reader's words."""

import strawberry

from api.wording.fault_words import fault_text, value_text
from domain.programmes import refusals


@strawberry.type(description="One fault in a policy document.")
class PolicyFault:
    code: str = strawberry.field(description="Stable code of the fault's kind.")
    path: str = strawberry.field(description="Place in the document.")
    line: int | None = strawberry.field(
        description="Line of the document, from 1; null where the fault has no single place."
    )
    column: int | None = strawberry.field(
        description="Column of the line, from 1; null where the fault has no single place."
    )
    rule: str | None = strawberry.field(
        description="Code of the rule, tier, season or reward at fault; null outside of them."
    )
    value: str | None = strawberry.field(
        description="Value found, shortened; null for a list, for keys with values, and for none."
    )
    suggestion: str | None = strawberry.field(
        description="Value that was likely meant; null where nothing is close."
    )
    message: str = strawberry.field(description="The fault in words, in the reader's language.")


def worded(fault: refusals.PolicyFault, language: str) -> PolicyFault:
    return PolicyFault(
        code=fault.code.value,
        path=fault.path,
        line=fault.line,
        column=fault.column,
        rule=fault.rule,
        value=value_text(fault.value),
        suggestion=fault.suggestion,
        message=fault_text(fault, language),
    )

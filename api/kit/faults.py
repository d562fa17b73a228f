"""Faults and findings of documents as GraphQL shows them."""

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.wording.fault_words import fault_text, value_text
from api.wording.messages import finding_text, template_fault_text
from api.wording.words import InLocale, language
from domain.notices import refusals as of_notices
from domain.programmes import refusals
from domain.programmes.refusals import FindingLevel

describe(
    FindingLevel,
    "Severity of a finding.",
    {
        FindingLevel.ERROR: "Prevents publishing, unless it is accepted by name.",
        FindingLevel.WARN: "Probably a mistake; does not prevent publishing.",
        FindingLevel.INFO: "Good to know.",
    },
)


@strawberry.type(description="One fault in a policy document.")
class PolicyFault:
    code: str = strawberry.field(description="Stable code of the fault's kind.")
    path: str = strawberry.field(description="Place in the document.")
    line: int | None = strawberry.field(
        description="Line of the document, from 1; null when the fault has no single place."
    )
    column: int | None = strawberry.field(
        description="Column of the line, from 1; null when the fault has no single place."
    )
    rule: str | None = strawberry.field(
        description="Code of the rule, tier, season or reward at fault; null when the fault is in "
        "none of them."
    )
    value: str | None = strawberry.field(
        description="Value found, shortened; null for a list, for keys with values, and when "
        "there is no value."
    )
    suggestion: str | None = strawberry.field(
        description="Value that was probably meant; null when no known value is close."
    )
    message: str = strawberry.field(description="The fault in words, in the reader's language.")


@strawberry.type(description="One fault in the text of a notice.")
class TemplateFault:
    code: str = strawberry.field(description="Stable code of the fault's kind.")
    part: str = strawberry.field(description="Part of the text: subject or body.")
    line: int | None = strawberry.field(
        description="Line of the part, from 1; null when the fault has no single place."
    )
    value: str | None = strawberry.field(description="Text at fault; null when there is none.")
    message: str = strawberry.field(description="The fault in words, in the reader's language.")


@strawberry.type(description="Part of a valid policy document that is probably a mistake.")
class Finding:
    level: FindingLevel = strawberry.field(description="Severity of the finding.")
    code: str = strawberry.field(description="Stable code of the finding's kind.")
    path: str = strawberry.field(
        description="Place in the document, with rules and seasons named by their codes; "
        "`CODE@path` accepts the finding."
    )
    found: strawberry.Private[refusals.Finding]

    @field("The finding in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return finding_text(self.found, language(info, locale))


def shown(found: refusals.Finding) -> Finding:
    return Finding(level=found.level, code=found.code.value, path=found.path, found=found)


def worded(fault: refusals.PolicyFault, reader: str) -> PolicyFault:
    return PolicyFault(
        code=fault.code.value,
        path=fault.path,
        line=fault.line,
        column=fault.column,
        rule=fault.rule,
        value=value_text(fault.value),
        suggestion=fault.suggestion,
        message=fault_text(fault, reader),
    )


def worded_template(fault: of_notices.TemplateFault, reader: str) -> TemplateFault:
    return TemplateFault(
        code=fault.code.value,
        part=fault.part,
        line=fault.line,
        value=fault.value,
        message=template_fault_text(fault, reader),
    )

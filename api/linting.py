"""Findings in a policy document before it is published, and the bound of its return."""

import asyncio
from decimal import Decimal
from typing import Annotated

import strawberry

from api.balances import learn_language
from api.kit.context import Info
from api.kit.faults import Finding, PolicyFault, shown, worded
from api.kit.fields import field
from api.kit.request_errors import RequestError, RequestErrorCode
from api.policy_sources import PolicySource, text_of
from api.wording.messages import problem_message
from api.wording.witness_words import witness_text
from api.wording.words import InLocale, language
from domain.kernel import dates
from domain.kernel.refusals import NotFound
from domain.lint import lint, returns
from domain.lint.witness import Witness
from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.refusals import PolicyInvalid
from domain.rewards import catalogue


@strawberry.type(
    description="Result of checking a policy document: its faults, or its findings and maximum "
    "return."
)
class PolicyLint:
    findings: list[Finding] = strawberry.field(
        description="Findings, those that prevent publishing first; empty when there are faults."
    )
    faults: list[PolicyFault] = strawberry.field(
        description="Faults, which make the document invalid; empty when it is valid."
    )
    maximum_return: Decimal | None = strawberry.field(
        description="Largest return of any booking of `target_return.basket` or more, in percent "
        "of its amount, including discounts, rounded up to "
        f"{lint.PERCENT_DECIMALS} decimals; null without `target_return`."
    )
    best: strawberry.Private[tuple[Policy, Witness] | None] = None

    @field(
        "Booking of one line with the largest return, and that return, in words; null without "
        f"`target_return`, and for a document with more than {returns.CELLS_MAX} cells."
    )
    def witness(self, info: Info, locale: InLocale = None) -> str | None:
        return witness_text(*self.best, language(info, locale)) if self.best else None


@strawberry.type
class LintingQuery:
    @field(
        "Findings in a policy document, as if it took effect now; nothing is changed. Cells that "
        "no rule distinguishes count as one."
    )
    async def lint_policy(
        self,
        info: Info,
        source: Annotated[PolicySource, strawberry.argument(description="Document to check.")],
    ) -> PolicyLint:
        await learn_language(info)
        try:
            text = await text_of(info, source)
        except NotFound as refusal:
            message = problem_message(refusal, info.context.language)
            raise RequestError(RequestErrorCode.BAD_USER_INPUT, message) from None
        try:
            policy = await asyncio.to_thread(reader.parse, text)
        except PolicyInvalid as refusal:
            faults = [worded(fault, info.context.language) for fault in refusal.faults]
            return PolicyLint(findings=[], faults=faults, maximum_return=None)
        rewards = await catalogue.codes(info.context.programme.id)
        since = dates.local_date(info.context.now, policy.zone)
        found = await asyncio.to_thread(lint.lint, policy, since, rewards)
        return PolicyLint(
            findings=[shown(one) for one in found.findings],
            faults=[],
            maximum_return=found.maximum_return,
            best=(policy, found.witness) if found.witness else None,
        )

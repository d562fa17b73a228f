"""Explanation of an entry's points: the data of then, judged again step by step."""

from typing import Annotated

import strawberry

from api.kit import family
from api.kit.context import Info
from api.kit.fields import field
from api.kit.relay import from_global_id
from api.ledger import LedgerEntry, load_entry
from api.wording.words import ExplanationLine, explain, version_policy
from domain.bookings import rejudging


@strawberry.type(
    description="Computation of an entry's points, repeated from the entry's snapshot."
)
class Explanation:
    entry: LedgerEntry = strawberry.field(description="Entry that is explained.")
    steps: list[ExplanationLine] = strawberry.field(
        description="Steps in their order, in exact numbers: the result of each rule for each "
        "line, rounding, deductions by limits, caps and budgets, and bonuses. For a refund, the "
        "steps are about what remained of the booking."
    )
    variant: str | None = strawberry.field(
        description="Experiment and variant that applied, such as `earn_rate.b`; several are "
        "separated by commas; null for none."
    )
    reproduced: bool = strawberry.field(
        description="Whether each rule gives the points that were recorded for it; false is a "
        "fault, which `verify` also reports."
    )


@strawberry.type
class ExplainingQuery:
    @field(
        "Computation of an entry's points, from its facts and the policy that was applied. Null "
        "for an entry whose points no rule decided, such as a transfer, and when there is no "
        "entry that the caller may see."
    )
    async def explain(
        self,
        info: Info,
        entry: Annotated[strawberry.ID, strawberry.argument(description="Global id of the entry.")],
    ) -> Explanation | None:
        named = from_global_id(entry)
        if named is None or named.type_name != "LedgerEntry" or named.member_id is None:
            return None
        await family.know(info, named.member_id)
        if info.context.caller.is_stranger_to(named.member_id):
            return None
        found = await load_entry(info, (named.member_id, named.id))
        if found is None:
            return None
        programme = info.context.programme
        again = await rejudging.of_entry(programme, named.member_id, named.id)
        if again is None:
            return None
        policy = version_policy(programme, again.version_id)
        return Explanation(
            entry=found,
            steps=explain(policy, again.evaluation.explanation),
            variant=", ".join(map(".".join, again.variants)) or None,
            reproduced=again.is_reproduced,
        )

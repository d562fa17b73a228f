"""Experiments: their results, and the mutation that ends one."""

from decimal import Decimal
from typing import Annotated

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import Money, money
from api.kpis import Ratio, to_ratio
from domain.experiments import statistics, stopping
from domain.insight import effects
from domain.insight.effects import ExperimentState
from domain.programmes import programmes

describe(
    ExperimentState,
    "State of an experiment.",
    {
        ExperimentState.RUNNING: "Members are assigned to variants, and their variant's rules "
        "apply.",
        ExperimentState.TOO_EARLY: "Its last day is over, but what its members do still counts.",
        ExperimentState.READ: "Everything that counts has happened, and the figures are shown.",
        ExperimentState.STOPPED: "It ended before its last day, by its budget or by staff, but "
        "what its members do still counts.",
        ExperimentState.SPLIT_BROKEN: "Members are not distributed by the weights of the "
        "variants, which by chance happens once in a thousand experiments: no result is shown.",
    },
)


@strawberry.type(
    description="Estimate, with a confidence interval. In 95 of 100 experiments, the intervals of "
    "all variants together contain the true values."
)
class Interval:
    estimate: Decimal = strawberry.field(description="Measured value.")
    low: Decimal = strawberry.field(description="Lower end of the interval.")
    high: Decimal = strawberry.field(description="Upper end of the interval.")
    proved: bool = strawberry.field(
        description="Whether the difference from zero is statistically proved."
    )


def to_interval(found: statistics.Interval | None) -> Interval | None:
    if found is None:
        return None
    return Interval(estimate=found.estimate, low=found.low, high=found.high, proved=found.proved)


@strawberry.type(description="A variant of an experiment; the first variant is the control.")
class VariantFigures:
    code: str = strawberry.field(description="Code of the variant.")
    members: int = strawberry.field(
        description="Number of members exposed to it, by a fact, quote or price to which it "
        "applied."
    )
    metric: Ratio | None = strawberry.field(
        description="Number of members for whom the metric is true, or their cash in units of the "
        "currency, divided by `members`; null until the experiment is READ."
    )
    difference: Interval | None = strawberry.field(
        description="Difference between the average per member and that of the control; null "
        "until the experiment is READ, for the control, and when there are too few members."
    )
    cost_per_extra: Interval | None = strawberry.field(
        description="Extra cost per additional member, or per additional unit of cash, in units "
        "of the currency; null unless the difference is proved."
    )


@strawberry.type(description="An experiment with some of the members.")
class Experiment:
    code: str = strawberry.field(description="Code of the experiment.")
    state: ExperimentState = strawberry.field(description="State of the experiment.")
    cost: Money = strawberry.field(
        description="Cost so far: worth of the points granted beyond what the control grants, and "
        "of the points by which prices were lowered."
    )
    budget: Money | None = strawberry.field(
        description="Cost at which the experiment ends; null for no limit."
    )
    variants: list[VariantFigures] = strawberry.field(
        description="Variants in the order of the policy document."
    )


def to_experiment(found: effects.Reading) -> Experiment:
    one, policy = found.experiment, found.policy
    budget = None if one.budget is None else policy.minor_units(one.budget)
    return Experiment(
        code=one.code,
        state=found.state,
        cost=money(round(found.cost), policy.currency),
        budget=None if budget is None else money(budget, policy.currency),
        variants=[
            VariantFigures(
                code=variant.code,
                members=variant.members,
                metric=None if variant.metric is None else to_ratio(variant.metric),
                difference=to_interval(variant.difference),
                cost_per_extra=to_interval(variant.cost_per_extra),
            )
            for variant in found.variants
        ],
    )


@strawberry.input(description="Experiment to end now.")
class StopExperimentInput(KeyedInput):
    experiment: str = strawberry.field(description="Code of the experiment.")
    reason: str = strawberry.field(description="Reason; it is kept.")


@strawberry.type(description="Result of ending an experiment.")
class StopExperimentPayload(Payload):
    experiment: Experiment | None = strawberry.field(
        default=None, description="Experiment as it stands; null when refused."
    )


@strawberry.type
class ExperimentsQuery:
    @field("Experiment with this code, from any policy version; null when there never was one.")
    async def experiment(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="Code of the experiment.")],
    ) -> Experiment | None:
        found = await effects.of(info.context.programme, code, info.context.now)
        return None if found is None else to_experiment(found)


@strawberry.type
class ExperimentsMutation:
    @mutation(
        "End an experiment before its last day: from now on the rules of the control apply to "
        "everybody, and what was already granted keeps its terms."
    )
    async def stop_experiment(
        self, info: Info, input: Sent[StopExperimentInput]
    ) -> StopExperimentPayload | None:
        outcome = await stopping.stop(
            request(info, input), info.context.programme, input.experiment, input.reason
        )
        programme = await programmes.get(info.context.programme.code)
        code = outcome.figures["experiment"]
        # a request just before the one that ended it also gets the answer that it has ended
        now = max(info.context.now, programme.stops[code])
        found = await effects.of(programme, code, now)
        return StopExperimentPayload(
            experiment=None if found is None else to_experiment(found), replayed=outcome.replayed
        )

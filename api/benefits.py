"""Benefits as members have them, and the mutations that record and return a use."""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

import strawberry

from api.balances import load_row
from api.kit import family
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, to_key
from api.kit.mutations import Payload, mutation
from api.wording.words import InLocale, benefit_name, current_policy, language
from domain.benefits import benefit_reads, benefits, quotas
from domain.benefits.benefits import UseSent
from domain.benefits.quotas import Allowance, Held
from domain.grants import perks
from domain.kernel import dates
from domain.kernel.idempotency import Outcome
from domain.members import members
from domain.members.statuses import MemberStatus


@strawberry.type(description="A benefit that a member has now.")
class MemberBenefit:
    code: str = strawberry.field(description="Stable code of the benefit.")
    uses: int | None = strawberry.field(
        description="Number of uses that the member's tier allows in the period; null when it "
        "allows any number."
    )
    used: int = strawberry.field(
        description="Number of uses in the period, or in the calendar year for a benefit without "
        "limit. A returned use does not count."
    )
    left: int | None = strawberry.field(
        description="Number of uses left, including uses given to the member in addition to those "
        "of its tier; null when there is no limit."
    )
    resets_at: datetime | None = strawberry.field(
        description="Instant at which the period ends and the uses start again; null when there "
        "is no period."
    )

    @field("Name of the benefit.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return benefit_name(info.context.programme, self.code, language(info, locale))


def to_benefit(found: Allowance) -> MemberBenefit:
    return MemberBenefit(
        code=found.benefit,
        uses=found.uses,
        used=found.used,
        left=found.left,
        resets_at=found.resets_at,
    )


async def load_benefits(info: Info, member: members.Member) -> list[MemberBenefit]:
    """All benefits that the member has now; a member who is not enrolled has none."""
    if member.status is not MemberStatus.ENROLLED:
        return []
    policy, now = current_policy(info), info.context.now
    held = await _held(info, await family.of(info, member))
    return [to_benefit(one) for one in quotas.allowances(policy, member.tier, held, now)]


async def load_benefit(info: Info, member_id: UUID, code: str) -> MemberBenefit | None:
    """One of them; null where the member does not have it now."""
    member = await load_row(info, member_id)
    found = await load_benefits(info, member) if member else []
    return next((one for one in found if one.code == code), None)


async def _held(info: Info, whose: Sequence[UUID]) -> Held:
    """Perks of a member and those merged into it, and their uses of this local year."""
    of_member, programme = info.context.loaders.of_member, info.context.programme
    since = dates.period_bounds(info.context.now, "year", current_policy(info).zone)[0]
    given = await gather(*(of_member(perks.of_members, one, programme) for one in whose))
    uses = await gather(*(of_member(benefit_reads.standing, one, since) for one in whose))
    return Held(list(chain(*given)), list(chain(*uses)))


@strawberry.input(description="Benefit that a member used.")
class UseBenefitInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Member who used it.")
    benefit: str = strawberry.field(description="Code of the benefit.")
    reference: str = strawberry.field(
        description="Caller's own reference for the use, 1 to 128 characters; a use is recorded at "
        "most once under it."
    )
    used_at: datetime | None = strawberry.field(
        default=None,
        description="Instant of the use; defaults to now. The tier and the rules of that instant "
        "apply.",
    )


@strawberry.type(description="Result of using a benefit.")
class UseBenefitPayload(Payload):
    benefit: MemberBenefit | None = strawberry.field(
        default=None,
        description="Benefit of the member as it is now; null when refused, and when the member "
        "does not have it any more.",
    )


@strawberry.input(description="Use of a benefit to return.")
class ReturnBenefitInput(KeyedInput):
    member: MemberBy = strawberry.field(description="Member who used it.")
    benefit: str = strawberry.field(description="Code of the benefit.")
    reference: str = strawberry.field(description="Reference under which the use was recorded.")


@strawberry.type(description="Result of returning a use of a benefit.")
class ReturnBenefitPayload(Payload):
    benefit: MemberBenefit | None = strawberry.field(
        default=None,
        description="Benefit of the member as it is now; null when refused, and when the member "
        "does not have it any more.",
    )


@strawberry.type
class BenefitsMutation:
    @mutation(
        "Record that a member used a benefit of its tier, or one that was given to it. Refunds, a "
        "lower tier or new rules do not undo a use."
    )
    async def use_benefit(
        self, info: Info, input: Sent[UseBenefitInput]
    ) -> UseBenefitPayload | None:
        member = to_key(input.member, ("member",))
        sent = UseSent(input.benefit, input.reference, input.used_at)
        outcome = await benefits.use(request(info, input), info.context.programme, member, sent)
        return UseBenefitPayload(
            benefit=await _after(info, outcome, input.benefit), replayed=outcome.replayed
        )

    @mutation("Return a use of a benefit; the member can use it again if the period has not ended.")
    async def return_benefit(
        self, info: Info, input: Sent[ReturnBenefitInput]
    ) -> ReturnBenefitPayload | None:
        member = to_key(input.member, ("member",))
        outcome = await benefits.give_back(
            request(info, input),
            info.context.programme,
            member,
            input.benefit,
            input.reference,
        )
        return ReturnBenefitPayload(
            benefit=await _after(info, outcome, input.benefit), replayed=outcome.replayed
        )


async def _after(info: Info, outcome: Outcome, code: str) -> MemberBenefit | None:
    return await load_benefit(info, outcome.member_id, code)

"""The list of claims to decide, and the mutations that make, withdraw and decide one."""

from datetime import date
from typing import Annotated

import strawberry

from api.balances import Balance, load_balance
from api.claims import to_claim_key
from api.grants import load_grants
from api.kit.connections import PAGE_DEFAULT, After, First
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import BookingLineInput, KeyedInput, MemberBy, Sent, request, subject, to_lines
from api.kit.loaders import Owned
from api.kit.mutations import Payload, mutation
from api.members import CLAIMS, Claim, ClaimConnection, to_claim
from api.payloads import load_shown
from api.proposals import GivingPayload, proposal_of
from domain.claims import claiming, claims, deciding
from domain.claims.claiming import DAILY_MAX, LINKS_MAX, OPEN_MAX, ClaimSent
from domain.claims.claims import ClaimStatus, Listing
from domain.claims.deciding import DecisionSent
from domain.kernel.idempotency import Outcome


async def load_claim(info: Info, key: Owned) -> Claim | None:
    row = await info.context.loaders.find(claims.by_ids, key)
    seen = row is not None and claims.is_there_for(info.context.caller, row)
    return to_claim(row) if row and seen else None


@strawberry.type
class ClaimsQuery:
    @field(
        "Claims that the caller may decide, oldest first: all for staff, and for a partner those "
        "that name it."
    )
    async def claims(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        status: Annotated[
            list[ClaimStatus] | None,
            strawberry.argument(description="Statuses to include; null means all."),
        ] = None,
    ) -> ClaimConnection:
        caller = info.context.caller
        named = caller.partner_id if caller.confined_to else None
        wanted = Listing(caller.programme_id, named, tuple(status or ()))
        return await CLAIMS.page(
            first,
            after,
            rows=lambda limit, start: claims.page(wanted, limit=limit, after=start),
            node=to_claim,
            count=lambda: claims.count(wanted),
        )


@strawberry.input(description="Booking for which a member received no points.")
class ClaimPointsInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member who booked; defaults to the calling member."
    )
    reference: str = strawberry.field(
        description="Booking system's reference of the booking; a member can claim it once."
    )
    on: date = strawberry.field(
        description="Local day of the booking; the policy says from and until how many days after "
        "it a claim is accepted."
    )
    partner: str | None = strawberry.field(
        default=None,
        description="Code of the partner that sold it, which may then decide the claim.",
    )
    text: str = strawberry.field(
        description="Text by the member about it, at most 1000 characters."
    )
    links: list[str] | None = strawberry.field(
        default=None,
        description="URLs of pages that support the claim, such as an invoice; at most "
        f"{LINKS_MAX}.",
    )


@strawberry.type(description="Result of claiming a booking.")
class ClaimPointsPayload(Payload):
    claim: Claim | None = strawberry.field(
        default=None, description="Claim as it stands; null when refused."
    )


@strawberry.input(description="Claim to withdraw.")
class WithdrawClaimInput(KeyedInput):
    claim: strawberry.ID = strawberry.field(description="Global id of the claim.")


@strawberry.type(description="Result of withdrawing a claim.")
class WithdrawClaimPayload(Payload):
    claim: Claim | None = strawberry.field(
        default=None, description="Claim as it stands; null when refused."
    )


@strawberry.input(description="Decision about an open claim.")
class DecideClaimInput(KeyedInput):
    claim: strawberry.ID = strawberry.field(description="Global id of the claim.")
    approve: bool = strawberry.field(
        description="Whether the booking is recorded; false declines the claim."
    )
    reason: str | None = strawberry.field(
        default=None, description="Reason, shown to the member; required to decline a claim."
    )
    lines: list[BookingLineInput] | None = strawberry.field(
        default=None, description="Lines of the booking; needed to approve, null to decline."
    )
    payment_method: str | None = strawberry.field(
        default=None, description="Code of the payment method."
    )


@strawberry.type(description="Result of deciding a claim.")
class DecideClaimPayload(GivingPayload):
    claim: Claim | None = strawberry.field(
        default=None, description="Claim as it stands; null when refused."
    )
    balance: Balance | None = strawberry.field(
        default=None, description="Balance of the member now; null when refused."
    )


@strawberry.type
class ClaimsMutation:
    @mutation(
        f"Claim the points of a booking that is missing. A member can have at most {OPEN_MAX} "
        f"open claims, and make at most {DAILY_MAX} a day."
    )
    async def claim_points(
        self, info: Info, input: Sent[ClaimPointsInput]
    ) -> ClaimPointsPayload | None:
        member = await subject(info, input.member)
        links = tuple(input.links or ())
        sent = ClaimSent(input.reference, input.on, input.text, input.partner, links)
        outcome = await claiming.claim(request(info, input), info.context.programme, member, sent)
        return ClaimPointsPayload(claim=await _after(info, outcome), replayed=outcome.replayed)

    @mutation("Withdraw an open claim.")
    async def withdraw_claim(
        self, info: Info, input: Sent[WithdrawClaimInput]
    ) -> WithdrawClaimPayload | None:
        outcome = await claiming.withdraw(
            request(info, input), info.context.programme, to_claim_key(input.claim)
        )
        return WithdrawClaimPayload(claim=await _after(info, outcome), replayed=outcome.replayed)

    @mutation(
        "Decide an open claim. Approving records the booking as earnForBooking does, as of its "
        "day; if it has already been recorded for the member, nothing more is granted."
    )
    async def decide_claim(
        self, info: Info, input: Sent[DecideClaimInput]
    ) -> DecideClaimPayload | None:
        sent = DecisionSent(
            input.approve, input.reason, to_lines(input.lines or []), input.payment_method
        )
        outcome = await deciding.decide(
            request(info, input), info.context.programme, to_claim_key(input.claim), sent
        )
        if proposal := await proposal_of(info, outcome):
            return DecideClaimPayload(proposal=proposal, replayed=outcome.replayed)
        return DecideClaimPayload(
            claim=await _after(info, outcome),
            balance=await load_balance(info, outcome.member_id),
            member=await load_shown(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )


async def _after(info: Info, outcome: Outcome) -> Claim | None:
    return await load_claim(info, outcome.owned("claim_id"))

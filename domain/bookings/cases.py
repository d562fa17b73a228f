"""Cases: a booking to be judged, with its member's open account and what is known of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.accounts.accounts import Account
from domain.bookings import afterwards, referral_facts
from domain.bookings.afterwards import BookingAfter
from domain.bookings.reports import BookingDecision, BookingReport
from domain.earning import judging
from domain.earning.judging import Holder, Judgement, Purchase, load_holder
from domain.earning.values import Line
from domain.experiments import exposures
from domain.experiments.exposures import Met
from domain.grants import grant_evaluation
from domain.grants.grant_progress import GrantProgress
from domain.grants.values import Fact
from domain.kernel.queries import Query
from domain.members import members
from domain.members.members import Member
from domain.programmes.programmes import Programme
from domain.referrals.states import Referral


@dataclass(frozen=True, slots=True)
class BookingCase:
    """A booking to be judged: its member's open account, and what is known of both.

    `progress` is the state of the member's grants before; None where the programme grants nothing.
    `referral` is the one by which the member joined.
    """

    account: Account
    reported: BookingReport
    lines: Sequence[Line]
    fact: Fact
    member: Member
    progress: GrantProgress | None
    holder: Holder
    referral: Referral | None

    @property
    def purchase(self) -> Purchase:
        sent = self.reported.sent
        booked_at = self.fact.occurred_at
        return Purchase(self.reported.version, self.lines, booked_at, sent.payment_method)


def queries(
    programme: Programme, member_id: UUID, reported: BookingReport, now: datetime
) -> list[Query]:
    """The queries of `load` that are known in advance."""
    booked_at = reported.sent.booked_at or now
    return [
        *judging.queries(programme, member_id, reported.version, booked_at, now),
        *grant_evaluation.queries(programme, member_id, Fact(reported.id, booked_at)),
        *referral_facts.queries(programme, member_id),
        members.query_under_lock(programme, member_id, now),
    ]


async def load(
    account: Account, reported: BookingReport, lines: Sequence[Line], now: datetime
) -> BookingCase:
    """Load what a booking is judged by, for an account opened at `now`.

    Raises: NotFound, MemberSuspended.
    """
    member = await members.under_lock(account, now)
    fact = Fact(reported.id, reported.sent.booked_at or account.now)
    progress = await grant_evaluation.look(account, fact)
    holder = await load_holder(account, reported.version, fact.occurred_at)
    referral = await referral_facts.joined_by(account)
    return BookingCase(account, reported, lines, fact, member, progress, holder, referral)


def met(case: BookingCase, judgement: Judgement) -> list[Met]:
    """The variants to which it exposes the member."""
    return exposures.of(case.account.member_id, judgement.met, case.fact.occurred_at)


def after(case: BookingCase, decision: BookingDecision) -> BookingAfter:
    """The booking with its member, as written."""
    return afterwards.of_new(
        case.account, case.member, decision.booking, decision.lines, decision.awards
    )

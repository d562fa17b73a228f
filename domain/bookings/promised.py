"""Guaranteed quotes, honoured for the booking that cites them."""

from collections.abc import Sequence

from domain.accounts.accounts import Account
from domain.bookings import booking_reads
from domain.bookings.reports import BookingReport
from domain.checkout import guarantees, promises
from domain.checkout.promises import Promise
from domain.checkout.refusals import QuoteExpired, QuoteMismatch
from domain.earning import snapshots
from domain.earning.judging import Judgement
from domain.earning.values import Line


async def keep(
    account: Account, promise: Promise, reported: BookingReport, lines: Sequence[Line]
) -> Judgement:
    """The quoted judgement for these lines, whatever has changed since.

    Raises: QuoteExpired, QuoteMismatch.
    """
    version, sent = reported.version, reported.sent
    if not await guarantees.take_up(account.journal, promise):
        first = await booking_reads.reference_of_quote(promise.member_id, promise.id)
        if first is not None:
            raise QuoteMismatch("reference", first, sent.reference, path=("quoteId",))
        raise QuoteExpired(promise.expires_at, path=("quoteId",))
    promises.compare_lines(promise, lines, sent.lines, version.policy.currency)
    promises.compare_terms(promise, sent.payment_method, sent.booked_at or account.now)
    return Judgement(
        promise.evaluation,
        lines,
        snapshots.facts(promise.snapshot),
        snapshots.allowances(promise.snapshot),
        promise.booked_at,
        snapshots.budget_periods(promise.snapshot),
        trials=snapshots.trials(promise.snapshot),
    )

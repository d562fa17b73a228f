"""Facts judged again: snapshot and policy give every award as it was recorded."""

from collections.abc import Iterator, Mapping

from domain.activities import rejudging as rejudging_activities
from domain.bookings import rejudging
from domain.bookings.rejudging import BookingRows
from domain.earning.values import Rejudged
from domain.kernel.database import Row
from domain.proof import experiment_checks, review_checks
from domain.proof.evidence import UNREADABLE, Catalogue, Fault, MemberRows

_BY_BOOKING = ("booking_line", "amendment", "amendment_line", "refund", "refund_line", "award")


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every award of one member that differs from the new judgement."""
    tables = {table: rows.by(table, "booking_id") for table in _BY_BOOKING}
    for booking in rows.tables["booking"]:
        of_booking = {table: found.get(booking["id"], []) for table, found in tables.items()}
        named = {
            one["id"]: (table, one)
            for table in ("amendment", "refund")
            for one in of_booking[table]
        }
        named[booking["id"]] = ("booking", booking)
        try:
            version = catalogue.versions[booking["policy_version_id"]]
            version = rejudging.judged_by(version, booking)
            rejected_at = review_checks.rejected_at(rows, booking)
            for one in rejudging.rejudge(version, BookingRows(booking, of_booking, rejected_at)):
                yield from _compare(rows, *named[one.fact_id], one)
        except UNREADABLE as error:
            yield _unreadable(rows, "booking", booking, error)
    for activity in rows.tables["activity"]:
        try:
            version = catalogue.versions[activity["policy_version_id"]]
            version = version.under(experiment_checks.choices(rows, activity["id"]))
            again = rejudging_activities.rejudge(version, activity)
            yield from _compare(rows, "activity", activity, again)
        except UNREADABLE as error:
            yield _unreadable(rows, "activity", activity, error)


def _compare(rows: MemberRows, table: str, fact: Row, again: Rejudged) -> Iterator[Fault]:
    if not again.is_reproduced:
        wanted = f"{_text(again.found)}, judged again"
        yield rows.fault(table, fact, "points by rule", _text(again.recorded), wanted)


def _unreadable(rows: MemberRows, table: str, fact: Row, error: Exception) -> Fault:
    said = f"{type(error).__name__}: {error}"
    return rows.fault(table, fact, "what it was judged by", said, "something to judge it by again")


def _text(points: Mapping[str, int]) -> str:
    return ", ".join(f"{rule} {points[rule]}" for rule in sorted(points)) or "none"

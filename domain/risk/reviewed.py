"""The facts that a review covers: the fact that it names; the booking of an amendment; or, for the
review of an enrolment, all facts of its member while it was open.
"""

from datetime import datetime
from uuid import UUID

from domain.kernel.database import row


def about(fact: str, at: str) -> str:
    """SQL: whether the review `v` covers a fact of the member `$1` recorded at that instant."""
    return f"v.member_id = $1 AND (v.fact_id = {fact} OR {_of_enrolment(at)})"


def about_booking(at: str) -> str:
    """SQL: whether the review `v` covers the booking `$2` of the member `$1`, or one of its
    amendments.
    """
    return f"v.member_id = $1 AND ({own('v.fact_id')} OR {_of_enrolment(at)})"


def own(fact: str) -> str:
    """SQL: whether a fact is the booking `$2` of the member `$1`, or one of its amendments."""
    return (
        f"({fact} = $2 OR {fact} IN "
        "(SELECT m.id FROM amendment m WHERE m.member_id = $1 AND m.booking_id = $2))"
    )


def _of_enrolment(at: str) -> str:
    return f"(v.fact_id = $1 AND {_open(at)})"


def _open(at: str) -> str:
    return f"v.opened_at <= {at} AND (v.decided_at IS NULL OR v.decided_at >= {at})"


def _in_state(state: str) -> str:
    said = about_booking("b.recorded_at")
    return f"EXISTS (SELECT FROM review v WHERE {said} AND v.state = '{state}')"


_APPROVED_AT = (
    "(SELECT max(v.decided_at) FROM review v WHERE v.member_id = $1 "
    f"AND {own('v.fact_id')} AND v.state = 'APPROVED')"
)
_PASSED = f"""(SELECT coalesce(sum(w.points), 0)::bigint FROM award w
    LEFT JOIN refund f ON f.member_id = $1 AND f.id = w.refund_id
    LEFT JOIN amendment m ON m.member_id = $1 AND m.id = w.amendment_id
    WHERE w.member_id = $1 AND w.booking_id = $2
    AND coalesce(f.recorded_at, m.recorded_at, b.recorded_at) <= {_APPROVED_AT})"""

WITHHELD_COLUMNS = ("held_until", "under_review", "rejected", "with_staff", "passed")
WITHHELD = (
    f"(SELECT max(d.until) FROM risk_decision d WHERE d.member_id = $1 AND {own('d.fact_id')} "
    f"AND d.at > coalesce({_APPROVED_AT}, '-infinity')) AS held_until, "
    f"{_in_state('OPEN')} AS under_review, {_in_state('REJECTED')} AS rejected, "
    f"EXISTS (SELECT FROM review v WHERE v.member_id = $1 AND {own('v.fact_id')} "
    f"AND v.state = 'OPEN') AS with_staff, {_PASSED} AS passed"
)
"""Whether the points of a booking `b` are withheld, or were rejected; its member is `$1`, its id
`$2`. In addition, whether it is itself under review, and its points when staff last approved it:
that approval also decides earlier holds.
"""


async def was_reviewed(member_id: UUID, fact_id: UUID, at: datetime) -> bool:
    """Whether points earned at this instant had to wait for a review, of the fact or of its
    member.
    """
    sql = f"SELECT FROM review v WHERE {about('$2', '$3')} LIMIT 1"
    return await row(sql, member_id, fact_id, at) is not None


async def was_open(member_id: UUID, booking_id: UUID, at: datetime) -> bool:
    """Whether a review of a booking, of an amendment of it or of its member was open at that
    instant.
    """
    found = await row(
        f"SELECT FROM review v WHERE {about_booking('$3')} AND {_open('$3')} LIMIT 1",
        member_id,
        booking_id,
        at,
    )
    return found is not None


async def rejected_at(member_id: UUID, booking_id: UUID, at: datetime) -> datetime | None:
    """The instant when staff rejected a booking recorded at this instant; None if they have not."""
    found = await row(
        f"SELECT min(v.decided_at) AS at FROM review v WHERE {about_booking('$3')} "
        "AND v.state = 'REJECTED'",
        member_id,
        booking_id,
        at,
    )
    return found["at"] if found else None


async def is_enrolment_reviewed(member_id: UUID) -> bool:
    """Whether the review of this member's enrolment is open."""
    found = await row(
        "SELECT FROM review v WHERE v.member_id = $1 AND v.fact_id = $1 AND v.state = 'OPEN'",
        member_id,
    )
    return found is not None

"""Whether what a booking earned is withheld, or was rejected, as its state reads it."""


def _reviewed(state: str) -> str:
    """Whether a review of it, or of the enrolment of its member before it, is in this state."""
    return (
        "EXISTS (SELECT FROM review v WHERE v.member_id = $1 "
        f"AND v.state = '{state}' AND (v.fact_id = $2 "
        "OR (v.fact_id = $1 AND b.snapshot ->> 'status' = 'UNDER_REVIEW')))"
    )


WITHHELD_COLUMNS = ("held_until", "under_review", "rejected")
WITHHELD = (
    "(SELECT max(d.until) FROM risk_decision d WHERE d.member_id = $1 AND d.fact_id = $2) "
    f"AS held_until, {_reviewed('OPEN')} AS under_review, {_reviewed('REJECTED')} AS rejected"
)
"""These columns of a booking `b`, whose member is `$1` and whose id is `$2`."""

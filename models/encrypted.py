"""What is kept encrypted: a column that is new fails a test until it is here."""

from collections.abc import Mapping

ENCRYPTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "audit_reason": ("value", ("programme_id", "sequence")),
    "private_text": ("value", ("member_id", "id")),
}
"""By table, the column whose values are kept under the newest secret key, and the columns of the
key of a row: a worker rewrites what was kept under the one before.
"""

NOT_REWRITTEN: Mapping[str, tuple[str, ...]] = {
    # rewritten together with the digest that it is found by
    "contact": ("value",),
    # good for ten minutes
    "contact_code": ("sealed",),
    # made anew by `rotateWebhookSecret`
    "webhook": ("secret", "old_secret"),
}
"""By table, columns that are encrypted and end with their key, or are rewritten otherwise."""

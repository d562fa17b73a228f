"""Encrypted columns: a new one fails a test until it is listed here."""

from collections.abc import Mapping

ENCRYPTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "audit_reason": ("value", ("programme_id", "sequence")),
    "private_text": ("value", ("member_id", "id")),
}
"""By table, the column encrypted with the newest secret key, and the columns of the row's key: a
worker rewrites values encrypted with the previous one.
"""

NOT_REWRITTEN: Mapping[str, tuple[str, ...]] = {
    # rewritten together with the digest that it is found by
    "contact": ("value",),
    # good for ten minutes
    "contact_code": ("sealed",),
    # replaced by `rotateWebhookSecret`
    "webhook": ("secret", "old_secret"),
}
"""By table, columns that are encrypted and end with their key, or are rewritten in another way."""

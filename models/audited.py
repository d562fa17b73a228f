"""The parts of a programme's tables that the audit proves, as no account seals them."""

from collections.abc import Mapping


def _c(names: str) -> tuple[str, ...]:
    return tuple(names.split())


AUDITED: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "programme": (101, _c("id code clock_offset_seconds created_at")),
    "policy_version": (
        102,
        _c(
            "id programme_id version effective_from document source note published_by "
            "published_at approved_by"
        ),
    ),
    "partner": (103, _c("id programme_id code name scopes created_at")),
    "partner_key": (
        104,
        _c(
            "id programme_id partner_id environment secret_sha256 scopes created_at revoked_at "
            "label expires_at replaced_by"
        ),
    ),
    "reward": (
        105,
        _c(
            "id programme_id code kind names descriptions list_points open_value worth_minor "
            "image_url valid_from valid_until minimum_tier partner_id per_member_limit active "
            "created_at pooled_codes low_water partner_units unit_names theme cost_minor "
            "minimum_spend_minor products valid_days transferable requires"
        ),
    ),
    "partner_terms": (
        106,
        _c(
            "id programme_id partner_id from_month version basis price_per_point fee_percent "
            "prepaid saved_at saved_by"
        ),
    ),
    "partner_purchase": (
        107,
        _c("id programme_id partner_id points reference bought_at bought_by"),
    ),
    "partner_payment": (
        108,
        _c("id programme_id statement_id amount_minor reference paid_at paid_by"),
    ),
    "notice_template": (
        109,
        _c(
            "id programme_id kind channel locale version subject body provider_template "
            "published_at published_by"
        ),
    ),
    "stock_change": (110, _c("id reward_id change remaining reason actor changed_at kind")),
    "experiment_stop": (111, _c("id programme_id experiment at cause actor reason")),
}
"""By table, its number in the rows of an audit, beyond those of seals, and the columns that a row's
digest is made of. The last row of the audit that names a row has its digest.
"""

AUDITED_BY: Mapping[str, str] = {
    "programme": "id = $1",
    "stock_change": "reward_id IN (SELECT id FROM reward WHERE programme_id = $1)",
}
"""The condition for a programme's rows of an audited table, if that is not `programme_id`."""

UNSHOWN = frozenset(
    {
        *("id", "programme_id", "created_at", "document", "source", "secret_sha256"),
        *("subject", "body", "reason"),
    }
)
"""Columns that the audit does not say before and after, because they are long, secret or never
change."""

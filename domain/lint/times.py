"""Times: findings about spans that end before they begin or end soon, and about points that expire
too early.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.lint import cells
from domain.lint.cells import Space
from domain.programmes.grants import Mission
from domain.programmes.policy import Policy
from domain.programmes.refusals import Finding, FindingCode
from domain.programmes.rules import Expiry
from domain.programmes.seasons import Season

SEASON_DAYS = 365
"""Days within which a season must come."""

EXPIRY_DAYS_MIN = 90
EXPIRY_MONTHS_MIN = 3
"""Three months have 90 local days or more, the first and the last counted; two never have."""


def findings(space: Space) -> Iterator[Finding]:
    policy, since = space.policy, space.since
    for path, rule in cells.every(policy):
        ends = [rule.valid.through]
        if isinstance(rule, Mission):
            ends.append(rule.window.through)
        through = min((end for end in ends if end is not None), default=None)
        if through is not None and through < since:
            yield Finding(FindingCode.EXPIRED, path, {"through": through, "since": since})
    for season in policy.seasons:
        if not _comes(season, since):
            shown = {"days": SEASON_DAYS, "since": since}
            yield Finding(FindingCode.SEASON_ENDS, f"seasons.{season.code}", shown)
    for path, expiry in _expiries(policy):
        if expiry is not None and expiry.months < EXPIRY_MONTHS_MIN:
            yield Finding(FindingCode.EXPIRY_SHORT, path, {"days": EXPIRY_DAYS_MIN})


def _comes(season: Season, since: date) -> bool:
    last = date.max if (date.max - since).days < SEASON_DAYS else since + _YEAR
    return any(
        span.last is None
        or (isinstance(span.from_, date) and span.from_ <= last and since <= span.last)
        for span in season.spans
    )


_YEAR = timedelta(days=SEASON_DAYS - 1)


def _expiries(policy: Policy) -> Iterator[tuple[str, Expiry | None]]:
    yield "points.expiry", policy.expiry
    for path, rule in cells.every(policy):
        yield f"{path}.expiry", getattr(rule, "expiry", None)

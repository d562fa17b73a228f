"""Faults: what the parts of a policy document say that cannot hold together."""

from collections.abc import Iterable, Mapping
from functools import cache
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from domain.programmes import points, selectors
from domain.programmes.levels import Downgrade
from domain.programmes.policy import Policy
from domain.programmes.refusals import PolicyFault
from domain.programmes.rules import (
    TIER_AWARD,
    ActivityRule,
    EarningRule,
    FromAttribute,
    MultiplierRule,
)
from domain.programmes.selectors import FactSelector, Range


def _cross_faults(policy: Policy) -> Iterable[PolicyFault]:
    if policy.timezone not in _timezones():
        yield PolicyFault("timezone", f"no such IANA zone: {policy.timezone!r}")
    if policy.currency not in list_currencies():
        yield PolicyFault("currency", f"no such ISO 4217 currency: {policy.currency!r}")
    yield from _repeated("products", policy.products)
    nights = policy.tiers.night_products
    yield from _unknown("tiers.night_products", nights, policy.products)
    yield from _repeated("payment_methods", policy.payment_methods)
    yield from _repeated("multiplier_classes", policy.multiplier_classes)
    yield from _repeated("tiers.levels", (level.code for level in policy.tiers.levels))
    yield from _repeated("seasons", (season.code for season in policy.seasons))
    yield from _repeated("redemption_rates", (rate.code for rate in policy.redemption_rates))
    yield from _repeated(
        "earning and activities", (rule.code for rule in (*policy.earning, *policy.activities))
    )
    if TIER_AWARD in policy.rules:
        yield PolicyFault("earning", f"{TIER_AWARD!r} is kept for the tier multiplier")
    for index, rule in enumerate(policy.earning):
        yield from _rule_faults(policy, rule, f"earning.{index}")
    for index, activity in enumerate(policy.activities):
        yield from _activity_faults(activity, f"activities.{index}")
        yield from _fact_faults(policy, activity.when, f"activities.{index}.when")
    if policy.reminders:
        yield from _repeated("reminders.expiry_days", policy.reminders.expiry_days)
    yield from _tier_faults(policy)
    yield from _share_faults(policy)
    tiers = [level.code for level in policy.tiers.levels]
    seasons = [season.code for season in policy.seasons]
    for index, rate in enumerate(policy.redemption_rates):
        where = f"redemption_rates.{index}"
        yield from _unknown(f"{where}.tiers", rate.tiers, tiers)
        yield from _unknown(f"{where}.seasons", rate.seasons, seasons)


def publishing_faults(policy: Policy) -> Iterable[PolicyFault]:
    """What is refused in a new document; versions published before it was load as they are."""
    yield from points.faults(policy)
    earning = [(f"earning.{index}", rule) for index, rule in enumerate(policy.earning)]
    activities = [(f"activities.{index}", rule) for index, rule in enumerate(policy.activities)]
    for place, rule in (*earning, *activities):
        where = f"{place}.when.member.profile"
        wanted = (rule.when.member and rule.when.member.profile) or {}
        yield from _unknown(where, wanted, policy.profile)
        for key, value in wanted.items():
            if key in policy.profile and not policy.profile[key].takes(value):
                yield PolicyFault(f"{where}.{key}", f"must be a {policy.profile[key].type} value")


@cache
def _timezones() -> frozenset[str]:
    """Every zone that is known; finding them reads hundreds of files."""
    return frozenset(available_timezones())


def _activity_faults(rule: ActivityRule, where: str) -> Iterable[PolicyFault]:
    if rule.on is None and not rule.reporters:
        yield PolicyFault(f"{where}.reporters", "say who reports it, or `on` which day it is paid")
    if rule.on is not None and rule.reporters:
        yield PolicyFault(f"{where}.reporters", f"it is paid by itself on the {rule.on}")
    if rule.on is not None and isinstance(rule.points, FromAttribute):
        yield PolicyFault(f"{where}.points", f"on the {rule.on} nobody gives an attribute")


def _tier_faults(policy: Policy) -> Iterable[PolicyFault]:
    tiers = policy.tiers
    levels = [level.code for level in tiers.levels]
    for old, new in tiers.renames.items():
        yield from _unknown(f"tiers.renames.{old}", (new,), levels)
        if old in levels:
            yield PolicyFault(f"tiers.renames.{old}", f"{old!r} is a level of this version")
    seasons = [season.code for season in policy.seasons]
    for rank, level in enumerate(tiers.levels):
        for index, discount in enumerate(level.discounts):
            where = f"tiers.levels.{rank}.discounts.{index}"
            yield from _unknown(f"{where}.products", discount.products, policy.products)
            yield from _unknown(f"{where}.travel_seasons", discount.travel_seasons, seasons)
            yield from _attribute_faults(policy, discount.attributes, f"{where}.attributes")
    if isinstance(tiers.downgrade, Downgrade):
        if tiers.window == "lifetime":
            yield PolicyFault("tiers.downgrade", "a lifetime window has no end to fall at")
        floor = () if tiers.downgrade.floor is None else (tiers.downgrade.floor,)
        yield from _unknown("tiers.downgrade.floor", floor, levels)
    if policy.refunds.tier == "at_period_end" and tiers.terms is None:
        held = "a lifetime window" if tiers.window == "lifetime" else "a tier that is never lost"
        yield PolicyFault("refunds.tier", f"{held} has no period end: say `now` or `never`")


def _share_faults(policy: Policy) -> Iterable[PolicyFault]:
    seasons = [season.code for season in policy.seasons]
    for index, share in enumerate(policy.offset.shares if policy.offset else ()):
        where = f"offset.shares.{index}"
        yield from _unknown(f"{where}.products", share.products, policy.products)
        yield from _attribute_faults(policy, share.attributes, f"{where}.attributes")
        yield from _unknown(f"{where}.seasons", share.seasons, seasons)


def _rule_faults(policy: Policy, rule: EarningRule, where: str) -> Iterable[PolicyFault]:
    if isinstance(rule, MultiplierRule):
        classes = (rule.multiplier_class,)
        yield from _unknown(f"{where}.class", classes, policy.multiplier_classes)
    when, where = rule.when, f"{where}.when"
    yield from _unknown(f"{where}.products", when.products, policy.products)
    yield from _fact_faults(policy, when, where)
    yield from _unknown(f"{where}.payment_methods", when.payment_methods, policy.payment_methods)
    seasons = [season.code for season in policy.seasons]
    yield from _unknown(f"{where}.travel_seasons", when.travel_seasons, seasons)
    least, most = when.min_amount, when.max_amount
    if least is not None and most is not None and most < least:
        yield PolicyFault(f"{where}.max_amount", "it is below `min_amount`")
    yield from _attribute_faults(policy, when.attributes, f"{where}.attributes")


def _fact_faults(policy: Policy, when: FactSelector, where: str) -> Iterable[PolicyFault]:
    yield from _unknown(f"{where}.tiers", when.tiers, [t.code for t in policy.tiers.levels])
    yield from _unknown(f"{where}.seasons", when.seasons, [s.code for s in policy.seasons])


def _attribute_faults(
    policy: Policy, wanted: Mapping[str, bool | int | str | Range] | None, where: str
) -> Iterable[PolicyFault]:
    yield from _unknown(where, wanted, policy.attributes)
    for name, value in (wanted or {}).items():
        kind = policy.attributes.get(name)
        if kind is not None and not selectors.fits(value, kind):
            yield PolicyFault(f"{where}.{name}", f"must be a {kind} value")


def _unknown(
    where: str, codes: Iterable[str] | None, known: Iterable[str]
) -> Iterable[PolicyFault]:
    allowed = list(known)
    for code in codes or ():
        if code not in allowed:
            listed = ", ".join(allowed) or "nothing"
            yield PolicyFault(where, f"unknown {code!r}; the document defines {listed}")


def _repeated(where: str, codes: Iterable[str | int]) -> Iterable[PolicyFault]:
    seen: set[str | int] = set()
    for code in codes:
        if code in seen:
            yield PolicyFault(where, f"{code!r} is defined twice")
        seen.add(code)

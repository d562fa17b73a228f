"""Faults: what the parts of a policy document say that cannot hold together.

They are looked for in the document as it was read, so that a value of a wrong kind in one place
hides nothing in another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from domain.kernel import money
from domain.kernel.refusals import InvalidInput
from domain.programmes import (
    benefits,
    conditions,
    counts,
    grant_faults,
    points,
    referral_terms,
    risk_terms,
    segments,
    selectors,
    trees,
)
from domain.programmes.nodes import KINDS, POINTS_MAX, span_day
from domain.programmes.refusals import FaultCode, Path, PolicyFault
from domain.programmes.rules import TIER_AWARD
from domain.programmes.terms import ClaimTerms
from domain.programmes.trees import Defined, codes, defined, items, keys, number, texts, value

SELECTING: tuple[Path, ...] = (("redemption_rates",), ("offset", "shares"))
"""Lists whose items select by themselves, without a `when`."""

RANGES: tuple[Path, ...] = (("lead_days",), ("nights",), ("member", "joined_days"))
"""What a `when` asks for by a range of whole numbers."""

AMOUNTS: tuple[Path, ...] = (("per",), ("when", "min_amount"), ("when", "max_amount"))
"""Fields of an earning rule in the currency."""


def cross_faults(tree: Any) -> Iterator[PolicyFault]:
    """Everything that contradicts something else in the document."""
    sections = _Sections.of(tree)
    yield from _place_faults(tree)
    yield from _repeated_faults(tree)
    for where, rule in items(tree, "earning"):
        yield from _rule_faults(tree, sections, rule, where)
    for where, activity in items(tree, "activities"):
        yield from _activity_faults(activity, where)
        yield from _when_faults(tree, sections, activity, where)
    for where, condition in grant_faults.conditions(tree):
        yield from _when_faults(tree, sections, condition, where)
        yield from _order_faults((*where, "window"), value(condition, "window"), "from", "through")
    yield from _when_faults(tree, sections, value(tree, "referrals"), ("referrals",))
    yield from referral_terms.faults(tree)
    yield from _claim_faults(tree)
    for where, season in items(tree, "seasons"):
        yield from _season_faults(season, where)
    yield from counts.faults(tree)
    yield from segments.faults(tree)
    for where, segment in items(tree, "segments"):
        yield from _when_faults(tree, sections, segment, where)
    for where, _ in items(tree, "counts"):
        yield from _selector_faults(tree, sections, where)
    yield from _tier_faults(tree, sections)
    yield from _period_faults(tree)
    yield from benefits.faults(tree)
    for name in SELECTING:
        for where, _ in items(tree, *name):
            yield from _selector_faults(tree, sections, where)


def publishing_faults(tree: Any) -> Iterator[PolicyFault]:
    """Faults that refuse a new document only; versions published earlier load as they are."""
    yield from points.faults(tree)
    yield from grant_faults.faults(tree)
    yield from risk_terms.faults(tree)
    yield from conditions.faults(tree)
    declared = defined(tree, keys(tree, "profile"), "profile")
    sections = [items(tree, name) for name in ("earning", "activities", "segments")]
    rules = (*chain(*sections), *grant_faults.conditions(tree))
    for rule in (*(where for where, _ in rules), ("referrals",)):
        where = (*rule, "when", "member", "profile")
        yield from trees.undefined(keys(tree, *where), declared)
        for at, wanted in items(tree, *where):
            kind = value(tree, "profile", at[-1], "type")
            yield from _type_fault(at, wanted, kind)
    for rule, _ in (*items(tree, "earning"), *grant_faults.conditions(tree)):
        for name in AMOUNTS:
            yield from _amount_faults(tree, (*rule, *name))
    yield from _amount_faults(tree, ("target_return", "basket"))


def _amount_faults(tree: Any, at: Path) -> Iterator[PolicyFault]:
    """An amount that no booking could be compared with, in this currency."""
    currency, amount = value(tree, "currency"), number(tree, *at)
    if not isinstance(currency, str) or currency not in list_currencies():
        return
    if amount is None or amount < 0:
        return
    try:
        money.to_minor_units(amount, currency)
    except InvalidInput as refused:
        exact = refused.reason == "too_many_decimals"
        code = FaultCode.DECIMALS if exact else FaultCode.MOST
        allowed = format(Decimal(refused.allowed[0]).normalize(), "f")
        yield PolicyFault(code, at, value(tree, *at), allowed)


def _place_faults(tree: Any) -> Iterator[PolicyFault]:
    zone, currency = value(tree, "timezone"), value(tree, "currency")
    if isinstance(zone, str) and zone not in _timezones():
        yield PolicyFault(FaultCode.TIMEZONE, ("timezone",), zone)
    if isinstance(currency, str) and currency not in list_currencies():
        yield PolicyFault(FaultCode.CURRENCY, ("currency",), currency)


def _repeated_faults(tree: Any) -> Iterator[PolicyFault]:
    """Codes that occur twice; earning rules, activities and grants share one set of codes."""
    for name in ("products", "payment_methods", "multiplier_classes"):
        yield from trees.repeated(texts(tree, name))
    caps = items(tree, "caps")
    yield from trees.repeated(
        ((*where, "per"), per) for where, cap in caps if isinstance(per := value(cap, "per"), str)
    )
    for section in (
        ("seasons",),
        ("segments",),
        ("redemption_rates",),
        ("tiers", "levels"),
        ("risk", "rules"),
    ):
        yield from trees.repeated(codes(tree, *section))
    rules = [*codes(tree, "earning"), *codes(tree, "activities"), *codes(tree, "grants")]
    yield from trees.repeated(rules)
    for where, code in rules:
        if code == TIER_AWARD:
            yield PolicyFault(FaultCode.RESERVED, where, code)
    days = items(tree, "reminders", "expiry_days")
    yield from trees.repeated((at, day) for at, day in days if isinstance(day, int))


OF_NO_PLACE = {"localtime", "posixrules", "Factory"}
"""Names that mean the zone of the machine that reads them, or none."""


@cache
def _timezones() -> frozenset[str]:
    """Every zone that is a place's or UTC; finding them reads hundreds of files."""
    return frozenset(available_timezones()) - OF_NO_PLACE


def known_values(code: FaultCode) -> tuple[str, ...]:
    """Permitted values of this kind, where they are known outside the document."""
    if code is FaultCode.TIMEZONE:
        return tuple(_timezones())
    return tuple(list_currencies()) if code is FaultCode.CURRENCY else ()


@dataclass(frozen=True, slots=True)
class _Sections:
    """Definitions of each section for the others."""

    products: Defined | None
    payment_methods: Defined | None
    multiplier_classes: Defined | None
    tiers: Defined | None
    seasons: Defined | None
    attributes: Defined | None
    counts: Defined | None
    segments: Defined | None

    @classmethod
    def of(cls, tree: Any) -> "_Sections":
        return cls(
            defined(tree, texts(tree, "products"), "products", required=True),
            defined(tree, texts(tree, "payment_methods"), "payment_methods"),
            defined(tree, texts(tree, "multiplier_classes"), "multiplier_classes"),
            defined(tree, codes(tree, "tiers", "levels"), "tiers", "levels", required=True),
            defined(tree, codes(tree, "seasons"), "seasons"),
            defined(tree, keys(tree, "attributes"), "attributes"),
            defined(tree, keys(tree, "counts"), "counts"),
            defined(tree, codes(tree, "segments"), "segments"),
        )


def _rule_faults(tree: Any, sections: _Sections, rule: Any, where: Path) -> Iterator[PolicyFault]:
    of_class = value(rule, "class")
    if value(rule, "kind") == "multiplier" and isinstance(of_class, str):
        yield from trees.undefined([((*where, "class"), of_class)], sections.multiplier_classes)
    yield from _limit_faults(rule, where)
    yield from _when_faults(tree, sections, rule, where)


def _when_faults(tree: Any, sections: _Sections, rule: Any, where: Path) -> Iterator[PolicyFault]:
    """What a rule says of when it applies."""
    yield from _order_faults((*where, "valid"), value(rule, "valid"), "from", "through")
    when, at = value(rule, "when"), (*where, "when")
    yield from _selector_faults(tree, sections, at)
    yield from _order_faults(at, when, "min_amount", "max_amount")
    for asked in RANGES:
        yield from _range_faults((*at, *asked), value(when, *asked))
    yield from trees.undefined(keys(tree, *at, "counts"), sections.counts)
    for place, wanted in items(tree, *at, "counts"):
        yield from _range_faults(place, wanted)


def _selector_faults(tree: Any, sections: _Sections, where: Path) -> Iterator[PolicyFault]:
    """Names in a selector, a share or a rate that the document does not define."""
    for name in ("products", "payment_methods", "tiers", "seasons", "segments"):
        yield from trees.undefined(texts(tree, *where, name), getattr(sections, name))
    yield from trees.undefined(texts(tree, *where, "travel_seasons"), sections.seasons)
    yield from trees.undefined(keys(tree, *where, "attributes"), sections.attributes)
    for at, wanted in items(tree, *where, "attributes"):
        yield from _type_fault(at, wanted, value(tree, "attributes", at[-1]))
        yield from _range_faults(at, wanted)


def _type_fault(at: Path, wanted: object, kind: object) -> Iterator[PolicyFault]:
    """A value of a type other than the declared one, if that can be determined."""
    asked = selectors.kind_of(wanted)
    if kind in KINDS and asked is not None and asked != kind:
        yield PolicyFault(FaultCode.VALUE_TYPE, at, wanted, str(kind))


def _order_faults(where: Path, node: Any, least: str, most: str) -> Iterator[PolicyFault]:
    """A first number or day that comes after the last one."""
    first, last = value(node, least), value(node, most)
    # a stored document has its decimals as texts, which are not in their order
    lower, upper = number(node, least), number(node, most)
    if lower is not None and upper is not None:
        backwards = upper < lower
    else:
        # days are written so that their texts are
        backwards = isinstance(first, str) and isinstance(last, str) and last < first
    if backwards:
        yield PolicyFault(FaultCode.BACKWARDS, (*where, least), first, str(last))


def _claim_faults(tree: Any) -> Iterator[PolicyFault]:
    """A first day of claiming after the last one, either of which may be the one by default."""
    if not isinstance(value(tree, "claims"), dict):
        return
    named = ("from_days", "through_days")
    first, last = (
        ClaimTerms.model_fields[name].default
        if value(tree, "claims", name) is None
        else number(tree, "claims", name)
        for name in named
    )
    if first is not None and last is not None and first > last:
        yield PolicyFault(FaultCode.BACKWARDS, ("claims", named[0]), first, str(last))


def _range_faults(where: Path, found: Any) -> Iterator[PolicyFault]:
    if isinstance(found, dict):
        if found.get("min") is None and found.get("max") is None:
            yield PolicyFault(FaultCode.RANGE_EMPTY, where)
        yield from _order_faults(where, found, "min", "max")


def _limit_faults(rule: Any, where: Path) -> Iterator[PolicyFault]:
    limit = value(rule, "limit")
    if isinstance(limit, dict):
        given = [name for name in ("times", "points") if limit.get(name) is not None]
        if len(given) != 1:
            yield PolicyFault(FaultCode.LIMIT_MEASURE, (*where, "limit"))


def _activity_faults(rule: Any, where: Path) -> Iterator[PolicyFault]:
    if not isinstance(rule, dict):
        return
    day, paid = rule.get("on"), rule.get("points")
    reporters = rule.get("reporters", [])
    if day is None and reporters == []:
        yield PolicyFault(FaultCode.REPORTERS_MISSING, (*where, "reporters"))
    if day is not None and reporters not in ([], None):
        yield PolicyFault(FaultCode.REPORTERS_OF_DAY, (*where, "reporters"), allowed=str(day))
    if day is not None and isinstance(paid, dict):
        yield PolicyFault(FaultCode.ATTRIBUTE_OF_DAY, (*where, "points"), allowed=str(day))
    limit = rule.get("limit")
    if isinstance(limit, dict) and limit.get("points") is not None and limit.get("times") is None:
        yield PolicyFault(FaultCode.LIMIT_TIMES, (*where, "limit"))
    else:
        yield from _limit_faults(rule, where)
    if isinstance(paid, dict):
        least = number(paid, "minimum") or 0
        most = number(paid, "maximum")
        if least > (POINTS_MAX if most is None else most):
            at = (*where, "points", "minimum")
            yield PolicyFault(FaultCode.BACKWARDS, at, paid.get("minimum"), str(most))


def _season_faults(season: Any, where: Path) -> Iterator[PolicyFault]:
    for at, span in items(season, "spans"):
        ends = [span_day(value(span, name)) for name in ("from", "through")]
        yearly = [isinstance(end, str) for end in ends if end is not None]
        if len(set(yearly)) > 1:
            yield PolicyFault(FaultCode.SPAN_ENDS, (*where, *at))
        elif not any(yearly):
            yield from _order_faults((*where, *at), span, "from", "through")


def _tier_faults(tree: Any, sections: _Sections) -> Iterator[PolicyFault]:
    nights = texts(tree, "tiers", "night_products")
    yield from trees.undefined(nights, sections.products)
    levels = sections.tiers
    yield from trees.undefined(texts(tree, "tiers", "renames"), levels)
    for where, old in keys(tree, "tiers", "renames"):
        if levels is not None and old in levels.known:
            yield PolicyFault(FaultCode.RENAMED_LEVEL, where, old, of_key=True)
    floor = value(tree, "tiers", "downgrade", "floor")
    if isinstance(floor, str):
        yield from trees.undefined([(("tiers", "downgrade", "floor"), floor)], levels)
    for where, _ in items(tree, "tiers", "levels"):
        for discount, _ in items(tree, *where, "discounts"):
            yield from _selector_faults(tree, sections, discount)
    yield from _threshold_faults(tree)


def _threshold_faults(tree: Any) -> Iterator[PolicyFault]:
    """The thresholds of all levels, by each measure of the basis."""
    several = texts(tree, "tiers", "basis", "any")
    yield from trees.repeated(several)
    measures = tuple(dict.fromkeys(measure for _, measure in several))
    before: dict[str | None, Decimal] = {}
    for where, level in items(tree, "tiers", "levels"):
        at, threshold = (*where, "threshold"), value(level, "threshold")
        parted = isinstance(threshold, dict)
        if threshold is not None and (set(threshold) if parted else set()) != set(measures):
            yield PolicyFault(FaultCode.THRESHOLD_MEASURES, at, threshold)
            continue
        for measure in measures or (None,):
            place = at if measure is None else (*at, measure)
            yield from _threshold_fault(tree, place, before, first=where[-1] == 0)


def _threshold_fault(
    tree: Any, at: Path, before: dict[str | None, Decimal], *, first: bool
) -> Iterator[PolicyFault]:
    """One threshold, after those of the level before by the same measure, which it replaces."""
    found = number(tree, *at)
    measure = None if at[-1] == "threshold" else str(at[-1])
    if found is None:
        return
    if first and found != 0:
        yield PolicyFault(FaultCode.ENTRY_THRESHOLD, at, value(tree, *at))
    elif measure in before and found <= before[measure]:
        least = str(before[measure])
        yield PolicyFault(FaultCode.THRESHOLD_ORDER, at, value(tree, *at), least)
    before[measure] = found


def _period_faults(tree: Any) -> Iterator[PolicyFault]:
    lifetime = value(tree, "tiers", "window") == "lifetime"
    falls = value(tree, "tiers", "downgrade")
    if lifetime and isinstance(falls, dict):
        yield PolicyFault(FaultCode.NEVER_FALLS, ("tiers", "downgrade"))
    held = "lifetime" if lifetime else "never" if falls == "never" else None
    if held and value(tree, "refunds", "tier") == "at_period_end":
        yield PolicyFault(FaultCode.NO_PERIOD_END, ("refunds", "tier"), "at_period_end", held)

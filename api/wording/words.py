"""The policy's own words in the reader's language: names of rules and tiers, rules in sentences."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.fields import field
from api.kit.scalars import Locale, Points
from api.wording.catalogues import sentence
from api.wording.messages import (
    language_of,
    list_text,
    money_text,
    number_text,
    reason_text,
    truth_text,
)
from domain.earning.values import Explained, Reason
from domain.kernel import money
from domain.programmes.benefits import LevelBenefit
from domain.programmes.grants import Gift
from domain.programmes.levels import Discount
from domain.programmes.made import once
from domain.programmes.nodes import Words
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.programmes.rules import (
    TIER_AWARD,
    ActivityRule,
    BonusRule,
    EarningRule,
    FromAttribute,
    MultiplierRule,
    RateAddRule,
)
from domain.programmes.selectors import Range

InLocale = Annotated[
    Locale | None,
    strawberry.argument(
        description="Language of the text, zh-CN or en; defaults to the reader's language."
    ),
]


def language(info: Info, locale: Locale | None) -> str:
    """The language requested by the argument if it is known, otherwise the reader's."""
    return (language_of(locale) if locale else None) or info.context.language


def version_policy(programme: Programme, version_id: UUID) -> Policy:
    """The policy of one of the programme's versions; the newest for one just published."""
    return next(
        (v.policy for v in programme.versions if v.id == version_id), programme.versions[-1].policy
    )


def version_at(programme: Programme, instant: datetime) -> Version:
    """The version in force then; before there was any, the first."""
    first = min(version.effective_from for version in programme.versions)
    return programme.as_of(max(instant, first))


def current_policy(info: Info) -> Policy:
    context = info.context
    if context.policy is None:
        context.policy = version_at(context.programme, context.now).policy
    return context.policy


def product_name(programme: Programme, code: str, reader: str) -> str:
    """The name of the product in the newest version that has one; otherwise its code."""
    newest_first = sorted(programme.versions, key=lambda version: -version.number)
    named = (version.policy.product_names.get(code) for version in newest_first)
    name = next((name for name in named if name is not None), None)
    return code if name is None else name.in_locale(reader)


def benefit_name(programme: Programme, code: str, reader: str) -> str:
    """The name of the benefit in the newest version that declares it; otherwise its code."""
    newest_first = sorted(programme.versions, key=lambda version: -version.number)
    declared = (version.policy.declared_benefits.get(code) for version in newest_first)
    found = next((benefit for benefit in declared if benefit is not None), None)
    return code if found is None else found.name.in_locale(reader)


@once
def names_of(policy: Policy, reader: str) -> Mapping[str, str]:
    """The policy's names of its rules and tiers, by code; a count or segment by its sort, a dot,
    and its code.
    """
    named = (*policy.rules.values(), *policy.grants)
    rules = {rule.code: rule.name.in_locale(reader) for rule in named}
    levels = {level.code: level.name.in_locale(reader) for level in policy.tiers.levels}
    renamed = {old: levels[new] for old, new in policy.tiers.renames.items()}
    counts = {
        f"count.{code}": count.name.in_locale(reader)
        for code, count in policy.counts.items()
        if count.name is not None
    }
    award = {TIER_AWARD: sentence("rule.tier_award", reader)}
    risk = {f"risk.{one.code}": one.name.in_locale(reader) for one in policy.risk.rules}
    segments = {f"segment.{one.code}": one.name.in_locale(reader) for one in policy.segments}
    return {**award, **rules, **renamed, **levels, **counts, **risk, **segments}


@strawberry.type(description="One reason for the points of a quote or an award.")
class ExplanationLine:
    code: str = strawberry.field(description="Stable code of the reason.")
    points: Points | None = strawberry.field(
        description="Points that the reason added; null when it added none, such as a near miss."
    )
    reason: strawberry.Private[Reason]
    policy: strawberry.Private[Policy]

    @field("The reason in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        reader = language(info, locale)
        names = names_of(self.policy, reader)
        return reason_text(self.reason.code, self.reason.params, reader, names=names)


def explained(info: Info, found: Explained) -> list[ExplanationLine]:
    """A recorded explanation, in the words of the version that judged."""
    if found.version_id is None:
        return []
    return explain(version_policy(info.context.programme, found.version_id), found.reasons)


def explain(policy: Policy, reasons: Iterable[Reason]) -> list[ExplanationLine]:
    return [
        ExplanationLine(
            code=reason.code,
            points=None if reason.points is None else Points(reason.points),
            reason=reason,
            policy=policy,
        )
        for reason in reasons
    ]


def rule_text(policy: Policy, rule: EarningRule | ActivityRule, reader: str) -> str:
    """A rule in one sentence: its name, and its points."""
    if isinstance(rule, ActivityRule):
        pays = _activity_pays(rule, reader)
    elif isinstance(rule, BonusRule):
        pays = f"+{rule.points}"
    elif isinstance(rule, MultiplierRule):
        pays = f"×{number_text(rule.factor, reader)}"
    elif isinstance(rule, RateAddRule):
        pays = f"+{number_text(rule.add, reader)}"
    else:
        per = money_text(money.to_minor_units(rule.per, policy.currency), policy.currency, reader)
        points = number_text(rule.points, reader)
        pays = sentence("rule.per_amount", reader, points=points, amount=per)
    return sentence("rule.text", reader, name=rule.name.in_locale(reader), pays=pays)


def _activity_pays(rule: ActivityRule, reader: str) -> str:
    points = rule.points
    if not isinstance(points, FromAttribute):
        return sentence("rule.points", reader, points=points)
    if points.unit == "money":
        rate = format(points.rate.normalize(), "f")
        return sentence("rule.per_unit", reader, rate=rate)
    return sentence("rule.range", reader, minimum=points.minimum, maximum=points.maximum)


def benefit_text(policy: Policy, given: Words | LevelBenefit, reader: str) -> str:
    """A benefit of a level: its words, or its name and quota."""
    if isinstance(given, Words):
        return given.in_locale(reader)
    name = policy.declared_benefits[given.benefit].name.in_locale(reader)
    if given.uses is None:
        return name
    count = "one" if given.uses == 1 else "some"
    return sentence(f"benefit.{given.per}.{count}", reader, name=name, uses=given.uses)


def gift_text(programme: Programme, gift: Gift, reader: str) -> str:
    """The points, reward or perk of a grant, in words."""
    if gift.perk is not None:
        perk = gift.perk
        name = benefit_name(programme, perk.benefit, reader)
        return sentence("gift.perk", reader, benefit=name, uses=perk.uses, days=perk.days)
    if gift.reward is not None:
        return sentence("gift.reward", reader, reward=gift.reward)
    return sentence("gift.points", reader, points=number_text(gift.points or 0, reader))


def discount_text(policy: Policy, discount: Discount, reader: str) -> str:
    """A discount in one sentence: its size, and its products."""
    percent = number_text(discount.percent, reader)
    seasons = {season.code: season.name.in_locale(reader) for season in policy.seasons}
    said = [
        *(discount.products or ()),
        *(attribute_text(*wanted, reader) for wanted in (discount.attributes or {}).items()),
        *(seasons[code] for code in discount.travel_seasons or ()),
    ]
    if not said:
        return sentence("discount.all", reader, percent=percent)
    return sentence("discount.some", reader, percent=percent, what=list_text(said, reader))


def attribute_text(name: str, value: bool | int | str | Range, reader: str) -> str:
    """The required value of an attribute."""
    if isinstance(value, Range):
        least = "" if value.min is None else value.min
        most = "" if value.max is None else value.max
        return f"{name}: {least}\u2013{most}"
    if isinstance(value, bool):
        return f"{name}: {truth_text(true=value, language=reader)}"
    return f"{name}: {value}"


def expiry_text(policy: Policy, reader: str) -> str:
    """The expiry of points, in words."""
    if not policy.has_points:
        return sentence("expiry.none", reader)
    terms = policy.expiry
    if terms is None:
        return sentence("expiry.never", reader)
    through = "expiry.through_month" if terms.through == "month" else "expiry.through_day"
    return sentence(through, reader, months=terms.months)

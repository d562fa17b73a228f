"""The policy's own words in the reader's language: names of rules and tiers, rules in sentences."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.fields import field
from api.kit.scalars import Locale, Points
from api.wording.messages import language_of, money_text, number_text, reason_text
from domain.earning.values import Reason
from domain.kernel import money
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

TIER_AWARD_NAMES = {"zh-CN": "等级加成", "en": "Tier multiplier"}

InLocale = Annotated[
    Locale | None,
    strawberry.argument(description="zh-CN or en; without it the reader's language."),
]


def language(info: Info, locale: Locale | None) -> str:
    """The language asked for by the argument where it is known, else the reader's."""
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
    return version_at(info.context.programme, info.context.now).policy


def names_of(policy: Policy, reader: str) -> Mapping[str, str]:
    """What the policy calls its rules and tiers, by code."""
    rules = {code: rule.name.in_locale(reader) for code, rule in policy.rules.items()}
    levels = {level.code: level.name.in_locale(reader) for level in policy.tiers.levels}
    return {TIER_AWARD: TIER_AWARD_NAMES[reader], **rules, **levels}


@strawberry.type(description="One reason of a quote or an award.")
class ExplanationLine:
    code: str = strawberry.field(description="What kind of reason it is, stable for programs.")
    points: Points | None = strawberry.field(
        description="What it added; null for one that added nothing, such as a near miss."
    )
    reason: strawberry.Private[Reason]
    policy: strawberry.Private[Policy]

    @field("The reason in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        reader = language(info, locale)
        names = names_of(self.policy, reader)
        return reason_text(self.reason.code, self.reason.params, reader, names=names)


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
    """A rule in one sentence: its name, and what it pays."""
    chinese = reader == "zh-CN"
    name = rule.name.in_locale(reader)
    if isinstance(rule, ActivityRule):
        pays = _activity_pays(rule, chinese=chinese)
    elif isinstance(rule, BonusRule):
        pays = f"+{rule.points}"
    elif isinstance(rule, MultiplierRule):
        pays = f"×{number_text(rule.factor, reader)}"
    elif isinstance(rule, RateAddRule):
        pays = f"+{number_text(rule.add, reader)}"
    else:
        per = money_text(money.to_minor_units(rule.per, policy.currency), policy.currency, reader)
        points = number_text(rule.points, reader)
        pays = f"每 {per} 得 {points} 积分" if chinese else f"{points} points per {per}"
    return f"{name}：{pays}" if chinese else f"{name}: {pays}"


def _activity_pays(rule: ActivityRule, *, chinese: bool) -> str:
    unit = " 积分" if chinese else " points"
    if isinstance(rule.points, FromAttribute):
        if rule.points.unit == "money":
            rate = format(rule.points.rate.normalize(), "f")
            return f"每 1 元 {rate}{unit}" if chinese else f"{rate}{unit} per unit spent"
        return f"{rule.points.minimum}–{rule.points.maximum}{unit}"
    return f"{rule.points}{unit}"


def expiry_text(policy: Policy, reader: str) -> str:
    """How long points last, in words."""
    terms, chinese = policy.points.expiry, reader == "zh-CN"
    if terms is None:
        return "积分永久有效。" if chinese else "Points never expire."
    if terms.through == "month":
        return (
            f"积分自到账起 {terms.months} 个月有效，至当月最后一天。"
            if chinese
            else f"Points last {terms.months} months, to the end of that month."
        )
    return (
        f"积分自到账起 {terms.months} 个月有效，最后一天仍可使用。"
        if chinese
        else f"Points last {terms.months} months, through the last day."
    )

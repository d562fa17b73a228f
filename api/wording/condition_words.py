"""Conditions of a rule on a booking, in words: products, dates of travel, amounts, payment."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_date

from api.wording.catalogues import sentence
from api.wording.messages import list_text, money_text
from api.wording.words import attribute_text, gift_text, rule_text
from domain.kernel import money
from domain.programmes.grants import Mission
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.rules import ActivityRule, EarningRule
from domain.programmes.selectors import WEEKDAYS, Range, Selector

_MONDAY = date(2024, 1, 1)
"""A day to take the names of weekdays from."""


def offer_text(policy: Policy, rule: EarningRule | ActivityRule, reader: str) -> str:
    """A rule in a sentence: its name, its points, and its conditions on a booking."""
    text = rule_text(policy, rule, reader)
    asked = list(_asked(policy, rule.when, reader)) if isinstance(rule.when, Selector) else []
    if not asked:
        return text
    return sentence("offer.text", reader, rule=text, what=list_text(asked, reader))


def funded_text(programme: Programme, policy: Policy, code: str, reader: str) -> str:
    """A rule, activity or grant in a sentence: its name, its points, and their reason."""
    rule = policy.rules.get(code)
    if rule is not None:
        return offer_text(policy, rule, reader)
    grant = policy.grant_codes[code]
    name, gives = grant.name.in_locale(reader), gift_text(programme, grant.gives, reader)
    return sentence("rule.text", reader, name=name, pays=gives)


def mission_text(programme: Programme, mission: Mission, reader: str) -> str:
    """A mission in a sentence: its name, its reward, and its steps."""
    name, gives = mission.name.in_locale(reader), gift_text(programme, mission.gives, reader)
    steps = list_text([step.name.in_locale(reader) for step in mission.steps], reader)
    return sentence("offer.mission", reader, name=name, gives=gives, steps=steps)


def _asked(policy: Policy, when: Selector, reader: str) -> Iterator[str]:
    """Each thing that has to be true of the booking or of its lines."""
    if when.products is not None:
        names = {code: name.in_locale(reader) for code, name in policy.product_names.items()}
        yield list_text([names.get(code, code) for code in when.products], reader, style="or")
    for wanted in (when.attributes or {}).items():
        yield attribute_text(*wanted, reader)
    yield from _travel(policy, when, reader)
    if when.min_amount is not None:
        yield sentence("asked.from", reader, amount=_money(policy, when.min_amount, reader))
    if when.max_amount is not None:
        yield sentence("asked.up_to", reader, amount=_money(policy, when.max_amount, reader))
    if when.payment_methods is not None:
        methods = list_text(when.payment_methods, reader, style="or")
        yield sentence("asked.payment", reader, methods=methods)


def _travel(policy: Policy, when: Selector, reader: str) -> Iterator[str]:
    """Conditions on the dates of travel."""
    if when.travel_seasons is not None:
        names = {season.code: season.name.in_locale(reader) for season in policy.seasons}
        seasons = list_text([names[code] for code in when.travel_seasons], reader, style="or")
        yield sentence("asked.travel", reader, days=seasons)
    if when.travel_weekdays is not None:
        days = [_weekday(day, reader) for day in when.travel_weekdays]
        yield sentence("asked.travel_weekday", reader, days=list_text(days, reader, style="or"))
    if when.lead_days is not None:
        yield sentence("asked.lead_days", reader, range=_range(when.lead_days, reader))
    if when.nights is not None:
        yield sentence("asked.nights", reader, range=_range(when.nights, reader))


def _weekday(code: str, reader: str) -> str:
    day = _MONDAY + timedelta(days=WEEKDAYS.index(code))
    return str(format_date(day, "EEEE", locale=reader.replace("-", "_")))


def _range(asked: Range, reader: str) -> str:
    if asked.min is None:
        return sentence("asked.at_most", reader, number=asked.max)
    if asked.max is None:
        return sentence("asked.at_least", reader, number=asked.min)
    return str(asked.min) if asked.min == asked.max else f"{asked.min}\u2013{asked.max}"


def _money(policy: Policy, amount: Decimal, reader: str) -> str:
    minor = money.to_minor_units(amount, policy.currency)
    return money_text(minor, policy.currency, reader)

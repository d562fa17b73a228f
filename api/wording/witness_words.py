"""The best booking and the bound of a document's returns, in words."""

from decimal import Decimal

from api.wording.catalogues import sentence
from api.wording.messages import date_text, list_text, money_text, number_text
from api.wording.words import attribute_text
from domain.lint.lint import to_percent
from domain.lint.witness import Witness
from domain.programmes.policy import Policy


def return_text(maximum: Decimal, language: str) -> str:
    """The proved bound in a sentence."""
    return sentence("witness.bound", language, percent=number_text(maximum, language))


def witness_text(policy: Policy, found: Witness, language: str) -> str:
    """The best booking of one line, and its worth, in a sentence."""
    named = policy.product_names.get(found.line.product)
    level = policy.level(found.member.tier)
    return sentence(
        "witness.booking",
        language,
        product=named.in_locale(language) if named else found.line.product,
        amount=money_text(found.line.amount_minor, policy.currency, language),
        tier=level.name.in_locale(language),
        day=date_text(found.day, language),
        terms=_terms(found, language),
        points=number_text(found.points, language),
        percent=number_text(to_percent(found.percent), language),
    )


def _terms(found: Witness, language: str) -> str:
    """Its further conditions; empty if there are none."""
    line, member = found.line, found.member
    known = (*line.attributes.items(), *member.profile.items())
    said = [attribute_text(name, value, language) for name, value in known]
    if found.payment_method is not None:
        said.append(sentence("witness.paid", language, method=found.payment_method))
    if line.travel_from is not None:
        day = date_text(line.travel_from, language)
        said.append(sentence("witness.travel", language, day=day))
    if member.in_birthday_month:
        said.append(sentence("witness.birthday", language))
    return sentence("witness.terms", language, terms=list_text(said, language)) if said else ""

"""Codes and their typed facts put into words, in the reader's language.

The domain returns a code with facts; the sentences are in the catalogues.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from api.wording.catalogues import DEFAULT_LANGUAGE, LANGUAGES, SENTENCES, sentence
from api.wording.fault_words import fault_line
from domain.bookings.refusals import RefundExceedsBooking
from domain.checkout.refusals import CouponNotApplicable
from domain.kernel.money import digits_of, to_amount, to_minor_units
from domain.kernel.refusals import (
    Instant,
    InvalidInput,
    NotFound,
    Price,
    Quantity,
    ReferenceConflict,
    Refusal,
    StateConflict,
)
from domain.members.contacts import ContactKind
from domain.members.refusals import LimitReached
from domain.notices.refusals import TemplateFault, TemplateInvalid
from domain.programmes.refusals import Finding, PolicyInvalid
from domain.redemptions.refusals import RedemptionState
from domain.rewards.refusals import TierRequired

ACCEPT_LANGUAGE_PARTS_MAX = 20

NOT_APPLICABLE = {
    "MINIMUM_SPEND": "problem.COUPON_NOT_APPLICABLE.minimum_spend",
    "PRODUCTS": "problem.COUPON_NOT_APPLICABLE.products",
}

CODED = {
    "STATE_CONFLICT": ("status", "allowed"),
    "REDEMPTION_STATE": ("status", "allowed"),
    "PARTNER_KEY_STATE": ("status",),
    "PROPOSAL_STATE": ("status",),
    "REPORTER_NOT_ALLOWED": ("reporter", "allowed"),
}
"""By refusal, the facts that are codes, which its sentence says in words."""

CODED_INPUTS = (
    *("not_flagged", "notice_withheld", "consent_twice"),
    *("not_of_this_import", "of_other_kind", "needed_of_kind"),
)
"""Reasons of invalid input whose value and allowed values are put into words; if the reader must
send another value, the sentence names values as they are sent.
"""

TYPED_INPUTS = ("attribute_missing", "attribute_type", "profile_type")
"""Reasons of invalid input whose allowed values are types, by their codes."""

OF_CONTACTS = ("contact_absent", "contact_not_served", "contact_proved")
"""Reasons of invalid input whose value is a kind of contact."""

NO_NAMES: Mapping[str, str] = MappingProxyType({})

LOCALES = {language: Locale.parse(language, sep="-") for language in LANGUAGES}
"""Babel's data of each language; a look-up by name would read them again each time."""

ListStyle = Literal["standard", "or"]


def problem_message(
    refusal: Refusal, language: str, zone: tzinfo = UTC, names: Mapping[str, str] = NO_NAMES
) -> str:
    """The refusal and its reason, in the reader's language; days are those of the zone, and tiers
    have the `names` of their codes, if known.
    """
    facts = _facts(refusal, language, zone, names)
    if isinstance(refusal, InvalidInput):
        facts |= _named(refusal, language)
        return sentence(f"input.{refusal.reason}", language, **facts)
    if isinstance(refusal, NotFound):
        facts["what"] = sentence(f"thing.{refusal.what}", language)
        among = "problem.NOT_FOUND.known" if refusal.known else "problem.NOT_FOUND"
        return sentence(among, language, **facts)
    if isinstance(refusal, StateConflict):
        facts["what"] = sentence(f"thing.{refusal.what}", language)
    if isinstance(refusal, LimitReached) and refusal.resets_at is not None:
        again = refusal.resets_at.astimezone(zone)
        if refusal.limit:
            facts["when"] = instant_text(again, language)
            return sentence("problem.LIMIT_REACHED.again", language, **facts)
        day = date_text(again.date(), language)
        return sentence("problem.LIMIT_REACHED.from", language, day=day)
    if isinstance(refusal, TemplateInvalid):
        first = template_fault_text(refusal.faults[0], language)
        facts = {"count": len(refusal.faults), "first": first}
    elif isinstance(refusal, PolicyInvalid) and not refusal.faults:
        first = finding_line(refusal.findings[0], language)
        facts = {"count": len(refusal.findings), "first": first}
    elif isinstance(refusal, PolicyInvalid):
        first = fault_line(refusal.faults[0], language)
        facts = {"count": len(refusal.faults), "first": first}
    return sentence(_of_its_kind(refusal), language, **facts)


def _named(refusal: InvalidInput, language: str) -> dict[str, object]:
    """Facts that are codes of a kind of contact, of a type of values or of callers, in words."""
    if refusal.reason in OF_CONTACTS and refusal.value in tuple(ContactKind):
        return {"value": sentence(f"thing.{refusal.value}", language)}
    if refusal.reason in TYPED_INPUTS:
        return {"allowed": sentence(f"type.{refusal.allowed[0]}", language)}
    if refusal.reason == "profile_not_writable":
        return {"allowed": _words(refusal.allowed, language)}
    return {}


def _facts(
    refusal: Refusal, language: str, zone: tzinfo, names: Mapping[str, str]
) -> dict[str, object]:
    """Facts of a refusal, as its sentence shows them; an amount together with its currency."""
    if isinstance(refusal, RefundExceedsBooking):
        left = Price(refusal.left, refusal.currency)
        return {"line": refusal.line, "left": _shown(left, language, zone)}
    if isinstance(refusal, TierRequired):
        return {name: names.get(code, code) for name, code in refusal.facts.items()}
    coded = CODED.get(refusal.code, ())
    if isinstance(refusal, InvalidInput) and refusal.reason in CODED_INPUTS:
        coded = ("value", "allowed")
    facts = {name: _spelt_out(fact, language, zone) for name, fact in refusal.facts.items()}
    return {
        name: _words(fact, language) if name in coded else _shown(fact, language, zone)
        for name, fact in facts.items()
    }


def _spelt_out(fact: object, language: str, zone: tzinfo) -> object:
    """Instants, which a refusal has as ISO 8601, and quantities in words; other facts unchanged."""
    if isinstance(fact, tuple):
        return tuple(_spelt_out(part, language, zone) for part in fact)
    if isinstance(fact, Quantity):
        number, unit = fact.split()
        return sentence(f"quantity.{unit}", language, number=int(number))
    if not isinstance(fact, Instant):
        return fact
    return moment_text(datetime.fromisoformat(fact), language, zone)


def problem_messages(refusal: Refusal) -> dict[str, str]:
    """The same in each language, to be stored."""
    return {language: problem_message(refusal, language) for language in LANGUAGES}


def _of_its_kind(refusal: Refusal) -> str:
    """The sentence of a refusal whose code has several sentences."""
    if isinstance(refusal, ReferenceConflict) and refusal.path == ("revision",):
        return "problem.REFERENCE_CONFLICT.revision"
    if isinstance(refusal, PolicyInvalid):
        return _of_faults(refusal)
    if isinstance(refusal, TierRequired) and refusal.path[-1:] == ("benefit",):
        some = bool(refusal.minimum_tier)
        return "problem.TIER_REQUIRED.benefit" if some else "problem.TIER_REQUIRED.no_tier"
    if isinstance(refusal, CouponNotApplicable):
        return NOT_APPLICABLE.get(refusal.reason, "problem.COUPON_NOT_APPLICABLE")
    if isinstance(refusal, RedemptionState):
        named = any(map(_is_code, refusal.allowed))
        return "problem.REDEMPTION_STATE" if named else "problem.REDEMPTION_STATE.instead"
    return f"problem.{refusal.code}"


def _of_faults(refusal: PolicyInvalid) -> str:
    if not refusal.faults:
        return "problem.POLICY_INVALID.findings"
    of_reward = refusal.path[:1] == ("reward",)
    return "problem.POLICY_INVALID.reward" if of_reward else "problem.POLICY_INVALID"


def template_fault_text(fault: TemplateFault, language: str) -> str:
    """A fault in the text of a notice, in a sentence."""
    facts = {"value": _shown(fault.value, language), "allowed": _shown(fault.allowed, language)}
    return sentence(f"template.{fault.code}", language, part=fault.part, **facts)


def finding_text(finding: Finding, language: str) -> str:
    """The finding, in one or two sentences."""
    facts = {name: _fact(value, language) for name, value in finding.params.items()}
    return sentence(f"finding.{finding.code}", language, **facts)


def finding_line(finding: Finding, language: str) -> str:
    """The finding after its level and the name by which it is accepted."""
    level, message = finding.level.value, finding_text(finding, language)
    return sentence("finding.told", language, level=level, name=finding.name, message=message)


def findings_refuse(file: str, refusal: PolicyInvalid, language: str) -> str:
    """The sentence that findings prevent publishing, and how each can be accepted."""
    count = len(refusal.findings)
    return sentence("finding.nothing_published", language, file=file, count=count)


def nothing_found(language: str) -> str:
    return sentence("finding.none", language)


def _fact(value: object, language: str) -> str:
    if isinstance(value, date):
        return date_text(value, language)
    if isinstance(value, bool):
        return truth_text(true=value, language=language)
    if isinstance(value, Decimal | int):
        return number_text(value, language)
    return str(value)


def reason_text(
    code: str, params: Mapping[str, Any], language: str, *, names: Mapping[str, str]
) -> str:
    """One line of an explanation; `names` has the policy's words for its rules and tiers."""
    facts = dict(params)
    for name in ("rule", "tier", "instead"):
        if name in facts:
            facts[name] = names.get(facts[name], facts[name])
    for minor, name in (
        ("amount_minor", "amount"),
        ("short_minor", "short"),
        ("cap_minor", "cap"),
        ("per_minor", "per"),
    ):
        if minor in facts:
            facts[name] = money_text(facts[minor], facts["currency"], language)
    if code == "asks_segment":
        facts["segment"] = names.get(f"segment.{facts['segment']}", facts["segment"])
    if code == "asks_count":
        name = names.get(f"count.{facts['count']}", facts["count"])
        facts |= {"count": name, "number": _number(params, language)}
        facts["window"] = _window(params, language)
    return sentence(f"reason.{code}", language, **facts)


def _number(asked: Mapping[str, Any], language: str) -> str:
    """The required number of a count; with a currency it is money, in minor units."""
    currency = asked.get("currency")
    least, most = (
        None if end is None else money_text(end, currency, language) if currency else str(end)
        for end in (asked.get("least"), asked.get("most"))
    )
    if most is None or least == most:
        return str(least)
    if least is None:
        return sentence("count.at_most", language, number=most)
    return f"{least}\u2013{most}"


def _window(asked: Mapping[str, Any], language: str) -> str:
    """The window of a count, after the count; empty without a window."""
    if "days" in asked:
        return sentence("count.days", language, days=asked["days"])
    if "per" not in asked:
        return ""
    per = {"day": "count.day", "month": "count.month", "year": "count.year"}[asked["per"]]
    return sentence(per, language)


def money_text(minor: int, currency: str, language: str) -> str:
    """`CNY 1,500.00` in English, where CN¥ is read by few; `¥1,500.00` in Chinese."""
    if minor < 0:
        return _babel_money(minor, currency, language)
    before, digits, after = _money_parts(currency, language)
    return f"{before}{to_amount(minor, currency):,.{digits}f}{after}"


@lru_cache(maxsize=1024)
def _money_parts(currency: str, language: str) -> tuple[str, int, str]:
    """The texts before and after an amount of zero or more, and its decimals."""
    digits = digits_of(currency)
    before, after = _babel_money(0, currency, language).split(f"{0:.{digits}f}")
    return before, digits, after


def _babel_money(minor: int, currency: str, language: str) -> str:
    pattern = "¤¤ #,##0.00" if language == "en" else None
    amount = to_amount(minor, currency)
    return str(format_currency(amount, currency, pattern, locale=LOCALES[language]))


@lru_cache(maxsize=4096)
def date_text(day: date, language: str) -> str:
    """`26 December 2026` in English; `2026年12月26日` in Chinese."""
    pattern = "d MMMM y" if language == "en" else "long"
    return str(format_date(day, pattern, locale=LOCALES[language]))


def instant_text(instant: datetime, language: str) -> str:
    """`26 December 2026, 10:05`; only the day if the instant begins it.

    A begun minute is rounded up to the next: an action possible from the instant on is possible by
    then.
    """
    if instant.second or instant.microsecond:
        instant = instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
    day = date_text(instant.date(), language)
    if instant.time() == time():
        return day
    return f"{day}, {instant:%H:%M}" if language == "en" else f"{day} {instant:%H:%M}"


def moment_text(instant: datetime, language: str, zone: tzinfo) -> str:
    """`15 March 2026, 10:05:03`: a past instant, rounded down to the second, by the clocks of a
    zone. UTC is named, as no reader lives by it.
    """
    try:
        local = instant.astimezone(zone)
    except OverflowError:  # the first and the last day that there are
        local, zone = instant.astimezone(UTC), UTC
    day, clock = date_text(local.date(), language), f"{local:%H:%M:%S}".removesuffix(":00")
    named = " UTC" if zone is UTC else ""
    return f"{day}, {clock}{named}" if language == "en" else f"{day} {clock}{named}"


def number_text(value: Decimal | int, language: str) -> str:
    """`1,234.5` in both languages: three decimals at most, half to even."""
    if isinstance(value, int) and value >= 0:
        return f"{value:,}"
    return _decimal_text(value, language)


@lru_cache(maxsize=4096)
def _decimal_text(value: Decimal | int, language: str) -> str:
    return str(format_decimal(value, locale=LOCALES[language]))


def truth_text(*, true: bool, language: str) -> str:
    return sentence("guide.yes" if true else "guide.no", language)


def list_text(said: Sequence[str], language: str, *, style: ListStyle = "standard") -> str:
    """`hotel and niche` in English, `hotel和niche` in Chinese; `hotel or niche` by style `or`."""
    return str(format_list(said, style, locale=LOCALES[language]))


def language_of(tag: str) -> str | None:
    """`zh-Hans-CN`, `zh_CN`, `ZH` → `zh-CN`; `en-GB` → `en`; another language → None."""
    primary = tag.replace("_", "-").split("-")[0].strip().lower()
    return next((known for known in LANGUAGES if known.split("-")[0] == primary), None)


def choose_language(accept_language: str | None) -> str | None:
    """The known language that an Accept-Language header likes best, if it names any."""
    best: tuple[float, str] | None = None
    for part in (accept_language or "").split(",")[:ACCEPT_LANGUAGE_PARTS_MAX]:
        tag, _, weight = part.partition(";")
        language = language_of(tag)
        liking = _liking(weight)
        if language is not None and liking > 0 and (best is None or liking > best[0]):
            best = (liking, language)
    return best[1] if best else None


def _liking(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0


def _words(fact: object, language: str) -> object:
    """A code in words, several as alternatives; anything else, such as the name of a mutation,
    unchanged.
    """
    if isinstance(fact, tuple) and fact:
        return list_text([str(_words(one, language)) for one in fact], language, style="or")
    if isinstance(fact, str) and _is_code(fact):
        return sentence(f"code.{fact}", language)
    return _shown(fact, language)


def _is_code(fact: str) -> bool:
    return f"code.{fact}" in SENTENCES[DEFAULT_LANGUAGE]


def _shown(fact: object, language: str, zone: tzinfo = UTC) -> object:
    """A list as its parts one after the other, and a missing value as the word for it."""
    if fact is None or fact == ():
        return sentence("problem.none", language)
    if isinstance(fact, tuple):
        return ", ".join(map(str, fact))
    if isinstance(fact, Price):
        minor = to_minor_units(fact.amount, fact.currency)
        return money_text(minor, fact.currency, language)
    return moment_text(fact, language, zone) if isinstance(fact, datetime) else fact

"""Numbers and amounts are written as babel writes them, names as the policy at hand has them."""

from datetime import date
from decimal import Decimal

from babel.core import get_global
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from api.wording.messages import date_text, money_text, number_text
from api.wording.words import names_of
from domain.kernel.money import to_amount
from domain.programmes import reader
from tests.support import factories as make

LANGUAGES = st.sampled_from(["en", "zh-CN"])
CURRENCIES = st.sampled_from(sorted(get_global("all_currencies")))


@given(st.integers(-(10**15), 10**15), CURRENCIES, LANGUAGES)
def test_amounts_are_written_as_babel_writes_them(minor: int, currency: str, language: str) -> None:
    pattern = "¤¤ #,##0.00" if language == "en" else None
    locale, amount = language.replace("-", "_"), to_amount(minor, currency)
    expected = format_currency(amount, currency, pattern, locale=locale)
    assert money_text(minor, currency, language) == expected


@given(
    st.integers(-(10**15), 10**15) | st.decimals(-(10**9), 10**9, places=5).map(Decimal), LANGUAGES
)
def test_numbers_are_written_as_babel_writes_them(value: Decimal | int, language: str) -> None:
    expected = format_decimal(value, locale=language.replace("-", "_"))
    assert number_text(value or 0, language) == ("0" if not value else expected)


def test_days_are_written_in_both_languages() -> None:
    day = date(2026, 12, 6)
    assert [date_text(day, "en"), date_text(day, "zh-CN")] == ["6 December 2026", "2026年12月6日"]


def test_names_are_those_of_the_policy_at_hand() -> None:
    """Also where one has the identity that another had before."""
    for number in range(20):
        levels = make.shipped_document()["tiers"]
        levels["levels"][0]["name"]["en"] = f"Level {number}"
        policy = reader.validate(make.shipped_document(tiers=levels))
        code = policy.tiers.levels[0].code
        assert names_of(policy, "en")[code] == f"Level {number}"
        assert names_of(policy, "en") is names_of(policy, "en")
        assert names_of(policy, "zh-CN")[code] != f"Level {number}"

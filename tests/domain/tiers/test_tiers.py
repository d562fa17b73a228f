"""Tiers: what is qualified for, how far it is to the next, and which was recorded when."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.ids import new_id
from domain.programmes import programmes, reader
from domain.programmes.levels import TierBasis
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.tiers import qualification
from domain.tiers.tier_windows import ALWAYS
from domain.tiers.values import Change, Credit, Holding, Measure, Qualifying, Sum
from tests.support import factories as make
from tests.support import tiered

OTA = reader.validate(make.shipped_document())
DAY = timedelta(days=1)

BASES: tuple[TierBasis, ...] = get_args(TierBasis)

amounts = st.integers(0, 10**7)
standings = st.builds(Qualifying, amounts, amounts, amounts, amounts, amounts)


def by_basis(basis: str) -> Policy:
    document: dict[str, Any] = make.shipped_document()
    document["tiers"]["basis"] = basis
    return reader.validate(document)


@pytest.mark.parametrize(
    ("spend_minor", "tier"),
    [
        (0, "silver"),
        (499_999, "silver"),
        (500_000, "gold"),
        (1_999_999, "gold"),
        (2_000_000, "platinum"),
        (4_999_999, "platinum"),
        (5_000_000, "diamond"),
        (10**12, "diamond"),
    ],
)
def test_a_threshold_is_reached_exactly(spend_minor: int, tier: str) -> None:
    assert qualification.qualified(OTA, Qualifying(spend_minor=spend_minor)).code == tier


@pytest.mark.parametrize(
    ("basis", "amount"),
    [
        ("spend", Decimal("12.34")),
        ("bookings", Decimal(5)),
        ("completed_bookings", Decimal(8)),
        ("nights", Decimal(6)),
        ("points", Decimal(7)),
    ],
)
def test_each_basis_counts_its_own(basis: TierBasis, amount: Decimal) -> None:
    assert qualification.amount(OTA, basis, Qualifying(1234, 5, 6, 7, 8)) == amount


def test_progress_is_toward_the_next_level_above_the_current() -> None:
    standing = Qualifying(spend_minor=350_000)
    found = qualification.progress(OTA, "silver", standing)
    assert found.measures == (Measure("spend", Decimal("3500.00"), Decimal(5000)),)
    assert found.next is not None
    assert found.next.code == "gold"
    top = qualification.progress(OTA, "diamond", standing)
    assert top.measures == (Measure("spend", Decimal("3500.00"), None),)
    assert top.next is None


ANY = reader.validate(tiered.either())


@pytest.mark.parametrize(
    ("spend", "completed", "tier", "nearest"),
    [
        ("0", 0, "silver", "spend"),
        ("4999.99", 4, "silver", "spend"),
        ("4000", 4, "silver", "spend"),
        ("3999.99", 4, "silver", "completed_bookings"),
        ("5000", 0, "gold", "spend"),
        ("1200", 5, "gold", "completed_bookings"),
        ("1200", 15, "platinum", "spend"),
    ],
)
def test_either_measure_reaches_a_level(
    spend: str, completed: int, tier: str, nearest: str
) -> None:
    """At the top, and of equals, the first is shown."""
    standing = Qualifying(spend_minor=int(Decimal(spend) * 100), completed_bookings=completed)
    assert qualification.qualified(ANY, standing).code == tier
    assert qualification.progress(ANY, tier, standing).nearest.basis == nearest


@given(standings)
def test_of_two_measures_the_better_counts(standing: Qualifying) -> None:
    """As high as the better of two programmes that have one measure each."""
    single = [
        reader.validate(tiered.either() | {"tiers": tiered.by_one(measure)})
        for measure in ("spend", "completed_bookings")
    ]
    ranks = [one.rank(qualification.qualified(one, standing).code) for one in single]
    assert ANY.rank(qualification.qualified(ANY, standing).code) == max(ranks)


def risen(current: str, standing: Qualifying) -> str | None:
    """Where the booking takes the member that brings what counts to this."""
    version = Version(new_id(), 1, programmes.BEGINNING, OTA)
    holding = Holding.at_joining(new_id(), current, make.NOW - DAY)
    credit = Credit(holding.member_id, make.NOW, make.NOW, standing)
    change = qualification.review(version, holding, [Sum(ALWAYS, Qualifying())], credit)
    if change is None:
        return None
    assert (change.from_tier, change.at, change.reason) == (current, make.NOW, "qualified")
    assert change.holding.since == make.NOW
    return change.to_tier


def test_a_member_rises_and_never_falls_by_qualifying() -> None:
    assert risen("silver", Qualifying(spend_minor=2_000_000)) == "platinum"
    assert risen("platinum", Qualifying(spend_minor=2_000_000)) is None
    assert risen("diamond", Qualifying()) is None


@given(standings, standings, st.sampled_from(BASES))
def test_what_counts_only_adds(one: Qualifying, other: Qualifying, basis: TierBasis) -> None:
    by = by_basis(basis)
    before, after = qualification.qualified(by, one), qualification.qualified(by, one + other)
    assert by.rank(after.code) >= by.rank(before.code)
    assert qualification.amount(by, basis, one + other) == qualification.amount(
        by, basis, one
    ) + qualification.amount(by, basis, other)
    assert one + other == other + one
    assert one + Qualifying() == one


@given(standings, st.sampled_from(["silver", "gold", "platinum", "diamond"]))
def test_an_upgrade_is_what_is_qualified_for_or_nothing(standing: Qualifying, current: str) -> None:
    level = risen(current, standing)
    qualified = qualification.qualified(OTA, standing).code
    assert level == (qualified if OTA.rank(qualified) > OTA.rank(current) else None)
    progress = qualification.progress(OTA, level or current, standing).nearest
    assert progress.required is None or progress.current < progress.required


def changes(*steps: tuple[str, str, int]) -> list[Change]:
    return [Change(old, new, make.NOW + days * DAY) for old, new, days in steps]


@pytest.mark.parametrize(
    ("days", "tier"),
    [(-1, "silver"), (0, "gold"), (4, "gold"), (5, "platinum"), (9, "platinum")],
)
def test_the_tier_recorded_at_an_instant(days: int, tier: str) -> None:
    recorded = changes(("silver", "gold", 0), ("gold", "platinum", 5))
    assert qualification.recorded_at(recorded, "platinum", make.NOW + days * DAY) == tier


def test_of_several_changes_effective_then_the_last_recorded_counts() -> None:
    recorded = changes(("silver", "gold", 0), ("gold", "platinum", 0), ("platinum", "gold", -3))
    assert qualification.recorded_at(recorded, "gold", make.NOW) == "gold"
    assert qualification.recorded_at(recorded, "gold", make.NOW - DAY) == "gold"
    assert qualification.recorded_at(recorded, "gold", make.NOW - 4 * DAY) == "silver"


def test_without_a_change_the_tier_has_always_been_the_current_one() -> None:
    assert qualification.recorded_at([], "silver", make.NOW) == "silver"

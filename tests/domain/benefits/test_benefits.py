"""Uses of benefits under the lock, their proof, and quotas as they are counted."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from domain.benefits import quotas
from domain.benefits.quotas import Quota, Source, Use
from domain.grants.perks import Perk
from domain.kernel.ids import new_id
from domain.programmes import reader
from domain.programmes.refusals import PolicyInvalid
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from tests.conftest import Database
from tests.support import factories as make
from tests.support import tiered

MONTHLY = {"benefit": "lounge_visit", "uses": 2, "per": "month"}


def document(*given: Any) -> dict[str, Any]:
    """The shipped document whose entry tier gives these benefits and no others."""
    made = make.shipped_document()
    made["tiers"]["levels"][0]["benefits"] = list(given)
    return made


@pytest.mark.usefixtures("proved")
async def test_of_many_at_once_as_many_succeed_as_are_left(database: Database) -> None:
    programme = await make.establish(document(MONTHLY))
    member_id = await make.enrol(programme)

    found = await make.outcomes(
        *(make.use_benefit(programme, member_id, "lounge_visit") for _ in range(6))
    )
    assert found == {"Outcome": 2, "LIMIT_REACHED": 4}
    [first, second] = await models.BenefitUse.filter(member_id=member_id).order_by("number")
    assert (first.number, second.number) == (1, 2)

    # one returned by several at once is one that can be used
    returns = [
        make.return_benefit(programme, member_id, "lounge_visit", first.reference) for _ in range(3)
    ]
    assert await make.outcomes(*returns) == {"Outcome": 3}
    found = await make.outcomes(
        *(make.use_benefit(programme, member_id, "lounge_visit") for _ in range(3))
    )
    assert found == {"Outcome": 1, "LIMIT_REACHED": 2}
    standing = await models.BenefitUse.filter(member_id=member_id, returned_at=None)
    assert sorted(use.number or 0 for use in standing) == [1, 2]


@pytest.mark.usefixtures("proved")
async def test_one_reference_at_once_is_one_use(database: Database) -> None:
    programme = await make.establish(document(MONTHLY))
    member_id = await make.enrol(programme)

    calls = [make.use_benefit(programme, member_id, "lounge_visit", "U-1") for _ in range(3)]
    assert await make.outcomes(*calls) == {"Outcome": 3}
    assert await models.BenefitUse.filter(member_id=member_id).count() == 1


@pytest.mark.usefixtures("proved")
async def test_a_new_version_counts_the_uses_before_it(database: Database) -> None:
    programme = await make.establish(document({"benefit": "lounge_visit"}))
    member_id = await make.enrol(programme)
    for _ in range(3):
        await make.use_benefit(programme, member_id, "lounge_visit")
    later = make.NOW + timedelta(days=1)
    programme = await make.publish(programme, document(MONTHLY), effective_from=later)

    calls = make.use_benefit(programme, member_id, "lounge_visit", now=later)
    assert await make.outcomes(calls) == {"LIMIT_REACHED": 1}
    # what was used before the version is judged by the one before
    await make.use_benefit(programme, member_id, "lounge_visit", now=later, used_at=make.NOW)
    april = make.NOW + timedelta(days=20)
    await make.use_benefit(programme, member_id, "lounge_visit", now=april)


async def test_verification_finds_what_no_level_gave(database: Database) -> None:
    programme = await make.establish(document(MONTHLY))
    member_id = await make.enrol(programme)
    for _ in range(2):
        await make.use_benefit(programme, member_id, "lounge_visit")
    await tiered.assign(programme, member_id, "diamond", now=make.NOW + timedelta(days=1))
    [member] = await verification.read(UUID(int=member_id.int - 1), member_id)
    known = await verification.read_catalogue(Catalogue({}, {}), [member])
    assert list(invariants.check(member, known)) == []

    def found(number: int, **wrong: Any) -> list[str]:
        altered = copy.deepcopy(member)
        uses = altered.tables["benefit_use"]
        uses.sort(key=lambda use: use["number"])
        uses[number].update(wrong)
        told = [str(fault) for fault in invariants.contradictions(altered, known)]
        return [fault.partition(": ")[2] for fault in told]

    own = {use["number"]: use for use in member.tables["benefit_use"]}
    until = own[1]["period_until"] + timedelta(days=1)
    assert found(1, quota=3) == ["quota is 3, should be 2, as its level says"]
    assert found(0, tier="gold") == [
        "tier is gold, should be silver, the tier of its instant",
        "tier is gold, should be one that gives lounge_visit",
    ]
    assert found(1, period_until=until) == [
        f"period_until is {until}, should be {own[1]['period_until']}, as its level says"
    ]
    assert found(0, reference="other") == [f"its look-up row is null, should be {own[1]['id']}"]
    assert found(1, policy_version_id=member_id) == [
        f"policy_version_id is {member_id}, should be a version of the programme"
    ]
    member.tables["benefit_use"].append({**own[2], "id": new_id()})
    beyond = "uses of its period is 3, should be 2 or less, the quota of its period"
    assert beyond in found(0)
    member.tables["benefit_use"][0]["returned_at"] = make.NOW
    assert beyond not in found(0)


JANUARY = Quota(3, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))


@given(st.lists(st.booleans(), max_size=12))
def test_numbers_are_those_of_the_quota(returned: list[bool]) -> None:
    """However uses and returns follow one another, the next number is free and of the quota."""
    uses: list[Use] = []
    for back in returned:
        if back and uses:
            uses.pop(0)
        elif len(uses) < 3:
            number = quotas.next_number(uses)
            assert number <= 3
            assert number not in [use.number for use in uses]
            uses.append(Use(new_id(), "lounge_visit", make.NOW, number))


def perk(days: int, uses: int = 1) -> Perk:
    return Perk(new_id(), "lounge_visit", uses, make.NOW, make.NOW + timedelta(days=days))


def test_a_use_is_taken_from_what_ends_first() -> None:
    year = Quota(1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    at_once = Perk(new_id(), "lounge_visit", 1, make.NOW, datetime(2027, 1, 1, tzinfo=UTC))
    soon, later, long_after = perk(10, uses=2), perk(20), perk(900)
    given, taken = [long_after, at_once, later, soon], list[Use]()
    sources = []
    while (found := quotas.source(year, given, "lounge_visit", taken)) is not None:
        sources.append((found.activity_id, found.number))
        use = Use(new_id(), "lounge_visit", make.NOW, found.number, found.activity_id)
        taken.append(use)
    assert sources == [
        (soon.activity_id, 1),
        (soon.activity_id, 2),
        (later.activity_id, 1),
        (None, 1),
        (at_once.activity_id, 1),
        (long_after.activity_id, 1),
    ]
    without_limit = quotas.source(Quota(None), [long_after], "lounge_visit", taken)
    assert without_limit == Source(None, None)
    assert quotas.source(None, [soon], "lounge_visit", taken) is None


def test_a_use_counts_in_the_local_period_of_its_instant() -> None:
    policy = reader.validate(document(MONTHLY))
    last = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    march = quotas.of_level(policy, "silver", "lounge_visit", last)
    april = quotas.of_level(policy, "silver", "lounge_visit", last + timedelta(seconds=1))
    assert march is not None
    assert april is not None
    assert march.end == april.start == last + timedelta(seconds=1)
    assert quotas.of_level(policy, "gold", "lounge_visit", last) is None
    use = Use(new_id(), "lounge_visit", last, 1)
    assert quotas.used(march, "lounge_visit", [use]) == [use]
    assert quotas.used(april, "lounge_visit", [use]) == []
    assert quotas.used(march, "upgrade", [use]) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ([{"benefit": "lounge_vist"}], ("undefined", "benefit", "lounge_visit")),
        ([MONTHLY, MONTHLY], ("repeated", "benefit", None)),
        ([{"benefit": "lounge_visit", "per": "year"}], ("uses_per", "per", None)),
        ([{"benefit": "lounge_visit", "uses": 0, "per": "year"}], ("least", "uses", None)),
        ([{"benefit": "lounge_visit", "usess": 1}], ("unknown_key", "usess", "uses")),
        ([{"zh-CN": "早餐", "en": "Breakfast", "enn": "Breakfast"}], ("unknown_key", "enn", "en")),
        ([{"uses": 1, "per": "year"}], ("missing", "benefit", None)),
        (["breakfast"], ("mapping", 0, None)),
    ],
)
def test_what_a_document_cannot_say_of_benefits(given: Any, fault: tuple[Any, ...]) -> None:
    with pytest.raises(PolicyInvalid) as raised:
        reader.validate(document(*given))
    [found] = raised.value.faults
    assert (found.code, found.at[-1], found.suggestion) == fault
    assert found.at[:4] == ("tiers", "levels", 0, "benefits")


def test_a_benefit_is_declared_once() -> None:
    made = make.shipped_document()
    made["benefits"].append(made["benefits"][0])
    with pytest.raises(PolicyInvalid) as raised:
        reader.validate(made)
    [found] = raised.value.faults
    assert (found.code, found.path) == ("repeated", "benefits.3.code")

"""Joining by a referral code: whose code it may be, and what is recorded of it."""

import json
from datetime import datetime, timedelta

import pytest

from domain.kernel.database import row, update
from domain.members.refusals import ReferralInvalid
from domain.programmes import reader
from domain.programmes.referral_terms import ReferralTerms
from domain.programmes.refusals import PolicyInvalid
from domain.referrals import friends, states
from tests.support import factories as make
from tests.support import referred

DAY = timedelta(days=1)


async def test_who_enrols_with_a_code_has_joined_by_it(database: object) -> None:
    programme = await referred.programme_with("first_booking", within_days=30)
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    found = await friends.latest(friend)
    assert found is not None
    assert (found.status, found.version, found.other_id) == ("JOINED", 1, referrer)
    assert (found.joined_at, found.fact_at) == (make.NOW, None)
    assert found.policy_version_id == programme.versions[0].id
    assert await friends.latest(referrer) is None
    assert await make.payloads("referral.changed", member_id=friend) == [
        {"referral_id": str(found.id), "side": "REFEREE", "status": "JOINED"}
    ]


async def test_where_enrolling_is_enough_it_is_reached_at_once(database: object) -> None:
    programme = await referred.programme_with("enrolled")
    friend = await referred.bring(programme, await make.enrol(programme))
    assert await referred.sides(friend) == ["JOINED", "REACHED"]
    found = await friends.latest(friend)
    assert found is not None
    assert found.fact_at == make.NOW


async def test_without_terms_only_the_referrer_is_remembered(database: object) -> None:
    programme = await make.establish()
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    assert await referred.sides(friend) == []
    kept = await row("SELECT referred_by FROM member WHERE member_id = $1", friend)
    assert kept == {"referred_by": referrer}


@pytest.mark.parametrize("status", ["GUEST", "SUSPENDED", "UNDER_REVIEW", "ERASED"])
async def test_the_code_of_who_is_not_enrolled_is_refused(database: object, status: str) -> None:
    programme = await referred.programme_with()
    referrer = await make.enrol(programme)
    code = await referred.code_of(referrer)
    await make.set_status(referrer, status)
    async with make.refused(programme, ReferralInvalid, "referralCode", referral_code=code):
        await make.enrol(programme, referral_code=code)


async def test_a_guest_cannot_join_by_its_own_friend_or_itself(database: object) -> None:
    programme = await referred.programme_with()
    guest = await make.enrol(programme, reference="li", guest=True)
    own = await make.enrol(programme)
    await update("UPDATE member SET referred_by = $2 WHERE member_id = $1", own, guest)
    for code in (await referred.code_of(own), await referred.code_of(guest)):
        async with make.refused(programme, ReferralInvalid, "referralCode"):
            await make.enrol(programme, reference="li", referral_code=code)


async def test_a_guest_joins_when_it_enrols(database: object) -> None:
    programme = await referred.programme_with("first_booking")
    first, second = await make.enrol(programme), await make.enrol(programme)
    code, later = await referred.code_of(first), make.NOW + 9 * DAY
    kept = await make.enrol(programme, reference="kept", guest=True, referral_code=code)
    other = await make.enrol(programme, reference="other", guest=True, referral_code=code)
    gone = await make.enrol(programme, reference="gone", guest=True, referral_code=code)
    assert await referred.sides(kept) == []
    await make.enrol(programme, reference="kept", now=later)
    named = await referred.code_of(second)
    await make.enrol(programme, reference="other", now=later, referral_code=named)
    await make.set_status(first, "SUSPENDED")
    await make.enrol(programme, reference="gone", now=later)

    found = [await friends.latest(one) for one in (kept, other, gone)]
    assert [one and (one.other_id, one.joined_at) for one in found] == [
        (first, later),
        (second, later),
        None,
    ]


async def test_two_enrolments_of_a_guest_at_once_are_one_referral(database: object) -> None:
    programme = await referred.programme_with()
    referrer = await make.enrol(programme)
    guest = await make.enrol(programme, reference="li", guest=True)
    done = await make.outcomes(
        *(referred.bring(programme, referrer, reference="li") for _ in range(2))
    )
    assert done == {"UUID": 1, "REFERENCE_TAKEN": 1}
    assert await referred.sides(guest) == ["JOINED", "REACHED"]


def test_the_last_day_is_so_many_local_days_after_joining() -> None:
    zone = reader.validate(make.shipped_document()).zone
    terms = ReferralTerms(qualifies="first_booking", within_days=1)
    joined = datetime.fromisoformat("2026-07-01T23:30+08:00")
    for at, wanted in (
        ("2026-07-01T23:29+08:00", False),
        ("2026-07-01T23:30+08:00", True),
        ("2026-07-02T23:59+08:00", True),
        ("2026-07-03T00:00+08:00", False),
    ):
        assert states.counts(terms, joined, zone, datetime.fromisoformat(at)) is wanted, at
    endless = ReferralTerms(qualifies="first_booking")
    assert states.counts(endless, joined, zone, joined + 9999 * DAY)
    assert not states.counts(endless, joined, zone, None)


@pytest.mark.parametrize(
    ("terms", "code", "path"),
    [
        ({"qualifies": "registered"}, "choice", "referrals.qualifies"),
        ({}, "missing", "referrals.qualifies"),
        ({"qualifies": "enrolled", "within_days": 0}, "least", "referrals.within_days"),
        ({"qualifies": "enrolled", "limit": {"times": 0, "per": "year"}}, "least", "limit.times"),
        ({"qualifies": "enrolled", "limit": {"points": 1, "per": "year"}}, "missing", "times"),
        ({"qualifies": "enrolled", "link": "example.com/{code}"}, "url", "referrals.link"),
        ({"qualifies": "enrolled", "when": {"tiers": ["ruby"]}}, "undefined", "when.tiers.0"),
        (
            {"qualifies": "enrolled", "when": {"member": {"profile": {"vip": True}}}},
            "undefined",
            "referrals.when.member.profile.vip",
        ),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: dict[str, object], code: str, path: str) -> None:
    document = make.variant(referred.BASE, referrals=terms)
    with pytest.raises(PolicyInvalid) as refused:
        reader.parse(json.dumps(document, default=str))
    assert (code, True) in {
        (fault.code.value, fault.path.endswith(path)) for fault in refused.value.faults
    }

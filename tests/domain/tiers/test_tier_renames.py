"""Renamed tiers: rows keep the old code, and whoever reads one takes it for the new level."""

from datetime import timedelta
from uuid import UUID

import pytest

from api.wording.words import names_of
from domain.kernel.refusals import InvalidInput
from domain.members import members
from domain.members.members import MemberFilter
from domain.programmes import reader
from domain.programmes.programmes import Programme
from domain.programmes.refusals import PolicyInvalid
from domain.rewards import catalogue, placing
from domain.rewards.catalogue import PageAsked, RewardFilter
from domain.rewards.refusals import TierRequired
from tests.domain.programmes.test_succession import TEXT, publish
from tests.domain.test_grant_races import given
from tests.support import factories as make
from tests.support import tiered
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database", "proved")

DAY = timedelta(days=1)
WITHOUT = TEXT.replace("code: diamond", "code: black")
RENAMED = WITHOUT.replace("  levels:", "  renames: {diamond: black}\n  levels:", 1)
ROLLING = RENAMED.replace("  window: lifetime", "  window: {months: 12}", 1)


async def diamond_member(programme: Programme) -> UUID:
    """A member who joined a day ago and books for 50 000 now."""
    member_id = await make.enrol(programme, now=make.NOW - DAY)
    await make.book(programme, member_id, ("hotel", "50000"))
    assert (await tiered.holding(member_id)).tier == "diamond"
    return member_id


async def test_a_tier_code_of_any_version_is_kept_or_renamed() -> None:
    programme = await make.establish()
    levels = ("silver", "gold", "platinum", "black")
    facts = {"reason": "tier_code_missing", "value": "diamond", "allowed": levels}
    async with make.refused(programme, InvalidInput, "document", "tiers", "levels", **facts):
        await publish(programme, WITHOUT)

    programme = await publish(programme, RENAMED)

    async with make.refused(programme, InvalidInput, "document", "tiers", "levels", **facts):
        await publish(programme, WITHOUT)
    async with make.refused(
        programme, InvalidInput, "document", "tiers", "levels", reason="tier_code_missing"
    ):
        await publish(programme, TEXT)


def test_a_code_is_renamed_to_a_level_and_is_none_itself() -> None:
    text = TEXT.replace("  levels:", "  renames: {gold: silver, onyx: black}\n  levels:", 1)
    with pytest.raises(PolicyInvalid) as raised:
        reader.parse(text)
    assert [(fault.path, fault.code, fault.known) for fault in raised.value.faults] == [
        ("tiers.renames.gold", "renamed_level", ()),
        ("tiers.renames.onyx", "undefined", ("silver", "gold", "platinum", "diamond")),
    ]


async def test_holders_keep_their_standing_and_nothing_is_recorded() -> None:
    programme = await make.establish()
    member_id = await diamond_member(programme)
    before, decided = await tiered.holding(member_id), await tiered.recorded(member_id)

    programme = await publish(programme, RENAMED)
    points = await make.book(programme, member_id, ("hotel", "100"), now=make.NOW + DAY)

    assert points == 200
    assert await tiered.holding(member_id) == before
    assert await tiered.recorded(member_id) == decided
    policy = programme.versions[-1].policy
    shown = before.as_named(policy)
    assert (shown.tier, shown.earned, shown.since) == ("black", "black", make.NOW)
    assert names_of(policy, "en")["diamond"] == "Diamond"


async def test_a_fact_of_before_is_judged_by_the_version_and_code_of_its_day() -> None:
    programme = await make.establish()
    member_id = await diamond_member(programme)
    programme = await make.publish(
        programme, reader.to_document(reader.parse(RENAMED)), effective_from=make.NOW + DAY
    )
    booked = make.booking(("hotel", "100"), booked_at=make.NOW + timedelta(hours=1))
    outcome = await make.report(programme, member_id, booked, now=make.NOW + 2 * DAY)
    assert outcome.figures["points_awarded"] == 200


async def test_rules_and_rewards_of_the_new_code_are_for_holders_of_the_old() -> None:
    programme = await make.establish()
    member_id = await diamond_member(programme)
    other = await make.enrol(programme, now=make.NOW - DAY)
    await make.give(programme, other, 5000)
    lounge = await make.reward(programme, minimum_tier="diamond")
    bonus = (
        "  - {code: black_bonus, kind: bonus, name: {zh-CN: 黑卡, en: Black}, points: 7, "
        "when: {tiers: [black]}}\n"
    )
    programme = await publish(programme, RENAMED.replace("earning:\n", f"earning:\n{bonus}", 1))

    assert await make.book(programme, member_id, ("hotel", "100")) == 207
    async with make.refused(programme, TierRequired, "reward", minimum_tier="black", tier="silver"):
        await make.redeem(programme, other, lounge)
    await make.redeem(programme, member_id, lounge)
    for tier, codes in (("platinum", []), ("black", [lounge.code])):
        found = await catalogue.page(programme, PageAsked(RewardFilter(tier=tier), 9), make.NOW)
        assert [reward.code for reward in found] == codes
    [placed] = (await placing.document(programme, make.NOW))["rewards"]
    assert placed["minimum_tier"] == "black"


async def test_members_are_found_by_the_new_code() -> None:
    programme = await make.establish()
    member_id = await diamond_member(programme)
    policy = (await publish(programme, RENAMED)).versions[-1].policy
    wanted = MemberFilter(tiers=policy.tier_codes(["black"]))
    found = await members.page(programme.id, wanted, limit=9)
    assert [member.member_id for member in found] == [member_id]
    assert await members.count(programme.id, wanted) == 1


async def test_a_renamed_tier_gets_its_period_is_renewed_and_lost_as_any_other() -> None:
    programme = await make.establish()
    member_id = await diamond_member(programme)
    programme = await publish(programme, ROLLING)

    assert await tiered.sweep(programme, make.NOW + DAY) == [member_id]
    held = await tiered.holding(member_id)
    assert (held.tier, held.since) == ("diamond", make.NOW)
    await make.book(programme, member_id, ("hotel", "60000"), now=make.NOW + 300 * DAY)
    await tiered.sweep(programme, make.NOW + 400 * DAY)
    renewed = await tiered.holding(member_id)
    assert (renewed.tier, renewed.since) == ("diamond", make.NOW)
    assert await tiered.notified(member_id) == [("silver", "diamond")]

    await tiered.sweep(programme, make.NOW + 800 * DAY)

    assert await tiered.decisions(member_id) == [
        ("qualified", "silver", "diamond"),
        ("opened", "diamond", "diamond"),
        ("renewed", "diamond", "diamond"),
        ("period_end", "diamond", "platinum"),
    ]
    assert (await tiered.notified(member_id))[1:] == [("black", "platinum")]


async def test_a_late_fact_that_reaches_a_renamed_tier_brings_what_its_version_gave() -> None:
    """The booking is of a day on which the tier was called diamond, and is told of afterwards."""
    welcome = grant("welcome", "tier_entry", tiers=["diamond"], gives={"points": 70})
    document = make.shipped_document(grants=[welcome])
    programme = await make.establish(document)
    member_id = await make.enrol(programme, now=make.NOW - DAY)
    tiers = {**document["tiers"], "renames": {"diamond": "black"}}
    tiers["levels"] = [
        {**level, "code": "black"} if level["code"] == "diamond" else level
        for level in tiers["levels"]
    ]
    renamed = {**document, "tiers": tiers, "grants": [{**welcome, "tiers": ["black"]}]}
    programme = await make.publish(programme, renamed, effective_from=make.NOW)
    yesterday = make.NOW - timedelta(hours=1)
    await make.book(programme, member_id, ("hotel", "50000"), booked_at=yesterday)
    assert (await tiered.holding(member_id)).tier == "black"
    assert await given(member_id) == [("welcome", [("GIVEN", 70)])]

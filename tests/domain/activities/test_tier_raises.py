"""Raises: a version that asks for less raises who qualifies already, once, whatever breaks off."""

from contextlib import aclosing
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.activities import tier_raises
from domain.programmes.programmes import Programme
from tests.domain.programmes.test_succession import TEXT, publish
from tests.support import backtested, tiered
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database", "proved")

DAY = timedelta(days=1)
LOWER = TEXT.replace("threshold: 5000\n", "threshold: 3000\n", 1)


async def spenders(programme: Programme, *amounts: str) -> list[UUID]:
    """Members who have spent these amounts, in the order of their ids."""
    ids = []
    for amount in amounts:
        ids.append(await make.enrol(programme, now=make.NOW - DAY))
        await make.book(programme, ids[-1], ("hotel", amount))
    return ids


async def raise_all(
    programme: Programme, now: datetime = make.NOW, most: int = 10**6
) -> list[UUID]:
    """Review at most so many members and stop there, as a worker that is killed."""
    met = list[UUID]()
    for run in await tier_raises.begin(programme, now):
        async with aclosing(tier_raises.members(run)) as found:
            async for member_id in found:
                if len(met) == most:
                    return met
                await tier_raises.review(run, member_id)
                met.append(member_id)
    return met


async def test_who_has_what_a_lower_threshold_asks_for_is_raised_by_the_job() -> None:
    programme = await make.establish()
    enough, short, above = await spenders(programme, "3500", "2999", "5000")
    programme = await publish(programme, LOWER)
    assert (await tiered.holding(enough)).tier == "silver"

    await raise_all(programme)

    assert await tiered.decisions(enough) == [("policy", "silver", "gold")]
    [change] = await tiered.recorded(enough)
    assert change["policy_version_id"] == programme.versions[-1].id
    assert change["inputs"]["spend_minor"] == 350_000
    assert await tiered.notified(enough) == [("silver", "gold")]
    assert await tiered.decisions(short) == []
    assert await tiered.decisions(above) == [("qualified", "silver", "gold")]
    assert await make.book(programme, enough, ("hotel", "100")) == 120


async def test_a_version_is_gone_over_once_and_a_higher_threshold_takes_nothing() -> None:
    programme = await make.establish()
    [member_id] = await spenders(programme, "5000")
    assert await raise_all(programme) == []
    higher = TEXT.replace("threshold: 5000\n", "threshold: 6000\n", 1)
    programme = await publish(programme, higher)

    assert await raise_all(programme) == [member_id]
    assert await raise_all(programme) == []
    assert (await tiered.holding(member_id)).tier == "gold"


async def test_a_version_raises_when_it_takes_effect() -> None:
    programme = await make.establish()
    [member_id] = await spenders(programme, "3500")
    document = make.shipped_document()
    document["tiers"]["levels"][1]["threshold"] = 3000
    programme = await make.publish(programme, document, effective_from=make.NOW + DAY)

    assert await raise_all(programme) == []
    assert await raise_all(programme, make.NOW + DAY) == [member_id]
    assert await tiered.decisions(member_id) == [("policy", "silver", "gold")]


async def test_a_killed_run_goes_on_after_its_last_whole_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tier_raises, "BATCH", 2)
    programme = await make.establish()
    ids = await spenders(programme, *["3500"] * 5)
    programme = await publish(programme, LOWER)

    assert await raise_all(programme, most=3) == ids[:3]
    assert await raise_all(programme) == ids[2:]

    for member_id in ids:
        assert await tiered.decisions(member_id) == [("policy", "silver", "gold")]
    assert await raise_all(programme) == []


async def test_who_was_missed_is_met_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tier_raises, "BATCH", 2)
    programme = await make.establish()
    ids = await spenders(programme, *["3500"] * 4)
    programme = await publish(programme, LOWER)
    [run] = await tier_raises.begin(programme, make.NOW)

    # the second could not be locked
    for member_id in [found async for found in tier_raises.members(run)]:
        if member_id != ids[1]:
            await tier_raises.review(run, member_id)

    assert ids[1] in await raise_all(programme)
    assert await tiered.decisions(ids[1]) == [("policy", "silver", "gold")]
    assert await raise_all(programme) == []


async def test_a_fact_may_come_first() -> None:
    programme = await make.establish()
    [member_id] = await spenders(programme, "3500")
    programme = await publish(programme, LOWER)
    await make.book(programme, member_id, ("hotel", "1"))
    await raise_all(programme)
    assert await tiered.decisions(member_id) == [("qualified", "silver", "gold")]


async def replaced(programme: Programme, *texts: str) -> Programme:
    """These texts published for the instants a day apart from now on, while the worker is down."""
    for days, text in enumerate(texts):
        programme = await publish(programme, text, effective_from=make.NOW + days * DAY)
    return programme


async def test_a_version_that_was_replaced_before_the_job_came_raises_all_the_same() -> None:
    """A prompt job had raised who has 3500; who spends as much a day later is too late for it."""
    programme = await make.establish()
    enough, late = await spenders(programme, "3500", "2900")
    programme = await replaced(programme, LOWER, TEXT)
    await make.book(programme, late, ("hotel", "600"), now=make.NOW + DAY)

    assert set(await raise_all(programme, make.NOW + 2 * DAY)) == {enough, late}

    assert await tiered.decisions(enough) == [("policy", "silver", "gold")]
    [change] = await tiered.recorded(enough)
    assert change["policy_version_id"] == programme.versions[1].id
    assert change["inputs"]["spend_minor"] == 350_000
    assert await tiered.decisions(late) == []
    assert await raise_all(programme, make.NOW + 2 * DAY) == []
    until = make.NOW + 3 * DAY
    assert await make.book(programme, enough, ("hotel", "100"), now=make.NOW + 2 * DAY) == 120
    found = await backtested.compare(programme, until)
    assert backtested.figures(found, programme)["drift"][0] == 0


async def test_each_version_that_was_missed_raises_once_the_oldest_first() -> None:
    """Of two for one instant the first was never in force, and raises nobody."""
    programme = await make.establish()
    lowest = TEXT.replace("threshold: 5000\n", "threshold: 1000\n", 1)
    low, lower, least = await spenders(programme, "4500", "3500", "1500")
    middle = TEXT.replace("threshold: 5000\n", "threshold: 4000\n", 1)
    programme = await replaced(programme, middle, LOWER)
    programme = await publish(programme, lowest, effective_from=make.NOW + 2 * DAY)
    programme = await publish(programme, TEXT, effective_from=make.NOW + 2 * DAY)

    await raise_all(programme, make.NOW + 3 * DAY)

    by = {programme.versions[1].id: low, programme.versions[2].id: lower}
    for version_id, member_id in by.items():
        assert await tiered.decisions(member_id) == [("policy", "silver", "gold")]
        assert [c["policy_version_id"] for c in await tiered.recorded(member_id)] == [version_id]
    assert await tiered.decisions(least) == []


async def test_who_has_a_tier_of_a_later_name_is_not_brought_down_by_a_version_before() -> None:
    """Diamond is black by the third version, and who reached black is above the second's gold."""
    programme = await make.establish()
    renamed = TEXT.replace("- code: diamond\n", "- code: black\n", 1)
    renamed = renamed.replace("tiers:\n", "tiers:\n  renames: {diamond: black}\n", 1)
    renamed = renamed.replace("[platinum, diamond]", "[platinum, black]")
    [member_id] = await spenders(programme, "3500")
    programme = await replaced(programme, LOWER, renamed)
    later = make.NOW + DAY
    await make.book(programme, member_id, ("hotel", "100000"), now=later)
    assert (await tiered.holding(member_id)).tier == "black"

    await raise_all(programme, later)

    assert await tiered.decisions(member_id) == [("qualified", "silver", "black")]


async def test_a_version_that_was_replaced_raises_by_what_had_come_until_then() -> None:
    """And `verify`, which looks at every member of this module, knows that."""
    programme = await make.establish()
    [member_id] = await spenders(programme, "3500")
    lower = make.shipped_document()
    lower["tiers"]["levels"][1]["threshold"] = 3000
    programme = await make.publish(programme, lower, now=make.NOW + DAY)
    programme = await make.publish(programme, make.shipped_document(), now=make.NOW + 2 * DAY)
    await make.book(programme, member_id, ("hotel", "200"), now=make.NOW + 3 * DAY)

    await raise_all(programme, make.NOW + 4 * DAY)

    assert await tiered.decisions(member_id) == [("policy", "silver", "gold")]
    [change] = await tiered.recorded(member_id)
    assert change["inputs"]["spend_minor"] == 350_000

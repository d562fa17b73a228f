"""Proposals where several act at one instant."""

import asyncio
from datetime import timedelta

import pytest

from domain.lint import lint
from domain.programmes import programmes
from domain.proposals import proposals
from domain.proposals.proposals import LIVES_DAYS, OPEN_MAX, ProposalStatus
from tests.conftest import Database
from tests.support import factories as make


async def test_only_the_first_who_asks_for_a_second_person_publishes(database: Database) -> None:
    """Also where the others asked before it, and waited for it."""
    programme = await make.establish()
    asking = f"{make.written(programme.versions[0].policy)}publishing: {{approvals: 1}}\n"
    people = [
        make.request(make.staff(programme, f"person-{n}"), now=make.NOW - timedelta(seconds=n))
        for n in range(4)
    ]
    outcomes = await asyncio.gather(*(lint.publish(one, asking) for one in people))
    told = sorted(next(iter(outcome.figures)) for outcome in outcomes)
    assert told == ["proposal_id", "proposal_id", "proposal_id", "version"]
    found = await programmes.get(programme.code)
    assert [version.number for version in found.versions] == [1, 2]
    assert await proposals.count(programme.id, make.NOW, opened=True) == 3


async def test_never_more_are_open_than_may_be(database: Database) -> None:
    programme = await make.establish()
    for _ in range(OPEN_MAX - 1):
        await make.propose(programme)
    made = await asyncio.gather(
        *(make.propose(programme) for _ in range(4)), return_exceptions=True
    )
    reasons = [getattr(one, "reason", None) for one in made if isinstance(one, Exception)]
    assert reasons == ["too_many_proposals"] * 3
    assert await proposals.count(programme.id, make.NOW, opened=True) == OPEN_MAX
    over = make.NOW + timedelta(days=LIVES_DAYS)
    assert await proposals.count(programme.id, over, opened=True) == 0
    assert await proposals.count(programme.id, over, opened=False) == OPEN_MAX


@pytest.mark.usefixtures("database")
async def test_it_is_open_until_the_instant_at_which_it_ends() -> None:
    programme = await make.establish()
    proposal = await proposals.find(programme.id, await make.propose(programme))
    assert proposal is not None
    end = make.NOW + timedelta(days=LIVES_DAYS)
    assert proposal.expires_at == end
    assert proposal.status(end - timedelta(microseconds=1)) is ProposalStatus.OPEN
    assert proposal.status(end) is ProposalStatus.EXPIRED

"""A programme in which a second person must approve a new policy version, and its proposals."""

from datetime import timedelta
from typing import Any

from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import REFERRALS, Client, Stage, open_stage

SELECTION = """version proposal { id operation sha256 proposedBy proposedAt expiresAt state input
    decidedBy decidedAt reason }"""
STATE = "proposal { id state decidedBy reason }"
VERSIONS = """{ programme { version versions { edges { node {
    number publishedBy approvedBy note document } } } } }"""
LIST = """query($open: Boolean, $first: Int, $after: String) {
    proposals(open: $open, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { id state } } } }"""
ASKS = {"approvals": 1}


async def open_asking(**changes: Any) -> Stage:
    """A programme in which a second person must approve a new policy version."""
    document = make.shipped_document(referrals=REFERRALS, publishing=ASKS, **changes)
    return await open_stage(document)


def changed(stage: Stage, old: str = "points: 500\n", new: str = "points: 400 # 春季\n") -> str:
    """The policy's text with `old` replaced by `new` once."""
    text = make.written(stage.programme.versions[0].policy)
    assert old in text
    return text.replace(old, new, 1)


async def propose(client: Client, **sent: Any) -> Any:
    done = await client.done("publishPolicy", SELECTION, **sent)
    assert done["version"] is None
    return done["proposal"]


async def numbers(stage: Stage) -> list[int]:
    found = await stage.staff().read(VERSIONS)
    return [edge["node"]["number"] for edge in found["programme"]["versions"]["edges"]]


async def later(stage: Stage, by: timedelta) -> None:
    await programmes.advance_clock(stage.programme, by)

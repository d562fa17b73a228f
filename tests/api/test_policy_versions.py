"""Versions of the policy as staff see them, and an earlier one's text published again."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from api.kit.relay import from_global_id, to_global_id
from domain.kernel.ids import new_id
from domain.programmes import programmes, reader
from domain.proof import policy_checks
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

VERSIONS = """query($first: Int, $after: String) { programme { version versions(
    first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    edges { node { id number effectiveFrom publishedBy note document } } } } }"""


def written(stage: Stage, *, points: int = 400) -> str:
    """A document with a comment, which nothing but its text has."""
    text = make.written(stage.programme.versions[0].policy)
    return text.replace("  points: 500\n", f"  points: {points} # 春季\n", 1)


async def versions(stage: Stage, **page: Any) -> Any:
    return (await stage.staff().read(VERSIONS, **page))["programme"]["versions"]


async def test_a_version_keeps_its_text_and_can_be_published_again() -> None:
    stage = await open_stage()
    staff, text = stage.staff(), written(await open_stage())
    text = text.replace(reader.parse(text).programme, stage.programme.code)
    await staff.done("publishPolicy", document=text, note="spring")
    sent = {"version": 1, "note": "spring is over"}
    done = await staff.done("publishPolicy", "version", key="back", **sent)
    again = await staff.done("publishPolicy", "version", key="back", **sent)
    assert (done["version"], again) == (3, {"version": 3, "replayed": True})

    page = await versions(stage, first=2)
    third, second = [edge["node"] for edge in page["edges"]]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert (second["document"], second["note"]) == (text, "spring")
    assert (third["number"], third["note"]) == (3, "spring is over")
    [first] = [
        edge["node"]
        for edge in (await versions(stage, after=page["pageInfo"]["endCursor"]))["edges"]
    ]
    # the first was made without a text: it is shown as the product writes it
    policy = stage.programme.versions[0].policy
    assert first["document"] == third["document"] == make.written(policy)
    assert (first["number"], first["effectiveFrom"], first["note"]) == (1, None, "")
    found = await programmes.get(stage.programme.code)
    assert [version.policy == policy for version in found.versions] == [True, False, True]
    assert await policy_checks.texts(stage.programme.id) == []

    node = "query($id: ID!) { node(id: $id) { id ... on PolicyVersion { number document } } }"
    shown = (await staff.read(node, id=second["id"]))["node"]
    assert shown == {"id": second["id"], "number": 2, "document": text}
    other = await open_stage()
    absent = str(to_global_id("PolicyVersion", new_id()))
    for client, named in ((staff, absent), (other.staff(), second["id"])):
        assert (await client.read(node, id=named))["node"] is None
    for client in (stage.member(), await stage.partner(), await stage.public()):
        shown = (await client.read(VERSIONS))["programme"]["versions"]
        assert (shown["totalCount"], shown["edges"]) == (0, [])
    assert (await stage.member().read(node, id=second["id"]))["node"] is None


async def test_a_version_ahead_is_withdrawn_by_another_of_the_same_instant() -> None:
    stage = await open_stage()
    staff, ahead = stage.staff(), (TODAY + timedelta(days=2)).isoformat()
    text = make.written(stage.programme.versions[0].policy)
    dearer = text.replace("points: 500\n", "points: 400\n", 1)
    await staff.done("publishPolicy", document=dearer, effectiveFrom=ahead)
    await staff.done("publishPolicy", version=1, effectiveFrom=ahead)
    assert (await staff.read("{ programme { version } }"))["programme"] == {"version": 1}
    await programmes.advance_clock(stage.programme, timedelta(days=3))
    assert (await staff.read("{ programme { version } }"))["programme"] == {"version": 3}
    found = await programmes.get(stage.programme.code)
    in_force = found.as_of(TODAY + timedelta(days=2))
    assert (in_force.number, in_force.policy) == (3, found.versions[0].policy)


async def test_what_names_no_text_publishes_nothing() -> None:
    stage = await open_stage()
    staff, before = stage.staff(), await stage.everything()
    text = written(stage)
    for sent in ({}, {"document": text, "version": 1}, {"document": None, "version": None}):
        problem = await staff.refused("publishPolicy", **sent)
        assert (problem["reason"], problem["path"]) == ("one_of", ["document"])
    for number in (0, 2, -1, 2**31 - 1):
        problem = await staff.refused("publishPolicy", version=number)
        assert (problem["what"], problem["value"]) == ("version", str(number))
        assert problem["path"] == ["version"]
    assert await stage.everything() == before


async def test_a_text_of_another_document_is_found(
    database: Database, owner_connection: asyncpg.Connection
) -> None:
    stage = await open_stage()
    await stage.staff().done("publishPolicy", document=written(stage))
    [edge] = (await versions(stage, first=1))["edges"]
    named = from_global_id(edge["node"]["id"])
    assert named is not None
    for old, new, found in (
        ("400 # 春季", "401 # 春季", [named.id]),
        ("401 # 春季", "[", [named.id]),
        ("[", "400 # 夏季", []),
    ):
        await owner_connection.execute(
            "UPDATE policy_version SET source = replace(source, $2, $3) WHERE id = $1",
            *(named.id, old, new),
        )
        faults = await policy_checks.texts(stage.programme.id)
        assert [fault.row_id for fault in faults] == found

"""The examples of the page for developers: each is run, in its order, against its programme's demo.

An example is the newcomer's or another member's, and says in its title when it is a partner's or
staff's.
"""

import re
from typing import Any

import pytest
from graphql import parse

from api.edge import graphiql
from api.edge.limits import Limits
from api.schema import build_schema
from domain.rewards import offers, placing
from ops.commands import demo, stories
from ops.commands.stories import Demo
from tests.support import factories as make
from tests.support.callers import Client, Stage, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

PROGRAMMES = ["agency", "ctrip", "genius", "ota"]
REFUSED = {
    # what has no default asks for an id or a reference that the reader puts there
    "CancelRedemption": "NOT_FOUND",
    "ReviewReferral": "NOT_FOUND",
}


def offered(programme: str) -> list[dict[str, str]]:
    schema = build_schema(Limits(), production=False)
    return graphiql.examples(schema._schema)[programme]


def told_of(programme: str) -> Demo:
    told = stories.shipped(programme)
    assert told is not None
    return told


async def open_demo(programme: str) -> Stage:
    """The programme as its demo is filled in: rewards, a partner, members and what they did."""
    stage = await open_stage(make.whole_document(programme))
    shipped = offers.shipped(programme)
    if shipped is not None:
        own = shipped.model_copy(update={"programme": stage.programme.code})
        await placing.place(stage.programme, own, stage.now())
    told = told_of(programme)
    caller = await demo.reporter(stage.programme, told)
    await stories.play(stage.programme, told, caller, stage.now(), lambda _: None)
    return stage


async def callers(stage: Stage, programme: str) -> dict[str, Client]:
    partner_id = await stage.partner(code="shop")
    members = told_of(programme).members
    return {
        "partner": partner_id,
        "staff": stage.staff(),
        "member": stage.member(members[0].reference),
        "newcomer": stage.member(told_of(programme).newcomer),
    }


@pytest.mark.parametrize("programme", PROGRAMMES)
async def test_each_example_runs_against_its_demo(programme: str) -> None:
    stage = await open_demo(programme)
    known, refused = await callers(stage, programme), {}
    for example in offered(programme):
        by = re.search(r"\((partner|staff)\)$", example["title"])
        query = example["query"].replace("<key>", fresh_key())
        if query.startswith("subscription"):
            continue  # followed by the test of the page
        who = by[1] if by else "newcomer" if "enrolMember" in query else "member"
        answer = await known[who].ask(query)
        assert "errors" not in answer, (example["title"], answer["errors"])
        name = re.match(r"\w+ (\w+)", query)
        assert name is not None
        if codes := [error["code"] for error in errors_of(answer["data"])]:
            refused[name[1]] = codes[0]
    names = {one["query"].split()[1].partition("(")[0] for one in offered(programme)}
    assert refused == {name: code for name, code in REFUSED.items() if name in names}


def errors_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    payloads = [one for one in data.values() if isinstance(one, dict)]
    return [error for one in payloads for error in one.get("errors", [])]


def test_every_example_is_a_valid_operation() -> None:
    common = (graphiql.EXAMPLES / "common.graphql").read_text(encoding="utf-8")
    assert sorted(path.stem for path in graphiql.EXAMPLES.iterdir()) == sorted(
        [graphiql.COMMON, *PROGRAMMES]
    )
    for programme in PROGRAMMES:
        own = (graphiql.EXAMPLES / f"{programme}.graphql").read_text(encoding="utf-8")
        found = offered(programme)
        assert len(found) == len(parse(common + own).definitions)
        assert all(one["title"] and not one["title"].startswith("#") for one in found)
        assert len({one["title"] for one in found}) == len(found)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_examples_name_only_members_of_the_demo(programme: str) -> None:
    text = "\n".join(one["query"] for one in offered(programme))
    named = set(re.findall(r'member: \{reference: "([^"]+)"', text))
    assert named
    assert named <= {person.reference for person in told_of(programme).members}


@pytest.mark.parametrize(
    ("programme", "fields"),
    [
        ("agency", {"referralLink", "referrals", "activities", "reviewReferral"}),
        ("ctrip", {"missions", "activities", "completeBooking", "useBenefit"}),
        ("genius", {"discount", "discounts", "completeBooking"}),
        ("ota", {"missions", "activities", "offers"}),
    ],
)
def test_what_a_programme_has_is_shown(programme: str, fields: set[str]) -> None:
    of_all = {
        *("guide", "changes", "lintPolicy", "diffPolicy", "drafts", "saveDraft"),
        *("startBacktest", "backtests", "publishPolicy"),
    }
    said = set(re.findall(r"\w+", " ".join(one["query"] for one in offered(programme))))
    assert fields | of_all <= said

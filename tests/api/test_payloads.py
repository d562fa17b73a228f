"""Payloads over HTTP: whoever moves points is answered with the member as it is after it."""

from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLObjectType

from api.kit.relay import from_global_id
from domain.kernel.callers import Scope
from domain.kernel.database import rows
from tests.support.callers import Client, fresh_key, input_type, mutation_text, payload_of
from tests.support.mutations import INPUTS
from tests.support.operations import published
from tests.support.things import Things, furnish, furnished

pytestmark = pytest.mark.usefixtures("database")

MEMBER = "id balance { available pending held owed }"
READ = f"query($id: ID!) {{ node(id: $id) {{ ... on Member {{ {MEMBER} }} }} }}"


def fields(mutation: str) -> set[str]:
    payload = published().type_map[input_type(mutation).replace("Input", "Payload")]
    assert isinstance(payload, GraphQLObjectType)
    return set(payload.fields)


async def sequences(programme_id: UUID) -> dict[UUID, int]:
    """How many entries each member of the programme has."""
    found = await rows(
        "SELECT a.member_id, a.sequence FROM account a JOIN member m ON m.member_id = a.member_id "
        "WHERE m.programme_id = $1",
        programme_id,
    )
    return {account["member_id"]: account["sequence"] for account in found}


async def done(client: Client, things: Things, mutation: str, selection: str) -> Any:
    sent = {"idempotencyKey": fresh_key(), **INPUTS[mutation](things)}
    answer = await client.ask(mutation_text(mutation, selection), input=sent)
    assert "errors" not in answer, answer
    payload = payload_of(answer, mutation)
    assert payload["errors"] == [], payload
    return payload


def test_where_there_is_a_balance_there_is_its_member() -> None:
    with_balance = {mutation for mutation in INPUTS if "balance" in fields(mutation)}
    assert len(with_balance) >= 10
    assert {mutation for mutation in with_balance if "member" not in fields(mutation)} == set()


async def test_whatever_moves_points_answers_with_the_member_after_it() -> None:
    things = await furnished()
    programme_id, staff = things.stage.programme.id, things.stage.staff()
    other = await furnish(things.stage, "lihua", phone="13900139000")
    moved = set()
    # the first one's redemption is cancelled, its key revoked, its claim withdrawn, its proposal
    # approved, and its twin closed
    by_another = {
        *("fulfilRedemption", "rotatePartnerKey", "updatePartnerKey"),
        *("decideClaim", "rejectProposal", "mergeMembers"),
    }
    for mutation in INPUTS:
        these = other if mutation in by_another else things
        shown = [name for name in ("member", "receiver") if name in fields(mutation)]
        before = await sequences(programme_id)
        payload = await done(
            staff, these, mutation, " ".join(f"{name} {{ {MEMBER} }}" for name in shown)
        )
        touched = {
            member_id
            for member_id, sequence in (await sequences(programme_id)).items()
            if sequence > before.get(member_id, 0)
        }
        named = {from_global_id(payload[name]["id"]).id for name in shown if payload[name]}  # type: ignore[union-attr]
        assert touched <= named, mutation
        moved |= {mutation} if touched else set()
        for name in shown:
            if payload[name] is None:  # two are merged only once a second person approves
                assert mutation == "mergeMembers"
                continue
            again = await staff.read(READ, id=payload[name]["id"])
            assert payload[name] == again["node"], (mutation, name)
    assert moved >= {
        "earnForBooking",
        "refundBooking",
        "redeemOnBooking",
        "earnForActivity",
        "redeemReward",
        "cancelRedemption",
        "confirmRedemption",
        "transferPoints",
        "adjustPoints",
    }


async def test_a_payload_shows_the_members_that_its_caller_may_look_up() -> None:
    things = await furnished()
    stage, asked = things.stage, "member { id } balance { available }"

    earning = await stage.partner([Scope.EARN])
    alone = await done(earning, things, "earnForActivity", asked)
    reading = await stage.partner([Scope.EARN, Scope.READ])
    both = await done(reading, things, "earnForBooking", asked)

    assert (alone["member"], both["member"]) == (None, {"id": things.member_id})
    assert alone["balance"]["available"] > 0

    friend = stage.member(things.friend)
    given = await done(friend, things, "transferPoints", "member { reference } receiver { id }")
    assert (given["member"], given["receiver"]) == ({"reference": things.friend}, None)

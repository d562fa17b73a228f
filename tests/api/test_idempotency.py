"""Every mutation under its key: once, replayed, refused for other input, and raced."""

import asyncio
import re
from typing import Any

import pytest

from domain.kernel.database import rows
from tests.support.callers import Client, fresh_key, mutation_text, payload_of
from tests.support.kept import FIGURES, GROWTH, SEALS
from tests.support.keyed import BY_ANOTHER, FIRST, OPERATIONS, OTHER
from tests.support.mutations import INPUTS, RESULTS
from tests.support.things import Things, furnish, furnished

pytestmark = pytest.mark.usefixtures("database")


MUTATIONS = sorted(INPUTS)

AT_ONCE = 5
"""How many requests of each mutation race for a key; twenty race for one booking below, and two
hundred of any kind in `tests/soak/crowd.py`.
"""


def without_names(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload but for ids, made-up references, hashes and instants."""
    payload.pop("sentAt", None)
    payload.pop("revokedAt", None)
    payload.pop("sha256", None)
    named = (("redemption", "id"), ("quote", "id"), ("key", "keyId"), ("activity", "id"))
    for name, id_name in named:
        if payload.get(name):
            payload[name].pop(id_name)
    if payload.get("member", {}) and payload["member"]["reference"].startswith("M"):
        payload["member"].pop("reference")
    return payload


def test_every_mutation_is_tried() -> None:
    assert INPUTS.keys() == OTHER.keys() == FIRST.keys() == RESULTS.keys() == FIGURES.keys()


async def figures(key: str) -> str:
    """What is kept with a key, without ids, hashes and times."""
    [kept] = await rows("SELECT result::text FROM idempotency_key WHERE key = $1", key)
    result = re.sub('"([a-z_]*at)": "[^"]*"', r'"\1": "…"', kept["result"])
    result = re.sub('"milliseconds": [0-9]+', '"milliseconds": "…"', result)
    uuid, name, sha256 = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9a-f]{16}", "[0-9a-f]{64}"
    return re.sub(f"{uuid}|{sha256}|{name}", "…", result)


async def audited(things: Things) -> list[tuple[str, str]]:
    """Who did what of all that kim and lee did, as the audit has it."""
    found = await rows(
        "SELECT actor, operation FROM audit WHERE programme_id = $1 AND request_id IS NOT NULL "
        "ORDER BY sequence",
        things.stage.programme.id,
    )
    return [(row["actor"], row["operation"]) for row in found]


async def everything(things: Things) -> dict[str, Any]:
    """All rows, but for who was shown a member: each answer that shows one is told by itself."""
    found = await things.stage.everything()
    return {table: rows for table, rows in found.items() if table != "access"}


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_key_stands_for_one_request_of_whoever_made_it(mutation: str) -> None:
    """Of several at once one is done, and its figures are kept. One person with two tokens is one,
    and is answered from them; any other request is refused; two persons of staff with one key are
    two requests.
    """
    things = await furnished()
    client, key, sent = things.stage.staff("kim"), fresh_key(), INPUTS[mutation](things)
    unused = await everything(things)

    payloads = await asyncio.gather(
        *(client.done(mutation, RESULTS[mutation], key=key, sent=sent) for _ in range(AT_ONCE))
    )
    assert await figures(key) == FIGURES[mutation]
    assert await audited(things) == [("staff:kim", OPERATIONS.get(mutation, mutation))]
    before = await everything(things)
    again = await things.stage.staff("kim").done(mutation, RESULTS[mutation], key=key, sent=sent)

    replayed = [payload.pop("replayed") for payload in payloads]
    assert sorted(replayed) == [False] + [True] * (AT_ONCE - 1)
    assert again.pop("replayed") is True
    assert all(payload == again for payload in payloads)
    assert without_names(again) == FIRST[mutation]
    grown = {table: len(before[table]) - len(unused[table]) for table in before}
    del grown["tier_total"]  # a kept sum of facts, which about one write in 64 makes
    assert {table: more for table, more in grown.items() if more} == {
        "idempotency_key": 1,
        **({"seal": SEALS[mutation]} if mutation in SEALS else {}),
        **GROWTH[mutation],
    }

    problem = await client.refused(mutation, key=key, sent=OTHER[mutation](things))
    another = "updateMember" if mutation != "updateMember" else "enrolMember"
    elsewhere = await client.refused(another, key=key, sent=INPUTS[another](things))

    for refused in (problem, elsewhere):
        assert refused == {
            "__typename": "IdempotencyKeyReused",
            "code": "IDEMPOTENCY_KEY_REUSED",
            "message": "This idempotency key was already used for another request "
            f"({OPERATIONS.get(mutation, mutation)}); make a new key.",
            "path": ["idempotencyKey"],
            "operation": OPERATIONS.get(mutation, mutation),
        }
    assert await everything(things) == before
    assert len(await audited(things)) == 1

    other = await things.stage.staff("lee").do(mutation, key=key, sent=sent)

    codes = [problem["code"] for problem in other["errors"]]
    assert codes == ([BY_ANOTHER[mutation]] if mutation in BY_ANOTHER else [])
    # a booking's reference is one in the programme, whoever reports it, a use is returned once, and
    # a booking claimed once
    of_the_programme = (
        "claimPoints",
        *("earnForBooking", "earnForBookings"),
        *("refundBooking", "amendBooking", "returnBenefit"),
        *("buyPoints", "closeStatement", "settleStatement", "closePeriod"),
    )
    assert other["replayed"] is (mutation in of_the_programme)


async def test_a_partner_with_a_new_key_is_the_same_partner() -> None:
    things = await furnished()
    key, sent = fresh_key(), INPUTS["redeemReward"](things)
    first = await things.stage.partner()
    await first.done("redeemReward", key=key, **sent)

    rotated = await things.stage.partner()
    other = await things.stage.partner(code="another-engine")

    assert rotated.token != first.token
    assert (await rotated.done("redeemReward", key=key, **sent))["replayed"] is True
    assert (await other.refused("redeemReward", key=key, **sent))["code"] == "INSUFFICIENT_POINTS"


async def test_a_member_and_a_person_of_staff_of_one_name_share_no_keys() -> None:
    things = await furnished()
    key = fresh_key()
    member, staff = things.stage.member("xiaoli"), things.stage.staff("xiaoli")

    await member.done("updateMember", key=key, name="Li")
    by_staff = await staff.done("updateMember", key=key, member={"reference": "xiaoli"}, name="Li")

    assert by_staff["replayed"] is False


async def test_a_refused_request_leaves_its_key_free() -> None:
    things = await furnished()
    member, key = things.stage.member(), fresh_key()

    refused = await member.refused("redeemReward", key=key, reward=things.reward, quantity=2)
    assert refused["code"] == "INSUFFICIENT_POINTS"
    done = await member.done("redeemReward", key=key, reward=things.reward)

    assert done["replayed"] is False


async def test_figures_are_as_they_were_and_entities_as_they_are() -> None:
    things = await furnished()
    partner, key, sent = await things.stage.partner(), fresh_key(), INPUTS["redeemReward"](things)
    selection = "redemption { id status points } balance { available }"
    first = await partner.done("redeemReward", selection, key=key, **sent)
    cancel_key = fresh_key()
    undo = {"redemption": first["redemption"]["id"]}
    await partner.done("cancelRedemption", key=cancel_key, **undo)
    await partner.done("redeemReward", reward=things.reward, member={"reference": "xiaoli"})

    again = await partner.done("redeemReward", selection, key=key, **sent)
    undone = await partner.done(
        "cancelRedemption", "pointsReinstated balance { available }", key=cancel_key, **undo
    )

    assert again["redemption"] == {**first["redemption"], "status": "CANCELLED"}
    assert (again["balance"], again["replayed"]) == ({"available": 2500}, True)
    assert undone == {
        "pointsReinstated": 4000,
        "balance": {"available": 2500},
        "replayed": True,
    }


async def test_equal_input_may_be_written_differently() -> None:
    """Amounts, instants and the order of keys are compared by what they mean."""
    things = await furnished()
    partner, key = await things.stage.partner(), fresh_key()
    line: dict[str, Any] = {"product": "hotel", "amount": "100", "attributes": {"city": "Sanya"}}
    sent: dict[str, Any] = {
        "member": {"reference": "xiaoli"},
        "reference": "B-2",
        "lines": [line],
    }
    await partner.done("earnForBooking", key=key, bookedAt="2126-03-15T10:00:00+08:00", **sent)

    line["amount"] = "100.00"
    again = await partner.done(
        "earnForBooking", key=key, bookedAt="2126-03-15T02:00:00Z", currency=None, **sent
    )
    other = await partner.refused(
        "earnForBooking", key=key, bookedAt="2126-03-15T02:00:01Z", **sent
    )

    assert again["replayed"] is True
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_natural_key_under_a_new_key_is_raced_to_one_effect() -> None:
    things = await furnished()
    partner, sent = await things.stage.partner(), INPUTS["earnForBooking"](things)
    before = await things.stage.everything()

    payloads = await asyncio.gather(
        *(partner.done("earnForBooking", "pointsAwarded", **sent) for _ in range(20))
    )

    assert sorted(payload["replayed"] for payload in payloads) == [False] + [True] * 19
    assert {payload["pointsAwarded"] for payload in payloads} == {100}
    after = await things.stage.everything()
    assert len(after["ledger_entry"]) == len(before["ledger_entry"]) + 1


async def test_another_member_under_the_same_reference_conflicts() -> None:
    things = await furnished()
    other = await furnish(things.stage, "xiaoma", "13800138001")
    partner, sent = await things.stage.partner(), INPUTS["earnForBooking"](things)
    await partner.done("earnForBooking", **sent)
    before = await things.stage.everything()

    taken = {**sent, "member": {"reference": other.reference}}
    problem = await partner.refused("earnForBooking", **taken)

    assert problem == {
        "__typename": "ReferenceConflict",
        "code": "REFERENCE_CONFLICT",
        "message": "Reference 'B-new' was already reported with different content.",
        "path": ["reference"],
        "reference": "B-new",
    }
    assert await things.stage.everything() == before


NO_KEYS = {
    "": "too_short",
    " ": "too_short",
    "x" * 129: "too_long",
    "a\nb": "control_characters",
    "\x7f": "control_characters",
}
"""Texts that are no keys, and why."""


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_key_has_1_to_128_plain_characters(mutation: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()

    for key, reason in NO_KEYS.items():
        answer = await _sent(things.stage.staff(), mutation, key, things)
        [problem] = answer["errors"]
        assert (problem["code"], problem["reason"]) == ("INVALID_INPUT", reason)
        assert problem["path"] == ["idempotencyKey"]

    assert await things.stage.everything() == before


async def test_a_key_of_128_characters_of_any_script() -> None:
    things = await furnished()
    member = things.stage.member()

    for key in ("键" * 128, "🏨" * 128, "'; DROP TABLE member; --", "0"):
        for replayed in (False, True):
            done = await member.done("updateMember", key=key, name="Li")
            assert done["replayed"] is replayed


_shared: list[Things] = []


async def shared_things() -> Things:
    """One programme for tests that must leave it as it is."""
    if not _shared:
        _shared.append(await furnished())
    return _shared[0]


async def _sent(client: Client, mutation: str, key: str, things: Things) -> Any:
    sent = {**INPUTS[mutation](things), "idempotencyKey": key}
    answer = await client.ask(mutation_text(mutation), input=sent)
    assert "errors" not in answer, answer
    return payload_of(answer, mutation)

"""Whatever is sent to a mutation that it cannot take is refused, and changes nothing."""

import json
from typing import Any

import pytest

from tests.api import test_refused_bookings as bookings
from tests.api import test_refused_members as members
from tests.api import test_refused_notices as notices
from tests.api import test_refused_points as points
from tests.api import test_refused_programmes as programmes
from tests.api import test_refused_rewards as rewards
from tests.api import test_refused_webhooks as webhooks
from tests.support.callers import codes, fresh_key, mutation_text
from tests.support.mutations import INPUTS
from tests.support.refused import (
    CONTROL,
    JSON_BYTES_MAX,
    LINE,
    Refused,
    check_refused,
    shared_things,
)

pytestmark = pytest.mark.usefixtures("database")


def test_every_mutation_is_refused_something() -> None:
    modules = (bookings, members, notices, points, programmes, rewards, webhooks)
    assert {case.mutation for one in modules for case in one.REFUSED} == set(INPUTS)


@pytest.mark.parametrize("mutation", sorted(INPUTS))
@pytest.mark.parametrize("text", ["\0", "a\0b"])
async def test_nul_is_refused_in_every_text(mutation: str, text: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()
    good = INPUTS[mutation](things)

    for name, value in {**good, "idempotencyKey": "k"}.items():
        if isinstance(value, str):
            sent = {"idempotencyKey": fresh_key(), **good, name: text}
            answer = await things.stage.staff().ask(mutation_text(mutation), input=sent)
            assert codes(answer) == ["BAD_USER_INPUT"], name
            assert "data" not in answer
    assert await things.stage.everything() == before


@pytest.mark.parametrize("mutation", sorted(INPUTS))
async def test_lone_surrogates_are_no_text(mutation: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()
    good = INPUTS[mutation](things)

    for name, value in {**good, "idempotencyKey": "k"}.items():
        if isinstance(value, str):
            sent = {"idempotencyKey": fresh_key(), **good, name: "a\ud800b"}
            body = json.dumps({"query": mutation_text(mutation), "variables": {"input": sent}})
            answer = (await things.stage.staff().post(body.encode())).json()
            assert codes(answer) == ["BAD_REQUEST"], name
    answer = await things.stage.staff().ask(
        'mutation { enrolMember(input: {idempotencyKey: "k", name: "a\\uD800"}) { replayed } }'
    )
    assert codes(answer) == ["GRAPHQL_PARSE_FAILED"]
    assert await things.stage.everything() == before


@pytest.mark.parametrize(
    ("mutation", "sent"),
    [
        ("enrolMember", {"profile": {"a": "x" * JSON_BYTES_MAX}}),
        ("enrolMember", {"guest": "yes"}),
        ("enrolMember", {"birthday": "1990-02-30"}),
        ("enrolMember", {"birthday": "15.03.1990"}),
        ("enrolMember", {"locale": "Chinese (simplified)"}),
        ("enrolMember", {"tier": "diamond"}),
        ("updateMember", {"member": {}}),
        ("updateMember", {"member": {"id": None}}),
        ("updateMember", {"member": {"email": "a@b.cn", "phone": "+86"}}),
        ("requestContactCode", {"kind": None}),
        ("proveContact", {"kind": "FAX"}),
        ("earnForBooking", {"member": None}),
        ("earnForBooking", {"lines": None}),
        ("earnForBooking", {"lines": [None]}),
        ("earnForBooking", {"lines": [{"product": "hotel"}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": 10**30}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": 99.9}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": "1e9"}]}),
        ("earnForBooking", {"lines": [{**LINE, "amount": "NaN"}]}),
        ("earnForBooking", {"lines": [{**LINE, "attributes": {"city": "x" * JSON_BYTES_MAX}}]}),
        ("earnForBooking", {"currency": "yuan"}),
        ("earnForBooking", {"bookedAt": "yesterday"}),
        ("earnForBooking", {"bookedAt": "2126-03-15T10:30:00"}),
        ("earnForBooking", {"quoteId": {}}),
        ("earnForBookings", {"member": None}),
        ("earnForBookings", {"lines": [{**LINE, "amount": 99.9}]}),
        ("guaranteeQuote", {"member": None}),
        ("guaranteeQuote", {"lines": None}),
        ("guaranteeQuote", {"offsetPoints": 0.5}),
        ("earnForActivity", {"type": None}),
        ("earnForActivity", {"occurredAt": 1}),
        ("earnForActivity", {"attributes": {"a": ["x"] * JSON_BYTES_MAX}}),
        ("redeemReward", {"points": 2**53 + 1}),
        ("redeemReward", {"points": "100"}),
        ("redeemReward", {"points": 1.5}),
        ("redeemReward", {"quantity": 2**31}),
        ("redeemReward", {"quantity": None, "reward": None}),
        ("cancelRedemption", {"redemption": None}),
        ("cancelRedemption", {"redemption": {}}),
        ("confirmRedemption", {"redemption": None}),
        ("fulfilRedemption", {"tracking": 5}),
        ("fulfilRedemption", {"reference": 5}),
        ("redeemReward", {"partnerAccount": ["CA-1"]}),
        ("useCoupon", {"code": None}),
        ("useCoupon", {"code": 5}),
        ("transferPoints", {"points": 0.5}),
        ("transferPoints", {"points": 2**53 + 1}),
        ("transferPoints", {"to": None}),
        ("transferPoints", {"to": {}}),
        ("transferPoints", {"from": {"email": "a@b.cn", "phone": "+86"}}),
        ("adjustPoints", {"points": "100"}),
        ("adjustPoints", {"points": -(2**53) - 1}),
        ("adjustPoints", {"reason": None}),
        ("adjustPoints", {"member": None}),
        ("adjustPoints", {"expiresOn": "2126-02-30"}),
        ("assignTier", {"tier": 5}),
        ("assignTier", {"until": "soon"}),
        ("assignTier", {"reason": None}),
        ("assignTier", {"member": {}}),
        ("suspendMember", {"reason": None}),
        ("closeMember", {"forfeit": "all"}),
        ("closeMember", {"forfeit": None}),
        ("publishPolicy", {"document": {"programme": "ota"}}),
        ("publishPolicy", {"effectiveFrom": "now"}),
    ],
)
async def test_ill_typed_input_never_runs(mutation: str, sent: dict[str, Any]) -> None:
    things = await shared_things()
    before = await things.stage.everything()

    answer = await things.stage.staff().ask(
        mutation_text(mutation),
        input={"idempotencyKey": fresh_key(), **INPUTS[mutation](things), **sent},
    )

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "data" not in answer
    assert await things.stage.everything() == before


@pytest.mark.parametrize("mutation", sorted(INPUTS))
async def test_a_mutation_needs_its_key(mutation: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()

    answer = await things.stage.staff().ask(mutation_text(mutation), input=INPUTS[mutation](things))

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert await things.stage.everything() == before


async def test_a_wrong_enum_value_never_runs() -> None:
    things = await shared_things()
    staff = things.stage.staff()

    for query in (
        "{ members(filter: {status: ASLEEP}) { totalCount } }",
        "{ rewards(orderBy: RANDOM) { totalCount } }",
        "{ rewards(filter: {kinds: [SERVICE, NONSENSE]}) { totalCount } }",
        '{ member(by: {reference: "xiaoli"}) { ledger(kinds: [STEAL]) { totalCount } } }',
    ):
        assert codes(await staff.ask(query)) == ["GRAPHQL_VALIDATION_FAILED"], query


NAMED = [
    ("earnForBooking", "reference"),
    ("earnForBookings", "reference"),
    ("refundBooking", "booking"),
    ("refundBooking", "reference"),
    ("completeBooking", "booking"),
    ("amendBooking", "booking"),
    ("amendBooking", "reference"),
    ("earnForActivity", "reference"),
    ("enrolMember", "reference"),
    ("fulfilRedemption", "reference"),
]


BLANKS = ("This begins or ends with white space; remove it.", "开头或结尾有空白；请去掉。")


COMPOSED = (
    "This is not in Unicode's composed form (NFC); give it in that form.",
    "不是 Unicode 组合形式（NFC）；请使用该形式。",
)


ALIKE = [
    ("B-1 ", BLANKS),
    ("\u3000B-1", BLANKS),
    ("Cafe\u0301-1", COMPOSED),
    ("B\u200b-1", CONTROL),
    ("B-1\u2028", CONTROL),
]


@pytest.mark.parametrize(("mutation", "name"), NAMED)
async def test_what_looks_like_another_identifier_is_refused(mutation: str, name: str) -> None:
    """`B-1`, `B-1 ` and another Unicode form of it were three bookings."""
    for value, (english, chinese) in ALIKE:
        refused = Refused(mutation, {name: value}, [name], english, chinese)
        await check_refused(refused)

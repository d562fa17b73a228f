"""Requests about things that belong to others, and how each is refused."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from api.kit.relay import to_global_id
from tests.support.callers import Client, codes
from tests.support.mutations import INPUTS
from tests.support.ownership import unnamed
from tests.support.things import Things

MEMBER_QUERY = """query($by: MemberBy!) {
    member(by: $by) { id } rewards(first: 1) { totalCount } }"""
FOR_QUERY = """query($by: MemberBy!, $code: String!) {
    reward(code: $code, for: $by) { code points affordable }
    quoteEarning(input: {member: $by, lines: [{product: "hotel", amount: "100"}]}) {
        points errors { __typename code message path ... on NotFound { what value known } } } }"""
LISTED_FOR = "query($by: MemberBy!) { rewards(for: $by) { totalCount } }"
BY_ID = (
    "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } redemption(id: $id) { id } }"
)


@dataclass(frozen=True)
class Names:
    """Names of things of the same kinds, which either exist or do not."""

    members: list[dict[str, str]]
    ids: list[str]
    booking: str
    redemption: str
    reward: str
    referral_code: str
    coupon: str


def names_of(things: Things) -> Names:
    return Names(
        members=[
            {"id": things.member_id},
            {"reference": things.reference},
            {"email": things.email},
            {"phone": things.phone},
            {"referralCode": things.referral_code},
        ],
        ids=[
            things.member_id,
            things.booking_id,
            things.entry_id,
            things.redemption_id,
            things.quote_id,
        ],
        booking=things.booking,
        redemption=things.redemption_id,
        reward=things.reward,
        referral_code=things.referral_code,
        coupon=things.coupon,
    )


def absent() -> Names:
    member, own = uuid4(), uuid4()
    kinds = ("Booking", "LedgerEntry", "GuaranteedQuote", "Redemption")
    owned = [str(to_global_id(kind, own, member_id=member)) for kind in kinds]
    return Names(
        members=[
            {"id": str(to_global_id("Member", member))},
            {"reference": "no-such-one"},
            {"email": "no-such-one@example.com"},
            {"phone": "+8613900139000"},
            {"referralCode": "ZZZZZZZZ"},
        ],
        ids=[str(to_global_id("Member", member)), *owned],
        booking="no-such-booking",
        redemption=owned[-1],
        reward="no_such_reward",
        referral_code="ZZZZZZZZ",
        coupon="ZZZZZZZZZZZZ",
    )


async def asked(client: Client, names: Names, own_reward: str) -> list[str]:
    """The answers to every query about things that the caller may not see."""
    answers = []
    for by in names.members:
        [name] = by.values()
        if not await _is_member(client):
            data = await client.read(MEMBER_QUERY, by=by)
            assert data["member"] is None
            answers.append(unnamed(data, name))
        data = await client.read(FOR_QUERY, by=by, code=own_reward)
        assert data["reward"] is None
        assert [error["code"] for error in data["quoteEarning"]["errors"]] == ["NOT_FOUND"]
        answers.append(unnamed(data, name))
        listed = await client.ask(LISTED_FOR, by=by)
        assert codes(listed) == ["BAD_USER_INPUT"]
        answers.append(unnamed(listed, name))
    for own in names.ids:
        data = await client.read(BY_ID, id=own)
        assert data == {"node": None, "nodes": [None], "redemption": None}
    data = await client.read(
        "query($r: String!) { booking(reference: $r) { id } }", r=names.booking
    )
    assert data == {"booking": None}
    return answers


async def _is_member(client: Client) -> bool:
    return bool((await client.read("{ viewer { kind } }"))["viewer"]["kind"] == "MEMBER")


async def refusals(client: Client, names: Names, own: Things) -> list[str]:
    """Send every mutation that names a thing of others; the problems, each NOT_FOUND."""
    answers = []
    for by in names.members:
        [name] = by.values()
        others = ("earnForBooking", "earnForBookings", "guaranteeQuote")
        for mutation in (
            "updateMember",
            "proveContact",
            *others,
            "earnForActivity",
            "redeemReward",
        ):
            if mutation in others and await _is_member(client):
                continue
            problem = await client.refused(mutation, **{**INPUTS[mutation](own), "member": by})
            assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["member"])
            answers.append(unnamed(problem, name))
        answers += await _refused_transfers(client, by, own)
    mutations = ["cancelRedemption", "confirmRedemption"]
    if not await _is_member(client):
        mutations.append("fulfilRedemption")
        problem = await client.refused("useCoupon", code=names.coupon)
        assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["code"])
        answers.append(unnamed(problem, names.coupon))
    for mutation in mutations:
        problem = await client.refused(mutation, redemption=names.redemption)
        assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["redemption"])
        answers.append(unnamed(problem, names.redemption))
    return answers


async def _refused_transfers(client: Client, by: dict[str, str], own: Things) -> list[str]:
    """Problems of a transfer from a member that is not found; for staff, also of corrections."""
    [name] = by.values()
    named = {"reference": own.reference}
    sent: dict[str, Any] = {"from": by, "to": named, "points": 1}
    problem = await client.refused("transferPoints", **sent)
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["from"])
    answers = [unnamed(problem, name)]
    if (await client.read("{ viewer { kind } }"))["viewer"]["kind"] == "STAFF":
        reason = {"reason": "goodwill"}
        for mutation, wanted in (
            ("adjustPoints", {"points": 1, **reason}),
            ("assignTier", {"tier": "gold", **reason}),
            ("suspendMember", reason),
            ("closeMember", {"forfeit": 0, **reason}),
            ("eraseMember", {"confirm": 0}),
            ("exportMember", {}),
        ):
            problem = await client.refused(mutation, member=by, **wanted)
            assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["member"])
            answers.append(unnamed(problem, name))
    return answers

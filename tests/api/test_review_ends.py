"""Reviews, and what becomes of them and of their members when a membership changes, over HTTP."""

from typing import Any

import pytest

from domain.memberships import merges
from tests.support import factories as make
from tests.support.callers import Client, Stage
from tests.support.risks import BALANCE, REVIEWS, decide, open_guarded, rule, velocity, waiting

pytestmark = pytest.mark.usefixtures("database")

XIAOLI = {"reference": "xiaoli"}
HOTEL = {"product": "hotel", "amount": "2000.00"}
STATUS = "member { status }"
LARGE = rule("large", "earn", "amount", "review", over=1000)
FARM = velocity("farm", "enrol", "review", by="device", more_than=0)
ENDED = "{ reviews(open: false) { edges { node { on state decidedBy reason decidedAt } } } }"


async def ended(stage: Stage) -> list[tuple[Any, ...]]:
    """All reviews, the oldest first."""
    found = await stage.staff().read(ENDED)
    edges = reversed(found["reviews"]["edges"])
    return [
        tuple(one["node"][key] for key in ("on", "state", "decidedBy", "reason")) for one in edges
    ]


async def change(staff: Client, mutation: str, who: Any = None) -> str:
    """The member's status after staff suspended or reinstated it."""
    done = await staff.done(mutation, STATUS, member=who or XIAOLI, reason="looked at it")
    return str(done["member"]["status"])


async def farmed(*rules: dict[str, Any]) -> tuple[Stage, Client, Client]:
    """A member whose enrolment is reviewed, with 2000 points that wait for it."""
    stage = await open_guarded(FARM, *rules)
    partner, staff = await stage.partner(), stage.staff()
    await partner.done("enrolMember", reference="xiaoli", signals={"device": "phone"})
    await partner.book("B-1", HOTEL)
    return stage, partner, staff


async def points(stage: Stage) -> dict[str, int]:
    found = await stage.member().read(f"{{ me {{ {BALANCE} }} }}")
    return {key: found["me"]["balance"][key] for key in ("available", "pending")}


async def test_a_member_is_reinstated_under_review_as_long_as_that_is_open() -> None:
    stage, _, staff = await farmed()
    [one] = await waiting(staff)
    assert await change(staff, "suspendMember") == "SUSPENDED"
    # nobody lets in who is suspended
    refused = await staff.reading("en").refused(
        "decideReview", review=one["id"], approve=True, reason="looked at it"
    )
    assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["review"])
    assert await change(staff, "reinstateMember") == "UNDER_REVIEW"
    await decide(staff, one["id"], approve=True)
    assert await points(stage) == {"available": 2000, "pending": 0}
    for mutation, status in (("suspendMember", "SUSPENDED"), ("reinstateMember", "ENROLLED")):
        assert await change(staff, mutation) == status
    assert await make.faults(await stage.member_id()) == []


async def test_a_member_that_was_kept_out_is_reinstated_as_a_member() -> None:
    stage, partner, staff = await farmed()
    [one] = await waiting(staff)
    done = await decide(staff, one["id"], approve=False, selection=STATUS)
    assert done["member"] == {"status": "SUSPENDED"}
    assert await change(staff, "reinstateMember") == "ENROLLED"
    # what it did meanwhile stays without points; what it does from now on earns
    assert await points(stage) == {"available": 0, "pending": 0}
    assert (await partner.book("B-2", HOTEL))["pointsAwarded"] == 2000
    assert await points(stage) == {"available": 2000, "pending": 0}
    for mutation, status in (("suspendMember", "SUSPENDED"), ("reinstateMember", "ENROLLED")):
        assert await change(staff, mutation) == status
    assert await make.faults(await stage.member_id()) == []


async def test_who_is_suspended_already_can_be_kept_out() -> None:
    stage, _, staff = await farmed()
    await change(staff, "suspendMember")
    [one] = await waiting(staff)
    assert [line["text"] for line in one["ifApproved"]] == [
        "This can be approved only once the member is reinstated"
    ]
    done = await decide(staff, one["id"], approve=False, selection=STATUS)
    assert done["member"] == {"status": "SUSPENDED"}
    assert await points(stage) == {"available": 0, "pending": 0}
    assert await change(staff, "reinstateMember") == "ENROLLED"
    assert await make.faults(await stage.member_id()) == []


async def test_what_else_waits_of_a_member_ends_when_it_is_kept_out() -> None:
    stage, _, staff = await farmed(LARGE)
    first, second = await waiting(staff)
    assert [first["on"], second["on"]] == ["enrol", "earn"]
    await decide(staff, first["id"], approve=False)
    assert await waiting(staff) == []
    assert await ended(stage) == [
        ("enrol", "REJECTED", "staff:kim", "looked at it"),
        ("earn", "LAPSED", "staff:kim", "looked at it"),
    ]
    refused = await staff.reading("en").refused(
        "decideReview", review=second["id"], approve=True, reason="it was not"
    )
    assert refused["code"] == "STATE_CONFLICT"
    assert await points(stage) == {"available": 0, "pending": 0}
    assert await make.faults(await stage.member_id()) == []


async def test_what_waits_of_a_member_ends_with_its_membership() -> None:
    stage, _, staff = await farmed(LARGE)
    member_id = await stage.member_id()
    closed: dict[str, Any] = {"member": XIAOLI, "reason": "asked for it", "forfeit": 2000}
    assert (await staff.done("closeMember", STATUS, **closed))["member"] == {"status": "CLOSED"}
    assert await waiting(staff) == []
    assert await ended(stage) == [
        ("enrol", "LAPSED", "staff:kim", "asked for it"),
        ("earn", "LAPSED", "staff:kim", "asked for it"),
    ]
    assert await make.faults(member_id) == []


async def test_what_waits_of_a_member_ends_when_it_is_erased() -> None:
    stage, _, staff = await farmed(LARGE)
    member_id = await stage.member_id()
    await staff.done("eraseMember", member=XIAOLI, confirm=2000)
    assert await waiting(staff) == []
    assert await ended(stage) == [
        ("enrol", "LAPSED", "staff:kim", "erased"),
        ("earn", "LAPSED", "staff:kim", "erased"),
    ]
    assert await make.faults(member_id) == []


async def test_who_decides_is_told_that_the_receiver_has_gone() -> None:
    _, staff, found = await spending()
    await staff.done("eraseMember", member={"reference": "wang"}, confirm=0)
    [gift] = [one for one in found if one["on"] == "transfer"]
    refused = await staff.reading("en").refused(
        "decideReview", review=gift["id"], approve=True, reason="fine"
    )
    assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["review"])
    assert refused["message"] == (
        "The receiving member is erased; this is possible only when it is enrolled."
    )
    [gift] = [one for one in await waiting(staff) if one["on"] == "transfer"]
    assert [line["text"] for line in gift["ifApproved"]] == [
        "While the other member is not enrolled, this can only be rejected"
    ]
    assert [line["code"] for line in gift["ifRejected"]] == ["review_points_returned"]
    await decide(staff, gift["id"], approve=False)


async def test_what_waits_for_a_member_that_was_merged_goes_to_who_it_became() -> None:
    stage, staff, _ = await spending()
    partner = await stage.partner()
    for reference in ("wu", "li"):
        await partner.done("enrolMember", reference=reference)
    ids = [await stage.member_id(one) for one in ("xiaoli", "wang", "wu", "li")]
    await merge(stage, "wang", "wu")
    await merge(stage, "wu", "li")
    [gift] = [one for one in await waiting(staff) if one["on"] == "transfer"]
    assert [line["code"] for line in gift["ifApproved"]] == ["review_points_given"]
    await decide(staff, gift["id"], approve=True)
    shown = await stage.member("li").read("{ me { balance { available } } }")
    assert shown["me"]["balance"] == {"available": 300}
    assert await make.faults(*ids) == []


async def test_a_review_says_what_a_decision_does_by_then() -> None:
    stage = await open_guarded(LARGE)
    partner, staff = await stage.partner(), stage.staff()
    await partner.done("enrolMember", reference="xiaoli")
    await partner.book("B-1", HOTEL)

    async def effects(*, undecided: bool = True) -> list[list[Any]]:
        [one] = await waiting(staff, undecided=undecided)
        assert one["state"] == ("OPEN" if undecided else "LAPSED")
        return [[line["points"] for line in one[name]] for name in ("ifApproved", "ifRejected")]

    assert await effects() == [[2000], [2000]]
    part = [{"line": 1, "amount": "500.00"}]
    await partner.done("refundBooking", booking="B-1", reference="R-1", lines=part)
    assert await effects() == [[1500], [1500]]
    await partner.done("refundBooking", booking="B-1", reference="R-2")
    assert await effects() == [[], []]
    await staff.done("eraseMember", member=XIAOLI, confirm=0)
    assert await effects(undecided=False) == [[], []]


async def spending() -> tuple[Stage, Client, list[Any]]:
    """A member that waits to redeem, to pay a booking, and to give points away; its reviews."""
    stage = await open_guarded(
        rule("spree", "redeem", "amount", "review", over=100),
        rule("gift", "transfer", "amount", "review", over=100),
        transfers={"account_age_days": 0},
    )
    partner, staff, xiaoli = await stage.partner(), stage.staff(), stage.member()
    for reference in ("xiaoli", "wang"):
        await partner.done("enrolMember", reference=reference)
    await partner.book("B-1", HOTEL)
    await make.reward(stage.programme, code="bag", kind="PRODUCT", list_points=500, stock=3)
    await xiaoli.done("redeemReward", reward="bag")
    await xiaoli.done(
        "redeemOnBooking", lines=[{"product": "hotel", "amount": "400.00"}], points=200
    )
    await xiaoli.done("transferPoints", to={"reference": "wang"}, points=300)
    return stage, staff, await waiting(staff)


async def test_nothing_of_a_member_that_is_suspended_is_spent_by_a_decision() -> None:
    stage, staff, found = await spending()
    assert [one["on"] for one in found] == ["redeem", "redeem", "transfer"]
    await change(staff, "suspendMember")
    before = await stage.everything()
    for one in found:
        refused = await staff.reading("en").refused(
            "decideReview", review=one["id"], approve=True, reason="fine"
        )
        assert (refused["code"], refused["path"]) == ("MEMBER_SUSPENDED", ["review"])
    assert await stage.everything() == before
    for one in await waiting(staff):
        assert [line["text"] for line in one["ifApproved"]] == [
            "While the member is not enrolled, this can only be rejected"
        ]
    # what it wanted to spend may come back
    await decide(staff, found[0]["id"], approve=False)
    await change(staff, "reinstateMember")
    for one in found[1:]:
        await decide(staff, one["id"], approve=True)
    now = await stage.member().read("{ me { balance { available held } } }")
    assert now["me"]["balance"] == {"available": 1500, "held": 200}
    ids = [await stage.member_id(one) for one in ("xiaoli", "wang")]
    assert await make.faults(*ids) == []


async def merge(stage: Stage, old: str, stays: str) -> None:
    """The member `old` goes, the other stays."""
    asked = {"from": {"reference": old}, "into": {"reference": stays}, "reason": "twice"}
    proposed = await stage.staff("kim").do("mergeMembers", "proposal { id }", sent=asked)
    await stage.staff("lee").done("approveProposal", proposal=proposed["proposal"]["id"])


async def test_what_waits_of_a_member_that_was_merged_is_decided_as_before() -> None:
    stage = await open_guarded(LARGE)
    partner, staff = await stage.partner(), stage.staff()
    for reference in ("old", "xiaoli"):
        await partner.done("enrolMember", reference=reference)
    sent: dict[str, Any] = {"member": {"reference": "old"}, "lines": [HOTEL]}
    for reference in ("B-1", "B-2"):
        await partner.done("earnForBooking", reference=reference, **sent)
    old, new = [await stage.member_id(one) for one in ("old", "xiaoli")]
    await merge(stage, "old", "xiaoli")
    # reported again, by the name that leads elsewhere now, it is answered as it was
    for who in ({"reference": "old"}, XIAOLI):
        again = await partner.done(
            "earnForBooking",
            "pointsAwarded underReview booking { reference }",
            reference="B-1",
            **{**sent, "member": who},
        )
        assert again == {
            "pointsAwarded": 2000,
            "underReview": True,
            "booking": {"reference": "B-1"},
            "replayed": True,
        }
    first, second = await waiting(staff)
    await decide(staff, first["id"], approve=True)
    await decide(staff, second["id"], approve=False)
    # what was let through follows to who stays
    assert await merges.follow(stage.programme, old, stage.now()) == 2000
    assert await points(stage) == {"available": 2000, "pending": 0}
    assert [state for _, state, *_ in await ended(stage)] == ["APPROVED", "REJECTED"]
    assert await make.faults(old, new) == []


async def test_a_page_of_reviews_takes_as_many_statements_as_one_of_each(
    statements: list[str],
) -> None:
    stage, partner, staff = await farmed(
        LARGE, rule("spree", "redeem", "amount", "review", over=10)
    )
    await make.reward(stage.programme, code="bag", kind="PRODUCT", list_points=50, stock=9)
    await partner.done("enrolMember", reference="rich")
    for number in range(2):
        small = [{"product": "hotel", "amount": "900.00"}]
        rich: dict[str, Any] = {"member": {"reference": "rich"}}
        await partner.done("earnForBooking", **rich, reference=f"R-{number}", lines=small)
        await stage.member("rich").done("redeemReward", reward="bag")
    for reference in ("wu", "li"):
        who = {"reference": reference}
        await partner.done("enrolMember", **who, signals={"device": "phone"})
        await partner.done("earnForBooking", member=who, reference=f"C-{reference}", lines=[HOTEL])
        await partner.done("earnForActivity", member=who, type="verification", reference=reference)
    taken = []
    for first in (4, 4, 8):
        statements.clear()
        found = await staff.read(REVIEWS, open=True, first=first)
        edges = found["reviews"]["edges"]
        assert len(edges) == first
        # the first four have one of each already
        assert {one["node"]["on"] for one in edges} == {"enrol", "earn", "redeem"}
        taken.append(len(statements))
    # what the first reading finds out of a caller is remembered
    assert taken[1] == taken[2], taken

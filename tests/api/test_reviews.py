"""What looks like fraud waits, is reviewed or denied, by rules that only staff see."""

from datetime import timedelta
from typing import Any

import pytest

import models
from domain.accounts import sweeps
from domain.kernel.ids import new_id
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage
from tests.support.risks import (
    BALANCE,
    decide,
    figures,
    open_guarded,
    rule,
    velocity,
    waiting,
)

pytestmark = pytest.mark.usefixtures("database")

XIAOLI = {"reference": "xiaoli"}
EARNED = f"pointsAwarded underReview {BALANCE}"
HOTEL = {"product": "hotel", "amount": "300.00"}


async def survey(client: Client, number: int, **sent: Any) -> Any:
    return await client.done(
        "earnForActivity",
        f"{EARNED} explanation {{ code text }} activity {{ id }}",
        member=XIAOLI,
        type="verification" if number == 0 else "partner_spend",
        reference=f"a-{number}",
        attributes={"amount": 10},
        **sent,
    )


async def sound(stage: Stage, *references: str) -> None:
    """Every row of these members agrees with every other."""
    ids = [await stage.member_id(one) for one in references or ("xiaoli",)]
    assert await make.faults(*ids) == []


TOLD = """{ me { ledger { edges { node {
    english: description(locale: "en") chinese: description(locale: "zh-CN") } } } } }"""


async def test_the_twenty_first_of_an_hour_waits_for_three_days() -> None:
    stage = await open_guarded(velocity("burst", "earn", "hold", more_than=20))
    partner = await stage.partner()
    await partner.done("enrolMember", reference="xiaoli")
    made = [await survey(partner, number) for number in range(1, 22)]
    assert [one["balance"]["pending"] for one in made] == [0] * 20 + [10]
    assert made[20] == {
        **made[20],
        "pointsAwarded": 10,
        "underReview": False,
        "balance": {"available": 200, "pending": 10, "held": 0, "owed": 0},
    }
    # not to be seen by anybody but staff
    [lines] = [one["explanation"] for one in made[20:]]
    assert "burst" not in str(lines)
    assert await figures(stage.staff()) == {"burst": (1, 0, 0, None)}
    assert await waiting(stage.staff()) == []
    later = Stage(await programmes.advance_clock(stage.programme, timedelta(hours=72)))
    found = await later.member().read("{ me { balance { available pending } } }")
    assert found["me"]["balance"] == {"available": 210, "pending": 0}
    await sweeps.post(later.programme, await later.member_id(), later.now())
    await sound(later)


async def test_a_booking_is_reviewed_and_let_through_or_taken_back() -> None:
    stage = await open_guarded(
        rule("large", "earn", "amount", "review", over=1000),
        rule("seen", "earn", "amount", "hold", over=100, mode="shadow"),
    )
    partner, staff = await stage.partner(), stage.staff()
    await partner.done("enrolMember", reference="xiaoli")
    small = await partner.book("B-1", HOTEL, selection=EARNED)
    assert (small["underReview"], small["balance"]["available"]) == (False, 300)
    for reference in ("B-2", "B-3"):
        large = await partner.book(
            reference, {"product": "hotel", "amount": "2000.00"}, selection=EARNED
        )
        assert large["underReview"] is True
    assert large["balance"] == {"available": 300, "pending": 4000, "held": 0, "owed": 0}
    again = await partner.book("B-3", {"product": "hotel", "amount": "2000.00"}, selection=EARNED)
    assert (again["underReview"], again["replayed"]) == (True, True)

    one, two = await waiting(staff)
    [fact] = one.pop("facts")
    assert fact["__typename"] == "Booking"
    assert one == {
        "id": one["id"],
        "createdAt": one["createdAt"],
        "on": "earn",
        "state": "OPEN",
        "endsAt": None,
        "decidedBy": None,
        "reason": None,
        "member": {"reference": "xiaoli", "status": "ENROLLED"},
        "reasons": [{"code": "large", "text": "Rule large", "points": None}],
        "ifApproved": [
            {
                "code": "review_points_released",
                "text": "The 2000 points can be spent, at once or when the journey is completed",
                "points": 2000,
            }
        ],
        "ifRejected": [
            {
                "code": "review_points_taken",
                "text": "The 2000 points are taken back",
                "points": 2000,
            }
        ],
        "linked": [],
    }
    done = await decide(staff, one["id"], approve=True)
    assert done["review"] == {"state": "APPROVED"}
    done = await decide(
        staff, two["id"], approve=False, selection=f"review {{ state }} member {{ {BALANCE} }}"
    )
    assert done["review"] == {"state": "REJECTED"}
    assert done["member"]["balance"] == {"available": 2300, "pending": 0, "held": 0, "owed": 0}
    [last, *_] = (await stage.member().read(TOLD))["me"]["ledger"]["edges"]
    assert last["node"] == {
        "english": "Taken back: Booking B-3",
        "chinese": "已收回：订单 B-3",
    }
    # it earns nothing any more, whatever becomes of it
    amended = await partner.done(
        "amendBooking",
        "pointsAwarded pointsClawedBack",
        booking="B-3",
        reference="A-1",
        lines=[{"product": "hotel", "amount": "5000.00"}],
    )
    assert (amended["pointsAwarded"], amended["pointsClawedBack"]) == (0, 0)
    refunded = await partner.done(
        "refundBooking", f"pointsClawedBack {BALANCE}", booking="B-3", reference="R-1"
    )
    assert refunded["pointsClawedBack"] == 0
    assert refunded["balance"]["available"] == 2300
    # decided once
    refused = await staff.refused(
        "decideReview", review=two["id"], approve=True, reason="on second thoughts"
    )
    assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["review"])
    assert await figures(staff) == {"large": (2, 2, 1, "0.500000"), "seen": (3, 0, 0, None)}
    await sound(stage)


async def test_who_enrols_under_review_earns_and_spends_nothing_before() -> None:
    stage = await open_guarded(
        velocity("farm", "enrol", "review", by="device", more_than=1),
        velocity("flood", "enrol", "deny", by="device", more_than=3),
        velocity("bots", "earn", "deny", by="ip", facts=["activity"], more_than=3),
    )
    partner, staff = await stage.partner(), stage.staff()
    phone = {"device": "phone-1", "ip": "203.0.113.7", "card": None}
    enrolled = "underReview member { id status }"
    for reference, status in (
        ("xiaoli", "ENROLLED"),
        ("wu", "UNDER_REVIEW"),
        ("li", "UNDER_REVIEW"),
    ):
        done = await partner.done("enrolMember", enrolled, reference=reference, signals=phone)
        assert (done["member"]["status"], done["underReview"]) == (status, status != "ENROLLED")
    refused = await partner.refused("enrolMember", reference="zhao", signals=phone)
    assert (refused["code"], refused["path"]) == ("RISK_DENIED", None)
    assert (await partner.done("enrolMember", reference="zhao"))["replayed"] is False

    for reference in ("wu", "li"):
        booked = await partner.done(
            "earnForBooking",
            EARNED,
            member={"reference": reference},
            reference=f"B-{reference}",
            lines=[HOTEL],
        )
        assert (booked["underReview"], booked["balance"]["pending"]) == (True, 300)
        acted = await partner.done(
            "earnForActivity",
            EARNED,
            member={"reference": reference},
            type="verification",
            reference=f"v-{reference}",
            signals=phone,
        )
        assert (acted["underReview"], acted["balance"]["pending"]) == (True, 800)
    await make.reward(stage.programme, code="bag", list_points=1)
    refused = await stage.member("wu").refused("redeemReward", reward="bag")
    assert refused["code"] == "MEMBER_SUSPENDED"

    one, two = await waiting(staff)
    assert (one["on"], one["member"]["status"]) == ("enrol", "UNDER_REVIEW")
    assert sorted(fact["__typename"] for fact in one["facts"]) == ["Activity", "Booking"]
    assert {other["reference"] for other in one["linked"]} == {"xiaoli", "li"}
    who = f"review {{ state }} member {{ status {BALANCE} }}"
    let_in = await decide(staff, one["id"], approve=True, selection=who)
    assert let_in["member"] == {
        "status": "ENROLLED",
        "balance": {"available": 800, "pending": 0, "held": 0, "owed": 0},
    }
    kept_out = await decide(staff, two["id"], approve=False, selection=who)
    assert kept_out["member"] == {
        "status": "SUSPENDED",
        "balance": {"available": 0, "pending": 0, "held": 0, "owed": 0},
    }
    # the address has reported two; a third passes, a fourth is stored and pays nothing
    made = [
        await partner.reading("en").done(
            "earnForActivity",
            f"{EARNED} attempts explanation {{ code text }} activity {{ id }}",
            member=XIAOLI,
            type="survey",
            reference=f"s-{number}",
            signals={"ip": "203.0.113.7"},
            occurredAt=(TODAY - timedelta(days=number)).isoformat(),
        )
        for number in range(3)
    ]
    assert [one["pointsAwarded"] for one in made] == [30, 0, 0]
    denied = {"code": "denied", "text": "Survey: not possible at the moment"}
    assert made[1]["explanation"] == [denied]
    assert made[1]["activity"] == made[2]["activity"]
    assert await figures(staff) == {
        "farm": (3, 2, 1, "0.500000"),
        "flood": (1, 0, 0, None),
        "bots": (2, 0, 0, None),
    }
    await sound(stage, "xiaoli", "wu", "li")


async def test_signals_that_are_none_are_refused_and_rules_are_shown_to_staff_only() -> None:
    stage = await open_guarded(velocity("burst", "earn", "hold", more_than=20))
    partner = await stage.partner()
    for sent, path, reason in (
        ("phone", ["signals"], "not_an_object"),
        ({"face": "x"}, ["signals", "face"], "unknown_signal"),
        ({"device": 7}, ["signals", "device"], "not_a_text"),
        ({"device": "x" * 201}, ["signals", "device"], "too_long"),
        ({"ip": "here"}, ["signals", "ip"], "not_an_address"),
    ):
        refused = await partner.refused("enrolMember", reference="xiaoli", signals=sent)
        assert (refused["code"], refused["path"], refused["reason"]) == (
            "INVALID_INPUT",
            path,
            reason,
        )
    text = make.written(stage.programme.versions[-1].policy)
    assert "more_than: 20" in text
    await stage.staff().done(
        "publishPolicy", document=text.replace("more_than: 20", "more_than: 9")
    )
    changes = "{ programme { changes(from: 1, to: 2) { path } guide } }"
    shown = (await stage.staff().read(changes))["programme"]
    assert shown["changes"] == [{"path": "risk.rules.burst.more_than"}]
    assert "burst" not in shown["guide"]
    assert (await partner.read(changes))["programme"]["changes"] == []


async def test_thirty_of_forty_reviews_upheld_are_three_quarters() -> None:
    stage = await open_guarded(rule("large", "earn", "amount", "review", over=1000))
    member_id = await make.enrol(stage.programme)
    of_it = {"member_id": member_id, "programme_id": stage.programme.id, "moment": "earn"}
    made = [
        models.Review(
            **of_it,
            id=new_id(),
            fact_id=new_id(),
            points=1001,
            opened_at=make.NOW,
            state="REJECTED" if number < 30 else "APPROVED",
            decided_at=make.NOW,
            decided_by="staff:kim",
            reason="looked at it",
        )
        for number in range(40)
    ]
    await models.Review.bulk_create(made)
    await models.RiskDecision.bulk_create(
        models.RiskDecision(
            **of_it,
            id=new_id(),
            policy_version_id=stage.programme.versions[0].id,
            rule="large",
            fact_id=one.fact_id,
            decision="review",
            mode="live",
            points=1001,
            review_id=one.id,
            at=make.NOW,
        )
        for one in made
    )
    assert await figures(stage.staff()) == {"large": (40, 40, 30, "0.750000")}

"""Completions and refunds as a booking system reports them and an application previews them."""

import itertools
from typing import Any

import pytest

from domain.kernel.callers import Scope
from domain.kernel.database import rows
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
REFUNDED = """pointsClawedBack pointsOwed pointsForgiven pointsReinstated parked
    cashRefund { amount currency } booking { status refunded { amount } }
    balance { pending available held owed }"""
PREVIEW = """query($input: PreviewRefundInput!) { previewRefund(input: $input) {
    pointsClawedBack pointsOwed pointsForgiven pointsReinstated pointsExpiredOnReturn
    cashRefund { amount currency } standingAfter { tier { code } progress { current } }
    errors { code path } } }"""


def line(product: str, amount: str, **given: Any) -> dict[str, Any]:
    return {"product": product, "amount": amount, **given}


def of(number: int, amount: str) -> dict[str, Any]:
    return {"line": number, "amount": amount}


async def open_account(document: dict[str, Any] | None = None) -> tuple[Stage, Client]:
    stage = await open_stage(document)
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    return stage, await stage.partner()


async def available(partner: Client) -> int:
    found = await partner.read(
        "query($by: MemberBy!) { member(by: $by) { balance { available } } }", by=HIM
    )
    points: int = found["member"]["balance"]["available"]
    return points


async def test_refunding_500_of_a_flight_of_2400_claws_1000() -> None:
    _, partner = await open_account()
    assert (await partner.book("B", line("flight", "2400")))["pointsAwarded"] == 2900
    payload = await partner.done(
        "refundBooking", REFUNDED, booking="B", reference="R", lines=[of(1, "500")]
    )
    assert payload == {
        "pointsClawedBack": 1000,
        "pointsOwed": 0,
        "pointsForgiven": 0,
        "pointsReinstated": 0,
        "parked": False,
        "cashRefund": {"amount": "500.00", "currency": "CNY"},
        "booking": {"status": "PARTLY_REFUNDED", "refunded": {"amount": "500.00"}},
        "balance": {"pending": 0, "available": 1900, "held": 0, "owed": 0},
        "replayed": False,
    }


@pytest.mark.parametrize("order", list(itertools.permutations(["booking", "R1", "R2"])))
async def test_250_twice_claws_1000_in_all_in_every_order(order: tuple[str, ...]) -> None:
    _, partner = await open_account()
    for number, event in enumerate(order):
        if event == "booking":
            assert (await partner.book("B", line("flight", "2400")))["pointsAwarded"] == 2900
        else:
            payload = await partner.done(
                "refundBooking", REFUNDED, booking="B", reference=event, lines=[of(1, "250")]
            )
            assert payload["parked"] is (number < order.index("booking"))
            assert (payload["booking"] is None) is payload["parked"]
            assert (payload["cashRefund"] is None) is payload["parked"]
    assert await available(partner) == 1900
    whole = await partner.done("refundBooking", REFUNDED, booking="B", reference="R3")
    assert whole["booking"] == {"status": "REFUNDED", "refunded": {"amount": "2400.00"}}
    assert (whole["pointsClawedBack"], whole["balance"]["available"]) == (1900, 0)


async def test_a_preview_is_the_refund_that_follows() -> None:
    stage, partner = await open_account()
    await partner.book("B", line("hotel", "6000"))
    await make.give(stage.programme, (await member_id(stage)), 100, now=TODAY)
    asked: dict[str, Any] = {"booking": "B", "lines": [of(1, "1000.01")]}
    before = await stage.everything()
    preview = (await partner.read(PREVIEW, input=asked))["previewRefund"]
    assert await stage.everything() == before
    assert preview.pop("standingAfter") == {
        "tier": {"code": "silver"},
        "progress": {"current": "4999.99"},
    }
    assert preview == {
        "pointsClawedBack": 1001,
        "pointsOwed": 0,
        "pointsForgiven": 0,
        "pointsReinstated": 0,
        "pointsExpiredOnReturn": 0,
        "cashRefund": {"amount": "1000.01", "currency": "CNY"},
        "errors": [],
    }
    made = await partner.done("refundBooking", REFUNDED, **asked, reference="R")
    assert made["pointsClawedBack"] == 1001
    found = await partner.read(
        "query($by: MemberBy!) { member(by: $by) { standing { tier { code } } } }", by=HIM
    )
    assert found["member"]["standing"]["tier"] == {"code": "silver"}


async def member_id(stage: Stage) -> Any:
    [found] = await rows(
        "SELECT member_id FROM member WHERE programme_id = $1",
        stage.programme.id,
    )
    return found["member_id"]


async def test_arrears_are_shown_and_refuse_spending() -> None:
    stage, partner = await open_account()
    await partner.book("B", line("hotel", "300"))
    reward = await make.reward(stage.programme, list_points=300)
    await partner.done("redeemReward", member=HIM, reward=reward.code)
    payload = await partner.done("refundBooking", REFUNDED, booking="B", reference="R")
    assert (payload["pointsClawedBack"], payload["pointsOwed"]) == (300, 300)
    assert payload["balance"] == {"pending": 0, "available": 0, "held": 0, "owed": 300}
    told = '{ me { ledger { edges { node { description(locale: "en") } } } } }'
    [last, *_] = (await stage.member().read(told))["me"]["ledger"]["edges"]
    assert last["node"]["description"] == "Taken back after a refund: Booking B"
    problem = await partner.refused("redeemReward", member=HIM, reward=reward.code)
    assert (problem["code"], problem["path"]) == ("ACCOUNT_IN_ARREARS", ["member"])
    problem = await partner.refused(
        "redeemOnBooking", member=HIM, points=100, lines=[line("hotel", "100")]
    )
    assert problem["code"] == "ACCOUNT_IN_ARREARS"
    assert (await partner.book("C", line("hotel", "400")))["pointsAwarded"] == 400
    assert await available(partner) == 100
    ledger = await partner.read(
        """query($by: MemberBy!) { member(by: $by) { ledger(first: 2) { edges { node {
            kind from to points availableChange pendingChange availableAfter
            description(locale: "en")
        } } } } }""",
        by=HIM,
    )
    [settled, earned] = [edge["node"] for edge in ledger["member"]["ledger"]["edges"]]
    assert (earned["kind"], earned["points"]) == ("EARN", 400)
    assert settled.pop("description")
    assert settled == {
        "kind": "SETTLE",
        "from": "AVAILABLE",
        "to": "OWED",
        "points": -300,
        "availableChange": -300,
        "pendingChange": 0,
        "availableAfter": 100,
    }


async def test_points_pay_and_come_back() -> None:
    stage, partner = await open_account()
    await make.give(stage.programme, await member_id(stage), 2000, now=TODAY)
    held = await partner.done(
        "redeemOnBooking",
        "redemption { id status } balance { available held }",
        member=HIM,
        points=1000,
        lines=[line("hotel", "100")],
    )
    assert held["balance"] == {"available": 1000, "held": 1000}
    redemption = held["redemption"]["id"]
    assert (await partner.book("B", line("hotel", "100"), redemptionId=redemption))[
        "pointsAwarded"
    ] == 90
    half = await partner.done(
        "refundBooking", REFUNDED, booking="B", reference="R1", lines=[of(1, "50")]
    )
    assert (half["pointsClawedBack"], half["pointsReinstated"]) == (45, 500)
    assert half["cashRefund"] == {"amount": "45.00", "currency": "CNY"}
    rest = await partner.done("refundBooking", REFUNDED, booking="B", reference="R2")
    assert (rest["pointsClawedBack"], rest["pointsReinstated"]) == (45, 500)
    assert rest["balance"]["available"] == 2000


@pytest.mark.parametrize(
    ("lines", "code", "path"),
    [
        ([of(1, "2400.01")], "REFUND_EXCEEDS_BOOKING", ["lines", "0", "amount"]),
        ([of(2, "1")], "INVALID_INPUT", ["lines", "0", "line"]),
        ([of(1, "1"), of(1, "1")], "INVALID_INPUT", ["lines", "1", "line"]),
        ([of(1, "-1")], "INVALID_INPUT", ["lines", "0", "amount"]),
        ([of(1, "0.001")], "INVALID_INPUT", ["lines", "0", "amount"]),
    ],
)
async def test_what_is_refused_is_refused_in_the_preview_too(
    lines: list[dict[str, Any]], code: str, path: list[str]
) -> None:
    stage, partner = await open_account()
    await partner.book("B", line("flight", "2400"))
    before = await stage.everything()
    problem = await partner.refused("refundBooking", booking="B", reference="R", lines=lines)
    assert (problem["code"], problem["path"]) == (code, path)
    assert await stage.everything() == before
    asked = {"booking": "B", "lines": lines}
    preview = (await partner.read(PREVIEW, input=asked))["previewRefund"]
    assert preview["errors"] == [{"code": code, "path": path}]
    # as it stands
    now = "{ me { standing { tier { code } progress { current } } } }"
    assert preview["standingAfter"] == (await stage.member().read(now))["me"]["standing"]
    assert preview["standingAfter"]["progress"] == {"current": "2400.00"}


async def test_the_same_refund_again_is_replayed_and_another_is_a_conflict() -> None:
    stage, partner = await open_account()
    await partner.book("B", line("flight", "2400"))
    sent: dict[str, Any] = {"booking": "B", "reference": "R", "lines": [of(1, "500")]}
    first = await partner.done("refundBooking", REFUNDED, key="k", **sent)
    before = await stage.everything()
    for again in (
        await partner.done("refundBooking", REFUNDED, key="k", **sent),
        await stage.staff().done("refundBooking", REFUNDED, **sent),
    ):
        assert again == {**first, "replayed": True}
    # a key for the second answer was kept, nothing else
    after = await stage.everything()
    changed = {table for table, rows in after.items() if rows != before[table]}
    assert changed == {"idempotency_key"}
    problem = await partner.refused(
        "refundBooking", booking="B", reference="R", lines=[of(1, "501")]
    )
    assert (problem["code"], problem["reference"]) == ("REFERENCE_CONFLICT", "R")
    problem = await partner.refused("refundBooking", key="k", booking="B", reference="R9")
    assert problem["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_another_programmes_booking_is_not_there() -> None:
    stage, partner = await open_account()
    await partner.book("B", line("flight", "2400"))
    before = await stage.everything()
    _, stranger = await open_account()
    payload = await stranger.done("refundBooking", REFUNDED, booking="B", reference="R")
    assert payload["parked"] is True
    preview = (await stranger.read(PREVIEW, input={"booking": "B"}))["previewRefund"]
    assert preview["errors"] == [{"code": "NOT_FOUND", "path": ["booking"]}]
    assert await stage.everything() == before


async def test_so_many_facts_wait_for_a_booking_and_no_more() -> None:
    _, partner = await open_account()
    for number in range(20):
        await partner.done("refundBooking", "parked", booking="B", reference=f"R{number}")
    for language, message in (
        (
            "en",
            (
                "20 of your facts are already waiting for the booking B, the most allowed; "
                "report it first."
            ),
        ),
        ("zh-CN", "订单 B 尚未上报，您已有 20 条记录在等待它，达到上限；请先上报订单。"),
    ):
        asked = partner.reading(language)
        for mutation, sent in (("refundBooking", {"reference": "R"}), ("completeBooking", {})):
            problem = await asked.refused(mutation, booking="B", **sent)
            assert (problem["message"], problem["path"]) == (message, ["booking"])
            assert (problem["reason"], problem["allowed"]) == ("too_many_parked", ["20"])


@pytest.mark.parametrize("root", ["refundBooking", "completeBooking"])
async def test_only_who_reports_bookings_may(root: str) -> None:
    stage, partner = await open_account()
    await partner.book("B", line("flight", "2400"))
    before = await stage.everything()
    input_type = f"{root[0].upper()}{root[1:]}Input!"
    document = f"mutation($input: {input_type}) {{ {root}(input: $input) {{ replayed }} }}"
    sent = {"idempotencyKey": "x", "booking": "B"}
    if root == "refundBooking":
        sent["reference"] = "R"
    reader = await stage.partner([Scope.READ, Scope.REDEEM, Scope.MEMBERS], code="reader")
    for caller in (stage.member(), await stage.public(), reader):
        assert codes(await caller.ask(document, input=sent)) == ["FORBIDDEN"]
    changed = await stage.everything()
    assert {t for t in changed if changed[t] != before[t]} == set()
    await stage.staff().done(root, **{k: v for k, v in sent.items() if k != "idempotencyKey"})


async def test_a_member_sees_no_preview() -> None:
    stage, _ = await open_account()
    answer = await stage.member().ask(PREVIEW, input={"booking": "B"})
    assert codes(answer) == ["FORBIDDEN"]


NET = """query($r: String!) { booking(reference: $r) { pointsAwarded netPoints
    awards { rule points netPoints } lines { points netPoints } } }"""


async def test_net_figures_stand_beside_what_was_earned_at_first() -> None:
    _, partner = await open_account()
    await partner.book("B", line("flight", "2400"), line("hotel", "100"))
    first = (await partner.read(NET, r="B"))["booking"]
    assert (first["pointsAwarded"], first["netPoints"]) == (3000, 3000)
    assert all(one["points"] == one["netPoints"] for one in first["awards"] + first["lines"])

    await partner.done("refundBooking", REFUNDED, booking="B", reference="R", lines=[of(1, "500")])
    part = (await partner.read(NET, r="B"))["booking"]
    assert (part["pointsAwarded"], part["netPoints"]) == (3000, 2000)
    assert sum(award["netPoints"] for award in part["awards"]) == 2000
    assert sum(one["netPoints"] for one in part["lines"]) == 2000
    assert part["lines"][0]["netPoints"] < part["lines"][0]["points"]

    await partner.done("refundBooking", REFUNDED, booking="B", reference="all")
    whole = (await partner.read(NET, r="B"))["booking"]
    assert (whole["pointsAwarded"], whole["netPoints"]) == (3000, 0)
    for before, after in zip(
        first["awards"] + first["lines"], whole["awards"] + whole["lines"], strict=True
    ):
        assert after == {**before, "netPoints": 0}


async def test_a_supplier_of_whom_nothing_is_said_has_not_cancelled() -> None:
    stage, partner = await open_account()
    await partner.book("B", line("flight", "2400"))
    asked = {"booking": "B", "supplierCancelled": None}
    preview = (await partner.read(PREVIEW, input=asked))["previewRefund"]
    assert preview["errors"] == []
    sent: dict[str, Any] = {"booking": "B", "reference": "R"}
    first = await partner.done("refundBooking", "pointsClawedBack", **sent, supplierCancelled=None)
    again = await partner.done("refundBooking", "pointsClawedBack", **sent, supplierCancelled=False)
    assert again == {**first, "replayed": True}
    assert await make.faults(await stage.member_id()) == []

"""The golden example played over HTTP, and the rewards that it needs."""

from typing import Any

from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

EARNED = "pointsAwarded balance { available }"


async def open_shop(stage: Stage) -> None:
    """Create the rewards of the example, the lounge first."""
    names = {
        "lounge": {"zh-CN": "机场贵宾厅", "en": "Airport lounge"},
        "backpack": {"zh-CN": "旅行背包", "en": "Backpack"},
        "coupon_open": {"zh-CN": "代金券", "en": "Coupon of any value"},
    }
    made: list[dict[str, Any]] = [
        {"code": "lounge", "kind": "SERVICE", "list_points": 4000, "stock": 1000},
        {"code": "backpack", "kind": "PRODUCT", "list_points": 3000, "stock": 1000},
        {"code": "coupon_open", "kind": "COUPON", "list_points": 1, "open_value": True},
    ]
    for columns in made:
        await make.reward(stage.programme, names=names[columns["code"]], **columns)


async def play(member: Client, partner: Client) -> None:
    """Play six steps to 4350 points, and assert the points and the balance after each."""
    enrolled = await member.done(
        "enrolMember",
        "member { reference status balance { available } standing { tier { code } } }",
        name="小李",
        email="xiaoli@example.com",
    )
    assert enrolled == {
        "member": {
            "reference": "xiaoli",
            "status": "ENROLLED",
            "balance": {"available": 0},
            "standing": {"tier": {"code": "silver"}},
        },
        "replayed": False,
    }
    him = {"reference": "xiaoli"}
    paid = [
        await partner.done(
            "earnForActivity", EARNED, member=him, type="verification", reference="v-1"
        ),
        await partner.done(
            "earnForActivity", EARNED, member=him, type="profile_completed", reference="p-1"
        ),
        await partner.done(
            "earnForBooking",
            EARNED,
            member=him,
            reference="F-1",
            lines=[{"product": "flight", "amount": "1500.00"}],
        ),
        await partner.done(
            "earnForBooking",
            EARNED,
            member=him,
            reference="H-1",
            lines=[{"product": "hotel", "amount": "2000"}],
        ),
        await member.done("earnForActivity", EARNED, type="share", reference="s-1"),
        await partner.done("earnForActivity", EARNED, member=him, type="review", reference="r-1"),
    ]
    assert [(step["pointsAwarded"], step["balance"]["available"]) for step in paid] == [
        (500, 500),
        (200, 700),
        (1500, 2200),
        (2000, 4200),
        (50, 4250),
        (100, 4350),
    ]


async def played(document: dict[str, Any] | None = None) -> tuple[Stage, Client, Client]:
    stage = await open_stage(document)
    await open_shop(stage)
    member, partner = stage.member().reading("en"), await stage.partner()
    await play(member, partner)
    return stage, member, partner

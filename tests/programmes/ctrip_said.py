"""What the shipped `ctrip` is made from: the case study, and the programme's parameters.

`FIGURES` says where each figure stands in the document that ships, and by which sentence; `PRICES`
says it of the rewards.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """A value of the shipped documents, and the sentence that it comes from."""

    at: tuple[str | int, ...]
    value: object
    said: str


EARNED_BY = "积分获取:用户通过预订机票、酒店、火车票、度假产品等均可获得积分。"
REVIEWED = "此外,完成任务、参与活动、撰写点评也能获得积分。"
WORTH = "携程积分可直接抵扣预订金额(100积分=1元)"
CARDS = "会员体系:携程会员分为普通会员、银卡、金卡、白金卡、钻石卡。"
RIGHTS = "不同等级享有不同的积分倍率、专属优惠、客服优先等权益。"
BANKS = "携程还与多家银行合作,用户可将积分兑换为银行积分。"
GOODS = "也可兑换酒店、机票、礼品卡、实物商品等。"
COMPLETED = "points become available: on completion of the line"
LASTS = "expiry after posting: 24 months, then to the end of that month"
TAKES_BACK = "refund takes back: unlimited; refund acts on tier: at period end"
STANDING = (
    "cash spend, rolling 24 months, CNY 0 / 3 000 / 10 000 / 30 000 / 80 000, "
    "×1.0/1.1/1.2/1.5/2.0, one step down after 30 days' grace"
)
CHECKOUT = "share of a line payable in points: 50 %; offset step and minimum: 100 / 100 points"
LIMITS = "hold life: 30 minutes; oldest fact accepted: 365 days; multiplier classes: campaign"
SHOP = "rewards coupon_10 1000, gift_card 10000, bank_points 2000 → 1000; review 100, 5 a day"
MISSION = "three_ways: flight, hotel and train completed within 90 days of joining give 300"
LOUNGE = "lounge_visit, a year: gold 1, platinum 2, diamond 4"

NAMES = ("普通会员", "银卡", "金卡", "白金卡", "钻石卡")
THRESHOLDS = (0, 3_000, 10_000, 30_000, 80_000)
MULTIPLIERS = (1.0, 1.1, 1.2, 1.5, 2.0)
VISITS = {2: 1, 3: 2, 4: 4}

FIGURES = [
    Figure(("products",), ["flight", "hotel", "train", "holiday_package"], EARNED_BY),
    Figure(("earning", 0, "points"), 1, "1 point per 1"),
    Figure(("earning", 0, "per"), 1, "1 point per 1"),
    Figure(("activities", 0, "points"), 100, f"{REVIEWED} {SHOP}"),
    Figure(("activities", 0, "limit"), {"times": 5, "per": "day"}, SHOP),
    Figure(("points", "worth"), {"points": 100, "money": 1}, WORTH),
    Figure(("points", "available"), "on_completion", COMPLETED),
    Figure(("points", "expiry"), {"months": 24, "through": "month"}, LASTS),
    Figure(("refunds", "claw_back"), "unlimited", TAKES_BACK),
    Figure(("refunds", "tier"), "at_period_end", TAKES_BACK),
    Figure(("tiers", "basis"), "spend", STANDING),
    Figure(("tiers", "window"), {"months": 24}, STANDING),
    Figure(("tiers", "downgrade"), {"to": "one_step", "grace_days": 30}, STANDING),
    *(Figure(("tiers", "levels", n, "name", "zh-CN"), NAMES[n], CARDS) for n in range(5)),
    *(Figure(("tiers", "levels", n, "threshold"), THRESHOLDS[n], STANDING) for n in range(5)),
    *(Figure(("tiers", "levels", n, "multiplier"), MULTIPLIERS[n], RIGHTS) for n in range(5)),
    *(
        Figure(
            ("tiers", "levels", n, "benefits", -1),
            {"benefit": "lounge_visit", "uses": uses, "per": "year"},
            LOUNGE,
        )
        for n, uses in VISITS.items()
    ),
    Figure(("grants", 0, "gives"), {"points": 300}, f"{REVIEWED} {MISSION}"),
    Figure(("grants", 0, "window"), {"days": 90, "after": "joining"}, MISSION),
    *(
        Figure(("grants", 0, "steps", n, "when"), {"products": [product]}, MISSION)
        for n, product in enumerate(("flight", "hotel", "train"))
    ),
    Figure(("multiplier_classes",), ["campaign"], LIMITS),
    Figure(("offset", "shares"), [{"percent": 50}], CHECKOUT),
    Figure(("offset", "step"), 100, CHECKOUT),
    Figure(("offset", "minimum"), 100, CHECKOUT),
    Figure(("holds", "minutes"), 30, LIMITS),
    Figure(("facts", "oldest_days"), 365, LIMITS),
]

PRICES = [
    Figure((0, "points"), 1000, SHOP),
    Figure((1, "points"), 10_000, f"{GOODS} {SHOP}"),
    Figure((2, "points"), 2000, f"{BANKS} {SHOP}"),
    Figure((2, "units"), 1000, f"{BANKS} {SHOP}"),
]

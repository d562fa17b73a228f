"""What the source of `ota` says, an article about points for travel platforms, in Chinese.

`SAID` has each figure with the sentence that it comes from; where the article gives no number the
document decides, and the sentence is None.
"""

from collections.abc import Mapping

from tests.support.said import Said

LEVELS = "| 会员等级 | 升级条件 | 积分获取倍率 | 专属权益 |"

SAID: Mapping[str, Said] = {
    "points per yuan": Said(1, "每消费1元人民币获得1积分。"),
    "points of a hotel of 1200": Said(1200, "预订此酒店可获得 1200积分!"),
    "points of a flight of 2000": Said(2000 + 500, "预订机票满2000元额外赠送500积分。"),
    "verification": Said(500, "新用户注册并完成实名认证可获得500积分。"),
    "profile_completed": Said(200, "填写旅行偏好、常旅客信息等可获得200积分。"),
    "review": Said(100, "撰写高质量的旅行攻略、酒店点评可获得积分奖励(如每篇有效点评100积分)。"),
    "share": Said(50, "分享预订信息或平台活动到社交媒体可获得50积分。"),
    "survey": Said(30, None),
    "lottery": Said(20, None),
    "photo_contest": Said(100, None),
    "talk": Said(50, None),
    "browse": Said(0, None),
    "partner_spend of 80": Said(80, "用户通过合作伙伴的消费也可累积平台积分。"),
    "factor of the partner card": Said(2, "使用指定信用卡支付可获得双倍积分。"),
    "factor of the birthday month": Said(
        2, "| 白银 | 注册即享 | 1.0倍 | 基础积分、生日月双倍积分 |"
    ),
    "points of the first trip": Said(4350, "本次行程累计获得积分:4350积分"),
    "coupon_10": Said((1000, "10.00"), "1000积分可兑换10元优惠券,5000积分可兑换50元优惠券。"),
    "coupon_50": Said((5000, "50.00"), "1000积分可兑换10元优惠券,5000积分可兑换50元优惠券。"),
    "coupon for 4350 points": Said("43.50", "4350积分可兑换43.5元优惠券(直接抵扣)。"),
    "lounge": Said((4000, "150.00"), "4000积分可兑换一次机场贵宾厅服务(价值约150元)。"),
    "backpack": Said((3000, None), "3000积分可兑换一个旅行背包(平台周边)。"),
    "yuan that 100 points take off": Said("1.00", "积分直接抵扣预订金额(如100积分=1元)。"),
    "points times in the off-season": Said(2, "在淡季推出“积分加倍兑换”活动,刺激消费。"),
    "months that points last": Said(12, "设置合理的有效期(如12个月),促使用户在有效期内使用积分"),
    "silver": Said(("0", "1.0"), LEVELS),
    "gold": Said(("5000", "1.2"), "| 黄金 | 累计消费5000元 | 1.2倍 |"),
    "platinum": Said(("20000", "1.5"), "| 铂金 | 累计消费20000元 | 1.5倍 |"),
    "diamond": Said(("50000", "2.0"), "| 钻石 | 累计消费50000元 | 2.0倍 |"),
    "free cancellations of platinum": Said(1, "免费取消一次、机场接送服务折扣"),
    "upgrades of diamond": Said(None, "专属旅行顾问、免费升房机会"),
    "lounge visits of a newcomer": Said(
        1, "为新用户设计简单的任务(如完成首次预订、撰写第一篇点评),完成后给予积分奖励。"
    ),
    "coupon of gold": Said("50.00", "| 黄金 | 累计消费5000元 | 黄金会员专属优惠券、优先客服 |"),
    "experience_bonus": Said(50, "对于喜欢自由行的用户,推送“预订当地体验项目,额外赠送积分”活动。"),
    "factor of business hotels": Said(
        2, "对于经常预订商务酒店的用户,推送“预订指定商务酒店,享双倍积分”活动;"
    ),
    "business hotels of a business traveller": Said(3, None),
    "days back that a booking is reported": Said(365, None),
}
"""Each figure of the document, in points unless it says otherwise."""

NOT_OF_THE_DOCUMENT: Mapping[str, str] = {
    "base_rate = 1.0 # 基础积分率": "repeats the rate and the factors of the levels above it",
    "base_rate += 0.2": "a sketch of what might be given (可能有额外奖励); the text gives "
    "flights of CNY 2000 a bonus of 500, and a programme has one of the two",
    "points = int(order_amount * base_rate)": "rounds each booking down, as the engine does",
    "A组用户享受1.2倍积分,B组用户享受1.5倍积分": "two variants to be compared for a time, which a "
    "document names under `experiments`; the terms are those of the levels",
    "A组用户兑换10元优惠券需1000积分,B组用户需800积分": "the same; A is what the document has",
    "A组积分有效期12个月,B组积分有效期6个月": "the same; A is what the document has",
    "total_points INT DEFAULT 0": "columns and their sizes are of a table, not of the programme",
}
"""What the article has numbers for that the document does not say, and why."""

"""The words that people read, in Chinese and in English, by code and parameters.

The domain says what happened as a code with typed facts; a sentence is made of it here, in the
reader's language. A refusal carries its own English sentence.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal

from domain.kernel.money import to_amount
from domain.kernel.refusals import InvalidInput, NotFound, Refusal
from domain.programmes.refusals import PolicyInvalid

LANGUAGES = ("zh-CN", "en")
DEFAULT_LANGUAGE = "en"
ACCEPT_LANGUAGE_PARTS_MAX = 20

PROBLEMS_ZH: Mapping[str, str] = {
    "NOT_FOUND": "本计划中没有这个{what}：{value}{among}。",
    "REFERENCE_CONFLICT": "编号 {reference} 已用其他内容上报过。",
    "IDEMPOTENCY_KEY_REUSED": "此幂等键已用于另一个请求（{operation}），请换一个新的键。",
    "CONCURRENT_REQUEST": "该账户正被其他请求占用，请原样重发本请求。",
    "EVENT_TOO_OLD": "{occurred_at} 太久以前了，最多接受 {oldest_days} 天前的记录。",
    "EVENT_IN_FUTURE": "{occurred_at} 在将来，现在是 {now}。",
    "CURRENCY_NOT_SUPPORTED": "本计划以 {supported} 计价，不支持 {currency}。",
    "REFERENCE_TAKEN": "该会员编号已属于另一位会员。",
    "EMAIL_TAKEN": "该邮箱已属于另一位会员。",
    "PHONE_TAKEN": "该手机号已属于另一位会员。",
    "REFERRAL_INVALID": "没有会员使用推荐码 {referral_code}。",
    "MEMBER_SUSPENDED": "该会员目前不可用，原因请咨询客服。",
    "MEMBER_NOT_ENROLLED": "该会员尚未入会，请先调用 enrolMember。",
    "REPORTER_NOT_ALLOWED": "{activity} 可由 {allowed} 上报，不能由 {reporter} 上报。",
    "INSUFFICIENT_POINTS": "需要 {required} 积分，可用 {available} 积分。",
    "ACCOUNT_IN_ARREARS": "账户欠 {owed} 积分，须先补足。",
    "BELOW_MINIMUM": "至少需要 {minimum} 积分。",
    "TIER_REQUIRED": "此奖励需要 {minimum_tier} 及以上等级。",
    "LIMIT_REACHED": "已达到上限 {limit}。",
    "OUT_OF_STOCK": "{reward} 库存不足，剩余 {remaining}。",
    "CODE_POOL_EXHAUSTED": "{reward} 的券码已发完。",
    "REWARD_INACTIVE": "{reward} 目前不提供兑换。",
    "REDEMPTION_STATE": "该兑换的状态为 {status}，此操作要求 {allowed}。",
    "CODE_REVEALED": "券码已展示，只能由其合作方或客服取消。",
    "NOT_A_STEP": "积分须为 {step} 的整数倍。",
    "SHARE_EXCEEDED": "此订单最多可用积分支付 {share_percent}%：至多 {max_points} 积分。",
    "REFUND_EXCEEDS_BOOKING": "第 {line} 行最多还可退 {left} {currency}。",
    "HOLD_EXPIRED": "预留已于 {expired_at} 失效，积分已退回可用。",
    "QUOTE_EXPIRED": "报价已于 {expired_at} 失效，请重新询价。",
    "QUOTE_MISMATCH": "报价的 {what} 为 {quoted}，而不是 {found}。",
    "POLICY_INVALID": "政策文件有 {count} 处错误；第一处：{path}：{message}",
}
"""By problem code. INVALID_INPUT is worded by its reason, below."""

INVALID_INPUT_ZH: Mapping[str, str] = {
    "unknown_product": "未知产品 {value}；本计划销售 {allowed}。",
    "unknown_payment_method": "未知支付方式 {value}；可用：{allowed}。",
    "unknown_attribute": "未知属性 {value}；本计划使用 {allowed}。",
    "attribute_type": "属性 {value} 必须是 {allowed}。",
    "attribute_missing": "此处必须提供属性 {value}，类型为 {allowed}。",
    "unknown_activity": "未知活动 {value}；本计划有 {allowed}。",
    "unknown_tier": "未知等级 {value}；本计划有 {allowed}。",
    "negative_amount": "金额 {value} 为负数；必须大于或等于零。",
    "too_many_decimals": "金额 {value} 小数位过多；该货币有 {allowed} 位小数。",
    "amount_too_large": "金额 {value} 过大；最多 {allowed}。",
    "no_lines": "订单至少要有一行，最多 {allowed} 行。",
    "too_many_lines": "{value} 行过多；订单最多 {allowed} 行。",
    "lines_missing": "该订单有 {allowed} 行，而不是 {value} 行；请逐行列出，已取消的行金额填 0。",
    "nothing_left": "订单将不剩任何内容：请改用退款。",
    "travel_dates": "行程结束日 {value} 早于开始日 {allowed}。",
    "too_short": "此项不能为空。",
    "too_long": "长度为 {value}；最多接受 {allowed}。",
    "control_characters": "含有控制字符；请使用纯文本。",
    "email": "{value} 不是邮箱地址。",
    "phone": "{value} 不是电话号码；请带国家代码，例如 {allowed}。",
    "locale": "未知语言 {value}；可用：{allowed}。",
    "birthday_in_future": "生日 {value} 在将来。",
    "not_positive": "{value} 不够；请至少填一。",
    "quantity_too_large": "一次 {value} 份太多；最多 {allowed} 份。",
    "points_required": "此奖励可用任意积分兑换：请在 points 中填写数量。",
    "points_not_open": "此奖励价格固定；请不要填写 points。",
    "quantity_not_open": "任意面值的奖励一次只能兑换一份；请改变 points。",
    "account_required": "{value} 将转入合作方账户：请在 partnerAccount 中填写账号。",
    "account_not_taken": "{value} 不转入合作方账户；请不要填写 partnerAccount。",
    "reference_required": "此操作与合作方结算该兑换：请填写合作方的编号 reference。",
    "worth_nothing": "{value} 积分换不到任何金额；至少需要 {allowed}。",
    "not_an_object": "此处必须是 JSON 对象，例如 {allowed}。",
    "member_required": "请指明是哪位会员。",
    "not_oneself": "会员只能指明自己。",
    "unknown_line": "该订单没有第 {value} 行；现有：{allowed}。",
    "line_twice": "第 {value} 行重复；每行只能填写一次。",
    "no_offset": "本计划不支持用积分支付订单。",
    "no_pool": "{value} 的券码在需要时生成，没有可导入的券码池。",
    "nothing_assigned": "没有为该会员指定过等级，无可撤销。",
    "end_of_lifting": "撤销指定等级立即生效；请不要填写 until。",
    "end_in_past": "{value} 不在将来；现在是 {allowed}。",
    "zero_adjustment": "调整必须有变化：请填写大于或小于零的积分。",
    "transfer_to_oneself": "不能把积分转给自己。",
    "transfers_not_offered": "本计划不提供积分转赠。",
    "expiry_in_past": "日期 {value} 已过，积分会立即过期。",
    "expiry_of_debit": "扣减的积分没有有效期；请不要填写 expiresOn。",
    "period_backwards": "结束日 {value} 早于开始日 {allowed}。",
    "period_too_long": "期间为 {value} 天，过长；最多 {allowed} 天。",
    "period_in_future": "期间自 {value} 开始，在将来；今天是 {allowed}。",
    "period_before_joining": "期间至 {value} 结束；该账户自 {allowed} 才开始。",
    "too_many_movements": "{value} 笔变动太多，一页最多 {allowed} 笔；请选择更短的期间。",
    "effective_in_past": "新版本的生效时间不能早于现在（{allowed}）。",
    "wrong_programme": "该文件属于计划 {value}，而不是 {allowed}。",
}
"""By `InvalidInput.reason`."""

THINGS_ZH: Mapping[str, str] = {
    "member": "会员",
    "reward": "奖励",
    "redemption": "兑换",
    "coupon": "券码",
    "booking": "订单",
    "quote": "报价",
    "programme": "计划",
    "partner": "合作方",
}
"""By `NotFound.what`."""

REASONS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "rate": "{rule}: on {amount}",
        "step": "{rule}: on {amount}",
        "rate_add": "{rule}: rate +{add}",
        "multiplier": "{rule}: ×{factor}",
        "tier_multiplier": "Tier {tier}: ×{factor}",
        "bonus": "{rule}",
        "activity": "{rule}",
        "near_miss": "{short} short of {rule} (+{bonus})",
        "capped": "{rule} has reached its limit: {lost} points less",
        "budget": "The budget of {rule} is used up: {lost} points less",
        "limit_reached": "{rule}: the limit of {limit} is used up",
        "nothing_earned": "Nothing here earns points.",
        "share": "Line {line}: points may pay {percent} %, {cap}",
        "available": "{points} points are available",
        "below_minimum": "At least {minimum} points are needed",
        "guest": "A guest's booking is recorded and earns nothing.",
    },
    "zh-CN": {
        "rate": "{rule}：按 {amount} 计",
        "step": "{rule}：按 {amount} 计",
        "rate_add": "{rule}：倍率 +{add}",
        "multiplier": "{rule}：×{factor}",
        "tier_multiplier": "等级 {tier}：×{factor}",
        "bonus": "{rule}",
        "activity": "{rule}",
        "near_miss": "距离 {rule}（+{bonus}）还差 {short}",
        "capped": "{rule} 已达上限：少得 {lost} 积分",
        "budget": "{rule} 的预算已用完：少得 {lost} 积分",
        "limit_reached": "{rule}：{limit} 次的上限已用完",
        "nothing_earned": "这里没有可以得积分的内容。",
        "share": "第 {line} 行：积分最多可支付 {percent}%，即 {cap}",
        "available": "可用 {points} 积分",
        "below_minimum": "至少需要 {minimum} 积分",
        "guest": "访客的订单只作记录，不得积分。",
    },
}
"""By reason code of an explanation; `rule` and `tier` stand for the policy's own words."""


def problem_message(error: Refusal, language: str) -> str:
    """What was refused and why, in the reader's language."""
    if language != "zh-CN":
        return error.message
    if isinstance(error, InvalidInput):
        return INVALID_INPUT_ZH[error.reason].format(value=error.value, allowed=error.allowed)
    if isinstance(error, PolicyInvalid):
        first = error.faults[0]
        facts = {"count": len(error.faults), "path": first.path, "message": first.message}
    elif isinstance(error, NotFound):
        among = f"；现有：{error.known}" if error.known else ""
        facts = {"what": THINGS_ZH[error.what], "value": error.value, "among": among}
    else:
        facts = error.facts
    return PROBLEMS_ZH[error.code].format(**{name: _plain(fact) for name, fact in facts.items()})


def reason_text(
    code: str, params: Mapping[str, Any], language: str, *, names: Mapping[str, str]
) -> str:
    """One line of an explanation; `names` has the policy's words for its rules and tiers."""
    words = dict(params)
    for name in ("rule", "tier"):
        if name in words:
            words[name] = names.get(words[name], words[name])
    for minor, name in (("amount_minor", "amount"), ("short_minor", "short"), ("cap_minor", "cap")):
        if minor in words:
            words[name] = money_text(words[minor], words["currency"], language)
    return REASONS[language][code].format(**words)


def money_text(minor: int, currency: str, language: str) -> str:
    """`CNY 1,500.00` in English, where CN¥ is read by few; `¥1,500.00` in Chinese."""
    pattern = "¤¤ #,##0.00" if language == "en" else None
    amount, locale = to_amount(minor, currency), language.replace("-", "_")
    return str(format_currency(amount, currency, pattern, locale=locale))


def number_text(value: Decimal | int, language: str) -> str:
    return str(format_decimal(value, locale=language.replace("-", "_")))


def language_of(tag: str) -> str | None:
    """`zh-Hans-CN`, `zh_CN`, `ZH` → `zh-CN`; `en-GB` → `en`; another language → None."""
    primary = tag.replace("_", "-").split("-")[0].strip().lower()
    return next((known for known in LANGUAGES if known.split("-")[0] == primary), None)


def choose_language(accept_language: str | None) -> str | None:
    """The known language that an Accept-Language header likes best, if it names any."""
    best: tuple[float, str] | None = None
    for part in (accept_language or "").split(",")[:ACCEPT_LANGUAGE_PARTS_MAX]:
        tag, _, weight = part.partition(";")
        language = language_of(tag)
        liking = _liking(weight)
        if language is not None and liking > 0 and (best is None or liking > best[0]):
            best = (liking, language)
    return best[1] if best else None


def _liking(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0


def _plain(fact: object) -> object:
    return fact.isoformat(timespec="seconds") if isinstance(fact, datetime) else fact

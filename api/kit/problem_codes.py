"""The kinds of problems, each with what it means; the list only ever grows."""

from enum import StrEnum

from api.kit.enums import describe


class ProblemCode(StrEnum):
    NOT_FOUND = "NOT_FOUND"
    INVALID_INPUT = "INVALID_INPUT"
    REFERENCE_CONFLICT = "REFERENCE_CONFLICT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    CONCURRENT_REQUEST = "CONCURRENT_REQUEST"
    EVENT_TOO_OLD = "EVENT_TOO_OLD"
    EVENT_IN_FUTURE = "EVENT_IN_FUTURE"
    CURRENCY_NOT_SUPPORTED = "CURRENCY_NOT_SUPPORTED"
    REFERENCE_TAKEN = "REFERENCE_TAKEN"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    PHONE_TAKEN = "PHONE_TAKEN"
    REFERRAL_INVALID = "REFERRAL_INVALID"
    MEMBER_SUSPENDED = "MEMBER_SUSPENDED"
    MEMBER_NOT_ENROLLED = "MEMBER_NOT_ENROLLED"
    REPORTER_NOT_ALLOWED = "REPORTER_NOT_ALLOWED"
    INSUFFICIENT_POINTS = "INSUFFICIENT_POINTS"
    ACCOUNT_IN_ARREARS = "ACCOUNT_IN_ARREARS"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    NOT_A_STEP = "NOT_A_STEP"
    SHARE_EXCEEDED = "SHARE_EXCEEDED"
    TIER_REQUIRED = "TIER_REQUIRED"
    LIMIT_REACHED = "LIMIT_REACHED"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    CODE_POOL_EXHAUSTED = "CODE_POOL_EXHAUSTED"
    REWARD_INACTIVE = "REWARD_INACTIVE"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    QUOTE_EXPIRED = "QUOTE_EXPIRED"
    QUOTE_MISMATCH = "QUOTE_MISMATCH"
    REDEMPTION_STATE = "REDEMPTION_STATE"
    CODE_REVEALED = "CODE_REVEALED"
    REFUND_EXCEEDS_BOOKING = "REFUND_EXCEEDS_BOOKING"
    POLICY_INVALID = "POLICY_INVALID"


describe(
    ProblemCode,
    "What kind of problem it is. More may be added: expect codes that you do not know.",
    {
        ProblemCode.NOT_FOUND: "There is no such thing in this programme, or not for this caller.",
        ProblemCode.INVALID_INPUT: "A field of the input cannot be; `path` names it.",
        ProblemCode.REFERENCE_CONFLICT: "This reference was already reported with other content.",
        ProblemCode.IDEMPOTENCY_KEY_REUSED: "The idempotency key stands for another request.",
        ProblemCode.CONCURRENT_REQUEST: "Other requests hold the account; send this one again.",
        ProblemCode.EVENT_TOO_OLD: "What is reported happened too long ago.",
        ProblemCode.EVENT_IN_FUTURE: "What is reported has not happened yet.",
        ProblemCode.CURRENCY_NOT_SUPPORTED: "The programme does not price this currency.",
        ProblemCode.REFERENCE_TAKEN: "Another member has this reference.",
        ProblemCode.EMAIL_TAKEN: "Another member has this e-mail address.",
        ProblemCode.PHONE_TAKEN: "Another member has this phone number.",
        ProblemCode.REFERRAL_INVALID: "No member has this referral code.",
        ProblemCode.MEMBER_SUSPENDED: "The member is suspended, under review or erased.",
        ProblemCode.MEMBER_NOT_ENROLLED: "The member is a guest, or not enrolled yet.",
        ProblemCode.REPORTER_NOT_ALLOWED: "This caller may not report this activity.",
        ProblemCode.INSUFFICIENT_POINTS: "Fewer points are available than this takes.",
        ProblemCode.ACCOUNT_IN_ARREARS: "The account owes points, which are settled first.",
        ProblemCode.BELOW_MINIMUM: "Fewer points than may be used at once.",
        ProblemCode.NOT_A_STEP: "Points are used in steps, and this is between two.",
        ProblemCode.SHARE_EXCEEDED: "More of the price than may be paid in points.",
        ProblemCode.TIER_REQUIRED: "The member's tier is too low.",
        ProblemCode.LIMIT_REACHED: "A limit per member is used up.",
        ProblemCode.OUT_OF_STOCK: "Not as many are left.",
        ProblemCode.CODE_POOL_EXHAUSTED: "No coupon codes are left.",
        ProblemCode.REWARD_INACTIVE: "The reward is not on offer now.",
        ProblemCode.HOLD_EXPIRED: "The hold's time ran out.",
        ProblemCode.QUOTE_EXPIRED: "The quote's time ran out.",
        ProblemCode.QUOTE_MISMATCH: "The booking is not the one that was quoted.",
        ProblemCode.REDEMPTION_STATE: "The redemption is in a state that does not allow this.",
        ProblemCode.CODE_REVEALED: "The coupon code was shown: only a partner or staff can cancel.",
        ProblemCode.REFUND_EXCEEDS_BOOKING: "More is refunded than was booked.",
        ProblemCode.POLICY_INVALID: "The policy document has faults.",
    },
)

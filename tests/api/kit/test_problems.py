"""Types and codes of problems are derived from refusals, and keep all their facts."""

from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from api.kit import faults, problems
from api.kit.problems import REFUSALS, PlainProblem, Problem, ProblemCode
from api.kit.scalars import SCALARS
from domain.kernel.refusals import Currency, InvalidInput, NotFound, Points, Refusal
from domain.ledger.refusals import InsufficientPoints
from domain.members.refusals import EmailTaken
from domain.programmes.refusals import FaultCode, PolicyFault, PolicyInvalid

CODES = [
    "ACCOUNT_IN_ARREARS",
    "BELOW_MINIMUM",
    "CODE_POOL_EXHAUSTED",
    "CODE_REVEALED",
    "COMPLETION_TOO_EARLY",
    "CONCURRENT_REQUEST",
    "CONTACT_CODE_REFUSED",
    "COUPON_NOT_APPLICABLE",
    "CURRENCY_NOT_SUPPORTED",
    "DAY_SETTLED",
    "EMAIL_TAKEN",
    "EVENT_IN_FUTURE",
    "EVENT_TOO_OLD",
    "HOLDS_OPEN",
    "HOLD_EXPIRED",
    "IDEMPOTENCY_KEY_REUSED",
    "INSUFFICIENT_POINTS",
    "INVALID_INPUT",
    "LIMIT_REACHED",
    "MEMBER_NOT_ENROLLED",
    "MEMBER_SUSPENDED",
    "NOT_A_STEP",
    "NOT_FOUND",
    "OUT_OF_STOCK",
    "PARTNER_KEY_STATE",
    "PHONE_TAKEN",
    "POLICY_INVALID",
    "PROPOSAL_STATE",
    "QUOTE_EXPIRED",
    "QUOTE_MISMATCH",
    "REDEMPTION_STATE",
    "REDEMPTION_UNDER_REVIEW",
    "REFERENCE_CONFLICT",
    "REFERENCE_TAKEN",
    "REFERRAL_INVALID",
    "REFUND_EXCEEDS_BOOKING",
    "REPORTER_NOT_ALLOWED",
    "REWARD_INACTIVE",
    "RISK_DENIED",
    "SAME_PERSON",
    "SHARE_EXCEEDED",
    "STATE_CONFLICT",
    "TEMPLATE_INVALID",
    "TIER_REQUIRED",
]
"""Clients know these by name: renaming a class breaks them. The list only grows."""


@dataclass(eq=False)
class SeatTaken(Refusal):
    """Another member has this seat."""

    seat: Annotated[str, "The seat in question."]
    price: Annotated[Points, "Price of another seat."]
    currency: Annotated[Currency, "Currency of the price."]
    rate: Annotated[Decimal, "Value of one point."]
    others: Annotated[tuple[str, ...], "Seats that are free."]
    currencies: Annotated[tuple[Currency, ...], "Currencies that are taken."]
    until: Annotated[datetime | None, "End of the booking; null when it has none."] = None


@dataclass(eq=False)
class DoorClosed(Refusal):
    """Boarding is over."""


def printed(shown: Any, *types: Any) -> str:
    """The schema of one field of this type, and of these types beside it."""

    @strawberry.type
    class Query:
        shown_here: str = strawberry.field(graphql_type=shown)

    config = StrawberryConfig(scalar_map=SCALARS)
    return strawberry.Schema(Query, types=types, config=config).as_str()


def test_the_codes_are_pinned() -> None:
    assert [refusal.code for refusal in REFUSALS] == CODES
    assert [code.value for code in ProblemCode] == CODES


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_describes_itself_in_one_sentence(refusal: type[Refusal]) -> None:
    described = vars(refusal)["__doc__"]
    assert described.endswith(".")
    assert "\n" not in described
    assert refusal.__module__.endswith(".refusals")
    facts = [fact.name for fact in fields(refusal) if fact.name != "path"]
    assert list(problems._shape(refusal)) == facts
    absent = [fact.default for fact in fields(refusal) if fact.default is not MISSING]
    assert all(default is None or default == () for default in absent), "absent is null, or empty"


def test_a_new_refusal_is_one_class() -> None:
    schema = printed(Problem, problems.problem_type(SeatTaken))
    assert (
        '''"""Another member has this seat."""
type SeatTaken implements Problem {'''
        in schema
    )
    for description, field in {
        "The seat in question.": "seat: String!",
        "Price of another seat.": "price: Points!",
        "Currency of the price.": "currency: CurrencyCode!",
        "Value of one point.": "rate: Decimal!",
        "Seats that are free.": "others: [String!]!",
        "Currencies that are taken.": "currencies: [CurrencyCode!]!",
        "End of the booking; null when it has none.": "until: DateTime",
    }.items():
        assert f'  """{description}"""\n  {field}\n' in schema
    codes = printed(problems.code_enum([SeatTaken]))
    assert '"""Another member has this seat."""\n  SEAT_TAKEN\n' in codes


def test_a_refusal_without_facts_is_a_plain_problem() -> None:
    assert problems.problem_type(DoorClosed) is PlainProblem
    assert '"""Boarding is over."""\n  DOOR_CLOSED\n' in printed(problems.code_enum([DoorClosed]))


def test_only_what_rooms_declare_is_in_the_schema() -> None:
    assert (SeatTaken.code, DoorClosed.code) == ("SEAT_TAKEN", "DOOR_CLOSED")
    assert SeatTaken not in problems.declared_refusals()
    assert "SEAT_TAKEN" not in ProblemCode.__members__
    assert set(problems.TYPES) == set(REFUSALS)


@pytest.mark.parametrize(
    ("refusal", "shown"),
    [
        (InsufficientPoints(5, 7), {"available": 5, "required": 7}),
        (
            InvalidInput("too_long", "12", ("9",)),
            {"reason": "too_long", "value": "12", "allowed": ("9",)},
        ),
        (NotFound("member", "x"), {"what": "member", "value": "x", "known": ()}),
        (EmailTaken(), {}),
        (
            PolicyInvalid((PolicyFault(FaultCode.WHOLE, ("earning", 0), True, line=3, column=9),)),
            {
                "faults": (
                    faults.PolicyFault(
                        code="whole",
                        path="earning.0",
                        line=3,
                        column=9,
                        rule=None,
                        value="true",
                        suggestion=None,
                        message="A whole number is expected, not true.",
                    ),
                ),
                "findings": (),
            },
        ),
    ],
    ids=lambda value: value.code if isinstance(value, Refusal) else "",
)
def test_a_problem_keeps_code_path_and_facts(refusal: Refusal, shown: dict[str, Any]) -> None:
    refusal.path = ("input", "field")

    problem = problems.to_problem(refusal, "en")

    assert problem.code is ProblemCode[refusal.code]
    assert problem.path == ["input", "field"]
    assert {name: getattr(problem, name) for name in shown} == shown
    assert set(vars(problem)) == {"code", "message", "path", *shown}


def test_a_refusal_says_its_code_and_facts_to_whoever_reads_a_log() -> None:
    assert str(InsufficientPoints(5, 7, path=("points",))) == (
        "INSUFFICIENT_POINTS available=5 required=7"
    )

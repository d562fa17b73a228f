"""The catalogues are complete: each thing that is said is worded in both languages, alike."""

import ast
import re
import string
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from babel.core import Locale
from babel.messages.pofile import read_po

from api import report_tables
from api.backtest_page import SHOWN
from api.kit.problems import REFUSALS
from api.wording import catalogues
from api.wording.catalogues import LANGUAGES, SENTENCES, sentence
from api.wording.messages import CODED, CODED_INPUTS, TYPED_INPUTS, problem_message
from domain.backtests.tally import FIGURES
from domain.claims.claims import ClaimStatus
from domain.feedback.feedback import FeedbackStatus
from domain.insight.kpis import NOTES
from domain.jobs.jobs import ImportKind, JobStatus
from domain.kernel.refusals import (
    CountedUnit,
    EventTooOld,
    InvalidInput,
    NotFound,
    Quantity,
    Refusal,
)
from domain.ledger.values import EntryKind
from domain.members.consents import Purpose
from domain.members.contacts import ContactKind
from domain.members.refusals import LimitReached
from domain.members.statuses import MemberStatus
from domain.notices.channels import Withheld
from domain.notices.refusals import TemplateFault, TemplateFaultCode
from domain.partners.partner_keys import KeyStatus
from domain.programmes import rules
from domain.programmes.levels import TierBasis
from domain.programmes.nodes import KINDS
from domain.programmes.refusals import FaultCode, FindingCode, PolicyFault, PolicyInvalid
from domain.proposals.proposals import ProposalStatus
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.referrals.states import ReferralStatus
from domain.reviews.reviews import ReviewState
from domain.rewards.coupons import CouponStatus
from domain.settlement.statements import StatementStatus
from domain.webhooks.endpoints import WebhookStatus
from tests.support import policy_nodes
from tests.support.arguments import Parameter, Sources

ROOT = Path(__file__).resolve().parents[3]
RULE_KINDS = frozenset(
    kind
    for rule in get_args(get_args(rules.EarningRule)[0])
    for kind in get_args(rule.model_fields["kind"].annotation)
)
PERIODS = ("year", "month")
CODES = {"kind": RULE_KINDS, "reason": RULE_KINDS | {"tier_multiplier"}}
"""What attributes are that codes are taken from: of a rule, and of its clause."""

NAMED = re.compile(
    r"(?:problem|rule|available|discount|expiry|tier|window|entry|statement|fault|found|finding|gift"
    r"|witness|count|asked|offer|guide|backtest|figures|unsubscribe|mail)\.[A-Za-z_.]+"
)
CODED_KINDS: tuple[type[StrEnum], ...] = (
    *(ClaimStatus, CouponStatus, FeedbackStatus, JobStatus, KeyStatus, MemberStatus),
    *(ProposalStatus, RedemptionStatus, ReferralStatus, ReviewState, StatementStatus),
    *(WebhookStatus, ImportKind, Purpose, Withheld),
)
"""What has codes that a refusal may be given as its facts; reporters are `member`, `partner` …"""

REPORTERS = ("member", "partner", "staff")

INSTANT = datetime(2026, 3, 15, 1, 2, 3, 456, tzinfo=UTC)
SAMPLES: dict[str, Any] = {
    "what": "member",
    "occurred_at": INSTANT,
    "expired_at": INSTANT,
    "now": INSTANT,
    "resets_at": None,
    "share_percent": Decimal("12.5"),
    "left": Decimal("1.10"),
    **dict.fromkeys(("allowed", "known", "supported", "missing", "levels"), ("12", "34")),
    "faults": (
        PolicyFault(FaultCode.MISSING, ("earning", 0, "points"), "points", line=7, column=5),
        PolicyFault(FaultCode.MISSING, ("tiers",), "tiers"),
    ),
    **dict.fromkeys(("oldest_days", "limit", "remaining", "line", "step"), 7),
    **dict.fromkeys(("available", "required", "owed", "minimum", "max_points"), 1500),
}


SAMPLES_OF: dict[str, dict[str, Any]] = {
    "TEMPLATE_INVALID": {"faults": (TemplateFault(TemplateFaultCode.SYNTAX, "body", 1, "x"),) * 2},
    "REFUND_EXCEEDS_BOOKING": {"currency": "CNY"},
}
"""What only one refusal has under such a name."""


def made(refusal: type[Refusal]) -> Refusal:
    facts = [fact.name for fact in fields(refusal) if fact.name != "path"]
    known = {**SAMPLES, **SAMPLES_OF.get(refusal.code, {})}
    return refusal(**{name: known.get(name, name) for name in facts})


@cache
def sources() -> Sources:
    """All that may say something; read by the worker that asks, and once."""
    return Sources.of(ROOT / "api", ROOT / "domain", attributes=CODES)


def reasons() -> set[str]:
    return sources().texts("InvalidInput", Parameter("reason", 0))


def things() -> set[str]:
    of_states = sources().texts("StateConflict", Parameter("what", 0))
    return sources().texts("NotFound", Parameter("what", 0)) | of_states


def codes() -> set[str]:
    """What sentences say in words that stands as a code in what is refused."""
    named = {one.value for kind in CODED_KINDS for one in kind}
    return named | {one for one in literals(*CODED) if one.isupper()}


def literals(*refusals: str) -> set[str]:
    """The texts that refusals of these codes are given wherever they are raised."""
    kinds = [one.__name__ for one in REFUSALS if one.code in refusals]
    return {
        node.value
        for kind in kinds
        for call in sources().calls.get(kind, [])
        for node in ast.walk(call.node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def enums(*refusals: str) -> set[str]:
    """The enumerations whose values these are given by name, wherever they are raised."""
    kinds = [one.__name__ for one in REFUSALS if one.code in refusals]
    return {
        node.value.id if isinstance(node.value, ast.Name) else ast.unparse(node.value)
        for kind in kinds
        for call in sources().calls.get(kind, [])
        for argument in (*call.node.args, *(one.value for one in call.node.keywords))
        for node in ast.walk(argument)
        if isinstance(node, ast.Attribute) and node.attr.isupper()
    }


def explained() -> set[str]:
    return sources().texts("Reason", Parameter("code", 0))


def named_in_source() -> set[str]:
    """Message ids that stand as such in the code or in one of the API's templates."""
    found = {
        node.value
        for folder in ("api", "ops")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if NAMED.fullmatch(node.value) and not node.value.endswith((".html", "."))
    }
    for template in (ROOT / "api" / "templates").iterdir():
        found |= set(re.findall(r'say\("([^"]+)"\)', template.read_text(encoding="utf-8")))
    return found


def expected() -> set[str]:
    return {
        *(f"problem.{refusal.code}" for refusal in REFUSALS if refusal is not InvalidInput),
        *(f"input.{reason}" for reason in reasons()),
        *(f"thing.{thing}" for thing in (*things(), *ContactKind)),
        *(f"code.{code}" for code in (*codes(), *REPORTERS)),
        *(f"reason.{code}" for code in explained()),
        *(f"entry.{kind}" for kind in EntryKind),
        *(f"referral.{status}" for status in ReferralStatus),
        *(f"measure.{basis}" for basis in get_args(TierBasis) if basis != "spend"),
        *(f"benefit.{per}.{count}" for per in PERIODS for count in ("one", "some")),
        *(f"fault.{code}" for code in FaultCode),
        *(f"template.{code}" for code in TemplateFaultCode),
        *(f"finding.{code}" for code in FindingCode),
        *(f"type.{name}" for name in (*KINDS, "decimal")),
        *(f"quantity.{unit}" for unit in get_args(CountedUnit)),
        *(f"backtest.{dimension}" for dimension in SHOWN),
        *(f"backtest.figure.{name}" for name in FIGURES),
        "backtest.omitted.budgets",
        *(f"figures.note.{name}" for name in NOTES),
        *(f"figures.key.{name}" for name in report_tables.KEYS.values()),
        *(f"figures.column.{head}" for head in report_tables.HEADS),
        *(f"figures.table.{name}" for name in ("months", "products", "cities", "statuses")),
        *(f"found.{kind}" for kind in ("nothing", "list", "mapping")),
        *(f"change.{kind}" for kind in ("changed", "added", "removed", "moved")),
        *(f"guide.range.{ends}" for ends in ("between", "least", "most")),
        *(f"guide.days.{ends}" for ends in ("between", "first", "last")),
        *policy_nodes.message_ids(),
        *named_in_source(),
    }


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_said_has_a_sentence_and_every_sentence_is_said(language: str) -> None:
    assert set(SENTENCES[language]) == expected()


def test_sentences_were_looked_for() -> None:
    assert {"too_long", "account_not_taken", "no_offset"} <= reasons()
    assert {"member", "partner", "quote"} <= things()
    assert {"near_miss", "tier_multiplier", "rate", "share"} <= explained()
    assert {"statement.title", "window.month", "rule.text"} <= named_in_source()


def test_both_languages_have_the_same_placeholders() -> None:
    english, chinese = ({i: placeholders(t) for i, t in SENTENCES[x].items()} for x in LANGUAGES)
    assert english == chinese


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_is_said_with_its_facts(refusal: type[Refusal], language: str) -> None:
    if refusal is not InvalidInput:
        message = problem_message(made(refusal), language)
        assert re.search("[一-鿿]", message) if language == "zh-CN" else message.isascii()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_of_an_invalid_input_is_said_with_its_facts(language: str) -> None:
    for reason in sorted(reasons() - set(TYPED_INPUTS)):
        said = problem_message(InvalidInput(reason, "12", ("34",)), language)
        holes = placeholders(SENTENCES[language][f"input.{reason}"])
        assert ("12" in said, "34" in said) == ("value" in holes, "allowed" in holes), reason


def test_types_callers_and_quantities_are_said_in_the_readers_language() -> None:
    said = {
        "attribute_missing": "decimal",
        "attribute_type": "boolean",
        "profile_type": "text",
        "profile_not_writable": "staff",
        "file_too_long": Quantity.of(1, "rows"),
    }
    refused = [InvalidInput(reason, "city", (allowed,)) for reason, allowed in said.items()]
    assert [problem_message(one, "en") for one in refused] == [
        "Attribute 'city' is required here; give it as a number of zero or more.",
        "Attribute 'city' must be true or false.",
        "The value of 'city' must be text.",
        "'city' can only be written by staff.",
        "The file is too long: the limit is 1 row. Split it.",
    ]
    assert [problem_message(one, "zh-CN") for one in refused] == [
        "此处必须提供属性 city，类型为零或更大的数字。",
        "属性 city 必须是 true 或 false。",
        "city 的值必须是文字。",
        "city 只能由工作人员填写。",
        "文件过大：最多接受 1 行。请拆分文件。",
    ]


def test_what_is_not_found_is_named_in_the_readers_language() -> None:
    assert problem_message(NotFound("reward", "x"), "en") == (
        "There is no reward 'x' in this programme."
    )
    assert problem_message(NotFound("reward", "x", ("a", "b")), "zh-CN") == (
        "本计划中没有这个奖励：x；现有：a, b。"
    )


def test_the_first_day_is_that_of_the_programmes_zone() -> None:
    late = LimitReached(0, datetime(2026, 12, 25, 16, 30, tzinfo=UTC))
    shanghai = ZoneInfo("Asia/Shanghai")
    assert problem_message(late, "en", shanghai) == "This is possible from 26 December 2026."
    assert problem_message(late, "zh-CN", shanghai) == "自2026年12月26日起可以进行此操作。"
    noon = LimitReached(20, datetime(2026, 12, 25, 4, 0, 1, tzinfo=UTC))
    assert problem_message(noon, "en", shanghai) == (
        "The limit of 20 is reached; this is possible again from 25 December 2026, 12:01."
    )
    year = LimitReached(1, datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert problem_message(year, "zh-CN", shanghai) == "已达到上限 1；自2027年1月1日起可再次进行。"
    assert problem_message(LimitReached(3), "en") == "The limit of 3 is reached."
    assert problem_message(LimitReached(0), "en") == "The limit of 0 is reached."


def test_an_instant_is_said_to_the_second_on_the_clocks_of_the_zone() -> None:
    [too_old] = [made(refusal) for refusal in REFUSALS if refusal.code == "EVENT_TOO_OLD"]
    assert problem_message(too_old, "zh-CN") == (
        "2026年3月15日 01:02:03 UTC 太久以前了，最多接受 7 天前的记录。"
    )
    assert problem_message(too_old, "en") == (
        "15 March 2026, 01:02:03 UTC is too long ago; the limit is 7 days."
    )
    assert problem_message(too_old, "en", ZoneInfo("Asia/Shanghai")) == (
        "15 March 2026, 09:02:03 is too long ago; the limit is 7 days."
    )
    first = EventTooOld(datetime(1, 1, 1, tzinfo=UTC), 7)
    assert problem_message(first, "en", ZoneInfo("America/New_York")) == (
        "1 January 1, 00:00 UTC is too long ago; the limit is 7 days."
    )


def test_the_first_fault_of_a_policy_is_told() -> None:
    assert problem_message(made(PolicyInvalid), "en") == (
        "The policy document has 2 faults; first: line 7, column 5, earning.0.points: "
        '"points" is missing.'
    )


def test_a_sentence_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"problem\.NOTHING"):
        sentence("problem.NOTHING", "en")
    with pytest.raises(KeyError, match="minimum"):
        sentence("problem.BELOW_MINIMUM", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_one_that_tools_for_translators_take(language: str) -> None:
    met: set[str] = set()
    for path in catalogues.files(language):
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        assert catalogue.locale == Locale.parse(language.replace("-", "_"))
        assert [message.id for message in catalogue if message.fuzzy and message.id] == []
        assert list(catalogue.obsolete) == []
        own = {str(message.id) for message in catalogue if message.id}
        assert met & own == set()
        met |= own


PLANTED = """
def refuse(why, *, what="x"):
    raise InvalidInput(why, path=())

def first(wrong):
    reason = "a" if wrong else "b"
    raise refusals.InvalidInput(reason)

def second(rule):
    refuse("c")
    refuse(why="d")
    InvalidInput(reason=rule.kind)
"""


def test_texts_are_found_through_variables_and_callers() -> None:
    planted = Sources({"planted.py": PLANTED}, {"kind": frozenset({"e"})})
    assert planted.texts("InvalidInput", Parameter("reason", 0)) == {"a", "b", "c", "d", "e"}
    unclear = Sources({"planted.py": "InvalidInput(str(1))"})
    with pytest.raises(AssertionError, match=r"cannot say what str\(1\) is"):
        unclear.texts("InvalidInput", Parameter("reason", 0))


CODE = re.compile(r"[A-Z]{2,}")


def raised(code: str) -> list[Refusal]:
    """The refusals whose facts are codes, with this one."""
    kinds = [one for one in REFUSALS if one.code in CODED and one.code != "REPORTER_NOT_ALLOWED"]
    said: dict[str, Any] = {"allowed": (code, code), "status": code, "what": "member", "key": "k"}
    stated = [
        kind(**{fact.name: said[fact.name] for fact in fields(kind) if fact.name != "path"})
        for kind in kinds
    ]
    return [*stated, *(InvalidInput(reason, code, (code,)) for reason in CODED_INPUTS)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_says_a_code(language: str) -> None:
    assert len(codes()) > 50
    for code in codes():
        for refusal in raised(code):
            assert CODE.findall(problem_message(refusal, language)) == [], refusal


def test_what_is_refused_with_a_code_says_one_that_is_worded() -> None:
    worded = {kind.__name__ for kind in CODED_KINDS}
    found = {name.rpartition(".")[2] for name in enums(*CODED)}
    assert found >= {"RedemptionStatus", "JobStatus", "MemberStatus"}
    assert found <= worded
    assert {one for one in literals(*CODED) if one.isupper()} <= codes()

"""Why a policy document, or another document of a programme, is not accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from domain.kernel.refusals import Refusal

Path = tuple[str | int, ...]
"""A place in a document: the keys and the places in lists that lead to it."""


class FaultCode(StrEnum):
    """Kinds of faults in a document; each has a sentence `fault.` and its code."""

    # of the text
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TOO_MANY_VALUES = "too_many_values"
    EMPTY = "empty"
    SYNTAX = "syntax"
    TAB = "tab"
    COLON_MISSING = "colon_missing"
    COLON_UNEXPECTED = "colon_unexpected"
    UNCLOSED = "unclosed"
    CHARACTER = "character"
    DIRECTIVE = "directive"
    TAG = "tag"
    ANCHOR = "anchor"
    ALIAS = "alias"
    MERGE = "merge"
    SECOND_DOCUMENT = "second_document"
    REPEATED_KEY = "repeated_key"
    KEY_FORM = "key_form"
    NUMBER_FORM = "number_form"
    NUMBER_LONG = "number_long"
    # of one value
    MISSING = "missing"
    UNKNOWN_KEY = "unknown_key"
    TEXT = "text"
    TEXT_EMPTY = "text_empty"
    TEXT_LONG = "text_long"
    CODE = "code"
    URL = "url"
    WHOLE = "whole"
    NUMBER = "number"
    DECIMALS = "decimals"
    ABOVE = "above"
    LEAST = "least"
    MOST = "most"
    FLAG = "flag"
    ATTRIBUTE_VALUE = "attribute_value"
    PROFILE_VALUE = "profile_value"
    DAY = "day"
    SPAN_DAY = "span_day"
    CALENDAR_DAY = "calendar_day"
    CHOICE = "choice"
    CHOICE_OR_TERMS = "choice_or_terms"
    MAPPING = "mapping"
    VALUE = "value"
    LIST = "list"
    LIST_SHORT = "list_short"
    LIST_LONG = "list_long"
    # of values that cannot hold together
    TIMEZONE = "timezone"
    CURRENCY = "currency"
    REPEATED = "repeated"
    RESERVED = "reserved"
    UNDEFINED = "undefined"
    VALUE_TYPE = "value_type"
    BACKWARDS = "backwards"
    SPAN_ENDS = "span_ends"
    RANGE_EMPTY = "range_empty"
    SEGMENT_FORM = "segment_form"
    COUNT_WINDOW = "count_window"
    CONDITION_SYNTAX = "condition_syntax"
    CONDITION_NAME = "condition_name"
    CONDITION_FUNCTION = "condition_function"
    CONDITION_OPERANDS = "condition_operands"
    CONDITION_VALUE = "condition_value"
    CONDITION_RESULT = "condition_result"
    LIMIT_MEASURE = "limit_measure"
    LIMIT_TIMES = "limit_times"
    USES_PER = "uses_per"
    ENTRY_THRESHOLD = "entry_threshold"
    THRESHOLD_MEASURES = "threshold_measures"
    THRESHOLD_ORDER = "threshold_order"
    RENAMED_LEVEL = "renamed_level"
    NEVER_FALLS = "never_falls"
    NO_PERIOD_END = "no_period_end"
    NO_POINTS = "no_points"
    LINK_CODE = "link_code"
    REPORTERS_MISSING = "reporters_missing"
    REPORTERS_OF_DAY = "reporters_of_day"
    ATTRIBUTE_OF_DAY = "attribute_of_day"
    GIVES_ONE = "gives_one"
    AT_OR_EVERY = "at_or_every"
    EVERY_WINDOW = "every_window"
    EVERY_SMALL = "every_small"
    MISSION_WINDOW = "mission_window"
    STEP_TYPES = "step_types"
    BUDGET_OF_ENTRY = "budget_of_entry"
    RISK_DECIDES = "risk_decides"
    RISK_DENIES_BOOKINGS = "risk_denies_bookings"
    RISK_FACTS = "risk_facts"
    RISK_OF_ENROLLING = "risk_of_enrolling"
    EXPERIMENT_WEIGHTS = "experiment_weights"
    EXPERIMENT_FIELD = "experiment_field"
    EXPERIMENT_OVERLAP = "experiment_overlap"
    # of rewards
    COUPON_ONLY = "coupon_only"
    COUPON_TERMS = "coupon_terms"
    REQUIRES_DELIVERY = "requires_delivery"
    OPEN_WORTH = "open_worth"
    OPEN_POINTS = "open_points"
    POOL_STOCK = "pool_stock"
    LOW_WATER = "low_water"
    UNITS_MISSING = "units_missing"
    UNITS_OF_PARTNER = "units_of_partner"
    OTHER_PROGRAMME = "other_programme"
    PLACED_OTHERWISE = "placed_otherwise"
    # of all of them
    MORE_FAULTS = "more_faults"


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One fault in a document: its kind, its place, and what would have been right.

    `line` and `column` count from 1 and are None where the document was not read from text;
    `rule` is the code of the rule, tier, season or reward that the fault is in.
    """

    code: FaultCode
    at: Path = ()
    value: object = None
    allowed: str = ""
    known: tuple[str, ...] = ()
    of_key: bool = False
    line: int | None = None
    column: int | None = None
    rule: str | None = None
    suggestion: str | None = None

    @property
    def path(self) -> str:
        """The place, dotted; `$` is the whole document."""
        return ".".join(map(str, self.at)) or "$"


class FindingLevel(StrEnum):
    """Severity of a finding; an ERROR prevents publishing unless it is accepted."""

    ERROR = "ERROR"
    WARN = "WARN"
    INFO = "INFO"


class FindingCode(StrEnum):
    """Kinds of probable mistakes in a document; each has a sentence `finding.` and its name."""

    UNREACHABLE = "UNREACHABLE"
    CONTRADICTION = "CONTRADICTION"
    RETURN_ABOVE_TARGET = "RETURN_ABOVE_TARGET"
    BUDGET_BELOW_ONE = "BUDGET_BELOW_ONE"
    DEAD = "DEAD"
    ALWAYS_TRUE = "ALWAYS_TRUE"
    SHADOWED = "SHADOWED"
    EXPIRED = "EXPIRED"
    SEASON_ENDS = "SEASON_ENDS"
    EXPIRY_SHORT = "EXPIRY_SHORT"
    REWARD_MISSING = "REWARD_MISSING"
    OVERLAP = "OVERLAP"

    @property
    def level(self) -> FindingLevel:
        if self in _ERRORS:
            return FindingLevel.ERROR
        return FindingLevel.INFO if self is FindingCode.OVERLAP else FindingLevel.WARN


_ERRORS = frozenset(
    {
        FindingCode.UNREACHABLE,
        FindingCode.CONTRADICTION,
        FindingCode.RETURN_ABOVE_TARGET,
        FindingCode.BUDGET_BELOW_ONE,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A probable mistake in a valid document: its kind, its place, and the facts of its sentence.

    The path is dotted, and things in lists stand in it by their codes: `earning.base.when`.
    """

    code: FindingCode
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def level(self) -> FindingLevel:
        return self.code.level

    @property
    def name(self) -> str:
        """The name by which it is accepted: `CODE@path`."""
        return f"{self.code}@{self.path}"


@dataclass(eq=False)
class PolicyInvalid(Refusal):
    """The policy document has faults, or findings that were not accepted."""

    faults: Annotated[tuple[PolicyFault, ...], "All faults in the document."]
    findings: Annotated[
        tuple[Finding, ...], "Findings of the level ERROR that `accept` does not name."
    ] = ()

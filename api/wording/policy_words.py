"""A policy document in words: the label of each of its fields, and each value.

A field of a node has the sentence `policy.Node.field`, or that of the node from which it is
derived; a choice of a field has `policy.Node.field.word`, or `choice.word`. The guide and the words
for changes are both made of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from babel.dates import format_date

from api.wording.catalogues import SENTENCES, sentence
from api.wording.messages import date_text, list_text, money_text, number_text, truth_text
from domain.kernel import money
from domain.programmes.benefits import Benefit
from domain.programmes.changes import code_of, said
from domain.programmes.grants import BIRTHDAY, JOINING, CalendarGrant, Milestone
from domain.programmes.levels import Tier
from domain.programmes.nodes import POINTS_MAX, Node, Unit, Words
from domain.programmes.policy import Policy
from domain.programmes.rules import PROGRAMME_FUNDER, ActivityRule, Validity
from domain.programmes.seasons import Season, Span
from domain.programmes.segments import Segment
from domain.programmes.selectors import Range

NAMES = {
    "products": "products",
    "night_products": "products",
    "tiers": "levels",
    "floor": "levels",
    "renames": "levels",
    "seasons": "seasons",
    "travel_seasons": "seasons",
    "count": "counts",
    "counts": "counts",
    "segments": "segments",
    "types": "activities",
    "benefit": "benefits",
}
"""Fields that refer to something by its code, and the section that has its name."""

NEUTRAL: Mapping[str, object] = {
    "discount_percent": 0,
    "minimum": 0,
    "from": 0,
    "maximum": POINTS_MAX,
    "funder": PROGRAMME_FUNDER,
    "offer": False,
    "approvals": 0,
}
"""Values of fields that are not mentioned."""

_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Field:
    """A field `key` of a kind of node; `node` is the one that is spoken of, where it matters."""

    of: type[Node]
    key: str
    node: Node | None = attribute(default=None, compare=False)


Named = Tier | Season | Segment | ActivityRule | Benefit


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: a language, and the policy whose names are used."""

    policy: Policy
    language: str

    def names(self, of: str) -> Mapping[str, str]:
        """The policy's names of these things, by code."""
        if of == "products":
            named = self.policy.product_names
            return {code: words.in_locale(self.language) for code, words in named.items()}
        if of == "counts":
            counts = self.policy.counts.items()
            return {code: one.name.in_locale(self.language) for code, one in counts if one.name}
        things: Mapping[str, tuple[Named, ...]] = {
            "levels": self.policy.tiers.levels,
            "seasons": self.policy.seasons,
            "segments": self.policy.segments,
            "activities": self.policy.activities,
            "benefits": self.policy.benefits,
        }
        return {one.code: one.name.in_locale(self.language) for one in things[of]}


def label_id(field: Field) -> str:
    """The message id of a field's label.

    Raises: KeyError where the field has no words.
    """
    return _found(field, "", f"policy.{field.of.__name__}.{field.key}")


def choice_id(field: Field, word: str) -> str:
    """The message id of a choice of the field.

    Raises: KeyError where it has no words.
    """
    return _found(field, f".{word}", f"choice.{word}")


@cache
def _found(field: Field, suffix: str, else_id: str) -> str:
    kinds = [kind for kind in field.of.__mro__ if issubclass(kind, Node)]
    ids = [f"policy.{kind.__name__}.{field.key}{suffix}" for kind in kinds]
    found = next((one for one in [*ids, else_id] if one in SENTENCES["en"]), None)
    if found is None:
        raise KeyError(
            f"nothing says {ids[0]}: add it to policy.po of each language in api/wording/locales"
        )
    return found


@cache
def absence_id(field: Field) -> str | None:
    """The message id for the absence of a field; None if that has no meaning."""
    ids = [f"policy.{kind.__name__}.{field.key}.none" for kind in field.of.__mro__]
    return next((one for one in ids if one in SENTENCES["en"]), None)


def label(field: Field, language: str) -> str:
    return sentence(label_id(field), language)


def spoken(node: Node) -> dict[str, Any]:
    """The fields of a node to mention, without its code and name."""
    skipped = ("code", "name") if code_of(node) is not None else ()
    return {
        key: value
        for key, value in said(node).items()
        if key not in skipped and not _says_nothing(Field(type(node), key), value)
    }


def _says_nothing(field: Field, value: Any) -> bool:
    key = field.key
    if value is None:
        return absence_id(field) is None
    if isinstance(value, Node):
        return not spoken(value)
    empty = isinstance(value, tuple | dict) and not value
    if key not in NEUTRAL or isinstance(value, bool) is not isinstance(NEUTRAL[key], bool):
        return empty
    return empty or value == NEUTRAL[key]


def value_text(reader: Reader, field: Field, value: Any) -> str:
    """A value of this field in words, on one line."""
    language = reader.language
    if isinstance(value, Node):
        return _node_text(reader, value)
    if isinstance(value, dict):
        return _joined([_entry(reader, field, *one) for one in value.items()], language)
    if isinstance(value, tuple):
        parts = [value_text(reader, field, one) for one in value]
        apart = any(isinstance(one, Node) for one in value)
        return _joined(parts, language) if apart else list_text(parts, language)
    return _single_text(reader, field, value)


def _single_text(reader: Reader, field: Field, value: object) -> str:
    if value is None:
        absence = absence_id(field)
        return sentence(absence, reader.language) if absence else ""
    if isinstance(value, bool):
        return truth_text(true=value, language=reader.language)
    if isinstance(value, date):
        return date_text(value, reader.language)
    if isinstance(value, Decimal | int):
        return _number_text(reader, field, value)
    return _word(reader, field, str(value))


def key_text(reader: Reader, field: Field, key: str) -> str:
    """A key of the mapping that a field is."""
    if key in choices(field, of_keys=True):
        return sentence(choice_id(field, key), reader.language)
    return reader.names(NAMES[field.key]).get(key, key) if field.key in NAMES else key


def nested(name: str, value: str, language: str) -> str:
    return sentence("guide.nested", language, name=name, value=value)


def pair(name: str, value: str, language: str) -> str:
    return sentence("guide.pair", language, name=name, value=value)


def _entry(reader: Reader, field: Field, key: str, value: Any) -> str:
    money_of = Field(field.of, f"{field.key}.{key}")
    return pair(key_text(reader, field, key), value_text(reader, money_of, value), reader.language)


def _node_text(reader: Reader, node: Node) -> str:
    language = reader.language
    if isinstance(node, Words):
        return node.in_locale(language)
    if isinstance(node, Range):
        least, most = (_end_text(end, language) for end in (node.min, node.max))
        return _between("range", {"least": least, "most": most}, language)
    if isinstance(node, Span | Validity):
        first, last = (_end_text(end, language) for end in (node.from_, node.through))
        return _between("days", {"first": first, "last": last}, language)
    if (phrase := phrase_id(type(node))) is not None:
        facts = {
            key: value_text(reader, Field(type(node), key, node), one)
            for key, one in said(node).items()
        }
        return sentence(phrase, language, **facts)
    parts = []
    for key, value in spoken(node).items():
        field = Field(type(node), key, node)
        text = value_text(reader, field, value)
        whole = isinstance(value, dict) or (isinstance(value, Node) and not is_short(value))
        joining = nested if whole else pair
        parts.append(joining(label(field, language), text, language))
    return _joined(parts, language)


def is_short(node: Node) -> bool:
    """Whether it is said in a few words."""
    shaped = isinstance(node, Words | Range | Span | Validity)
    return shaped or phrase_id(type(node)) is not None


@cache
def phrase_id(kind: type[Node]) -> str | None:
    """The message id of a sentence that says all fields of such a node; None where none does."""
    ids = [f"phrase.{one.__name__}" for one in kind.__mro__ if issubclass(one, Node)]
    return next((one for one in ids if one in SENTENCES["en"]), None)


def _between(kind: str, ends: Mapping[str, str | None], language: str) -> str:
    facts = {name: end for name, end in ends.items() if end is not None}
    if not facts:
        return ""
    which = "between" if len(facts) == 2 else next(iter(facts))
    return sentence(f"guide.{kind}.{which}", language, **facts)


def _end_text(end: int | date | str | None, language: str) -> str | None:
    if end is None:
        return None
    return number_text(end, language) if isinstance(end, int) else _day_text(end, language)


def _day_text(day: date | str, language: str) -> str:
    if isinstance(day, date):
        return date_text(day, language)
    pattern = "d MMMM" if language == "en" else "M月d日"
    this = date.fromisoformat(f"{_LEAP_YEAR}-{day}")
    shown = str(format_date(this, pattern, locale=language.replace("-", "_")))
    return sentence("guide.day", language, value=shown)


def _number_text(reader: Reader, field: Field, value: Decimal | int) -> str:
    unit = _unit(field)
    if unit is Unit.MONEY and _is_money(reader, field):
        currency = reader.policy.currency
        amount = money.to_minor_units(Decimal(value), currency)
        return money_text(amount, currency, reader.language)
    shown = number_text(value, reader.language)
    if unit is Unit.FACTOR:
        return f"×{shown}"
    return f"{shown}%" if field.key.endswith("percent") else shown


def _is_money(reader: Reader, field: Field) -> bool:
    """Whether it is an amount in the currency: among thresholds and counts, only those of
    spending.
    """
    if isinstance(field.node, Milestone):
        count = reader.policy.counts.get(field.node.count)
        return count is not None and count.of == "spend"
    key, _, measure = field.key.partition(".")
    return key != "threshold" or (measure or reader.policy.tiers.measures[0]) == "spend"


def _word(reader: Reader, field: Field, word: str) -> str:
    if word in choices(field):
        return sentence(choice_id(field, word), reader.language)
    if issubclass(field.of, CalendarGrant) and word in (BIRTHDAY, JOINING):
        return sentence(f"choice.{word}", reader.language)
    if issubclass(field.of, Span) or (issubclass(field.of, CalendarGrant) and field.key == "day"):
        return _day_text(word, reader.language)
    return reader.names(NAMES[field.key]).get(word, word) if field.key in NAMES else word


def _joined(parts: list[str], language: str) -> str:
    return sentence("guide.separator", language).join(parts)


@cache
def choices(field: Field, *, of_keys: bool = False) -> frozenset[str]:
    """The words that a field, or a key of the mapping that it is, chooses from."""
    hint = _hints(field.of)[_python_name(field)]
    keys = [get_args(one)[0] for one in _parts(hint) if get_origin(one) is dict]
    of_key = [part for one in keys for part in _parts(one)]
    among = of_key if of_keys else [one for one in _parts(hint) if one not in of_key]
    literals = [get_args(one) for one in among if get_origin(one) is Literal]
    return frozenset(word for words in literals for word in words if isinstance(word, str))


@cache
def _hints(kind: type[Node]) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _python_name(field: Field) -> str:
    key = field.key.partition(".")[0]
    fields = field.of.model_fields.items()
    return next((name for name, info in fields if (info.alias or name) == key), key)


def _parts(hint: Any) -> list[Any]:
    """All parts of an annotation, with their metadata."""
    return [hint, *(part for one in get_args(hint) for part in _parts(one))]


@cache
def _unit(field: Field) -> Unit | None:
    parts = _parts(_hints(field.of)[_python_name(field)])
    return next((part for part in parts if isinstance(part, Unit)), None)

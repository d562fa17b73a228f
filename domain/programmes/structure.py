"""Structure: whether a document has the parts and the kinds of values that its model names.

The model is pydantic's; its errors become faults of ours here, so that each can be worded in the
reader's language. A union of shapes is told apart by one of them, so that a value has one fault.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.programmes.nodes import BY_TERMS, BY_WORD, WAYS
from domain.programmes.refusals import FaultCode, Path, PolicyFault

Document = TypeVar("Document", bound=BaseModel)

CODES: Mapping[str, FaultCode] = {
    "missing": FaultCode.MISSING,
    "union_tag_not_found": FaultCode.MISSING,
    "extra_forbidden": FaultCode.UNKNOWN_KEY,
    "string_type": FaultCode.TEXT,
    "string_too_short": FaultCode.TEXT_EMPTY,
    "string_too_long": FaultCode.TEXT_LONG,
    "int_type": FaultCode.WHOLE,
    "int_parsing": FaultCode.WHOLE,
    "decimal_type": FaultCode.NUMBER,
    "decimal_parsing": FaultCode.NUMBER,
    "finite_number": FaultCode.NUMBER,
    "float_parsing": FaultCode.NUMBER,
    "decimal_max_places": FaultCode.DECIMALS,
    "greater_than": FaultCode.ABOVE,
    "greater_than_equal": FaultCode.LEAST,
    "less_than_equal": FaultCode.MOST,
    "bool_type": FaultCode.FLAG,
    "bool_parsing": FaultCode.FLAG,
    "literal_error": FaultCode.CHOICE,
    "enum": FaultCode.CHOICE,
    "union_tag_invalid": FaultCode.CHOICE,
    "model_type": FaultCode.MAPPING,
    "model_attributes_type": FaultCode.MAPPING,
    "dict_type": FaultCode.MAPPING,
    "tuple_type": FaultCode.LIST,
    "too_short": FaultCode.LIST_SHORT,
    "too_long": FaultCode.LIST_LONG,
    "day": FaultCode.DAY,
    "span_day": FaultCode.SPAN_DAY,
    "calendar_day": FaultCode.CALENDAR_DAY,
    "date_from_datetime_parsing": FaultCode.DAY,
    "date_parsing": FaultCode.DAY,
    "profile_value": FaultCode.PROFILE_VALUE,
}
"""What each of pydantic's errors is to us, but for texts of a certain form; else VALUE."""

FORMS: Mapping[str, FaultCode] = {"^[a-z]": FaultCode.CODE, "^https?:": FaultCode.URL}
"""The forms of texts, by how their patterns begin."""

_ON_KEY = "[key]"
"""What pydantic ends a path with, where the key itself is at fault."""

_BOUNDS = ("ge", "gt", "le", "min_length", "max_length", "decimal_places")


def check(model: type[Document], tree: Any) -> tuple[Document | None, list[PolicyFault]]:
    """The document, or None with every fault of its structure."""
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        inside = {one["loc"][:length] for one in found for length in range(len(one["loc"]))}
        return None, [
            fault(model, tree, one)
            for one in found
            # a list is not too short where its items were refused one by one
            if not (one["type"] == "too_short" and one["loc"] in inside)
        ]


def fault(model: type[BaseModel], tree: Any, error: ErrorDetails) -> PolicyFault:
    """One of pydantic's errors as a fault of ours."""
    loc, kind, context = error["loc"], error["type"], error.get("ctx", {})
    code = _form(context) if kind == "string_pattern_mismatch" else CODES.get(kind, FaultCode.VALUE)
    of_key = code is FaultCode.UNKNOWN_KEY or (len(loc) > 1 and loc[-1] == _ON_KEY)
    at = (*_path(tree, loc[:-1]), loc[-1]) if code is FaultCode.UNKNOWN_KEY else _path(tree, loc)
    if kind.startswith("union_tag") and str(context["discriminator"]).endswith("()"):
        code = FaultCode.ATTRIBUTE_VALUE
    elif kind.startswith("union_tag"):
        at = (*at, str(context["discriminator"]).strip("'"))
    value: object = at[-1] if of_key or code is FaultCode.MISSING else error["input"]
    known: tuple[str, ...] = ()
    if code is FaultCode.UNKNOWN_KEY:
        known = _keys(_schema_at(model, loc[:-1]))
    elif code is FaultCode.CHOICE:
        named = context.get("expected_tags") or context["expected"]
        known = tuple(re.findall(r"'([^']*)'", named)) or (named.lower(),)
        value = context.get("tag", value)
    elif code is FaultCode.MAPPING and loc[-1:] == (BY_TERMS,):
        code, known = FaultCode.CHOICE_OR_TERMS, _ways(_schema_at(model, loc[:-1]))
    bound = next((context[name] for name in _BOUNDS if name in context), "")
    if isinstance(bound, float) and bound.is_integer():
        bound = int(bound)
    # inside a union pydantic names a decimal as Python writes it
    allowed = str(bound).removeprefix("Decimal('").removesuffix("')")
    return PolicyFault(code, at, value, allowed, known, of_key)


def _form(context: Mapping[str, Any]) -> FaultCode:
    return next(code for begins, code in FORMS.items() if context["pattern"].startswith(begins))


def _path(tree: Any, loc: Path) -> Path:
    """The place in the document: without the branches of the model that led to it."""
    at: list[str | int] = []
    node = tree
    for part in loc:
        branch = part == _ON_KEY or part in WAYS
        tag = at and isinstance(node, dict) and part in (node.get("kind"), node.get("of"))
        if branch or tag:
            continue
        at.append(part)
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
    return tuple(at)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _schema_at(model: type[BaseModel], loc: Path) -> dict[str, Any]:
    """What the JSON Schema of the model says of the place that pydantic's path leads to."""
    whole = _schema(model)
    here = whole
    for part in loc:
        here = _resolved(whole, _step(_resolved(whole, here), part))
    return _resolved(whole, here)


def _step(here: Mapping[str, Any], part: str | int) -> dict[str, Any]:
    if isinstance(part, int):
        return dict(here.get("items", {}))
    mapping = here.get("discriminator", {}).get("mapping", {})
    if part in mapping:
        return {"$ref": mapping[part]}
    if part in (BY_TERMS, BY_WORD):
        # of two mappings the one by its terms is written first
        mappings = [dict(one) for one in here.get("oneOf", ()) if "$ref" in one]
        return mappings[0 if part == BY_TERMS else -1] if mappings else {}
    named = here.get("properties", {}).get(part)
    others = [*here.get("patternProperties", {}).values(), here.get("additionalProperties")]
    return dict(named or next((one for one in others if isinstance(one, dict)), {}))


def _resolved(whole: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, Any]:
    """The target of a reference, and the value of an optional one."""
    if "$ref" in here:
        return dict(whole["$defs"][here["$ref"].rpartition("/")[2]])
    branches = [one for one in here.get("anyOf", ()) if one.get("type") != "null"]
    return _resolved(whole, branches[0]) if branches else dict(here)


def _keys(schema: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(schema.get("properties", {}))


def _ways(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that may be said in place of terms."""
    words = [one for one in schema.get("oneOf", ()) if "$ref" not in one]
    return tuple(word for one in words for word in one.get("enum", [one.get("const")]))

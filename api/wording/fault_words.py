"""Faults of documents in words: the place of each, the value found, and the probable intention."""

from decimal import Decimal

from api.wording.catalogues import sentence
from domain.programmes.refusals import FaultCode, PolicyFault, PolicyInvalid

VALUE_CHARACTERS_MAX = 60
KNOWN_MAX = 20


def fault_text(fault: PolicyFault, language: str) -> str:
    """The fault, in one or two sentences."""
    allowed = fault.allowed
    if fault.code is FaultCode.VALUE_TYPE:
        allowed = sentence(f"type.{fault.allowed}", language)
    message = sentence(
        f"fault.{fault.code}",
        language,
        value=_found(fault.value, language),
        allowed=allowed,
        known=_known(fault.known, language),
    )
    if fault.suggestion is None:
        return message
    suggestion = fault.suggestion
    return sentence("fault.did_you_mean", language, message=message, suggestion=suggestion)


def fault_line(fault: PolicyFault, language: str) -> str:
    """The fault after its place: line, column, path, and the rule that it is in."""
    place = fault.path
    if fault.line is not None:
        line, column = fault.line, fault.column
        place = sentence("fault.at", language, line=line, column=column, path=place)
    if fault.rule is not None:
        place = sentence("fault.in_rule", language, place=place, rule=fault.rule)
    return sentence("fault.told", language, place=place, message=fault_text(fault, language))


def nothing_published(file: str, refusal: PolicyInvalid, language: str) -> str:
    return sentence("fault.nothing_published", language, file=file, count=len(refusal.faults))


def faults_counted(file: str, refusal: PolicyInvalid, language: str) -> str:
    return sentence("fault.counted", language, file=file, count=len(refusal.faults))


def nothing_placed(file: str, refusal: PolicyInvalid, language: str) -> str:
    return sentence("fault.nothing_placed", language, file=file, count=len(refusal.faults))


def value_text(value: object) -> str | None:
    """A single value as it is written; None for a list, for keys with values, and for nothing."""
    if value is None or isinstance(value, list | dict | tuple):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text if len(text) <= VALUE_CHARACTERS_MAX else f"{text[:VALUE_CHARACTERS_MAX]}..."


def _found(value: object, language: str) -> str:
    text = value_text(value)
    if text is None:
        kind = "nothing" if value is None else "mapping" if isinstance(value, dict) else "list"
        return sentence(f"found.{kind}", language)
    return sentence("found.text", language, text=text) if isinstance(value, str) else text


def _known(codes: tuple[str, ...], language: str) -> str:
    more = ", ..." if len(codes) > KNOWN_MAX else ""
    return ", ".join(codes[:KNOWN_MAX]) + more or sentence("found.none", language)

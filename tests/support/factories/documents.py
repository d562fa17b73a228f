"""Policy documents: the shipped ones under unique codes, and parts of others."""

import copy
import functools
import secrets
from pathlib import Path
from typing import Any

import yaml

from domain.programmes.policy import Policy
from domain.programmes.writing import to_yaml

SHIPPED = Path(__file__).resolve().parents[3] / "domain" / "programmes" / "documents"


def shipped_document(code: str = "ota", **changes: Any) -> dict[str, Any]:
    """A shipped document under a unique code, with top-level parts replaced; its counts and
    segments stay only if an earning rule uses them.

    Its grants are left out, so that a test's figures come from the test's own facts.
    """
    document = whole_document(code)
    document.pop("grants", None)
    counts, segments = document.pop("counts", {}), document.pop("segments", [])
    document.update(changes)
    rules: list[dict[str, Any]] = document.get("earning", [])
    if any("business_traveller" in one.get("when", {}).get("segments", ()) for one in rules):
        document["counts"] = {**counts, **changes.get("counts", {})}
        document["segments"] = [*changes.get("segments", ()), *segments]
    return document


def whole_document(code: str) -> dict[str, Any]:
    """A complete shipped document under a unique code."""
    document = copy.deepcopy(_shipped(code))
    document["programme"] = f"{code}_{secrets.token_hex(6)}"
    return document


class _Loader(yaml.SafeLoader):
    """A safe loader that reads `on` as a text, as YAML 1.2 does."""


_Loader.yaml_implicit_resolvers = {
    first: [one for one in found if first in "tTfF" or one[0] != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@functools.cache
def _shipped(code: str) -> dict[str, Any]:
    text = (SHIPPED / f"{code}.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506
    return document


_texts: dict[str, str] = {}


def written(policy: Policy) -> str:
    """`canonical_text` of a policy, cached for all policies that differ only in their code."""
    tree = policy.model_dump(by_alias=True, exclude_unset=True)
    code, tree["programme"] = tree["programme"], "code_of_programme"
    known = repr(tree)
    if known not in _texts:
        _texts[known] = to_yaml(tree)
    return _texts[known].replace(tree["programme"], code, 1)


WORDS = {"zh-CN": "规则", "en": "Rule"}
"""A text where the wording does not matter."""


def rule(kind: str, code: str, **parts: Any) -> dict[str, Any]:
    """One earning rule of a document; `_class` is its `class`."""
    given = {("class" if name == "_class" else name): value for name, value in parts.items()}
    return {"kind": kind, "code": code, "name": WORDS, **given}


def variant(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The shipped `ota` document with these earning rules instead, and other parts replaced."""
    return shipped_document(earning=list(rules), **changes)


def shipped_rules() -> list[dict[str, Any]]:
    """The earning rules of the shipped `ota` document."""
    rules: list[dict[str, Any]] = shipped_document()["earning"]
    return rules

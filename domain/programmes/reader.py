"""The reader: a policy document from YAML or JSON text, with every fault and its path."""

from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import (
    ValidationError,
)
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from domain.programmes.faults import _cross_faults, publishing_faults
from domain.programmes.policy import Policy
from domain.programmes.refusals import PolicyFault, PolicyInvalid

DOCUMENT_BYTES_MAX = 256 * 1024


class _Reader(yaml.SafeLoader):
    """Refuses aliases, by which a small text becomes a huge document, and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "an alias: write the value where it stands", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"{key.value!r} is given twice"
                    raise ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse(text: str) -> Policy:
    """Read a new document in YAML or JSON.

    Raises: PolicyInvalid with every fault and its path.
    """
    policy = validate(read(text))
    faults = tuple(publishing_faults(policy))
    if faults:
        raise PolicyInvalid(faults)
    return policy


def read(text: str) -> Any:
    """What YAML or JSON of a bounded size says, without aliases and repeated keys.

    Raises: PolicyInvalid.
    """
    if len(text.encode()) > DOCUMENT_BYTES_MAX:
        raise PolicyInvalid((PolicyFault("$", f"larger than {DOCUMENT_BYTES_MAX} bytes"),))
    try:
        return yaml.load(text, _Reader)  # noqa: S506  # a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise PolicyInvalid((PolicyFault("$", f"not YAML or JSON: {reason}"),)) from None


def validate(tree: Any) -> Policy:
    """Check a document's structure, then everything that its parts say about one another.

    Raises: PolicyInvalid with every fault and its path.
    """
    try:
        policy = Policy.model_validate(tree)
    except ValidationError as error:
        raise PolicyInvalid(tuple(_structural_faults(tree, error))) from None
    faults = tuple(_cross_faults(policy))
    if faults:
        raise PolicyInvalid(faults)
    return policy


def to_document(policy: Policy) -> dict[str, Any]:
    """The document as JSON values, decimals as text: what a version stores for ever."""
    return policy.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _structural_faults(tree: Any, error: ValidationError) -> Iterable[PolicyFault]:
    found = error.errors(include_url=False)
    for fault in found:
        within = len(fault["loc"])
        if fault["type"] == "too_short" and any(
            other["loc"][:within] == fault["loc"] for other in found if other is not fault
        ):
            continue  # its items were refused one by one
        yield PolicyFault(_path(tree, fault["loc"], fault["type"]), fault["msg"])


def _path(tree: Any, loc: tuple[int | str, ...], kind: str) -> str:
    """The place in the document: without the branches of the schema that led to it."""
    path, node = [], tree
    for part in loc:
        known = (
            node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        )
        if part in known:
            node = node[part]
        elif not (kind == "missing" and part == loc[-1]):
            continue
        path.append(str(part))
    return ".".join(path) or "$"

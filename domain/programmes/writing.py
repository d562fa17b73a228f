"""Writing: a document's values as YAML that reads to the same."""

import io
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from domain.programmes import scalars
from domain.programmes.policy import Policy

LINE_CHARACTERS_MAX = 100


def canonical_text(policy: Policy) -> str:
    """The document as the product writes it: without comments, its numbers exact."""
    return to_yaml(policy.model_dump(by_alias=True, exclude_unset=True))


def to_yaml(tree: Any) -> str:
    """The values as YAML that reads to the same: a text that could be another value is quoted."""
    written = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    # set to None by ruamel, which is all that its types then allow
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = LINE_CHARACTERS_MAX
    yaml.dump(tree, written)
    return written.getvalue()


class _Representer(SafeRepresenter):
    """Writes values by the scalar rules that the reader has, which knows no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(representer: SafeRepresenter, text: str) -> ScalarNode:
    word = text in scalars.NOTHING or text in scalars.FLAGS or scalars.like_a_number(text)
    style = '"' if word or text == "<<" or not text.isprintable() else None
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _number(representer: SafeRepresenter, number: Decimal) -> ScalarNode:
    written = format(number, "f")
    kind = "float" if "." in written else "int"
    return representer.represent_scalar(f"tag:yaml.org,2002:{kind}", written)


_Representer.add_representer(str, _text)
_Representer.add_representer(Decimal, _number)

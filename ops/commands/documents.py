"""Documents as commands read and print them: policies and rewards, in YAML or JSON."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from api.wording.fault_words import fault_line
from domain.programmes import scalars
from domain.programmes.refusals import PolicyInvalid
from ops.console import notes
from ops.errors import OperationError

LINE_CHARACTERS_MAX = 100
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def read_text(file: Path) -> str:
    """Raises: OperationError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise OperationError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OperationError(f"cannot read {file}: it is not UTF-8 text") from None


def print_faults(refusal: PolicyInvalid, language: str) -> None:
    """Each fault on a line of its own, beside what the command prints."""
    for fault in refusal.faults:
        line = fault_line(fault, language)
        # what stands in a document is not obeyed by the terminal
        notes.print("".join(one for one in line if one.isprintable()), markup=False)


def json_schema(model: type[BaseModel]) -> str:
    """The JSON Schema of a kind of document, for an editor that checks while somebody writes."""
    schema = {"$schema": DIALECT, **model.model_json_schema(by_alias=True)}
    return json.dumps(schema, ensure_ascii=False, indent=2)


def to_yaml(tree: Any) -> str:
    """The values as YAML that reads to the same: a text that could be another value is quoted."""
    written = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = LINE_CHARACTERS_MAX
    yaml.dump(tree, written)
    return written.getvalue()


class _Representer(SafeRepresenter):
    """Writes values by the scalar rules that the reader has."""


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

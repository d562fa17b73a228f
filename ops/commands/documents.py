"""Documents as commands read and print them: policies and rewards, in YAML or JSON."""

import json
from pathlib import Path

from pydantic import BaseModel

from api.wording.fault_words import fault_line
from domain.programmes.refusals import PolicyInvalid
from ops.console import notes
from ops.errors import OperationError

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def read_text(file: Path) -> str:
    """The text of a file, unchanged, also the ends of its lines.

    Raises: OperationError.
    """
    try:
        return file.read_bytes().decode()
    except OSError as error:
        raise OperationError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OperationError(f"cannot read {file}: it is not UTF-8 text") from None


def print_faults(refusal: PolicyInvalid, language: str) -> None:
    """Print each fault on its own line, on standard error."""
    for fault in refusal.faults:
        print_line(fault_line(fault, language))


def print_line(line: str) -> None:
    """Print a line about a document on standard error."""
    notes.print(printable(line), markup=False)


def printable(line: str) -> str:
    """Text of a document without characters that a terminal would execute."""
    return "".join(one for one in line if one.isprintable())


def json_schema(model: type[BaseModel]) -> str:
    """The JSON Schema of a kind of document, for an editor that checks while somebody writes."""
    schema = {"$schema": DIALECT, **model.model_json_schema(by_alias=True)}
    return json.dumps(schema, ensure_ascii=False, indent=2)

"""`event-schema`: the JSON Schema of events, which a type only adds to."""

import json
import sys
from typing import Annotated, Any

import typer

from ops.errors import OperationError
from ops.settings import ROOT

FILE = ROOT / "events.schema.json"


def event_schema(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare with events.schema.json.")
    ] = False,
) -> None:
    """Print the JSON Schema of events; fails if it breaks the committed one."""
    # imported here, because no other command should wait for the whole API
    from api import event_shapes  # noqa: PLC0415

    now = event_shapes.schemas()
    printed = f"{json.dumps(now, indent=2, ensure_ascii=False)}\n"
    kept = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    before: dict[str, Any] = json.loads(kept) if kept else now
    if broken := list(event_shapes.breaks(before, now)):
        raise OperationError(
            f"followers of events would no longer understand them: {'; '.join(broken)}: only add "
            "optional fields to a type, or add another type"
        )
    if not check:
        sys.stdout.write(printed)
    elif kept != printed:
        raise OperationError("events.schema.json is not the code's schema: run make schema")

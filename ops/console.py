"""How commands speak: results on standard output, everything else on standard error."""

import logging
import os
import sys

from rich.console import Console

from ops.settings import Settings, load, unknown_names

console = Console(highlight=False, soft_wrap=True)
notes = Console(stderr=True, highlight=False, soft_wrap=True)


def read_settings(**overrides: object) -> Settings:
    """The settings of this command, with a warning for each variable that is none of them."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("ops").setLevel(logging.INFO)
    for name in unknown_names(os.environ):
        notes.print(f"warning: there is no setting {name}")
    return load(**overrides)

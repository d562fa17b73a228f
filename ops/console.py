"""Output of commands: results on standard output, everything else on standard error."""

import logging
import os
import sys
from functools import partial

from rich.console import Console

from api.wording.catalogues import DEFAULT_LANGUAGE, LANGUAGES
from api.wording.messages import language_of
from domain.kernel import sealing, secrecy, signing
from ops import seal_keys
from ops.errors import OperationError
from ops.settings import Settings, load, unknown_names

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that set the language of a terminal, the strongest first."""

console = Console(highlight=False, soft_wrap=True)
notes = Console(stderr=True, highlight=False, soft_wrap=True)


def counted(number: int, one: str, more: str | None = None) -> str:
    """`1 member`, `2 members`; `more` is the plural where it does not just end with an s."""
    return f"{number} {one if number == 1 else more or f'{one}s'}"


def reader_language(given: str | None) -> str:
    """The language that a command speaks: the one given, else the one of the environment.

    Raises: OperationError for one that it does not speak.
    """
    if given is not None:
        language = language_of(given)
        if language is None:
            raise OperationError(f"{given!r} is not one of {', '.join(LANGUAGES)}")
        return language
    tag = next((os.environ[name] for name in LOCALE_VARIABLES if os.environ.get(name)), "")
    return language_of(tag) or DEFAULT_LANGUAGE


def read_settings(**overrides: object) -> Settings:
    """The settings of this command, with a warning for each unknown variable; rows that it writes
    are sealed with their keys.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("ops").setLevel(logging.INFO)
    for name in unknown_names(os.environ):
        notes.print(f"warning: there is no setting {name}")
    settings = load(**overrides)
    secrecy.keep_under(partial(_keys, settings))
    sealing.use(seal_keys.of(settings))
    signing.use(*seal_keys.of_roots(settings))
    return settings


def _keys(settings: Settings) -> list[bytes]:
    # imported here, because most commands need no keys
    from ops.secret_keys import keys  # noqa: PLC0415

    return keys(settings)

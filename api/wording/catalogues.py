"""Every sentence that people read, by message id and language.

The gettext catalogues in `locales/` are the source: a message id is a code such as
`problem.OUT_OF_STOCK`, its placeholders are named. They are read once, when this is imported.

A word that depends on a number is written after it as `{days} {days:day|days}`: the first form is
for a text that is 1 or ends with 1 (`at most 1`), the second for everything else.
"""

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = ("zh-CN", "en")
DEFAULT_LANGUAGE = "en"
LOCALES = Path(__file__).resolve().parent / "locales"


def files(language: str) -> list[Path]:
    """The catalogues of one language: `policy.po` has the words for policy documents."""
    folder = LOCALES / language.replace("-", "_") / "LC_MESSAGES"
    return [folder / "milepost.po", folder / "policy.po"]


def read(language: str) -> dict[str, str]:
    """The sentences of one language by message id; one without a sentence is left out."""
    found: dict[str, str] = {}
    for path in files(language):
        with path.open("rb") as file:
            catalogue = read_po(file, language.replace("-", "_"), abort_invalid=True)
        said = [message for message in catalogue if message.id and message.string]
        found |= {str(message.id): str(message.string) for message in said}
    return found


SENTENCES: Mapping[str, Mapping[str, str]] = {language: read(language) for language in LANGUAGES}


class _Sentences(string.Formatter):
    """Placeholders as in Python, and words of two forms."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        one, either, more = format_spec.partition("|")
        if not either:
            return super().format_field(value, format_spec)
        return one if str(value).rpartition(" ")[2] == "1" else more


_SENTENCES = _Sentences()

_Part = tuple[str, str | None, str, str | None]
"""The text before a placeholder, its name, None at the end, and its format and conversion."""


@cache
def _parts(msgid: str, language: str) -> tuple[_Part, ...]:
    """A sentence taken apart, which takes longer than putting it together."""
    parsed = _SENTENCES.parse(SENTENCES[language][msgid])
    return tuple((before, name, format_ or "", as_) for before, name, format_, as_ in parsed)


def sentence(msgid: str, language: str, /, **facts: Any) -> str:
    """The sentence in `zh-CN` or `en`, with the facts in its placeholders.

    Raises: KeyError when there is no such sentence, or a placeholder has no fact.
    """
    said = ""
    for before, name, format_, as_ in _parts(msgid, language):
        said += before
        if name is not None:
            fact = _SENTENCES.convert_field(facts[name], as_) if as_ else facts[name]
            if type(fact) is not str or format_:
                fact = _SENTENCES.format_field(fact, format_)
            said += fact
    return said

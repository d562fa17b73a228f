"""Notices in words: the shipped texts of each kind, in both languages, with its variables.

A text is a Jinja template: its first line is the title, the part after an empty line the body.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from api.wording.catalogues import LOCALES, sentence
from api.wording.messages import date_text, number_text
from api.wording.words import benefit_name, names_of
from domain.notices import checking
from domain.notices.kinds import VARIABLES, Kind, Sort
from domain.notices.naming import Called
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class Text:
    """A notice in one language."""

    title: str
    body: str


def _either(value: int, one: str, more: str) -> str:
    return one if value == 1 else more


@cache
def environment(language: str, *, html: bool = False) -> ImmutableSandboxedEnvironment:
    """The environment that renders texts of a language: they can use only their variables and these
    filters. In `html` values are escaped.
    """
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=html)
    made.globals.clear()
    made.filters = {
        "number": lambda value: number_text(value, language),
        "day": lambda value: date_text(value, language),
        "either": _either,
    }
    return made


@cache
def _shipped(kind: Kind, language: str) -> tuple[Template, Template]:
    path = LOCALES / language.replace("-", "_") / "notices" / f"{kind}.txt"
    title, body = path.read_text(encoding="utf-8").split("\n\n", 1)
    made = environment(language)
    return made.from_string(title), made.from_string(body)


@dataclass(frozen=True, slots=True)
class Names:
    """Names of codes: rules and tiers from the policy, the others as given here."""

    programme: Programme
    policy: Policy
    called: Called

    def shown(self, sort: Sort, value: Any, language: str) -> Any:
        """The value of a variable as a text shows it; a code without a name stays one."""
        if value is None or sort in (Sort.NUMBER, Sort.WORD):
            return value
        if sort is Sort.DAY:
            return date.fromisoformat(value)
        if sort in (Sort.REWARD, Sort.TITLE, Sort.TEXT):
            words = self.called.of(sort, value)
            return words.get(language) or next(iter(words.values()), value)
        if sort is Sort.BENEFIT:
            return benefit_name(self.programme, value, language)
        named = names_of(self.policy, language)
        if sort is Sort.RULES:
            return [named.get(code, code) for code in value]
        return named.get(value, value)


def text(kind: Kind, variables: Mapping[str, Any], names: Names, language: str) -> Text:
    """The notice in `zh-CN` or `en`, by the shipped texts."""
    return shipped(kind, variables_of(kind, variables, names, language), language)


def variables_of(
    kind: Kind, variables: Mapping[str, Any], names: Names, language: str
) -> dict[str, Any]:
    """Variables of a text of this kind, with names in the language."""
    said = {
        name: names.shown(sort, variables[name], language) for name, sort in VARIABLES[kind].items()
    }
    return {**said, "programme": names.policy.name.in_locale(language)}


def shipped(kind: Kind, said: Mapping[str, Any], language: str) -> Text:
    """The shipped text of a kind, with these variables."""
    title, body = _shipped(kind, language)
    # a name of two lines makes no second line of a title
    return Text(" ".join(title.render(said).split()), body.render(said))


def stopping(address: str, language: str) -> str:
    """The line of a mail that says where to stop more of them."""
    return sentence("unsubscribe.address", language, address=address)


@dataclass(frozen=True, slots=True)
class Published:
    """A text as it was published, which had no faults; of mail the body is HTML."""

    subject: str | None
    body: str | None


def parameters(kind: Kind, body: str, said: Mapping[str, Any], language: str) -> dict[str, str]:
    """Values used by a text without faults, by name in the order of their first use: for a provider
    that stores the text itself.
    """
    return {name: _parameter(said[name], language) for name in checking.names_in(kind, body)}


def _parameter(value: Any, language: str) -> str:
    if isinstance(value, list | tuple):
        return ("; " if language == "en" else "、").join(map(str, value))
    if isinstance(value, date):
        return date_text(value, language)
    if isinstance(value, int):
        return number_text(value, language)
    return "" if value is None else str(value)


def published(
    template: Published, said: Mapping[str, Any], language: str, *, html: bool
) -> tuple[str | None, str | None]:
    """Subject, in one line, and body by a text of the programme's own."""
    plain = environment(language)
    subject = template.subject and plain.from_string(template.subject).render(said)
    own = environment(language, html=html)
    body = template.body and own.from_string(template.body).render(said)
    return subject and " ".join(subject.split()), body

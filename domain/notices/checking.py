"""Checking texts that a programme writes: pure.

A text may use its kind's variables, `if`, one `for` over a list, and the filters named here;
everything else is a fault, and so is a failure with any sample.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.members.consents import Channel
from domain.notices.kinds import VARIABLES, Kind, Sort
from domain.notices.refusals import TemplateFault, TemplateFaultCode

PARTS: Mapping[Channel, Mapping[str, bool]] = {
    Channel.EMAIL: {"subject": True, "body": True},
    Channel.PUSH: {"subject": True, "body": True},
    Channel.SMS: {"body": True},
}
"""The parts of a text by channel; each is needed."""

LENGTHS = {"subject": 200, "body": 20_000}
SAMPLES: Mapping[Sort, tuple[Any, ...]] = {
    Sort.NUMBER: (0, 1, 12_345),
    Sort.DAY: (date(2026, 12, 31),),
    Sort.WORD: ("APPROVED",),
    Sort.REWARD: ("Lounge & more",),
    Sort.TIER: ("Gold",),
    Sort.RULE: ("Welcome",),
    Sort.RULES: ([], ["Base"], ["Base", "Gold"]),
    Sort.BENEFIT: ("Upgrade",),
    Sort.TITLE: ("Summer & sea",),
    Sort.TEXT: ("Two nights for one <all July>.",),
}
MAY_BE_ABSENT = frozenset({Sort.DAY, Sort.REWARD, Sort.BENEFIT})

FILTERS: Mapping[str, Callable[..., str]] = {
    "number": lambda value: f"{value:,}",
    "day": lambda value: str(value.isoformat()),
    "either": lambda value, one, more: str(one if value == 1 else more),
}
"""Filters of texts: a number with separators of thousands, a day in words, one of two words."""

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Filter),
    *(nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
    *(nodes.For, nodes.Name, nodes.Getattr),
)
_LOOP = ("last", "first", "index")


def faults(kind: Kind, channel: Channel, parts: Mapping[str, str | None]) -> list[TemplateFault]:
    """All faults of a text, part by part."""
    found: list[TemplateFault] = []
    for part, text in parts.items():
        wanted = PARTS[channel].get(part, False)
        if text is not None and not wanted:
            found.append(TemplateFault(TemplateFaultCode.NOT_TAKEN, part))
        elif text is None or not text.strip():
            if wanted:
                found.append(TemplateFault(TemplateFaultCode.MISSING, part))
        elif len(text) > LENGTHS[part]:
            most = (str(LENGTHS[part]),)
            found.append(TemplateFault(TemplateFaultCode.TOO_LONG, part, allowed=most))
        else:
            found += _of_text(kind, part, text)
    return found


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    made.globals.clear()
    made.tests.clear()
    made.filters = dict(FILTERS)
    return made


def _of_text(kind: Kind, part: str, text: str) -> list[TemplateFault]:
    environment = _environment()
    try:
        tree = environment.parse(text)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        said = str(error.message)[:200]
        return [TemplateFault(TemplateFaultCode.SYNTAX, part, line, said)]
    found = list(_of_tree(kind, part, tree))
    if found:
        return found
    template = environment.from_string(text)
    for sample in samples(kind):
        try:
            template.render(sample)
        except (TemplateError, TypeError, ValueError, AttributeError) as error:
            return [TemplateFault(TemplateFaultCode.RENDERING, part, None, str(error)[:200])]
    return []


def _of_tree(kind: Kind, part: str, tree: nodes.Template) -> Iterator[TemplateFault]:
    variables = VARIABLES[kind]
    loops = list(tree.find_all(nodes.For))
    lists = [name for name, sort in variables.items() if sort is Sort.RULES]
    known = {*variables, "programme"}
    for number, loop in enumerate(loops):
        over = loop.iter.name if isinstance(loop.iter, nodes.Name) else None
        if number or over not in lists or not isinstance(loop.target, nodes.Name):
            yield _fault(TemplateFaultCode.LOOP, part, loop, over, lists)
        else:
            known |= {loop.target.name, "loop"}
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED) or (
            isinstance(node, nodes.Getattr) and not _of_loop(node)
        ):
            yield _fault(TemplateFaultCode.NOT_ALLOWED, part, node, type(node).__name__)
        elif isinstance(node, nodes.Name) and node.name not in known:
            yield _fault(TemplateFaultCode.UNKNOWN_NAME, part, node, node.name, sorted(known))
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield _fault(TemplateFaultCode.UNKNOWN_FILTER, part, node, node.name, sorted(FILTERS))


def _of_loop(node: nodes.Getattr) -> bool:
    return isinstance(node.node, nodes.Name) and node.node.name == "loop" and node.attr in _LOOP


def _fault(
    code: TemplateFaultCode,
    part: str,
    node: nodes.Node,
    value: str | None,
    allowed: list[str] | tuple[str, ...] = (),
) -> TemplateFault:
    return TemplateFault(code, part, node.lineno, value, tuple(allowed))


def names_in(kind: Kind, text: str) -> list[str]:
    """The variables used in a text without faults, in the order of their first use."""
    tree = _environment().parse(text)
    known = {*VARIABLES[kind], "programme"}
    found = (node.name for node in tree.find_all(nodes.Name) if node.name in known)
    return list(dict.fromkeys(found))


def samples(kind: Kind) -> list[dict[str, Any]]:
    """Values with which a text must work: each variable's samples, also with optional ones
    absent.
    """
    sorts = VARIABLES[kind]
    most = max((len(SAMPLES[sort]) for sort in sorts.values()), default=1)
    made = [
        {name: SAMPLES[sort][place % len(SAMPLES[sort])] for name, sort in sorts.items()}
        for place in range(most)
    ]
    absent = {
        name: None if sort in MAY_BE_ABSENT and len(sorts) > 1 else value
        for (name, sort), value in zip(sorts.items(), made[0].values(), strict=True)
    }
    return [{**one, "programme": "Club & friends"} for one in (*made, absent)]

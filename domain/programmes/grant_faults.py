"""Faults of grants: what they say that cannot hold together, or that nothing defines."""

from collections.abc import Iterator
from typing import Any

from babel.numbers import list_currencies

from domain.kernel import money
from domain.programmes import trees
from domain.programmes.grants import AT_ONCE_MAX, BOOKED_AT_ONCE_MINOR
from domain.programmes.refusals import FaultCode, Path, PolicyFault
from domain.programmes.selectors import FactSelector, Selector
from domain.programmes.trees import codes, defined, items, keys, number, texts, value

GIFTS = ("points", "reward", "perk")
WHOLE_COUNTS = (
    *("bookings", "completed_bookings", "nights", "activities", "redemptions"),
    "referrals",
)

NOT_OF_STEPS = ("cel", "counts", "segments")
"""What no step asks: its facts are read again later, when these may be otherwise."""
OF_LINES = tuple(Selector.model_fields.keys() - FactSelector.model_fields.keys())
"""What is asked of a booking's lines, and of how it was paid."""


def faults(tree: Any) -> Iterator[PolicyFault]:
    """Everything about grants that a new document must not say."""
    for where, grant in items(tree, "grants"):
        yield from _gift_faults(tree, grant, where)
        kind = value(grant, "kind")
        if kind == "milestone":
            yield from _milestone_faults(tree, grant, where)
        elif kind == "mission":
            yield from _mission_faults(tree, grant, where)
        elif kind == "tier_entry":
            yield from _entry_faults(tree, grant, where)


def conditions(tree: Any) -> Iterator[tuple[Path, Any]]:
    """Everything of grants that has a `when`: the grants, and the steps of missions."""
    for where, grant in items(tree, "grants"):
        yield where, grant
        yield from items(tree, *where, "steps")


def _gift_faults(tree: Any, grant: Any, where: Path) -> Iterator[PolicyFault]:
    gives, at = value(grant, "gives"), (*where, "gives")
    if not isinstance(gives, dict):
        return
    if len([name for name in GIFTS if gives.get(name) is not None]) != 1:
        yield PolicyFault(FaultCode.GIVES_ONE, at)
    if gives.get("points") is not None and value(tree, "points") is None:
        yield PolicyFault(FaultCode.NO_POINTS, (*at, "points"), "points", of_key=True)
    benefit = value(gives, "perk", "benefit")
    if isinstance(benefit, str):
        declared = defined(tree, codes(tree, "benefits"), "benefits")
        yield from trees.undefined([((*at, "perk", "benefit"), benefit)], declared)


def _milestone_faults(tree: Any, grant: Any, where: Path) -> Iterator[PolicyFault]:
    given = [name for name in ("at", "every") if value(grant, name) is not None]
    if len(given) != 1:
        yield PolicyFault(FaultCode.AT_OR_EVERY, where)
    count = value(grant, "count")
    if not isinstance(count, str):
        return
    declared = defined(tree, keys(tree, "counts"), "counts")
    yield from trees.undefined([((*where, "count"), count)], declared)
    if "every" in given and value(tree, "counts", count, "days") is not None:
        yield PolicyFault(FaultCode.EVERY_WINDOW, (*where, "every"), count)
    of = value(tree, "counts", count, "of")
    if of == "spend":
        yield from _spend_faults(tree, grant, where)
    whole = of in WHOLE_COUNTS
    for name in given:
        found = number(grant, name)
        if whole and found is not None and found % 1:
            yield PolicyFault(FaultCode.WHOLE, (*where, name), value(grant, name))


def _spend_faults(tree: Any, grant: Any, where: Path) -> Iterator[PolicyFault]:
    """Multiples of so little that an ordinary booking brings more of them than one fact may.

    The other counts rise by one with a fact, and nights by few.
    """
    currency, every = value(tree, "currency"), number(grant, "every")
    if every is None or every <= 0 or currency not in list_currencies():
        return
    least = money.to_amount(BOOKED_AT_ONCE_MINOR // AT_ONCE_MAX, currency)
    if every < least:
        found = value(grant, "every")
        yield PolicyFault(FaultCode.EVERY_SMALL, (*where, "every"), found, str(least))


def _mission_faults(tree: Any, grant: Any, where: Path) -> Iterator[PolicyFault]:
    yield from trees.repeated(codes(tree, *where, "steps"))
    window = value(grant, "window")
    if isinstance(window, dict):
        said = {name for name in window if window[name] is not None}
        if said not in ({"days", "after"}, {"from", "through"}):
            yield PolicyFault(FaultCode.MISSION_WINDOW, (*where, "window"))
    activities = defined(tree, codes(tree, "activities"), "activities")
    for at, step in items(tree, *where, "steps"):
        fact = value(step, "fact")
        if fact == "activity":
            yield from trees.undefined(texts(tree, *at, "types"), activities)
        elif fact in ("booking", "completion") and value(step, "types") is not None:
            yield PolicyFault(FaultCode.STEP_TYPES, (*at, "types"), fact)
        yield from _step_faults(step, (*at, "when"), fact)


def _step_faults(step: Any, where: Path, fact: Any) -> Iterator[PolicyFault]:
    """Keys that a step of such a fact would not be asked by."""
    of_lines = () if fact in ("booking", "completion") else OF_LINES
    when = value(step, "when")
    known = tuple(key for key in Selector.model_fields if key not in (*NOT_OF_STEPS, *of_lines))
    for key in when if isinstance(when, dict) else ():
        if key in Selector.model_fields and key not in known:
            yield PolicyFault(FaultCode.UNKNOWN_KEY, (*where, key), key, known=known, of_key=True)


def _entry_faults(tree: Any, grant: Any, where: Path) -> Iterator[PolicyFault]:
    levels = defined(tree, codes(tree, "tiers", "levels"), "tiers", "levels", required=True)
    yield from trees.undefined(texts(tree, *where, "tiers"), levels)
    if value(grant, "budget") is not None:
        yield PolicyFault(FaultCode.BUDGET_OF_ENTRY, (*where, "budget"))

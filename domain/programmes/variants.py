"""Variants: which one a member has, and the document that it is judged by then. Pure.

Members are drawn by a hash of the experiment's code and their id, so that nothing is stored to
know it, and experiments draw independently of each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations, pairwise, product
from math import prod
from typing import Any, NamedTuple
from uuid import UUID

from domain.kernel import dates
from domain.programmes import experiment_faults, structure, trees
from domain.programmes.experiment_faults import Settings
from domain.programmes.experiment_terms import Experiment, Variant
from domain.programmes.faults import cross_faults, publishing_faults
from domain.programmes.made import recently
from domain.programmes.nodes import span_day
from domain.programmes.policy import Policy
from domain.programmes.refusals import FaultCode, Path, PolicyFault

PLACES = 10_000
"""Number of places over which members are distributed."""

DOCUMENTS_MAX = 128
"""How many documents are kept made of each version: those that members were judged by last."""

TOGETHER_MAX = 250
"""In how many ways variants may come together for all of these to be looked at; of more, it is each
two of them.
"""

Choice = tuple[str, str]
"""An experiment and one of its variants, by their codes."""

_OFFSET, _PRIME = 0x811C9DC5, 0x01000193


def fnv1a32(text: str) -> int:
    """FNV-1a with 32 bits of a text in UTF-8."""
    value = _OFFSET
    for byte in text.encode():
        value = (value ^ byte) * _PRIME & 0xFFFFFFFF
    return value


def place(code: str, drawn: UUID | str) -> int:
    """Where a member is drawn in an experiment, from 0 to `PLACES` - 1: the same for ever."""
    return fnv1a32(str(fnv1a32(f"{code}{drawn}"))) % PLACES


def of_member(experiment: Experiment, member_id: UUID) -> Variant | None:
    """The variant that a member has; None for one who takes no part."""
    drawn, before = place(experiment.code, member_id), 0
    for variant in experiment.variants:
        first = before * PLACES // 100
        if first <= drawn < first + variant.weight * experiment.coverage:
            return variant
        before += variant.weight
    return None


@dataclass(frozen=True, slots=True)
class Assignment:
    """The variants that a member's facts are judged by, and the document that they change.

    Those that are `running` were drawn; of an experiment that is over everybody who took part has
    the control.
    """

    base: Policy
    choices: tuple[Choice, ...]
    running: frozenset[str]

    @property
    def policy(self) -> Policy:
        return policy_of(self.base, *self.choices)

    def under(self, code: str, variant: str) -> Policy:
        """The document where this experiment had drawn this variant."""
        choices = ((own, variant if own == code else drawn) for own, drawn in self.choices)
        return policy_of(self.base, *choices)

    def under_control(self, code: str) -> Policy:
        """The document where this experiment had drawn its control."""
        return self.under(code, experiment_of(self.base, code).control.code)

    def at(self, now: datetime, stops: Mapping[str, datetime]) -> "Assignment":
        """The same as it is `now`: of its experiments some may still run."""
        known = ((code, experiment_of(self.base, code)) for code, _ in self.choices)
        running = (code for code, one in known if now < ends_at(self.base, one, stops))
        return replace(self, running=frozenset(running))


def assigned(
    policy: Policy, member_id: UUID, instant: datetime, now: datetime, stops: Mapping[str, datetime]
) -> Assignment | None:
    """By which variants a fact of this member at `instant` is judged that is recorded `now`; None
    where by the document as it is. `stops` are ends before their time, by experiment.
    """
    choices, running = [], set()
    for one in policy.experiments:
        if instant < dates.start_of_day(one.from_, policy.zone):
            continue
        if (drawn := of_member(one, member_id)) is None:
            continue
        if now < ends_at(policy, one, stops):
            running.add(one.code)
        else:
            drawn = one.control
        choices.append((one.code, drawn.code))
    return Assignment(policy, tuple(choices), frozenset(running)) if choices else None


def ends_at(policy: Policy, one: Experiment, stops: Mapping[str, datetime]) -> datetime:
    """The first instant that the experiment does not judge."""
    end = dates.end_of_day(one.until, policy.zone)
    return min(end, stops.get(one.code, end))


def left_out(held: Sequence[tuple[datetime, Policy]]) -> dict[str, datetime]:
    """By code, when experiments that had begun ended as the next document was without them; of all
    documents, each from when it was in force.
    """
    ended: dict[str, datetime] = {}
    for (_, before), (instant, policy) in pairwise(held):
        kept = {one.code for one in policy.experiments}
        for one in before.experiments:
            begun = dates.start_of_day(one.from_, before.zone) < instant
            if begun and one.code not in kept:
                ended.setdefault(one.code, instant)
    return ended


@recently(DOCUMENTS_MAX)
def policy_of(policy: Policy, *choices: Choice) -> Policy:
    """The document as these variants set it, of one experiment each: those that began later on
    top of others, which are over.
    """
    tree = policy.model_dump(mode="json", by_alias=True, exclude_unset=True)
    tree.pop("experiments", None)
    for one in sorted(policy.experiments, key=lambda experiment: experiment.from_):
        for variant in one.variants:
            if (one.code, variant.code) in choices:
                tree = experiment_faults.applied(tree, variant.set)
    return Policy.model_validate(tree)


def experiment_of(policy: Policy, code: str) -> Experiment:
    """The experiment of this code, one of the document's own."""
    return next(one for one in policy.experiments if one.code == code)


def each(policy: Policy) -> Iterator[tuple[Choice, ...]]:
    """Each variant of each experiment by itself."""
    for one in policy.experiments:
        for own in one.variants:
            yield ((one.code, own.code),)


def together(policy: Policy) -> Iterator[tuple[Choice, ...]]:
    """The variants of two experiments or more that one member can have, those that set anything,
    the fewest first.
    """
    setting = [[(one, own) for own in one.variants if own.set] for one in policy.experiments]
    many = prod(1 + len(some) for some in setting) > TOGETHER_MAX
    for size in (2,) if many else range(2, len(setting) + 1):
        for some in combinations(setting, size):
            for chosen in product(*some):
                if all(_meet(*one, *other) for one, other in combinations(chosen, 2)):
                    yield tuple((one.code, own.code) for one, own in chosen)


def _meet(one: Experiment, own: Variant, other: Experiment, others: Variant) -> bool:
    """Whether a member can have both: of an experiment that is over it has the control."""
    if other.from_ < one.from_:
        one, own, other = other, others, one
    return other.from_ <= one.until or own.code == one.control.code


class _Set(NamedTuple):
    """Settings of a variant, with its place, and the faults that they cause."""

    where: Path
    settings: Settings
    faults: tuple[PolicyFault, ...]


def faults(tree: Any) -> Iterator[PolicyFault]:
    """What is wrong with experiments, and what a document would be at fault for as a variant sets
    it, or two of them that a member can have, each at the value that brings it about.
    """
    yield from experiment_faults.faults(tree)
    known = {(one.code, one.at) for one in _of_document(tree)}
    each_set = []
    for where, settings in experiment_faults.settings(tree):
        if settings:
            changed = experiment_faults.applied(tree, settings)
            new = [one for one in _of_document(changed) if (one.code, one.at) not in known]
            each_set.append(_Set(where, settings, tuple(new)))
            yield from (_moved(changed, settings, where, fault) for fault in new)
    # what contradicts itself are never more than two values, and of one thing
    for one, other in combinations(each_set, 2):
        if _things(one.settings) & _things(other.settings):
            yield from _of_both(tree, one, other, known)


def _of_both(
    tree: Any, one: _Set, other: _Set, known: set[tuple[FaultCode, Path]]
) -> Iterator[PolicyFault]:
    """What is wrong where a member has two variants, and with neither of them alone."""
    experiments = [trees.value(tree, *of.where[:2]) for of in (one, other)]
    if one.where[:2] == other.where[:2]:
        return
    if not experiment_faults.overlap(*experiments):
        begun = [str(span_day(trees.value(of, "from"))) for of in experiments]
        if (one if begun[0] <= begun[1] else other).where[-1] != 0:
            return
    known = {*known, *((fault.code, fault.at) for of in (one, other) for fault in of.faults)}
    changed = experiment_faults.applied(tree, {**one.settings, **other.settings})
    for fault in _of_document(changed):
        if (fault.code, fault.at) not in known:
            of = one if _own(changed, one.settings, fault) else other
            yield _moved(changed, of.settings, of.where, fault)


def _things(settings: Settings) -> set[str]:
    """What a variant sets values of: a rule, an activity, a price, or when points end."""
    return {".".join(path.split(".")[:2]) for path in settings}


def _of_document(tree: Any) -> Iterator[PolicyFault]:
    bare = {key: one for key, one in tree.items() if key != "experiments"}
    yield from structure.check(Policy, bare)[1]
    yield from cross_faults(bare)
    yield from publishing_faults(bare)


def _moved(changed: Any, settings: Settings, where: Path, fault: PolicyFault) -> PolicyFault:
    """The same fault at the value of the variant that it is about, or at all of its values."""
    own = _own(changed, settings, fault)
    at = (*where, "set", own) if own else (*where, "set")
    said = trees.value(changed, *fault.at) if fault.value is None else fault.value
    return PolicyFault(fault.code, at, said, fault.allowed, fault.known)


def _own(changed: Any, settings: Settings, fault: PolicyFault) -> str | None:
    """The field that a fault is about, of those that a variant sets."""
    ways = ((path, experiment_faults.way(changed, path)) for path in settings)
    return next((path for path, way in ways if way and fault.at[: len(way)] == way), None)

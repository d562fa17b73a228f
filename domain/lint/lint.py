"""Lint: all findings in a document, its proved return, and the errors that prevent publishing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any

from domain.kernel import dates
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.inputs import check_text
from domain.kernel.refusals import InvalidInput
from domain.lint import cells, reach, returns, times, uses, witness
from domain.lint.cells import Space
from domain.lint.witness import Witness
from domain.programmes import programmes, variants
from domain.programmes.policy import Policy
from domain.programmes.programmes import Review
from domain.programmes.refusals import Finding, FindingCode, FindingLevel, PolicyInvalid
from domain.programmes.sources import Source
from domain.programmes.variants import Choice
from domain.proposals.proposals import Proposal

ACCEPTED_MAX = 100
ACCEPTED_CHARACTERS_MAX = 300
PERCENT_DECIMALS = 3

_ORDER = list(FindingLevel)


@dataclass(frozen=True, slots=True)
class Lint:
    """The findings, those that prevent publishing first; the bound in percent, rounded up.

    Without a `target_return` there is neither a bound nor a witness.
    """

    findings: Sequence[Finding] = ()
    maximum_return: Decimal | None = None
    witness: Witness | None = None


def lint(policy: Policy, since: date, rewards: frozenset[str] | None = None) -> Lint:
    """Findings in a document that takes effect on the local day `since`.

    `rewards` are the codes of the catalogue to compare with, if any.
    """
    space = cells.space(policy, since)
    maximum = _maximum(space)
    found = [
        *_above_target(policy, maximum),
        *reach.findings(space),
        *uses.findings(policy, rewards),
        *times.findings(space),
    ]
    found += _of_variants(policy, since, found)
    found.sort(key=lambda one: _ORDER.index(one.level))
    if policy.target_return is None or maximum is None:
        return Lint(found)
    basket = policy.minor_units(policy.target_return.basket)
    return Lint(found, to_percent(maximum), witness.best(space, basket))


def check(policy: Policy, since: date, accept: Collection[str] = ()) -> None:
    """Refuse a document with errors that `accept` does not name as `CODE@path`.

    Raises: PolicyInvalid.
    """
    space = cells.space(policy, since)
    every = [
        *_above_target(policy, _maximum(space)),
        *reach.findings(space),
        *uses.findings(policy, None),
    ]
    every += _of_variants(policy, since, every)
    errors = [one for one in every if one.level is FindingLevel.ERROR and one.name not in accept]
    if errors:
        raise PolicyInvalid((), tuple(errors), path=("document",))


def _of_variants(policy: Policy, since: date, known: Sequence[Finding]) -> list[Finding]:
    """Findings in the documents of its variants and not in its own, for the parts that a variant
    can set; then findings for members in several experiments that do not occur with fewer of these
    variants.
    """
    found, before = list[Finding](), list[tuple[set[Choice], list[Finding]]]()
    for choices in chain(variants.each(policy), variants.together(policy)):
        own = variants.policy_of(policy, *choices)
        space, others = cells.space(own, since), set(choices)
        every = [*_above_target(own, _maximum(space)), *reach.findings(space)]
        fewer = [one for some, findings in before if some < others for one in findings]
        new = [one for one in every if one not in known and one not in fewer]
        before.append((others, new))
        place = ".".join(("experiments", *map(".".join, choices)))
        found += [replace(one, path=f"{place}.{one.path}") for one in new]
    return found


async def publish(
    request: Request,
    source: Source,
    *,
    effective_from: datetime | None = None,
    note: str = "",
    accept: Sequence[str] = (),
) -> Outcome:
    """Publish the next version of the caller's programme, unless it has errors that `accept` does
    not name; figures: `version`, or `proposal_id` where it has to be approved. Past days cannot be
    used any more, so lint begins at the present day at the earliest.

    Raises: PolicyInvalid, InvalidInput, NotFound, IdempotencyKeyReused.
    """
    check_accepted(accept)
    review = _reviewing(request, accept)
    return await programmes.publish(
        request, source, effective_from=effective_from, note=note, accept=accept, review=review
    )


async def publish_proposed(request: Request, proposal: Proposal, sent: Mapping[str, Any]) -> None:
    """Publish the proposed version, as `publish` would do it now, with the accepted findings.

    Raises: PolicyInvalid, InvalidInput.
    """
    review = _reviewing(request, sent["accept"])
    await programmes.publish_proposed(request, proposal, sent, review)


def _reviewing(request: Request, accept: Collection[str]) -> Review:
    def review(policy: Policy, begins: datetime) -> None:
        check(policy, dates.local_date(max(begins, request.now), policy.zone), accept)

    return review


def check_accepted(accept: Sequence[str]) -> None:
    """Raises: InvalidInput."""
    if len(accept) > ACCEPTED_MAX:
        found, most = str(len(accept)), (str(ACCEPTED_MAX),)
        raise InvalidInput("too_many_accepted", found, most, path=("accept",))
    for at, name in enumerate(accept):
        check_text(name, ACCEPTED_CHARACTERS_MAX, ("accept", str(at)))


def to_percent(exact: Fraction) -> Decimal:
    """The percentage with `PERCENT_DECIMALS` decimals, rounded up, so that a bound stays valid."""
    scaled = exact * 10**PERCENT_DECIMALS
    whole = -(-scaled.numerator // scaled.denominator)
    return Decimal(whole).scaleb(-PERCENT_DECIMALS)


def _maximum(space: Space) -> Fraction | None:
    target = space.policy.target_return
    if target is None:
        return None
    return returns.maximum(space, space.policy.minor_units(target.basket))


def _above_target(policy: Policy, maximum: Fraction | None) -> Iterator[Finding]:
    target = policy.target_return
    if target is not None and maximum is not None and maximum > Fraction(target.maximum):
        shown = {"percent": to_percent(maximum), "target": target.maximum}
        yield Finding(FindingCode.RETURN_ABOVE_TARGET, "target_return", shown)

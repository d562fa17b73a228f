"""Uses of benefits: recorded by the caller that provides the benefit, and returned.

Whether a use is available is judged by the tier, the policy version and the perks of the instant at
which it was used, and by all recorded uses of that period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.benefits import benefit_reads, quotas
from domain.benefits.quotas import Source
from domain.grants import perks
from domain.kernel import canonical, lookups, sealed_rows
from domain.kernel.callers import Caller
from domain.kernel.database import Row, rows
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier, check_occurred_at
from domain.kernel.lookups import LookupScope, look_up
from domain.kernel.outbox import Topic
from domain.kernel.refusals import Instant, InvalidInput, NotFound, ReferenceConflict
from domain.ledger import ledger
from domain.members import endings, statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached
from domain.programmes.programmes import Programme, Version
from domain.rewards.refusals import TierRequired
from domain.tiers import tiers

CODE_CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True)
class UseSent:
    """A use as reported; without an instant it is now."""

    benefit: str
    reference: str
    used_at: datetime | None = None

    def canonical(self) -> dict[str, Any]:
        return {"benefit": self.benefit, "reference": self.reference, "used_at": self.used_at}


async def use(request: Request, programme: Programme, member: MemberKey, sent: UseSent) -> Outcome:
    """Record that a member used a benefit; figures: `member_id`, `use_id`.

    The same caller, benefit and reference with the same content return the first answer.

    Raises: NotFound, InvalidInput, EventTooOld, EventInFuture, MemberNotEnrolled, MemberSuspended,
        TierRequired where nothing gives it, LimitReached where nothing is left, ReferenceConflict,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.reference, ("reference",))
    check_identifier(sent.benefit, ("benefit",), CODE_CHARACTERS_MAX)
    perform = partial(_use, request, programme, member, sent)
    return await once(request, "useBenefit", {"member": member, "use": sent}, perform)


async def _use(
    request: Request, programme: Programme, member: MemberKey, sent: UseSent
) -> Figures | Replayed:
    member_id, use_id = await find_or_refuse(programme.id, member), new_id()
    named = f"{request.caller.actor}:{sent.benefit}:{sent.reference}"
    scope = LookupScope.BENEFIT_USE
    known = await look_up(programme.id, scope, named, member_id, use_id)
    if known is not None:
        return await _replay(known, member_id, sent)
    _check(programme, sent, request.now)
    family = await endings.family(member_id)
    async with accounts.opened_together(programme, family, request.now) as opened:
        membership = await statuses.membership(member_id)
        statuses.check_enrolled(membership.status)
        if sent.used_at is not None and sent.used_at < membership.joined_at:
            joined = Instant.of(membership.joined_at.astimezone(UTC))
            raise InvalidInput("before_joining", allowed=(joined,), path=("usedAt",))
        owner_id = await _record(opened, member_id, (use_id, sent), request.caller)
    if owner_id != member_id:
        await lookups.hand_over(programme.id, scope, named, (owner_id, use_id))
    return _figures(member_id, use_id)


def _check(programme: Programme, sent: UseSent, now: datetime) -> None:
    """Raises: InvalidInput, EventTooOld, EventInFuture."""
    used_at = sent.used_at or now
    oldest_days = programme.as_of(used_at).policy.facts.oldest_days
    check_occurred_at(used_at, now, oldest_days, ("usedAt",))
    known = dict.fromkeys(code for v in programme.versions for code in v.policy.declared_benefits)
    if sent.benefit not in known:
        raise InvalidInput("unknown_benefit", sent.benefit, tuple(known), path=("benefit",))


async def _record(
    opened: Mapping[UUID, Account], member_id: UUID, made: tuple[UUID, UseSent], caller: Caller
) -> UUID:
    """Record a use for the member, or for one merged into it if that one has the quota or perk;
    returns the member of the use.
    """
    account, (use_id, sent) = opened[member_id], made
    used_at = sent.used_at or account.now
    version = account.programme.as_of(used_at)
    tier = await tiers.at(account.holding, used_at, account.changes)
    owner_id, source = await _source_or_refuse(
        account, list(opened), (version, tier), (sent.benefit, used_at)
    )
    if owner_id != member_id:
        account = opened[owner_id]
        tier = await tiers.at(account.holding, used_at, account.changes)
    account.record(
        models.BenefitUse(
            member_id=account.member_id,
            id=use_id,
            programme_id=account.programme.id,
            benefit=sent.benefit,
            reference=sent.reference,
            reporter=caller.actor,
            used_at=used_at,
            recorded_at=account.now,
            tier=version.policy.tier_code(tier),
            policy_version_id=version.id,
            period_from=source.start,
            period_until=source.end,
            quota=source.most,
            number=source.number,
            activity_id=source.activity_id,
            content_hash=canonical.sha256(sent),
        )
    )
    account.notify(
        Topic.BENEFIT_USED, partner_id=caller.partner_id, use_id=use_id, benefit=sent.benefit
    )
    return owner_id


async def _source_or_refuse(
    account: Account,
    family: Sequence[UUID],
    judged_by: tuple[Version, str],
    used: tuple[str, datetime],
) -> tuple[UUID, Source]:
    """The source of a use of this benefit at this instant, and the member of the family that has
    it.

    Raises: TierRequired, LimitReached.
    """
    (benefit, used_at), tier, policy = used, judged_by[1], judged_by[0].policy
    quota = quotas.of_level(policy, tier, benefit, used_at)
    given = await perks.of_members(family, account.programme)
    owners = {perk.activity_id: owner for owner, own in given.items() for perk in own}
    besides = [
        perk
        for own in given.values()
        for perk in own
        if perk.benefit == benefit and perk.covers(used_at)
    ]
    if quota is None and not besides:
        having = (level.code for level in policy.tiers.levels if level.benefit(benefit))
        raise TierRequired(next(having, ""), policy.tier_code(tier), path=("benefit",))
    since = used_at if quota is None or quota.start is None else quota.start
    stand = await benefit_reads.standing(family, since)
    source = quotas.source(quota, besides, benefit, list(chain(*stand.values())))
    if source is None:
        most = sum(perk.uses for perk in besides) + (quota.uses or 0 if quota else 0)
        raise LimitReached(most, quota.end if quota else None, path=("benefit",))
    of_grant = source.activity_id
    return (owners[of_grant] if of_grant else account.member_id), source


async def _replay(known: Row, member_id: UUID, sent: UseSent) -> Replayed:
    first = await models.BenefitUse.filter(member_id=known["member_id"], id=known["row_id"]).first()
    same = first is not None and first.content_hash == canonical.sha256(sent)
    if (
        first is None
        or not same
        or member_id not in (first.member_id, await ledger.became(first.member_id))
    ):
        raise ReferenceConflict(sent.reference, path=("reference",))
    return Replayed(_figures(member_id, first.id))


async def give_back(
    request: Request, programme: Programme, member: MemberKey, benefit: str, reference: str
) -> Outcome:
    """Return a use, once, to its source; figures: `member_id`, `use_id`.

    A use returned before returns the answer of then. A partner cannot see another partner's use; a
    caller that acts for all of them returns its own first, otherwise the newest with that
    reference.

    Raises: NotFound, InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(reference, ("reference",))
    check_identifier(benefit, ("benefit",), CODE_CHARACTERS_MAX)
    named = {"member": member, "benefit": benefit, "reference": reference}
    perform = partial(_give_back, request, programme, member, (benefit, reference))
    return await once(request, "returnBenefit", named, perform)


async def _give_back(
    request: Request, programme: Programme, member: MemberKey, named: tuple[str, str]
) -> Figures | Replayed:
    member_id = await find_or_refuse(programme.id, member)
    family = await endings.family(member_id)
    owner_id, use_id = await _find_or_refuse(request.caller, family, *named)
    async with accounts.opened(programme, owner_id, request.now) as account:
        returned = await rows(
            "UPDATE benefit_use SET returned_at = $3, returned_by = $4 "
            "WHERE member_id = $1 AND id = $2 AND returned_at IS NULL "
            f"RETURNING {sealed_rows.columns('benefit_use')}",
            owner_id,
            use_id,
            account.now,
            request.caller.actor,
        )
        account.journal.changed += sealed_rows.of_all("benefit_use", returned)
        if not returned:
            account.abandon()
    figures = _figures(member_id, use_id)
    return figures if returned else Replayed(figures)


async def _find_or_refuse(
    caller: Caller, family: Sequence[UUID], benefit: str, reference: str
) -> tuple[UUID, UUID]:
    """The member of the use, among these, and its id. Raises: NotFound."""
    found = await rows(
        "SELECT member_id, id, reporter FROM benefit_use "
        "WHERE member_id = ANY($1::uuid[]) AND benefit = $2 AND reference = $3 "
        "ORDER BY reporter = $4 DESC, id DESC",
        family,
        benefit,
        reference,
        caller.actor,
    )
    there = [(use["member_id"], use["id"]) for use in found if caller.owns(use["reporter"])]
    if not there:
        raise NotFound("benefit_use", reference, path=("reference",))
    return there[0]


def _figures(member_id: UUID, use_id: UUID) -> Figures:
    return {"member_id": str(member_id), "use_id": str(use_id)}

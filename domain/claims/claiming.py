"""Claiming the points of a booking that is missing, and withdrawing a claim."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.claims import claims
from domain.claims.claims import Claim, ClaimKey, ClaimStatus
from domain.claims.closing import Closing, close
from domain.kernel import dates
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import (
    NOTE_CHARACTERS_MAX,
    check_day,
    check_identifier,
    check_occurred_at,
    check_text,
)
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput, ReferenceConflict
from domain.members import members, statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached
from domain.partners import partners
from domain.programmes.programmes import Programme

OPEN_MAX = 10
"""Most waiting claims of a member."""
DAILY_MAX = 20
"""Most claims that a member may open on one local day, including withdrawn ones."""

LINKS_MAX = 3
LINK_CHARACTERS_MAX = 2000
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class ClaimSent:
    """A member's report of a missing booking: its reference and local day, the code of the partner
    that sold it, and links to evidence.
    """

    reference: str
    booked_on: date
    text: str
    partner: str | None = None
    links: tuple[str, ...] = ()

    def canonical(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "booked_on": self.booked_on,
            "text": self.text,
            "partner": self.partner,
            "links": self.links,
        }


async def claim(
    request: Request, programme: Programme, member: MemberKey, sent: ClaimSent
) -> Outcome:
    """Open a claim; figures: `member_id`, `claim_id`.

    A member claims a reference only once, unless the claim was withdrawn, and not before a number
    of days after the booking's day, set by the policy in force. A repetition of the same claim
    returns its present state.

    Raises: NotFound, InvalidInput, MemberNotEnrolled, MemberSuspended, LimitReached,
        ReferenceConflict, EventTooOld, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.reference, ("reference",))
    check_text(sent.text, NOTE_CHARACTERS_MAX, ("text",))
    _check_links(sent.links)
    perform = partial(_claim, request, programme, member, sent)
    return await once(request, "claimPoints", {"member": member, "claim": sent}, perform)


async def _claim(
    request: Request, programme: Programme, member: MemberKey, sent: ClaimSent
) -> Figures | Replayed:
    member_id = await find_or_refuse(programme.id, member)
    sold_by = None
    if sent.partner is not None:
        sold_by = await partners.find_id(programme, sent.partner, ("partner",))
    async with accounts.opened(programme, member_id, request.now) as account:
        found = await members.under_lock(account, request.now)
        first = await claims.of_reference(member_id, sent.reference)
        if first is not None:
            return _again(first, sent, sold_by)
        _check_day(programme, request, sent.booked_on)
        statuses.check_enrolled(found.status)
        await _check_limits(member_id, programme, account.now)
        claim_id = new_id()
        account.record(
            models.Claim(
                member_id=member_id,
                id=claim_id,
                programme_id=programme.id,
                reference=sent.reference,
                booked_on=sent.booked_on,
                partner_id=sold_by,
                text=sent.text,
                links=list(sent.links),
                status=ClaimStatus.OPEN,
                opened_at=account.now,
                opened_by=request.caller.actor,
            )
        )
        account.notify(Topic.CLAIM_OPENED, partner_id=sold_by, claim_id=claim_id)
    return _figures(member_id, claim_id)


def _again(first: Claim, sent: ClaimSent, sold_by: UUID | None) -> Replayed:
    """Raises: ReferenceConflict where the first claim has other content."""
    said = first.booked_on, first.text, first.partner_id, first.links
    if said != (sent.booked_on, sent.text, sold_by, tuple(sent.links)):
        raise ReferenceConflict(first.reference, path=("reference",))
    return Replayed(_figures(first.member_id, first.id))


def _figures(member_id: UUID, claim_id: UUID) -> Figures:
    return {"member_id": str(member_id), "claim_id": str(claim_id)}


def _check_links(links: tuple[str, ...]) -> None:
    """Raises: InvalidInput."""
    if len(links) > LINKS_MAX:
        raise InvalidInput("too_many_links", str(len(links)), (str(LINKS_MAX),), path=("links",))
    for at, link in enumerate(links):
        check_text(link, LINK_CHARACTERS_MAX, ("links", str(at)))
        if not _LINK.fullmatch(link):
            raise InvalidInput("not_a_link", link, path=("links", str(at)))


def _check_day(programme: Programme, request: Request, day: date) -> None:
    """Raises: InvalidInput, EventTooOld where the booking could not be recorded any more."""
    check_day(day, ("on",))
    policy = programme.as_of(request.now).policy
    terms = policy.claims
    if terms is None:
        raise InvalidInput("claims_not_offered", path=("reference",))
    today = dates.local_date(request.now, policy.zone)
    first = dates.add_days(day, terms.from_days)
    last = dates.add_days(day, terms.through_days)
    if today < first:
        raise InvalidInput("claimed_early", day.isoformat(), (first.isoformat(),), path=("on",))
    if today > last:
        raise InvalidInput("claimed_late", day.isoformat(), (last.isoformat(),), path=("on",))
    booked_at = dates.start_of_day(day, policy.zone)
    oldest_days = programme.as_of(booked_at).policy.facts.oldest_days
    check_occurred_at(booked_at, request.now, oldest_days, ("on",))


async def _check_limits(member_id: UUID, programme: Programme, now: datetime) -> None:
    """Raises: LimitReached."""
    if await claims.count_open(member_id) >= OPEN_MAX:
        raise LimitReached(OPEN_MAX, path=("member",))
    begins, ends = dates.period_bounds(now, "day", programme.as_of(now).policy.zone)
    if await claims.opened_since(member_id, begins) >= DAILY_MAX:
        raise LimitReached(DAILY_MAX, ends, path=("member",))


async def withdraw(request: Request, programme: Programme, key: ClaimKey) -> Outcome:
    """End an open claim that its member does not pursue; figures: `member_id`, `claim_id`.

    Raises: NotFound, StateConflict, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        found = await claims.find_or_refuse(request.caller, key)
        return await close(request, programme, found, Closing(ClaimStatus.WITHDRAWN))

    return await once(request, "withdrawClaim", {"claim": key.id}, perform)

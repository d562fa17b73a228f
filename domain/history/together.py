"""Histories of several members, played by one transaction: each as it would be alone.

New members are enrolled, references taken, and equal kinds of rows written by one statement. A
member that is refused, has a booking on a settled day, or has no new booking to join with, is left
to be played alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.books import books
from domain.history import history, history_accounts
from domain.history.history import CheckedBooking, PastBooking, PlayResult, Rejection
from domain.history.history_accounts import HistoryState
from domain.kernel import lookups
from domain.kernel.database import Beforehand, is_outage, transact
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members import identity
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme

Checked = Mapping[str, Sequence[CheckedBooking]]
"""By the member's reference, its bookings that its policy accepts, in time order."""

Claimed = Mapping[UUID, set[str]]
"""By member, the references of bookings that were taken for it."""


async def play(
    programme: Programme, past: Mapping[str, Sequence[PastBooking]], now: datetime, *, enrol: bool
) -> dict[str, PlayResult | Exception]:
    """By reference, the result or exception of `history.play` for each of these members.

    All or none of a member's bookings are written. Raises: the exceptions of a database that is not
    reachable.
    """
    played: dict[str, PlayResult] = {}
    if len(past) > 1:
        try:
            played = await _play(programme, past, now, enrol=enrol)
        except Exception as error:  # played alone, the faulty one is found
            if is_outage(error):
                raise
    alone = {
        reference: await _play_alone(programme, reference, past[reference], now, enrol=enrol)
        for reference in past
        if reference not in played
    }
    return {reference: played.get(reference) or alone[reference] for reference in past}


async def _play_alone(
    programme: Programme,
    reference: str,
    past: Sequence[PastBooking],
    now: datetime,
    *,
    enrol: bool,
) -> PlayResult | Exception:
    try:
        return await history.play(programme, reference, past, now, enrol=enrol)
    except Exception as error:
        if is_outage(error):
            raise
        return error


async def _play(
    programme: Programme, past: Mapping[str, Sequence[PastBooking]], now: datetime, *, enrol: bool
) -> dict[str, PlayResult]:
    checked: dict[str, Sequence[CheckedBooking]] = {}
    others: dict[str, tuple[dict[int, int], list[Rejection]]] = {}
    met: set[str] = set()
    for reference, of_member in past.items():
        accepted, repeats, refused = history.check(programme, of_member, now)
        wanted = {item.past.sent.reference for item in accepted}
        # a member with a reference that another one has, too, comes after that one
        if accepted and met.isdisjoint(wanted) and _is_reference(reference):
            checked[reference], others[reference] = accepted, (repeats, refused)
            met |= wanted
    played = await transact(partial(_write, programme, checked, now, enrol=enrol))
    found = {}
    for reference, result in played.items():
        repeats, refused = others[reference]
        whole = replace(result, refused=(*refused, *result.refused))
        found[reference] = history.with_repeats(whole, repeats)
    return found


def _is_reference(reference: str) -> bool:
    try:
        identity.check_reference(reference, ())
    except Refusal:
        return False
    return True


async def _write(
    programme: Programme, checked: Checked, now: datetime, *, enrol: bool
) -> dict[str, PlayResult]:
    settled = await books.settled_until(programme.id)
    opened = {
        reference: items
        for reference, items in checked.items()
        if settled is None or all(item.past.booked_at >= settled for item in items)
    }
    played = await _write_open(programme, opened, now, enrol=enrol)
    if await books.settled_until(programme.id) != settled:
        # read again under the accounts' locks: a day was settled meanwhile
        raise Beforehand(history.nothing)
    return played


async def _write_open(
    programme: Programme, checked: Checked, now: datetime, *, enrol: bool
) -> dict[str, PlayResult]:
    """The lock order of every booking: references, then accounts in the order of their ids."""
    keys = {MemberKey(LookupScope.REFERENCE, reference): reference for reference in checked}
    there = await identity.find_many(programme.id, keys)
    known = {keys[key]: member_id for key, member_id in there.items()}
    joining = {one: new_id() for one in checked if enrol and one not in known}
    taken = await lookups.insert_many(
        programme.id, LookupScope.REFERENCE, {one: (own, own) for one, own in joining.items()}
    )
    joining = {reference: joining[reference] for reference in taken}
    whose = known | joining
    claimed = await _claim(programme.id, checked, whose)
    # a member without a new booking to join with is not enrolled
    idle = [reference for reference, own in joining.items() if not claimed[own]]
    joining = {one: own for one, own in joining.items() if one not in idle}
    await lookups.free(programme.id, LookupScope.REFERENCE, idle)
    states = await _enrol(programme, checked, joining)
    states |= await _lock(programme, checked, known, now)
    played, left = {}, [one for own in claimed if own not in states for one in claimed[own]]
    for reference, own in whose.items():
        if own in states:
            result, late = await history.post_all(states[own], checked[reference], claimed[own])
            played[reference] = replace(result, enrolled=int(reference in joining))
            left += late
    await lookups.free(programme.id, LookupScope.BOOKING, left)
    await accounts.close_all((one.account for one in states.values()), notify=False)
    return played


async def _claim(programme_id: UUID, checked: Checked, whose: Mapping[str, UUID]) -> Claimed:
    """Take the references that are free."""
    wanted = {
        item.past.sent.reference: (own, item.id)
        for reference, own in whose.items()
        for item in checked[reference]
    }
    taken = await lookups.insert_many(programme_id, LookupScope.BOOKING, wanted)
    claimed: dict[UUID, set[str]] = {own: set() for own in whose.values()}
    for booking in taken:
        claimed[wanted[booking][0]].add(booking)
    return claimed


async def _enrol(
    programme: Programme, checked: Checked, joining: Mapping[str, UUID]
) -> dict[UUID, HistoryState]:
    """Members that join at their first bookings."""
    first = {reference: checked[reference][0].past.booked_at for reference in joining}
    made = await history_accounts.insert(
        programme, {own: (reference, first[reference]) for reference, own in joining.items()}
    )
    return {one.member_id: history_accounts.at_joining(one, programme) for one in made}


async def _lock(
    programme: Programme, checked: Checked, known: Mapping[str, UUID], now: datetime
) -> dict[UUID, HistoryState]:
    """Lock existing members, except those for whom nothing can be played."""
    states = {}
    for reference, own in sorted(known.items(), key=lambda one: one[1]):
        first = checked[reference][0].past.booked_at
        try:
            states[own] = await history_accounts.lock(programme, own, first, history.REPORTER, now)
        except Refusal:
            continue
    return states

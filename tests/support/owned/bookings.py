"""Cases of ownership about bookings, quotes and claims."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from domain.kernel.database import rows
from tests.support import factories as make
from tests.support import travel
from tests.support.callers import TODAY
from tests.support.owned.cases import (
    HOTEL,
    LINE,
    Asked,
    Case,
    Place,
    ids_of,
    input_of,
    new_reference,
    node_of,
    numbers,
    of_member,
)


async def booking(place: Place) -> tuple[str, UUID]:
    reference = f"B-{next(numbers)}-own"
    paid = await travel.pay(
        place.programme, place.member_id, reference, HOTEL, caller=place.maker, now=TODAY
    )
    return reference, UUID(paid.figures["booking_id"])


async def quote(place: Place) -> UUID:
    made = await travel.guarantee(
        place.programme, place.member_id, HOTEL, caller=place.maker, now=TODAY
    )
    return made[1]


async def _earned_entry(place: Place, _: Place) -> Asked:
    own = await booking_id(place)
    [earned] = await rows(
        "SELECT id FROM ledger_entry WHERE member_id = $1 AND booking_id = $2 AND kind = 'EARN'",
        place.member_id,
        own,
    )
    there, absent = ids_of("LedgerEntry", place, earned["id"])
    return Asked({"entry": there}, there, absent)


async def booking_id(place: Place) -> UUID:
    return (await booking(place))[1]


async def _booking_nodes(place: Place, _: Place) -> Asked:
    there, absent = ids_of("Booking", place, await booking_id(place))
    return Asked({"ids": [there]}, there, absent)


async def _by_reference(place: Place, _: Place) -> Asked:
    reference = (await booking(place))[0]
    return Asked({"reference": reference}, reference, "no-such-one")


def _of_booking(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        reference = (await booking(place))[0]
        return input_of(reference, booking=reference, **sent)

    return ask


async def _again(place: Place, own: Place) -> Asked:
    reference = (await booking(place))[0]
    member = {"reference": place.reference}
    absent = place.reference if place.programme == own.programme else "no-such-one"
    return input_of(place.reference, absent, member=member, reference=reference, lines=[LINE])


async def _by_quote(place: Place, own: Place) -> Asked:
    there, absent = ids_of("GuaranteedQuote", place, await quote(place))
    return input_of(there, absent, quoteId=there, **_new_booking(place, own))


async def _with_hold(place: Place, own: Place) -> Asked:
    held = await travel.hold(
        place.programme, place.member_id, 100, HOTEL, caller=place.maker, now=TODAY
    )
    there, absent = ids_of("Redemption", place, held)
    return input_of(there, absent, redemptionId=there, **_new_booking(place, own))


def _new_booking(place: Place, own: Place) -> dict[str, Any]:
    """Of the thing's member if it is in the caller's programme, otherwise of the caller's own."""
    member = place if place.programme == own.programme else own
    return {
        "member": {"reference": member.reference},
        "reference": f"N-{next(numbers)}",
        "lines": [LINE],
    }


async def _claim(place: Place) -> UUID:
    """A claim for a booking that the place's partner sold."""
    sold_by = (await rows("SELECT code FROM partner WHERE id = $1", place.maker.partner_id))[0]
    return await make.claim(place.programme, place.member_id, partner=sold_by["code"], now=TODAY)


def _of_claim(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = ids_of("Claim", place, await _claim(place))
        return input_of(there, absent, claim=there, **sent)

    return ask


CASES: Mapping[str, Case] = {
    "quoteEarning": Case("quoteEarning", of_member(lines=[LINE])),
    "quoteOffset": Case("quoteOffset", of_member(lines=[LINE])),
    "explain": Case("explain", _earned_entry),
    "node of a booking": Case("node", node_of("Booking", booking_id)),
    "node of a quote": Case("node", node_of("GuaranteedQuote", quote)),
    "node of a claim": Case("node", node_of("Claim", _claim)),
    "nodes of bookings": Case("nodes", _booking_nodes),
    "booking": Case("booking", _by_reference),
    "previewRefund": Case("previewRefund", _of_booking()),
    "guaranteeQuote": Case("guaranteeQuote", of_member(lines=[LINE])),
    "earnForBooking of a member": Case(
        "earnForBooking", of_member(reference=new_reference, lines=[LINE])
    ),
    "earnForBookings of a member": Case(
        "earnForBookings", of_member(reference=new_reference, lines=[LINE])
    ),
    "earnForBookings anew": Case("earnForBookings", _again),
    "earnForBooking anew": Case("earnForBooking", _again),
    "earnForBooking by a quote": Case("earnForBooking", _by_quote),
    "earnForBooking with a hold": Case("earnForBooking", _with_hold),
    "completeBooking": Case("completeBooking", _of_booking()),
    "amendBooking": Case("amendBooking", _of_booking(reference="A", lines=[LINE])),
    "refundBooking": Case("refundBooking", _of_booking(reference="R")),
    "claimPoints": Case(
        "claimPoints", of_member(reference=new_reference, on="2126-03-01", text="missing")
    ),
    "withdrawClaim": Case("withdrawClaim", _of_claim()),
    "decideClaim": Case("decideClaim", _of_claim(approve=False, reason="unknown")),
}

"""Replay histories of bookings, and check what they leave."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.history import history
from domain.history.history import PastBooking, PlayResult
from domain.kernel.database import rows
from domain.kernel.lookups import LookupScope
from domain.members import identity
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from tests.support import factories as make
from tests.support import reference

FIRST = reference.local_midnight("2022-02-20")


def past(number: int, at: datetime, amount: str, **sent: Any) -> PastBooking:
    """A hotel booking, by default with a reference made from its number."""
    line = LineSent(sent.pop("product", "hotel"), Decimal(amount))
    at = at.astimezone(UTC)
    name = sent.pop("reference", f"H{number}")
    return PastBooking(number, at, BookingSent(name, (line,), booked_at=at, **sent))


async def play(
    programme: Programme, name: str, items: Iterable[PastBooking], *, enrol: bool = True
) -> PlayResult:
    return await history.play(programme, name, list(items), make.NOW, enrol=enrol)


async def find(programme: Programme, name: str) -> UUID:
    found = await identity.find(programme.id, MemberKey(LookupScope.REFERENCE, name))
    assert found is not None
    return found


async def faults(programme: Programme) -> list[str]:
    """Faults that verification finds in this programme's members."""
    found = await rows("SELECT member_id FROM member WHERE programme_id = $1", programme.id)
    ids = sorted(member["member_id"] for member in found)
    loaded = await verification.read(UUID(int=ids[0].int - 1), ids[-1])
    catalogue = await verification.read_catalogue(Catalogue({}, {}), loaded)
    return [
        str(fault)
        for member in loaded
        if member.account and member.account["programme_id"] == programme.id
        for fault in invariants.check(member, catalogue)
    ]


def shoppers(count: int, seed: int) -> dict[str, list[PastBooking]]:
    """Random purchases: many tiers, repeated instants, month ends, zeros and fractions."""
    rng = random.Random(seed)
    made: dict[str, list[PastBooking]] = {}
    number = 0
    for shopper in range(count):
        items, day = [], FIRST + timedelta(days=rng.randrange(60))
        for _ in range(rng.choice([1, 1, 2, 4, 9, 30])):
            number += 1
            amount = rng.choice(["0", "0.99", f"{rng.randrange(1, 900_000) / 100:.2f}", "4999.99"])
            items.append(past(number, day, amount, reference=f"{seed}-{number}"))
            step = timedelta(days=rng.choice([0, 0, 1, 9, 40, 365]), seconds=rng.choice([0, 1]))
            day = min(day + step, make.NOW)
        rng.shuffle(items)
        made[f"shopper-{shopper}"] = sorted(items, key=lambda item: item.number)
    return made

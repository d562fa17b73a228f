"""A programme with experiments, its members, and their bookings, exposures and trials."""

from typing import Any
from uuid import UUID

from domain.kernel.database import rows
from tests.support import trials
from tests.support.callers import TODAY, Client, Stage, open_stage

DAYS = {"from": "2126-03-01", "until": "2126-03-31"}
HOTEL = {"product": "hotel", "amount": "1000"}

READ = """query($code: String!) { experiment(code: $code) { code state cost { amount }
    budget { amount } variants { code members metric { numerator denominator value }
        difference { estimate low high proved } costPerExtra { estimate low high proved } } } }"""


async def of(stage: Stage, code: str, variant: str) -> str:
    """A new member whom the draw puts into this variant; its reference."""
    member_id = await trials.member(stage.programme, code, variant, now=TODAY)
    [found] = await rows("SELECT reference FROM member WHERE member_id = $1", member_id)
    return str(found["reference"])


async def book(client: Client, member: str, reference: str, **sent: Any) -> Any:
    return await client.done(
        "earnForBooking",
        "pointsAwarded booking { id }",
        member={"reference": member},
        reference=reference,
        **{"lines": [HOTEL], **sent},
    )


async def earned(client: Client, member: str, reference: str, **sent: Any) -> int:
    return int((await book(client, member, reference, **sent))["pointsAwarded"])


async def exposed(member_id: UUID) -> list[tuple[str, str]]:
    found = await rows(
        "SELECT experiment, variant FROM exposure WHERE member_id = $1 ORDER BY 1", member_id
    )
    return [(one["experiment"], one["variant"]) for one in found]


async def tried(member_id: UUID) -> list[tuple[str, int, int, int]]:
    found = await rows(
        "SELECT experiment, points, control_points, extra_points FROM trial WHERE member_id = $1 "
        "ORDER BY recorded_at, experiment",
        member_id,
    )
    return [tuple(one.values()) for one in found]


async def quoted(client: Client, member: str | None = None) -> int:
    asked = {"lines": [HOTEL], **({"member": {"reference": member}} if member else {})}
    query = "query($input: QuoteEarningInput!) { quoteEarning(input: $input) { points } }"
    return int((await client.read(query, input=asked))["quoteEarning"]["points"])


async def read(client: Client, code: str = "earn_rate") -> Any:
    return (await client.read(READ, code=code))["experiment"]


async def stage_of(*experiments: dict[str, Any], **changes: Any) -> Stage:
    return await open_stage(trials.document(*experiments, **changes))

"""`referral review`: staff approve a flagged friend, or reject any."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.kit.inputs import to_owned
from api.referrals import REFERRAL_TYPE
from domain.activities import referral_reviews
from domain.activities.referral_reviews import ReviewSent
from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.programmes import programmes
from domain.referrals import referral_reads
from ops.commands.administration import administer
from ops.console import console, read_settings

app = typer.Typer(name="referral", help="Referrals of friends by members.")


@app.callback()
def options() -> None:
    """Keeps `review` a command of its own."""


@app.command()
def review(
    referral: Annotated[str, typer.Argument(help="Global id of the referral.")],
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    approve: Annotated[
        bool, typer.Option("--approve/--reject", help="Count the referral after all, or never.")
    ],
    reason: Annotated[str, typer.Option(help="Reason, kept for ever: name no personal data.")],
) -> None:
    """Approve a flagged referral, or reject any, which takes back the points for it."""

    async def work() -> str:
        found = await programmes.get(programme)
        caller = Caller(CallerKind.STAFF, found.id, found.code, "ops", roles=EVERY_ROLE)
        request = Request(caller, str(new_id()), found.now(datetime.now(UTC)))
        key = to_owned(referral, REFERRAL_TYPE, what="referral", path=("referral",))
        await referral_reviews.review(request, found, key, ReviewSent(approve, reason))
        return str((await referral_reads.by_ids(found.id, [key]))[key[1]].status)

    console.print(f"the referral is {administer(read_settings(), work)} now")

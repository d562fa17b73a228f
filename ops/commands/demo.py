"""`demo`: the shipped programmes with their rewards, a partner, and a few members.

It adds missing parts and changes no existing ones, so it can be run at any time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.kernel.callers import OWN_SCOPES, Caller, CallerKind
from domain.kernel.refusals import Refusal
from domain.members import identity
from domain.partners import partner_keys, partners
from domain.programmes import programmes, reader
from domain.programmes.programmes import Programme
from domain.rewards import offers, placing
from domain.rewards.placing import How
from ops import progress
from ops.commands import keys, stories
from ops.commands.administration import run, upgrade, worded
from ops.commands.partners import development_key
from ops.commands.stories import Demo
from ops.console import console, counted, notes, read_settings
from ops.errors import OperationError
from ops.postgres import database
from ops.postgres.embedded import Urls
from ops.settings import ROOT, Settings

SHIPPED = ROOT / "domain" / "programmes" / "documents"
STAFF = "demo"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials for the demo of one programme: of a new member, a partner, staff, a public
    page.
    """

    programme: str
    newcomer: str
    enrolled: bool
    member_token: str
    partner_key: str
    staff_token: str
    public_key: str


def demo() -> None:
    """Add the shipped programmes, their rewards and a few members; prints tokens."""
    settings = read_settings()
    check(settings)
    with database.available(settings) as urls:
        for name in run(upgrade(settings, urls)):
            notes.print(f"applied {name}")
        tell(run(fill(settings, urls)))


def tell(made: list[Credentials]) -> None:
    """Prints the credentials, each on a line of its own to be copied."""
    for one in made:
        console.print(f"programme {one.programme}")
        newcomer = one.newcomer if one.enrolled else f"{one.newcomer}, not enrolled yet"
        console.print(f"  member token ({newcomer}): {one.member_token}")
        console.print(f"  partner key: {one.partner_key}")
        console.print(f"  staff token: {one.staff_token}")
        console.print(f"  public key: {one.public_key}")


def check(settings: Settings) -> None:
    """Raises: OperationError in production, where a demo has no place."""
    if settings.production:
        raise OperationError("demo data do not belong in production")


async def fill(settings: Settings, urls: Urls) -> list[Credentials]:
    """Publish, offer and play missing parts; returns the credentials of each demo.

    Raises: OperationError
    """
    check(settings)
    async with database.connected(urls.serving, pool_max=2):
        try:
            return [made for code in _codes() if (made := await _fill(settings, code))]
        except Refusal as error:
            raise OperationError(f"the demo cannot be filled in: {worded(error)}") from None


def _codes() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


async def _fill(settings: Settings, code: str) -> Credentials | None:
    programme = await publish(code)
    told = stories.shipped(code)
    if told is None:
        return None
    caller = await reporter(programme, told)
    now = datetime.now(UTC)
    with progress.bar(f"demo of {programme.code}", told.steps) as advance:
        played = await stories.play(programme, told, caller, programme.now(now), advance)
    if played:
        notes.print(f"{programme.code}: played the history of {counted(played, 'member')}")
    return await _credentials(settings, programme, told, now)


async def publish(code: str) -> Programme:
    """The programme of this code, published as it ships if it is not there, and its rewards."""
    now = datetime.now(UTC)
    programme = await programmes.find(code)
    if programme is None:
        text = (SHIPPED / f"{code}.yaml").read_text(encoding="utf-8")
        programme = await programmes.establish(
            reader.parse(text), now, by="staff:demo", note="demo", source=text
        )
    offered = offers.shipped(code)
    if offered is not None:
        await placing.place(programme, offered, programme.now(now), How(missing_only=True))
    return programme


async def reporter(programme: Programme, told: Demo) -> Caller:
    """The demo's partner, made if it is not there, as it calls."""
    now = datetime.now(UTC)
    partner_id = await partners.create(programme, told.partner.code, told.partner.name, now)
    return Caller(
        CallerKind.PARTNER,
        programme.id,
        programme.code,
        str(partner_id),
        frozenset(OWN_SCOPES),
        partner_id=partner_id,
    )


async def _credentials(
    settings: Settings, programme: Programme, told: Demo, now: datetime
) -> Credentials:
    return Credentials(
        programme.code,
        told.newcomer,
        await identity.find_id(programme.id, told.newcomer) is not None,
        keys.member_token(settings, programme.code, told.newcomer, now),
        await development_key(settings, programme, told.partner.code),
        keys.staff_token(settings, programme.code, STAFF, now),
        await partner_keys.issue_public(programme, now, environment=settings.environment),
    )

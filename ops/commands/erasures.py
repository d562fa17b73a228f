"""`erasures`: members erased after a backup are erased again in a database restored from it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.privacy import erasing
from domain.privacy.erasing import Erased
from domain.programmes import programmes
from ops import erasures, progress
from ops.commands.administration import administer
from ops.console import console, counted, read_settings
from ops.errors import OperationError
from ops.settings import ERASURES


def apply() -> None:
    """Erase the members in MILEPOST_ERASURES that are not erased here, as after a restore.

    Such a member loses its points. If any are still on hold or owed, run this again once that has
    ended.
    """
    settings = read_settings()
    if settings.erasures is None:
        raise OperationError(f"{ERASURES} names no file")
    known = erasures.read(settings.erasures)
    done, left = administer(settings, lambda: _apply(known))
    console.print(f"erased {counted(done, 'member')} of {len(known)}")
    if left:
        has = "has points on hold or owes" if left == 1 else "have points on hold or owe"
        console.print(
            f"{counted(left, 'member')} still {has} points: run this again once that has ended"
        )


async def _apply(known: Sequence[Erased]) -> tuple[int, int]:
    """Returns the number of erased members, and of those that still hold or owe points."""
    waiting, left = await erasing.missing(known), 0
    now = datetime.now(UTC)
    with progress.bar("erasing", len(waiting)) as advance:
        for one in waiting:
            programme = await programmes.get(one.programme)
            await erasing.again(programme, one.member_id, programme.now(now))
            advance(1)
    for one in await erasing.unfinished():
        programme = await programmes.get(one.programme)
        left += not await erasing.finish(programme, one.member_id, programme.now(now))
    return len(waiting), left

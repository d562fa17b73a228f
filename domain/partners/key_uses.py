"""The day (UTC) of a key's last use, recorded apart from the requests that use it.

A process notes in memory which keys were used and records them together, once a key and day:
nobody waits for it, and it waits for nobody.
"""

from dataclasses import dataclass, field
from datetime import date

from domain.kernel.database import kept, rows
from domain.partners.partner_keys import PartnerKey

RECORDED_MAX = 50_000


@dataclass
class _Noted:
    """Uses that a process has noted for one database: by key its last day."""

    waiting: dict[str, date] = field(default_factory=dict)
    recorded: dict[str, date] = field(default_factory=dict)


def note(key: PartnerKey, day: date) -> None:
    """Note that a key was used on this day, unless this process knows that it is recorded."""
    noted = kept(_Noted)
    known = (key.last_used_on, noted.recorded.get(key.id))
    if all(last is None or last < day for last in known):
        noted.waiting[key.id] = day


async def record() -> int:
    """Record noted uses, in one statement; returns the number of keys. A key that is being changed
    is skipped, and recorded the next time.
    """
    noted = dict(kept(_Noted).waiting)
    if not noted:
        return 0
    written = await rows(
        "WITH used AS (SELECT * FROM unnest($1::text[], $2::date[]) AS used (id, day)), "
        "free AS (SELECT k.id, used.day FROM partner_key k JOIN used ON used.id = k.id "
        "WHERE k.last_used_on IS NULL OR k.last_used_on < used.day "
        "FOR NO KEY UPDATE OF k SKIP LOCKED), "
        "written AS (UPDATE partner_key k SET last_used_on = free.day FROM free "
        "WHERE k.id = free.id RETURNING k.id) "
        "SELECT id, true AS now FROM written UNION ALL "
        "SELECT k.id, false FROM partner_key k JOIN used ON used.id = k.id "
        "WHERE k.last_used_on >= used.day",
        list(noted),
        list(noted.values()),
    )
    for key in written:
        _keep(key["id"], noted[key["id"]])
    return sum(key["now"] for key in written)


def _keep(key_id: str, day: date) -> None:
    noted = kept(_Noted)
    if len(noted.recorded) >= RECORDED_MAX:
        noted.recorded.clear()
    noted.recorded[key_id] = day
    if noted.waiting.get(key_id) == day:
        del noted.waiting[key_id]

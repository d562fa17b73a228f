"""Exposures: when each member first met its variant, written once for ever.

What a fact brings is written in its transaction. What is only shown, a quote or a price, is kept in
memory, and written by its process within a second or so: nobody waits for it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.experiments import trials
from domain.experiments.trials import Fields
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.programmes.programmes import Version

KNOWN_MAX = 100_000
"""How many a process remembers to be written, so as not to write them again."""

RECORDED_MAX = 5000
"""How many are written together."""


class Met(NamedTuple):
    """A member that meets a variant at an instant."""

    member_id: UUID
    experiment: str
    variant: str
    at: datetime

    @property
    def key(self) -> tuple[UUID, str]:
        return self.member_id, self.experiment


_waiting: dict[tuple[UUID, str], Met] = {}
_known: set[tuple[UUID, str]] = set()


def of(version: Version, member_id: UUID, fields: Fields, at: datetime) -> list[Met]:
    """What a fact, quote or price that these fields decide about lets the member meet."""
    if version.assignment is None or not version.assignment.running:
        return []
    running = version.assignment.running
    found = trials.met(version, fields)
    return [Met(member_id, code, drawn, at) for code, drawn in found if code in running]


async def write(met: Iterable[Met]) -> None:
    """Write those that are new, in the order in which everybody writes them."""
    found = sorted(set(met))
    if found:
        await rows(
            "INSERT INTO exposure (id, member_id, experiment, variant, at) SELECT * "
            "FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) "
            "ON CONFLICT (member_id, experiment) DO NOTHING",
            [new_id() for _ in found],
            *map(list, zip(*found, strict=True)),
        )


def note(met: Iterable[Met]) -> None:
    """Have it written soon, unless this process knows that it is."""
    for one in met:
        if one.key not in _known:
            _waiting.setdefault(one.key, one)


async def record() -> int:
    """Write what was noted; how many."""
    noted = list(_waiting.values())[:RECORDED_MAX]
    await write(noted)
    if len(_known) + len(noted) > KNOWN_MAX:
        _known.clear()
    for one in noted:
        _known.add(one.key)
        del _waiting[one.key]
    return len(noted)

"""Exposures: when each member first met its variant, written once for ever.

What a fact brings is written with it. What is only shown, a quote or a price, is kept in memory,
and written by its process within a second or so: nobody waits for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import models
from domain.kernel.database import kept, rows
from domain.kernel.ids import new_id
from domain.kernel.refusals import Refusal
from domain.programmes.variants import Choice

KNOWN_MAX = 100_000
"""How many a process remembers to be written, so as not to write them again."""

WAITING_MAX = 50_000
"""How many wait to be written; a member that is not noted any more is with its next look."""

RECORDED_MAX = 5000
"""How many are written together."""


class NotNoted(Exception):
    """So many were not noted, as too many waited to be written."""


class Met(NamedTuple):
    """A member that meets a variant at an instant."""

    member_id: UUID
    experiment: str
    variant: str
    at: datetime

    @property
    def key(self) -> tuple[UUID, str]:
        return self.member_id, self.experiment


@dataclass
class _Noted:
    """What a process has noted of the members of one database."""

    waiting: dict[tuple[UUID, str], Met] = field(default_factory=dict)
    known: set[tuple[UUID, str]] = field(default_factory=set)
    missed: set[tuple[UUID, str]] = field(default_factory=set)


def of(member_id: UUID, choices: Iterable[Choice], at: datetime) -> list[Met]:
    """The member meets these variants at this instant."""
    return [Met(member_id, code, drawn, at) for code, drawn in choices]


def to_rows(met: Iterable[Met]) -> Iterator[models.Exposure]:
    """The rows that are written with a member's fact; one that is there already stays as it is."""
    for one in sorted(set(met)):
        yield models.Exposure(id=new_id(), **one._asdict())


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
    noted = kept(_Noted)
    for one in met:
        if one.key in noted.known or one.key in noted.waiting:
            continue
        if len(noted.waiting) < WAITING_MAX:
            noted.waiting[one.key] = one
        elif len(noted.missed) < WAITING_MAX:
            noted.missed.add(one.key)


@contextmanager
def noted_where_refused(met: Iterable[Met]) -> Iterator[None]:
    """Note them where this is refused: what its transaction would have written is undone."""
    try:
        yield
    except Refusal:
        note(met)
        raise


async def record() -> int:
    """Write the noted exposures, a number of them per statement; returns how many.

    Raises: NotNoted once all is written, where more had come than may wait.
    """
    noted, written = kept(_Noted), 0
    while batch := list(islice(noted.waiting.values(), RECORDED_MAX)):
        await write(batch)
        if len(noted.known) + len(batch) > KNOWN_MAX:
            noted.known.clear()
        for one in batch:
            noted.known.add(one.key)
            noted.waiting.pop(one.key, None)
        written += len(batch)
    if noted.missed:
        missed = len(noted.missed)
        noted.missed.clear()
        raise NotNoted(missed)
    return written

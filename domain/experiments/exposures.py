"""Exposures: when each member first met its variant, written only once.

The exposure by a fact is written with it. One by a quote or a price that is only shown is kept in
memory, and written by its process within about a second: nobody waits for it.
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
"""Most written exposures that a process remembers, in order not to write them again."""

WAITING_MAX = 50_000
"""Most exposures that wait to be written; a member beyond them is noted at its next look."""

RECORDED_MAX = 5000
"""Number of exposures that are written together."""


class NotNoted(Exception):
    """This many were not noted, as too many waited to be written."""


class Met(NamedTuple):
    """A member that met a variant at an instant."""

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
    """The rows that are written with a member's fact; existing ones stay as they are."""
    for one in sorted(set(met)):
        yield models.Exposure(id=new_id(), **one._asdict())


async def write(met: Iterable[Met]) -> None:
    """Write new ones, in the order that all writers use."""
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
    """Queue it for writing, unless this process knows that it is written."""
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
    """Note them if the body is refused: the rows of its transaction are rolled back."""
    try:
        yield
    except Refusal:
        note(met)
        raise


async def record() -> int:
    """Write the noted exposures, a number of them per statement; returns how many.

    Raises: NotNoted once all is written, if there were more than may wait.
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

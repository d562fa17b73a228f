"""Stops: when experiments ended, and why; the one place where that is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel import audit, cache
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.programmes.policy import Policy


class StopCause(StrEnum):
    """Why an experiment ended; where a version is without it, by the staff who published that."""

    UNTIL = "UNTIL"
    BUDGET = "BUDGET"
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of an experiment; `reason` is what staff say, and nobody else."""

    programme_id: UUID
    experiment: str
    at: datetime
    cause: StopCause
    actor: str
    reason: str | None = None


async def of_programme(programme_id: UUID, policies: Iterable[Policy]) -> dict[str, datetime]:
    """Those that are recorded, by code; nothing is asked where no document has an experiment."""
    if not any(policy.experiments for policy in policies):
        return {}
    sql = "SELECT experiment, at FROM experiment_stop WHERE programme_id = $1"
    return {one["experiment"]: one["at"] for one in await rows(sql, programme_id)}


async def record(stop: Stop) -> bool:
    """End an experiment, unless it has ended; whether it had not. Where the audit follows."""
    written = await rows(
        "INSERT INTO experiment_stop (id, programme_id, experiment, at, cause, actor, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (programme_id, experiment) DO NOTHING "
        "RETURNING 1",
        audit.adds("experiment_stop", new_id()),
        stop.programme_id,
        stop.experiment,
        stop.at,
        stop.cause.value,
        stop.actor,
        stop.reason,
    )
    if written:
        await cache.announce()
    return bool(written)

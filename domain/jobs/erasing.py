"""Erasing: data of one member in files of imports and exports."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from domain.jobs import exports, jobs
from domain.jobs.jobs import ExportKind, JobStatus
from domain.jobs.running import KINDS
from domain.kernel.database import rows, update
from domain.members import contacts
from domain.members.forgotten import Person

_WORDS = {"zh-CN": "该会员的数据已删除。", "en": "The data of its member was erased."}
"""The text of the refusal of an emptied row."""

_OF_MEMBERS = [one.job for one in ExportKind if one is not ExportKind.STATEMENTS]


async def erase(programme_id: UUID, persons: Sequence[Person], now: datetime) -> None:
    """Empty the rows of imports about these members, and remove the exports with members, as each
    contains all of them.
    """
    await _empty_rows(programme_id, persons)
    found = await rows(
        "SELECT id FROM job WHERE programme_id = $1 AND kind = ANY($2::text[]) "
        "AND forgotten_at IS NULL ORDER BY id",
        programme_id,
        _OF_MEMBERS,
    )
    for one in found:
        job = await jobs.lock(one["id"])
        if job is not None and job.forgotten_at is None:
            if not job.finished:
                await jobs.end(job, JobStatus.CANCELLED, now)
            await jobs.change(job.id, {"forgotten_at": max(now, job.created_at)})
            await exports.delete(job.id)


_SAID = (
    # a refused row may contain a NUL, which jsonb cannot store
    r"(CASE WHEN content LIKE '%\\u0000%' THEN regexp_replace(content, "
    r"'(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g') ELSE content END)::jsonb"
)
"""The content of a row as an object."""


async def _empty_rows(programme_id: UUID, persons: Sequence[Person]) -> None:
    """The points of a balance stay, as they prove it, and so does the spending of a day.

    The member of an unprocessed or refused row is found by the columns that name members: equal
    values in other columns identify nobody.
    """
    naming = {kind.job: one.columns.naming for kind, one in KINDS.items()}
    known_by = [
        known for one in persons for had in one.contacts for known in contacts.keys(had.value)
    ]
    await update(
        "UPDATE import_row r SET words = CASE WHEN r.words IS NOT NULL THEN $2::jsonb END, "
        f"content = jsonb_strip_nulls(jsonb_build_object('points', {_SAID} -> 'points', "
        f"'spend', {_SAID} -> 'spend', 'spent_on', {_SAID} -> 'spent_on'))::text FROM job j "
        "WHERE j.programme_id = $1 AND j.forgotten_at IS NULL AND $3::jsonb -> j.kind IS NOT NULL "
        "AND r.job_id = j.id AND (r.member_id = ANY($4::uuid[]) OR EXISTS (SELECT FROM "
        f"jsonb_each({_SAID}) AS c (name, value), btrim(c.value #>> '{{}}') AS said "
        "WHERE $3::jsonb -> j.kind ? lower(btrim(c.name)) "
        "AND jsonb_typeof(c.value) IN ('string', 'number') "
        "AND (said = ANY($5::text[]) OR lower(said) = ANY($6::text[]) "
        "OR regexp_replace(said, '[^0-9+]', '', 'g') = ANY($6::text[]))))",
        programme_id,
        orjson.dumps(_WORDS).decode(),
        orjson.dumps(naming).decode(),
        [one.member_id for one in persons],
        [one.reference for one in persons],
        [*known_by, *(str(one.member_id) for one in persons)],
    )

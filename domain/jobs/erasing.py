"""Erasing: what imports brought and exports gave out of one member."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from domain.jobs import exports, jobs
from domain.jobs.jobs import IMPORT, ExportKind, JobStatus
from domain.kernel.database import rows, update

_WORDS = {"zh-CN": "该会员的数据已删除。", "en": "What it said of its member was erased."}
"""What stands for the refusal of a row that is empty."""

_OF_MEMBERS = [one.job for one in ExportKind if one is not ExportKind.STATEMENTS]


async def erase(
    programme_id: UUID, member_ids: Sequence[UUID], known_by: Sequence[str], now: datetime
) -> None:
    """Empty the rows of imports that are of these members, or name one of them by one of these,
    and remove the exports that have members, for each has all of them.
    """
    await _empty_rows(programme_id, member_ids, known_by)
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
    # what a row says may have a NUL, with which it is refused, and jsonb has none
    r"(CASE WHEN content LIKE '%\\u0000%' THEN regexp_replace(content, "
    r"'(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g') ELSE content END)::jsonb"
)
"""The content of a row as an object."""


async def _empty_rows(
    programme_id: UUID, member_ids: Sequence[UUID], known_by: Sequence[str]
) -> None:
    """The points of a balance stay, which is proved by them, and so does what a day counts."""
    await update(
        "UPDATE import_row SET words = CASE WHEN words IS NOT NULL THEN $5::jsonb END, content = "
        f"jsonb_strip_nulls(jsonb_build_object('points', {_SAID} -> 'points', "
        f"'spend', {_SAID} -> 'spend', 'spent_on', {_SAID} -> 'spent_on'))::text "
        "WHERE job_id IN (SELECT id FROM job WHERE programme_id = $1 AND kind LIKE $4 || '%' "
        "AND forgotten_at IS NULL) AND (member_id = ANY($2::uuid[]) OR EXISTS (SELECT FROM "
        f"jsonb_path_query({_SAID}, 'lax $.** ? (@.type() == \"string\")') AS v (value), "
        "lower(btrim(v.value #>> '{}')) AS said WHERE said = ANY($3::text[]) "
        "OR regexp_replace(said, '[^0-9+]', '', 'g') = ANY($6::text[])))",
        programme_id,
        list(member_ids),
        list(known_by),
        IMPORT,
        orjson.dumps(_WORDS).decode(),
        # only phone numbers are written in more than one way: 100.00 is not member 10000
        [one for one in known_by if one.startswith("+")],
    )

"""Results of an import's rows: written with them, and read as CSV."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from domain.jobs.columns import Columns
from domain.jobs.jobs import Job
from domain.jobs.work import Kind, Numbered, Result, WrittenRow
from domain.kernel.database import Row, rows, update
from domain.kernel.refusals import Refusal

Worded = Callable[[Refusal], Mapping[str, str]]
"""Puts a refusal into words, by language."""

PATH_CHARACTERS_MAX = 256
READ_ROWS = 1000
DONE, KNOWN, REFUSED = "DONE", "KNOWN", "REFUSED"


async def waiting(job: Job, after: int, limit: int) -> Numbered:
    """The contents of unprocessed rows, among this many rows after a number."""
    found = await rows(
        "SELECT number, content FROM import_row WHERE job_id = $1 AND number > $2 "
        "AND number <= $3 AND status IS NULL ORDER BY number",
        job.id,
        after,
        after + limit,
    )
    return {one["number"]: orjson.loads(one["content"]) for one in found}


async def keep(job: Job, kind: Kind, results: Mapping[int, Result], worded: Worded) -> None:
    """Write the results of these rows, in the transaction that locked the job; the contents of
    accepted rows of a `secret` kind are not kept.
    """
    if not results:
        return
    kept = [_kept(number, result, worded, kind.columns) for number, result in results.items()]
    columns = list(zip(*kept, strict=True))
    said = "CASE WHEN w.code IS NULL THEN '{}' ELSE r.content END" if kind.secret else "r.content"
    await update(
        f"UPDATE import_row r SET content = {said}, status = w.status, code = w.code, "
        "path = w.path, words = w.words, lot_id = w.lot_id, "
        "member_id = coalesce(w.member_id, r.member_id) "
        "FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::uuid[], "
        "$8::uuid[]) AS w (number, status, code, path, words, member_id, lot_id) "
        "WHERE r.job_id = $1 AND r.number = w.number AND r.number BETWEEN $9 AND $10 "
        "AND r.status IS NULL",
        job.id,
        *map(list, columns),
        min(results),
        max(results),
    )
    counts = [status for _, status, *_ in kept]
    await update(
        "UPDATE job SET done = done + $2, known = known + $3, refused = refused + $4 WHERE id = $1",
        job.id,
        counts.count(DONE),
        counts.count(KNOWN),
        counts.count(REFUSED),
    )


def _kept(number: int, result: Result, worded: Worded, columns: Columns) -> tuple[Any, ...]:
    if isinstance(result, Refusal):
        path = _storable(columns.of_field(result.path))[:PATH_CHARACTERS_MAX] or None
        said = {language: _storable(words) for language, words in worded(result).items()}
        words = orjson.dumps(said).decode()
        return number, REFUSED, result.code, path, words, None, None
    if isinstance(result, WrittenRow):
        return number, DONE, None, None, None, result.member_id, result.lot_id
    return number, KNOWN, None, None, None, result.member_id, None


def _storable(text: str) -> str:
    """Text of a refusal without NUL: it may quote the row, and PostgreSQL stores no text with a
    NUL.
    """
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


async def named(job: Job, member_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these members with an accepted row."""
    found = await rows(
        "SELECT DISTINCT member_id FROM import_row WHERE job_id = $1 "
        "AND member_id = ANY($2::uuid[]) AND status IN ('DONE', 'KNOWN')",
        job.id,
        list(member_ids),
    )
    return {one["member_id"] for one in found}


async def refused(job_id: UUID) -> AsyncIterator[list[Row]]:
    """The refused rows of a job in order, at most `READ_ROWS` at a time: number, content, code,
    path, text.
    """
    after = 0
    while True:
        found = await rows(
            "SELECT number, content, code, path, words FROM import_row WHERE job_id = $1 "
            "AND status = 'REFUSED' AND number > $2 ORDER BY number LIMIT $3",
            job_id,
            after,
            READ_ROWS,
        )
        yield [
            {
                **one,
                "content": orjson.loads(one["content"]),
                "words": orjson.loads(one["words"]),
            }
            for one in found
        ]
        if len(found) < READ_ROWS:
            return
        after = found[-1]["number"]

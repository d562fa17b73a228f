"""The feed checked against itself: the kept positions of each part have no gaps, up to its head."""

from domain.kernel.database import Row, rows
from domain.proof.evidence import Fault

_GAPS = """
SELECT part, programme_id, position, before + 1 AS expected FROM (
    SELECT part, programme_id, position,
        lag(position) OVER (PARTITION BY part, programme_id ORDER BY position) AS before
    FROM feed_entry) AS e
WHERE position <> before + 1
ORDER BY part, programme_id, position
"""
_ENDS = """
SELECT h.part, h.programme_id, h.position, max(e.position) AS expected
FROM feed_head h JOIN feed_entry e USING (part, programme_id)
GROUP BY h.part, h.programme_id HAVING h.position <> max(e.position)
ORDER BY h.part, h.programme_id
"""
_LATE = """
SELECT part, programme_id, position, numbered_at, before AS expected FROM (
    SELECT part, programme_id, position, numbered_at,
        lag(numbered_at) OVER (PARTITION BY part, programme_id ORDER BY position) AS before
    FROM feed_entry) AS e
WHERE numbered_at < before
ORDER BY part, programme_id, position
"""


async def positions() -> list[Fault]:
    """Every position that does not follow the previous one in its part, or a last one that is not
    the head's.
    """
    return [
        *[_fault("feed_entry", "position", gap) for gap in await rows(_GAPS)],
        *[_fault("feed_head", "position", end) for end in await rows(_ENDS)],
        *[_fault("feed_entry", "numbered_at", late) for late in await rows(_LATE)],
    ]


def _fault(table: str, column: str, found: Row) -> Fault:
    what = f"{column} in part {found['part']}"
    if column == "numbered_at":
        what += f" at {found['position']}"
    expected = str(found["expected"])
    if column == "numbered_at":
        expected = f"at least {expected}"
    return Fault(table, found["programme_id"], None, what, str(found[column]), expected)

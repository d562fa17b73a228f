"""Lists of members: a member is on each from one instant until another, and never twice at once."""

from collections.abc import Iterator
from itertools import pairwise

from domain.kernel.database import Row
from domain.proof.evidence import Fault, MemberRows


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault in one member's spans on lists."""
    by_segment: dict[str, list[Row]] = {}
    for listed in rows.tables["segment_member"]:
        by_segment.setdefault(listed["segment"], []).append(listed)
        if rows.account is not None:
            own = {"programme_id": rows.account["programme_id"]}
            yield from rows.differences("segment_member", listed, own, "the member's")
    for intervals in by_segment.values():
        # a member that came and went at one instant was there before one that stays
        intervals.sort(
            key=lambda one: (one["added_at"], one["removed_at"] is None, one["removed_at"])
        )
        for before, after in pairwise(intervals):
            if before["removed_at"] is None or before["removed_at"] > after["added_at"]:
                wanted = f"{before['removed_at']} or later, when it was taken off before"
                yield rows.fault("segment_member", after, "added_at", after["added_at"], wanted)

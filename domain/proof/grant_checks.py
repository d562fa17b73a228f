"""Grants against records: the points that each reversal took and each restoration gave again; and
that a milestone or mission stands exactly while it is reached.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from domain.kernel.database import Row
from domain.proof.evidence import Fault, MemberRows, total

KINDS = ("RESTORED", "REVERSED")
"""By number: an odd one reverses, an even one restores."""


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault between activities, their reversals, and their awards and entries."""
    reversals = rows.by("activity_reversal", "activity_id")
    awards = rows.by("award", "activity_reversal_id")
    entries = rows.by("ledger_entry", "activity_reversal_id")
    for activity in rows.tables["activity"]:
        own = sorted(reversals.get(activity["id"], ()), key=lambda one: one["number"])
        left = activity["points"]
        for number, made in enumerate(own, start=1):
            expected = {"number": number, "kind": KINDS[number % 2]}
            yield from rows.differences("activity_reversal", made, expected)
            yield from _sums(rows, made, awards.get(made["id"], ()), entries.get(made["id"], ()))
            yield from _within(rows, made, left, own[number - 2] if number > 1 else None)
            left += made["points"] if made["kind"] == "RESTORED" else -made["points"]
    yield from _standing(rows, reversals)


def _sums(
    rows: MemberRows, made: Row, awards: Iterable[Row], entries: Iterable[Row]
) -> Iterator[Fault]:
    """Its points are those of its award, and the points that it took or gave were posted."""
    posted = list(entries)
    sign = 1 if made["kind"] == "RESTORED" else -1
    granted = {"points": sign * total(awards)}
    yield from rows.differences("activity_reversal", made, granted, "the sum of its awards")
    taken = [entry for entry in posted if entry["kind"] == "CLAW_BACK"]
    sums = {
        "points_clawed_back": total(taken),
        "points_owed": total(one for one in taken if one["from_bucket"] == "owed"),
    }
    yield from rows.differences("activity_reversal", made, sums, "the sum of its entries")
    given = total(entry for entry in posted if entry["kind"] == "EARN")
    wanted = made["points"] if made["kind"] == "RESTORED" else 0
    if given != wanted:
        yield rows.fault("activity_reversal", made, "its EARN entries", given, wanted)


def _within(rows: MemberRows, made: Row, left: int, before: Row | None) -> Iterator[Fault]:
    """A reversal takes all that is left; a restoration gives no more than the last reversal
    took.
    """
    if made["kind"] == "REVERSED":
        yield from rows.differences("activity_reversal", made, {"points": left}, "what was left")
    elif before is not None and made["points"] > before["points_clawed_back"]:
        wanted = f"{before['points_clawed_back']} or less, what was taken back"
        yield rows.fault("activity_reversal", made, "points", made["points"], wanted)


def _standing(rows: MemberRows, reversals: Mapping[UUID, Sequence[Row]]) -> Iterator[Fault]:
    """A used reward or perk is kept even if its grant is no longer reached."""
    used = (
        rows.by("redemption", "activity_id").keys() | rows.by("benefit_use", "activity_id").keys()
    )
    activities = {activity["id"]: activity for activity in rows.tables["activity"]}
    for found in rows.tables["reached"]:
        last = max(reversals.get(found["id"], ()), key=lambda one: one["number"], default=None)
        stands = last is None or last["kind"] == "RESTORED"
        if stands != found["reached"] and not (stands and found["id"] in used):
            shown, wanted = ("there", "reversed") if stands else ("reversed", "there")
            why = f"{wanted}, by the facts that brought it"
            yield rows.fault("activity", activities[found["id"]], "it", shown, why)

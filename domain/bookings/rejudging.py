"""Judging again: the result of a booking's snapshot for its lines, at first and after each change.

Every award of the booking must come out as recorded; otherwise something has been altered.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import orjson

from domain.activities import rejudging as activity_rejudging
from domain.bookings import refund_rules
from domain.earning import earning, snapshots
from domain.earning.snapshots import Snapshot
from domain.earning.values import Award, Evaluation, Line, Rejudged
from domain.experiments import trials
from domain.kernel import dates
from domain.kernel.database import Row, row, rows
from domain.ledger import entries
from domain.ledger.values import EntryKind
from domain.members.statuses import UNPAID
from domain.programmes.programmes import Programme, Version
from domain.risk import reviewed

JUDGED = (EntryKind.EARN, EntryKind.MATURE, EntryKind.CLAW_BACK)
"""Kinds of entries whose points a judgement decided."""

_TABLES = ("booking_line", "amendment", "amendment_line", "refund", "refund_line", "award")


@dataclass(frozen=True, slots=True)
class BookingRows:
    """A booking's row, and by table those of its lines, changes and awards; the instant of a
    rejection by staff.
    """

    booking: Row
    tables: Mapping[str, Sequence[Row]]
    rejected_at: datetime | None = None


async def load(member_id: UUID, booking_id: UUID) -> BookingRows | None:
    """Everything that `rejudge` needs; None for a booking that does not exist."""
    booking = await row(
        "SELECT * FROM booking WHERE member_id = $1 AND id = $2", member_id, booking_id
    )
    if booking is None:
        return None
    of_it = "WHERE member_id = $1 AND booking_id = $2"
    return BookingRows(
        booking,
        {
            table: await rows(f"SELECT * FROM {table} {of_it}", member_id, booking_id)
            for table in _TABLES
        },
        await reviewed.rejected_at(member_id, booking_id, booking["recorded_at"]),
    )


async def of_entry(programme: Programme, member_id: UUID, entry_id: UUID) -> Rejudged | None:
    """The fact for which an entry moved points, judged again with every step; None where nothing
    was judged, such as for a transfer, and for an entry that is not recorded.

    For points that became spendable, their booking is judged as of then.
    """
    cause = await entries.cause_of(member_id, entry_id)
    if cause is None or cause.kind not in JUDGED:
        return None
    if cause.activity_id is not None:
        activity = await activity_rejudging.load(member_id, cause.activity_id)
        if activity is None:
            return None
        version = programme.version(activity["policy_version_id"])
        choices = await trials.of_activity(member_id, cause.activity_id)
        return activity_rejudging.rejudge(version.under(choices), activity)
    found = await load(member_id, cause.booking_id) if cause.booking_id else None
    if found is None:
        return None
    version = judged_by(programme.version(found.booking["policy_version_id"]), found.booking)
    again = list(rejudge(version, found, traced=True))
    fact_id = cause.amendment_id or cause.refund_id
    if fact_id is None and cause.kind is EntryKind.EARN:
        fact_id = cause.booking_id
    return next(
        one
        for one in reversed(again)
        if one.fact_id == fact_id or (fact_id is None and one.recorded_at <= cause.recorded_at)
    )


def judged_by(version: Version, booking: Row) -> Version:
    """The policy version of a booking, with the variants of its snapshot."""
    return version.under(snapshots.choices(snapshots.read(booking["snapshot"])))


def rejudge(version: Version, found: BookingRows, *, traced: bool = False) -> Iterator[Rejudged]:
    """Judge the booking as reported, then each of its amendments and refunds in order; with every
    step in the explanation if `traced`.
    """
    again = _Again(version, found, snapshots.read(found.booking["snapshot"]), traced)
    yield again.reported()
    changes = (*found.tables["amendment"], *found.tables["refund"])
    for change in sorted(changes, key=lambda one: one["id"]):
        yield again.amended(change) if "version" in change else again.refunded(change)


@dataclass(slots=True)
class _Again:
    """A booking after the changes so far: its lines by number, the cash refunded of each, and by
    rule what it grants in total and what is left of that, which is nothing once staff rejected it.
    """

    version: Version
    found: BookingRows
    snapshot: Snapshot
    traced: bool
    lines: dict[int, Line] = field(default_factory=dict)
    cash_refunded: Counter[int] = field(default_factory=Counter)
    awarded: dict[str, int] = field(default_factory=dict)
    granted: Counter[str] = field(default_factory=Counter)
    rejected: bool = False

    def reported(self) -> Rejudged:
        booking, lines = self.found.booking, self.found.tables["booking_line"]
        first = [one for one in lines if one["amendment_id"] is None]
        self._take(first, "number")
        self.granted = self._granted_by("amendment_id", None)
        whole = self._evaluate(self.lines.values())
        self.awarded = _by_rule(whole.awards)
        return self._rejudged(booking, whole, dict(self.granted), self.awarded)

    def amended(self, amendment: Row) -> Rejudged:
        self.rejected = self._is_rejected_by(amendment)
        self.snapshot = {**self.snapshot, "allowances": orjson.loads(amendment["allowances"])}
        lines = self.found.tables["amendment_line"]
        self._take([one for one in lines if one["amendment_id"] == amendment["id"]], "line_number")
        self.granted.update(self._granted_by("amendment_id", amendment["id"]))
        whole = self._evaluate(self.lines.values())
        self.awarded, recorded = _by_rule(whole.awards), dict(orjson.loads(amendment["awarded"]))
        return self._rejudged(amendment, whole, recorded, self.awarded)

    def refunded(self, refund: Row) -> Rejudged:
        for part in self.found.tables["refund_line"]:
            if part["refund_id"] == refund["id"]:
                self.cash_refunded[part["line_number"]] += part["cash_minor"]
        self.rejected = self._is_rejected_by(refund)
        booked = list(self.lines.values())
        left = self._evaluate(
            [
                replace(line, cash_minor=max(0, line.cash_minor - self.cash_refunded[line.number]))
                for line in booked
            ],
            booked,
        )
        budgeted = snapshots.budget_periods(self.snapshot)
        lost = refund_rules.reverse(self.granted, self.awarded, left, budgeted)
        taken = self._granted_by("refund_id", refund["id"])
        self.granted.update(taken)
        recorded = {rule: -points for rule, points in taken.items()}
        return self._rejudged(refund, left, recorded, _by_rule(lost))

    def _is_rejected_by(self, change: Row) -> bool:
        """Whether staff had rejected it by then, as shown by the refund of their review. There is
        none if nothing was left to take back; then everything recorded from that instant on is
        later.
        """
        if self.rejected or change.get("review_id") is not None:
            return True
        rejected_at, at = self.found.rejected_at, change["recorded_at"]
        if rejected_at is None or at < rejected_at:
            return False
        taken_back = any(one["review_id"] is not None for one in self.found.tables["refund"])
        return bool(at > rejected_at) or not taken_back

    def _rejudged(
        self, fact: Row, again: Evaluation, recorded: Mapping[str, int], found: Mapping[str, int]
    ) -> Rejudged:
        version, at = self.version, fact["recorded_at"]
        return Rejudged(fact["id"], version.id, at, again, recorded, found, version.choices)

    def _take(self, lines: Iterable[Row], number: str) -> None:
        for one in sorted(lines, key=lambda one: int(one[number])):
            self.lines[one[number]] = Line(
                one[number],
                one["product"],
                one["cash_minor"],
                orjson.loads(one["attributes"]),
                travel_from=one["travel_from"],
                travel_to=one["travel_to"],
            )

    def _granted_by(self, column: str, fact_id: UUID | None) -> Counter[str]:
        """By rule, the points awarded by one amendment or refund; if neither is given, by the
        booking at first.
        """
        points = Counter[str]()
        for award in self.found.tables["award"]:
            if award[column] == fact_id and (fact_id is not None or award["refund_id"] is None):
                points[award["rule"]] += award["points"]
        return points

    def _evaluate(self, lines: Iterable[Line], booked: Sequence[Line] | None = None) -> Evaluation:
        judged, policy = list(lines), self.version.policy
        if self.rejected or self.snapshot["status"] in UNPAID:
            return Evaluation(0, (), {line.number: 0 for line in judged}, ())
        at = snapshots.judged_at(self.snapshot, self.found.booking["booked_at"])
        day, hour = dates.local(at, policy.zone)
        return earning.evaluate(
            policy,
            judged,
            snapshots.facts(self.snapshot, hour),
            day=day,
            payment_method=self.found.booking["payment_method"],
            allowances=snapshots.allowances(self.snapshot),
            booked=booked,
            traced=self.traced,
        )


def _by_rule(awards: Iterable[Award]) -> dict[str, int]:
    return {award.rule: award.points for award in awards}

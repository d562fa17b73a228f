"""Tiers against records: each decision continues the previous one, on what counted then."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from uuid import UUID

import orjson

from domain.activities import tier_raises
from domain.kernel.database import Row
from domain.kernel.refusals import EventTooOld
from domain.ledger.values import SYSTEM
from domain.members.statuses import UNPAID
from domain.programmes.grants import TierEntry
from domain.proof import amendment_checks
from domain.proof.evidence import Catalogue, Fault, MemberRows, total
from domain.tiers import tier_windows
from domain.tiers.tier_windows import Window
from domain.tiers.tiers import QUALIFYING_COLUMNS
from domain.tiers.values import POLICY

OVERTAKEN_MAX = timedelta(minutes=1)
"""Longer than any request waits for another."""


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault between one member's facts, the decisions about its tier, and its account."""
    changes = sorted(rows.tables["tier_change"], key=lambda c: (c["recorded_at"], c["id"]))
    yield from _chain(rows, changes)
    yield from _account(rows, changes, catalogue)
    for change in changes:
        yield from _inputs(rows, change, catalogue)
    yield from _completed(rows, catalogue)
    yield from _of_activities(rows, catalogue)
    yield from _copied(rows)
    yield from _total(rows)


def _of_activities(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """An activity counts only the points of its awards, at its own instant.

    Where refunds do not reduce what counts, it keeps counting its first points. A grant for a tier
    counts toward none.
    """
    counted, awards = rows.by("tier_credit", "activity_id"), rows.by("award", "activity_id")
    for activity in rows.tables["activity"]:
        version = catalogue.versions.get(activity["policy_version_id"])
        if version is None:
            continue
        wanted = dict.fromkeys(QUALIFYING_COLUMNS, 0)
        if version.policy.refunds.keeps_counting:
            wanted["points"] = activity["points"]
        else:
            wanted["points"] = total(awards.get(activity["id"], ()))
        grant = version.policy.grant_codes.get(activity["type"])
        if activity["reporter"] == SYSTEM.actor and isinstance(grant, TierEntry):
            wanted["points"] = 0
        own = counted.get(activity["id"], ())
        found = {name: sum(credit[name] for credit in own) for name in QUALIFYING_COLUMNS}
        for name in (name for name in QUALIFYING_COLUMNS if found[name] != wanted[name]):
            why = f"{wanted[name]}, what it gave"
            yield rows.fault("activity", activity, f"{name} counted", found[name], why)
        for credit in own:
            at = {"occurred_at": activity["occurred_at"]}
            yield from rows.differences("tier_credit", credit, at, "as its activity")


def _copied(rows: MemberRows) -> Iterator[Fault]:
    """Exactly what counts for a merged member also counts for the account that received its
    points.
    """
    if rows.account is None or rows.account["merged_into"] is None:
        return
    left = {credit["id"]: credit for credit in rows.tables["tier_credit"]}
    for copy in rows.tables["copied"]:
        own = left.pop(copy["source_id"], None)
        if own is None:
            yield rows.fault("tier_credit", copy, "source_id", copy["source_id"], "one of these")
            continue
        same = {name: own[name] for name in ("occurred_at", *QUALIFYING_COLUMNS)}
        yield from rows.differences("tier_credit", copy, same, "as it was counted first")
    for credit in left.values():
        yield rows.fault("tier_credit", credit, "its copy", None, "where its member was merged")


def _total(rows: MemberRows) -> Iterator[Fault]:
    """The stored total is the sum of what counts, up to its end."""
    for made in rows.tables["tier_total"]:
        before = [c for c in rows.tables["tier_credit"] if c["recorded_at"] < made["through"]]
        expected = {name: sum(credit[name] for credit in before) for name in QUALIFYING_COLUMNS}
        yield from rows.differences("tier_total", made, expected, "the sum of what counts")


def _chain(rows: MemberRows, changes: list[Row]) -> Iterator[Fault]:
    for before, step in pairwise(changes):
        yield from rows.differences("tier_change", step, {"from_tier": before["to_tier"]})
    for step in changes:
        if step["judged_at"] > step["recorded_at"]:
            wanted = f"{step['recorded_at']} or earlier, when it was recorded"
            yield rows.fault("tier_change", step, "judged_at", step["judged_at"], wanted)


def _account(rows: MemberRows, changes: list[Row], catalogue: Catalogue) -> Iterator[Fault]:
    """The account has the tier, period and assignment of the last decision."""
    account = rows.account
    if account is None:
        return
    expected = {
        "tier": account["tier"],
        "tier_since": account["tier_since"],
        "tier_earned": account["tier"],
        "tier_until": None,
        "tier_assigned": None,
        "tier_assigned_until": None,
        "tier_recorded_at": None,
    }
    if not changes and (entry := _entry_tier(catalogue, account)) is not None:
        expected |= {"tier": entry, "tier_earned": entry}
    for step in changes:
        if step["to_tier"] != step["from_tier"]:
            expected["tier_since"] = step["effective_at"]
        expected |= {
            "tier": step["to_tier"],
            "tier_earned": step["earned_tier"],
            "tier_until": step["until"],
            "tier_assigned": step["assigned_tier"],
            "tier_assigned_until": step["assigned_until"],
            "tier_recorded_at": step["recorded_at"],
        }
    yield from rows.differences("account", account, expected)
    yield from _ends(rows, account, catalogue)


def _entry_tier(catalogue: Catalogue, account: Row) -> str | None:
    """The tier that a member without any decision joined at."""
    programme = catalogue.programmes.get(account["programme_id"])
    if programme is None:
        return None
    try:
        return programme.as_of(account["tier_since"]).policy.tiers.levels[0].code
    except EventTooOld:
        return "none, before the first policy version"


def _ends(rows: MemberRows, account: Row, catalogue: Catalogue) -> Iterator[Fault]:
    """The grace is that of the policy at the period's end; the earliest of all ends is due."""
    until, grace = account["tier_until"], account["tier_grace_until"]
    programme = catalogue.programmes.get(account["programme_id"])
    if grace is not None and programme is not None:
        wanted = until and tier_windows.grace_end(programme.as_of(until).policy, until)
        if grace != wanted:
            yield rows.fault("account", account, "tier_grace_until", grace, wanted)
    ends = (grace or until, account["tier_assigned_until"])
    due = min((end for end in ends if end is not None), default=None)
    yield from rows.differences("account", account, {"tier_review_due_at": due})


def _inputs(rows: MemberRows, change: Row, catalogue: Catalogue) -> Iterator[Fault]:
    """A decision's inputs are the sums of what had been recorded by then in its window; if a
    version that was already replaced raises members, of what had been recorded when it was
    replaced.
    """
    inputs = orjson.loads(change["inputs"])
    said = {name: inputs.get(name, 0) for name in QUALIFYING_COLUMNS}
    window = Window(*(_instant(inputs.get(end)) for end in ("from", "until")))
    replaced = _replaced(rows, change, catalogue)
    if replaced is not None and said == _sums(rows, window, lambda c: c["recorded_at"] <= replaced):
        return
    if _is_open(rows, change, window):
        return
    for name, counted in _sums(rows, window, partial(_had_come, change)).items():
        if said[name] != counted:
            wanted = f"{counted}, the sum of what counted"
            yield rows.fault("tier_change", change, f"inputs.{name}", said[name], wanted)


def _sums(rows: MemberRows, window: Window, counts: Callable[[Row], bool]) -> dict[str, int]:
    found = [
        credit
        for credit in rows.tables["tier_credit"]
        if window.covers(credit["occurred_at"]) and counts(credit)
    ]
    return {name: sum(credit[name] for credit in found) for name in QUALIFYING_COLUMNS}


def _had_come(change: Row, credit: Row) -> bool:
    """A refund of its own booking may have waited, and is recorded after it: ids show the order."""
    if credit["recorded_at"] == change["recorded_at"]:
        return bool(credit["id"] <= change["id"])
    return bool(credit["recorded_at"] < change["recorded_at"])


def _is_open(rows: MemberRows, change: Row, window: Window) -> bool:
    """Whether the order cannot be decided: another booking or activity recorded at the very same
    instant may be before or after. The same holds if a request overtook one with a slightly earlier
    instant, and left no entry in the ledger that shows the order.
    """
    own = change["booking_id"]
    for credit in rows.tables["tier_credit"]:
        ahead = credit["recorded_at"] - change["recorded_at"]
        if timedelta(0) < ahead <= OVERTAKEN_MAX and credit["id"] < change["id"]:
            return True
        of_another = own is None or credit["booking_id"] != own
        if not ahead and of_another and window.covers(credit["occurred_at"]):
            return True
    return False


def _replaced(rows: MemberRows, change: Row, catalogue: Catalogue) -> datetime | None:
    """The last instant at which the version that raised a member was in force, if it was
    replaced.
    """
    programme = rows.account and catalogue.programmes.get(rows.account["programme_id"])
    if change["reason"] != POLICY or not programme:
        return None
    effect = tier_raises.taken_effect(programme.versions, change["recorded_at"])
    return {version.id: until for version, until in effect}.get(change["policy_version_id"])


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _completed(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """A booking counts once when all its remaining lines are completed, at the last completion.

    Where refunds do not reduce what counts, a completed line stays one after its refund. A booking
    that staff rejected does not count, except where a previous release has left it.
    """
    left_of, kept_of, costly = _left(rows)
    # these include refunds from before this was recorded
    counted_out = {
        refund["booking_id"]
        for refund in rows.tables["refund"]
        if refund["counted_out"] is not False
    }
    rejected = {one["booking_id"] for one in rows.tables["refund"] if one["review_id"] is not None}
    done = rows.by("completion", "booking_id")
    counted = rows.by("tier_credit", "booking_id")
    for booking in rows.tables["booking"]:
        if booking["member_status"] in UNPAID:
            continue
        left = left_of.get(booking["id"], set())
        completed = {
            over["line_number"]: over["completed_at"] for over in done.get(booking["id"], ())
        }
        version = catalogue.versions.get(booking["policy_version_id"])
        keeps = version is not None and version.policy.refunds.keeps_counting
        if keeps and booking["id"] not in counted_out:
            left |= kept_of.get(booking["id"], set()) & completed.keys()
        over = bool(left) and left <= completed.keys()
        at = max(completed[number] for number in left) if over else None
        totals: dict[datetime, int] = {}
        for credit in counted.get(booking["id"], ()):
            instant = credit["occurred_at"]
            totals[instant] = totals.get(instant, 0) + credit["completed_bookings"]
        found = {instant: total for instant, total in totals.items() if total}
        # the previous release counted those that cost nothing
        if booking["id"] not in costly and list(found.values()) == [1]:
            continue
        if booking["id"] in rejected and not found:
            continue
        if found != ({} if at is None else {at: 1}):
            wanted = "nothing" if at is None else f"1 at {at}"
            yield rows.fault("booking", booking, "completed bookings counted", found, wanted)


def _left(
    rows: MemberRows,
) -> tuple[dict[UUID, set[int]], dict[UUID, set[int]], set[UUID]]:
    """By booking, the lines still required, and all that were not dropped; and the bookings with a
    price.

    A line that was refunded in full, as amended, is not required; one without a price is, unless
    the whole booking has none.
    """
    gross, most = Counter[tuple[UUID, int]](), Counter[tuple[UUID, int]]()
    for part in rows.tables["refund_line"]:
        gross[part["booking_id"], part["line_number"]] += part["gross_minor"]
    for line in rows.tables["amendment_line"]:
        key = line["booking_id"], line["line_number"]
        most[key] = max(most[key], line["amount_minor"])
    amended, left = amendment_checks.last_lines(rows), dict[UUID, set[int]]()
    kept, costly = dict[UUID, set[int]](), set[UUID]()
    for line in rows.tables["booking_line"]:
        booking, key = line["booking_id"], (line["booking_id"], line["number"])
        amount = amended.get(key, line)["amount_minor"]
        free = not max(line["amount_minor"], most[key])
        if amount:
            costly.add(booking)
        if amount or free:
            kept.setdefault(booking, set()).add(line["number"])
        if gross[key] < amount or free:
            left.setdefault(booking, set()).add(line["number"])
    return (
        {booking: lines for booking, lines in left.items() if booking in costly},
        {booking: lines for booking, lines in kept.items() if booking in costly},
        costly,
    )

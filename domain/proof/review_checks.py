"""Reviews and decisions of risk of one member against its facts, its points and its status."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from domain.kernel.database import Row
from domain.proof.evidence import Fault, MemberRows, total

EARNED = "a booking, amendment or activity"
HELD = ("redeem", "transfer")
CHANGES = ("amendment_id", "refund_id")
"""Tables of changes of a booking; their ids follow the order of recording."""
UNSPENT = ("HELD", "RELEASED")


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault between reviews, the rules that led to them, and their objects."""
    reviews = {review["id"]: review for review in rows.tables["review"]}
    decided = rows.by("risk_decision", "review_id")
    for review in reviews.values():
        yield from _led_to(rows, review, decided.get(review["id"], []))
        yield from _about(rows, review)
    for decision in rows.tables["risk_decision"]:
        yield from _decision(rows, decision, reviews)
    yield from _withheld(rows)
    yield from _status(rows, reviews)
    yield from _held(rows, reviews)


def _led_to(rows: MemberRows, review: Row, decisions: list[Row]) -> Iterator[Fault]:
    """A live rule that requires it was in force at that instant."""
    asked = [one for one in decisions if one["decision"] == "review"]
    if decisions and not asked:
        yield rows.fault("review", review, "what led to it", None, "a rule that decides review")
    for one in decisions:
        expected = {"fact_id": review["fact_id"], "moment": review["moment"], "mode": "live"}
        yield from rows.differences("risk_decision", one, expected, "as its review")
        yield from rows.differences("review", review, {"opened_at": one["at"]}, "as its rules")
        yield from rows.differences("review", review, {"points": one["points"]}, "as its rules")


def _about(rows: MemberRows, review: Row) -> Iterator[Fault]:
    """The reviewed object exists; held points were spent or transferred if it was approved."""
    if review["moment"] in HELD:
        held = next((r for r in rows.tables["redemption"] if r["id"] == review["fact_id"]), None)
        if held is None:
            yield rows.fault("review", review, "fact_id", review["fact_id"], "a redemption")
        elif review["state"] == "REJECTED" and held["status"] != "RELEASED":
            yield rows.fault("review", review, "state", "REJECTED", f"none, it is {held['status']}")
        elif review["state"] == "OPEN" and held["status"] not in ("HELD", "RELEASED"):
            yield rows.fault("review", review, "state", "OPEN", f"none, it is {held['status']}")
        elif review["state"] == "APPROVED" and held["reward_id"] and held["status"] in UNSPENT:
            yield rows.fault("review", review, "state", "APPROVED", f"none, it is {held['status']}")
    elif review["moment"] == "earn" and _fact(rows, review["fact_id"]) is None:
        yield rows.fault("review", review, "fact_id", review["fact_id"], EARNED)


def _decision(rows: MemberRows, decision: Row, reviews: dict[UUID, Row]) -> Iterator[Fault]:
    """A decision of a live rule that requires a review has one; its fact exists."""
    asks = decision["decision"] == "review" and decision["mode"] == "live"
    if asks and decision["fact_id"] is not None and decision["review_id"] not in reviews:
        found = decision["review_id"]
        yield rows.fault("risk_decision", decision, "review_id", found, "the review of its fact")
    if decision["moment"] == "earn" and decision["fact_id"] is not None:
        fact = _fact(rows, decision["fact_id"])
        if fact is None:
            yield rows.fault("risk_decision", decision, "fact_id", decision["fact_id"], EARNED)
        elif (points := _judged(rows, fact)) is not None:
            expected = {"points": points}
            yield from rows.differences("risk_decision", decision, expected, "as its fact earns")


def _fact(rows: MemberRows, fact_id: UUID) -> Row | None:
    tables = (rows.tables[one] for one in ("booking", "amendment", "activity"))
    return next((fact for table in tables for fact in table if fact["id"] == fact_id), None)


def _judged(rows: MemberRows, fact: Row) -> int | None:
    """Points by which a booking, or its amendment, was judged; None for an activity."""
    if "booking_id" not in fact:
        return fact["points"] if "booked_at" in fact else None
    granted = rows.by("award", "booking_id").get(fact["booking_id"], [])
    return total(
        one
        for one in granted
        if all(one[change] is None or one[change] <= fact["id"] for change in CHANGES)
    )


def _withheld(rows: MemberRows) -> Iterator[Fault]:
    """Points of a fact are pending as long as its hold or review says, and are taken once it is
    rejected.
    """
    reviews = _by_fact(rows)
    held = {one["fact_id"]: one for one in rows.tables["risk_decision"] if one["until"] is not None}
    for lot in rows.lots.values() if reviews or held else ():
        touches = rows.touches_of_lots.get(lot["id"], ())
        if not touches or touches[0][0]["kind"] != "EARN":
            continue
        first = touches[0][0]
        fact_id = first["booking_id"] or first["activity_id"]
        about = (*reviews.get(fact_id, ()), *reviews.get(rows.member_id, ()))
        covering = [review for review in about if _covers(rows, review, first)]
        for review in covering:
            yield from _until_decided(rows, lot, review)
        hold = held.get(first["amendment_id"]) or held.get(fact_id)
        at_once = lot["line_number"] is None and not covering
        if hold is not None and hold["at"] == first["recorded_at"] and at_once:
            waits = {"matures_at": hold["until"]}
            yield from rows.differences("lot", lot, waits, "as its hold says")
    yield from _rejected(rows, reviews)


def _by_fact(rows: MemberRows) -> dict[UUID, list[Row]]:
    """Reviews by their object; the object of an amendment's review is the booking."""
    booking = {one["id"]: one["booking_id"] for one in rows.tables["amendment"]}
    found: dict[UUID, list[Row]] = {}
    for review in rows.tables["review"]:
        fact_id: UUID = booking.get(review["fact_id"]) or review["fact_id"]
        found.setdefault(fact_id, []).append(review)
    return found


def _covers(rows: MemberRows, review: Row, entry: Row) -> bool:
    """Whether the entry was posted while the review was open; entries of a booking before its
    reviewed amendment were not.
    """
    decided, at = review["decided_at"], entry["recorded_at"]
    amended = rows.by("ledger_entry", "amendment_id").get(review["fact_id"], [entry])
    began = min(one["sequence"] for one in amended)
    while_open = review["opened_at"] <= at and (decided is None or at < decided)
    return bool(while_open and entry["sequence"] >= began)


def _until_decided(rows: MemberRows, lot: Row, review: Row) -> Iterator[Fault]:
    decided, spendable = review["decided_at"], lot["available_at"]
    if spendable is not None and (decided is None or spendable < decided):
        yield rows.fault("lot", lot, "available_at", spendable, "null until its review is decided")


def _rejected(rows: MemberRows, reviews: dict[UUID, list[Row]]) -> Iterator[Fault]:
    """Nothing is left of a rejected fact's points, and no other fact counts as rejected."""
    rejected = {one["id"] for one in rows.tables["review"] if one["state"] == "REJECTED"}
    for refund in rows.tables["refund"]:
        if refund["review_id"] is not None and refund["review_id"] not in rejected:
            wanted = "a review that rejected its booking"
            yield rows.fault("refund", refund, "review_id", refund["review_id"], wanted)
    for table in ("booking", "activity"):
        for fact_id, awards in rows.by("award", f"{table}_id").items():
            for review in reviews.get(fact_id, ()):
                if review["state"] == "REJECTED" and total(awards):
                    wanted = f"none, {total(awards)} points of it are left"
                    yield rows.fault("review", review, "state", "REJECTED", wanted)


def rejected_at(rows: MemberRows, fact: Row) -> datetime | None:
    """The instant when staff rejected a booking, or the enrolment under review when it was
    recorded.
    """
    at, amendments = fact["recorded_at"], rows.by("amendment", "booking_id").get(fact["id"], ())
    own = {fact["id"], *(one["id"] for one in amendments)}
    rejected = (
        review["decided_at"]
        for review in rows.tables["review"]
        if review["state"] == "REJECTED"
        and (
            review["fact_id"] in own
            or (review["moment"] == "enrol" and review["opened_at"] <= at <= review["decided_at"])
        )
    )
    return min(rejected, default=None)


def _status(rows: MemberRows, reviews: dict[UUID, Row]) -> Iterator[Fault]:
    """No member is enrolled while the review of its enrolment is open, and no review is open for a
    member whose points ended with its membership.
    """
    waits = any(r["moment"] == "enrol" and r["state"] == "OPEN" for r in reviews.values())
    for member in rows.tables["member"]:
        if waits and member["status"] in ("ENROLLED", "GUEST"):
            wanted = "UNDER_REVIEW, its review is open"
            yield rows.fault("member", member, "status", member["status"], wanted)
        left = member["status"] in ("CLOSED", "ERASED")
        for review in reviews.values():
            if left and review["state"] == "OPEN":
                wanted = f"none, the member is {member['status']}"
                yield rows.fault("review", review, "state", "OPEN", wanted)


def _held(rows: MemberRows, reviews: dict[UUID, Row]) -> Iterator[Fault]:
    """A hold for a review names the review, and ends with it."""
    for redemption in rows.tables["redemption"]:
        named = redemption["review_id"]
        if named is None:
            continue
        review = reviews.get(named)
        if review is None or review["fact_id"] != redemption["id"]:
            yield rows.fault("redemption", redemption, "review_id", named, "the review of it")
        else:
            ends = {"hold_expires_at": review["ends_at"]}
            yield from rows.differences("redemption", redemption, ends, "when its review ends")

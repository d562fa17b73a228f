"""Referrals of one member against those who are on their other side: both agree once applied."""

from collections.abc import Iterator, Sequence

from domain.kernel.database import Row
from domain.proof.evidence import Fault, MemberRows
from domain.referrals.states import OUTCOMES, Side

_SAME = ("side", "other_id", "joined_at", "policy_version_id", "programme_id")
"""What every version of a side says alike."""


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault in one member's referrals, as their friend and as their referrer."""
    others = rows.by("referral_counterpart", "id")
    for referral_id, found in rows.by("referral", "id").items():
        own = sorted(found, key=lambda one: one["version"])
        other = sorted(others.get(referral_id, ()), key=lambda one: one["version"])
        yield from _versions(rows, own)
        is_friend = own[0]["side"] == Side.REFEREE
        friend, referrer = (own, other) if is_friend else (other, own)
        yield from _agree(rows, own[-1], friend, referrer)


def _versions(rows: MemberRows, own: Sequence[Row]) -> Iterator[Fault]:
    """Versions follow one another, and tell of one referral."""
    first = {name: own[0][name] for name in _SAME}
    for number, version in enumerate(own, start=1):
        expected = {"version": number, **first}
        yield from rows.differences("referral", version, expected)


def _agree(
    rows: MemberRows, last: Row, friend: Sequence[Row], referrer: Sequence[Row]
) -> Iterator[Fault]:
    """Once nothing is to be done for the friend's side, both say the same; what is to be done yet
    has not come to the referrer's.
    """
    if not friend:
        yield rows.fault("referral", last, "its other side", None, "there")
        return
    said = max((one["version"] for one in friend if one["status"] not in OUTCOMES), default=0)
    answers = (referrer[-1]["answers"] or 0) if referrer else 0
    applied = all(one["applied_at"] is not None for one in friend)
    if answers > said or (applied and answers != said):
        yield rows.fault("referral", last, "answers", answers, said)
    if not applied:
        return
    pair = [(one["status"], one["fact_at"]) for one in (friend[-1], *referrer[-1:])]
    if len(pair) == 2 and pair[0] != pair[1]:
        shown = [f"{status} of {at}" for status, at in pair]
        yield rows.fault("referral", last, "its other side", shown[1], shown[0])
    if referrer and referrer[0]["other_id"] != friend[0]["member_id"]:
        wanted = friend[0]["member_id"]
        yield rows.fault("referral", last, "other_id", referrer[0]["other_id"], wanted)

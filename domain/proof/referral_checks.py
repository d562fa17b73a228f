"""Referrals of one member against their other side, and their grants: both sides agree once
applied, and a grant stands exactly while its referral does.
"""

from collections.abc import Iterator, Sequence

from domain.kernel.database import Row
from domain.ledger.values import SYSTEM
from domain.programmes.grants import ReferralGrant
from domain.proof.evidence import Catalogue, Fault, MemberRows
from domain.referrals.states import FRIEND_PAID, OUTCOMES, ReferralStatus, Side

_SAME = ("side", "other_id", "joined_at", "policy_version_id", "programme_id")
"""Columns with equal values in every version of a side."""


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault in one member's referrals, as their friend and as their referrer."""
    yield from _grants(rows, catalogue)
    others = rows.by("referral_counterpart", "id")
    for referral_id, found in rows.by("referral", "id").items():
        own = sorted(found, key=lambda one: one["version"])
        other = sorted(others.get(referral_id, ()), key=lambda one: one["version"])
        yield from _versions(rows, own)
        is_friend = own[0]["side"] == Side.REFEREE
        friend, referrer = (own, other) if is_friend else (other, own)
        yield from _agree(rows, own[-1], friend, referrer)


def _versions(rows: MemberRows, own: Sequence[Row]) -> Iterator[Fault]:
    """Versions follow one another, and belong to one referral."""
    first = {name: own[0][name] for name in _SAME}
    for number, version in enumerate(own, start=1):
        expected = {"version": number, **first}
        yield from rows.differences("referral", version, expected)


def _agree(
    rows: MemberRows, last: Row, friend: Sequence[Row], referrer: Sequence[Row]
) -> Iterator[Fault]:
    """Once no change of the friend's side is waiting, both sides agree; a waiting change has not
    reached the referrer's side.
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


def _grants(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """A grant for a referral stands while the referral does, except those that staff reversed, and
    those that are not taken back, or were used and are kept.
    """
    reversals = rows.by("activity_reversal", "activity_id")
    for activity in rows.tables["activity"]:
        version = catalogue.versions.get(activity["policy_version_id"])
        rule = version and version.policy.grant_codes.get(activity["type"])
        if activity["reporter"] != SYSTEM.actor or not isinstance(rule, ReferralGrant):
            continue
        last = max(reversals.get(activity["id"], ()), key=lambda one: one["number"], default=None)
        reversed_ = last is not None and last["kind"] == "REVERSED"
        stands = _stands(rows, rule.side, activity["reference"].partition(":")[0])
        if stands is None or (last is not None and last["reason"] is not None):
            continue
        kept = not rule.take_back or bool(activity["reward"] or activity["benefit"])
        if (stands and reversed_) or not (stands or reversed_ or kept):
            found = "reversed" if reversed_ else "there"
            wanted = f"{'there' if stands else 'reversed'}, as its referral is"
            yield rows.fault("activity", activity, "it", found, wanted)


def _stands(rows: MemberRows, side: str, friend_id: str) -> bool | None:
    """Whether this side of the friend's referral is rewarded; None while a change is waiting."""
    own = [
        one
        for one in rows.tables["referral"]
        if friend_id == str(one["other_id"] if side == "referrer" else one["member_id"])
        and one["side"] == (Side.REFERRER if side == "referrer" else Side.REFEREE)
    ]
    if side == "referee" and any(one["applied_at"] is None for one in own):
        return None
    last = max(own, key=lambda one: one["version"], default=None)
    paid = {ReferralStatus.QUALIFIED} if side == "referrer" else FRIEND_PAID
    return last is not None and last["status"] in paid

"""The status of a member, against staff's changes of its membership."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from domain.kernel.database import Row, rows
from domain.members.statuses import GONE
from domain.proof.evidence import Fault, MemberRows, total

MERGES_MAX = 100
"""Most merges of a chain that are followed."""

PASSES = {"GUEST": ("ENROLLED", "UNDER_REVIEW"), "UNDER_REVIEW": ("ENROLLED",)}
"""Changes of a status without a change by staff: a guest enrols, a review is decided."""


def check(rows: MemberRows) -> Iterator[Fault]:
    """Check that each change follows the previous one, the last one is the status, and its points
    were taken.
    """
    changes = sorted(rows.tables["member_change"], key=lambda one: int(one["number"]))
    before: Row | None = None
    for number, made in enumerate(changes, start=1):
        yield from rows.differences("member_change", made, {"number": number}, "the next")
        if before is not None and not _follows(before["to_status"], made["from_status"]):
            wanted = f"{before['to_status']}, as the change before left it"
            yield rows.fault("member_change", made, "from_status", made["from_status"], wanted)
        yield from _points(rows, made)
        before = made
    for member in rows.tables["member"]:
        if before is not None and not _follows(before["to_status"], member["status"]):
            wanted = f"{before['to_status']}, as its last change left it"
            yield rows.fault("member", member, "status", member["status"], wanted)
        yield from _closed(rows, member)


def _follows(left: str, found: str) -> bool:
    return found in (left, "ERASED", *PASSES.get(left, ()))


def _points(rows: MemberRows, made: Row) -> Iterator[Fault]:
    """What was pending was clawed back, and what was available taken, as the membership ended; the
    points moved by a merge are in the ledger.
    """
    if made["counterpart_id"] is None and made["to_status"] != "CLOSED":
        return
    lost = [("CLAW_BACK", "pending"), ("ADJUST", "available")]
    if made["counterpart_id"] is not None:
        gone = made["to_status"] == "MERGED"
        lost = [("TRANSFER_OUT", "available") if gone else ("TRANSFER_IN", "transferred")]
    other = made["counterpart_id"]
    between = {one["id"] for one in rows.tables["transfer"] if one["counterpart_id"] == other}
    points = total(
        entry
        for entry in rows.entries
        if entry["recorded_at"] == made["recorded_at"]
        and entry["actor"] == made["actor"]
        and (entry["kind"], entry["from_bucket"]) in lost
        and (entry["transfer_id"] in between if other else entry["reason"] == made["reason"])
    )
    yield from rows.differences("member_change", made, {"points": points}, "what was moved")


def _closed(rows: MemberRows, member: Row) -> Iterator[Fault]:
    """Only the account of a member that no longer takes part is closed; a member erased by a
    restore may still hold something.
    """
    account = rows.account
    if account is None:
        return
    erased = member["status"] == "ERASED"
    if not erased and (account["closed_at"] is None) is (member["status"] in GONE):
        wanted = "an instant" if member["status"] in GONE else "none"
        yield rows.fault("account", account, "closed_at", account["closed_at"], wanted)
    merges = (one for one in rows.tables["member_change"] if one["to_status"] == "MERGED")
    into = {"merged_into": next((one["counterpart_id"] for one in merges), None)}
    merged = any(
        one["counterpart_id"] and one["to_status"] != "MERGED"
        for one in rows.tables["member_change"]
    )
    yield from rows.differences("account", account, {**into, "has_merged": merged}, "as merged")
    yield from _ended(rows, account)


def _ended(rows: MemberRows, account: Row) -> Iterator[Fault]:
    """No points are left of a membership that has ended, or was merged into one that has."""
    end = rows.tables["end"][0] if rows.tables["end"] else account
    if end["closed_at"] is not None and end["merged_into"] is None:
        left = {name: account[name] for name in ("pending", "available") if account[name]}
        for name, points in left.items():
            wanted = "0, as the membership has ended"
            yield rows.fault("account", account, name, points, wanted)


async def read_ends(members: Mapping[UUID, MemberRows]) -> None:
    """The accounts that finally receive what is left of merged members."""
    waiting: dict[UUID, list[MemberRows]] = {}
    for owner in members.values():
        account = owner.account
        if account and account["merged_into"] and (account["pending"] or account["available"]):
            waiting.setdefault(account["merged_into"], []).append(owner)
    for _ in range(MERGES_MAX):
        if not waiting:
            return
        found = await rows(
            "SELECT member_id, closed_at, merged_into FROM account "
            "WHERE member_id = ANY($1::uuid[])",
            list(waiting),
        )
        reached, waiting = waiting, {}
        for account in found:
            owners = reached[account["member_id"]]
            if account["merged_into"]:
                waiting.setdefault(account["merged_into"], []).extend(owners)
            for owner in owners:
                owner.tables["end"] = [account]

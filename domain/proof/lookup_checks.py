"""Look-ups against members: each reference and each referral code finds the member that has it, or
the one that this was merged into, and there are no other look-ups.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from domain.kernel.database import Row, rows
from domain.kernel.lookups import LookupScope
from domain.members import identity
from domain.members.statuses import MemberStatus
from domain.proof.evidence import Fault, MemberRows

_COLUMNS = {LookupScope.REFERENCE: "reference", LookupScope.REFERRAL_CODE: "referral_code"}


async def read(members: Mapping[UUID, MemberRows]) -> None:
    """Add to each member's rows, as `absorbed`, the members merged into it, directly or through
    others.
    """
    owners = {
        (made["counterpart_id"], owner.member_id)
        for owner in members.values()
        for made in _absorbing(owner.tables["member_change"])
    }
    known, last = set(owners), owners
    while last:
        found = await rows(
            "SELECT member_id, counterpart_id, to_status FROM member_change "
            "WHERE member_id = ANY($1::uuid[])",
            sorted({member_id for member_id, _ in last}),
        )
        into: dict[UUID, list[UUID]] = {}
        for made in _absorbing(found):
            into.setdefault(made["member_id"], []).append(made["counterpart_id"])
        last = {(one, owner) for member_id, owner in last for one in into.get(member_id, ())}
        last -= known
        known |= last
    if not known:
        return
    found = await rows(
        "SELECT member_id AS id, programme_id, reference, referral_code, status FROM member "
        "WHERE member_id = ANY($1::uuid[])",
        sorted({member_id for member_id, _ in known}),
    )
    absorbed = {one["id"]: one for one in found}
    for member_id, owner_id in sorted(known):
        if member_id in absorbed:
            members[owner_id].tables["absorbed"].append(absorbed[member_id])


def _absorbing(changes: Sequence[Row]) -> list[Row]:
    return [
        one for one in changes if one["counterpart_id"] is not None and one["to_status"] != "MERGED"
    ]


def check(rows_of: MemberRows) -> Iterator[Fault]:
    """Every look-up that is missing, and every one that finds another member; one that still finds
    an erased member is a fault of the erasure.
    """
    if rows_of.tables["erasure"]:
        return
    wanted = {
        (one["programme_id"], scope.value, one[column]): one
        for member in rows_of.tables["member"]
        if member["status"] != MemberStatus.MERGED
        for one in (member, *rows_of.tables["absorbed"])
        if one["reference"] != identity.erased(one.get("id", rows_of.member_id))
        for scope, column in _COLUMNS.items()
    }
    own = rows_of.member_id
    through = {one["counterpart_id"] for one in _absorbing(rows_of.tables["member_change"])}
    for held in rows_of.tables["lookup"]:
        if held["scope"] not in _COLUMNS:
            continue
        named = wanted.pop((held["programme_id"], held["scope"], held["value"]), None)
        what = f"what its {held['scope']} finds"
        if named is None:
            yield rows_of.fault("lookup", held, what, own, "nobody, or who is called so")
        elif held["id"] not in ({own} if named.get("id", own) == own else through):
            yield rows_of.fault("lookup", held, what, held["id"], "the row of who is called so")
    for (_, scope, _), one in wanted.items():
        what = f"what its {scope} finds"
        found = {"id": one.get("id", own)}
        yield rows_of.fault("member", found, what, "nobody, or another", own)

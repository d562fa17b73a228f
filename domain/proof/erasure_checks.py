"""Members who were erased: their points ended with them, and no look-up finds them any more."""

from collections.abc import Iterator

from domain.kernel.lookups import LookupScope
from domain.members import identity
from domain.members.statuses import MemberStatus
from domain.proof.evidence import Fault, MemberRows, total

_OF_PERSONS = (
    LookupScope.REFERENCE,
    LookupScope.EMAIL,
    LookupScope.PHONE,
    LookupScope.REFERRAL_CODE,
)
_LOST = {("CLAW_BACK", "pending"), ("ADJUST", "available")}


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault of an erasure, and every member with the reference of an erased one but without
    an erasure. A status alone proves nothing: there was ERASED before there were erasures.
    """
    if not rows.tables["erasure"]:
        for member in rows.tables["member"]:
            if member["reference"] == identity.erased(rows.member_id):
                yield rows.fault("member", member, "its erasure", "none", "one, as it is called")
    for made in rows.tables["erasure"]:
        for member in rows.tables["member"]:
            gone = {"status": MemberStatus.ERASED.value, "email": None, "phone": None}
            yield from rows.differences("member", member, gone, "as its erasure left it")
        for contact in rows.tables["contact"]:
            yield rows.fault("contact", contact, "the row", "there", "none, who was erased")
        for held in rows.tables["lookup"]:
            if held["scope"] in _OF_PERSONS:
                wanted = "nobody, who was erased"
                yield rows.fault("lookup", held, f"its {held['scope']}", "a member", wanted)
        taken = total(
            entry
            for entry in rows.entries
            if entry["recorded_at"] == made["erased_at"]
            and entry["actor"] == made["erased_by"]
            and (entry["kind"], entry["from_bucket"]) in _LOST
        )
        yield from rows.differences("erasure", made, {"points": taken}, "what was taken")

"""Contacts that find a member against what the member has: nobody is found by another's."""

from collections.abc import Iterator

from domain.members import contacts
from domain.members.contacts import ContactKind
from domain.proof.evidence import Fault, MemberRows


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every contact that one member is found by, and that is not its own."""
    member = next(iter(rows.tables["member"]), {})
    merged = {change["counterpart_id"] for change in rows.tables["member_change"]}
    for kind in ContactKind:
        said = member.get(kind.column)
        own = None if said is None else contacts.key(said)
        for held in rows.tables["lookup"]:
            if held["scope"] != kind.scope or held["id"] in merged:
                continue
            if held["value"] != own:
                wanted = "that of the member" if own else "none, the member having none"
                yield rows.fault("lookup", held, f"its {kind.column}", "another", wanted)

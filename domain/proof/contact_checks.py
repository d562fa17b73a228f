"""Contacts against their commitments, and look-ups of members against their contacts: nobody is
found by another's contact. The contacts themselves are never printed.
"""

from collections.abc import Iterator
from uuid import UUID

from domain.kernel import secrecy
from domain.kernel.commitments import commitment
from domain.kernel.database import Row
from domain.members import contacts
from domain.members.contacts import ContactKind
from domain.proof.evidence import Fault, MemberRows


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every contact that differs from its commitment, or is stored in clear; every proved one that
    finds nobody, and every look-up of the member by anything that is no proved contact of it.
    """
    yield from _in_clear(rows)
    for contact in rows.tables["contact"]:
        value = secrecy.shown(contact["value"])
        if value is None:
            wanted = "under a key that is set"
            yield rows.fault("contact", contact, "value", "unreadable", wanted)
        else:
            yield from _as_committed(rows, contact, value)
        yield from _finds(rows, contact)
    yield from _held(rows)


def _in_clear(rows: MemberRows) -> Iterator[Fault]:
    for member in rows.tables["member"]:
        for kind in ContactKind:
            if member[kind.column] is not None:
                wanted = "a row of `contact`: `python -m ops migrate`, or a worker, moves it"
                yield rows.fault("member", member, kind.column, "in clear", wanted)


def _as_committed(rows: MemberRows, contact: Row, value: str) -> Iterator[Fault]:
    if commitment(value, contact["salt"]) != contact["commitment"]:
        yield rows.fault("contact", contact, "value", "another", "the one committed to")
    digests = contacts.digests(_programme_of(rows), ContactKind(contact["kind"]), value)
    if contact["digest"] not in digests:
        yield rows.fault("contact", contact, "digest", "that of another", "that of its value")


def _finds(rows: MemberRows, contact: Row) -> Iterator[Fault]:
    """Contacts of a merged member find the member that it was merged into."""
    merged = rows.account is not None and rows.account["merged_into"] is not None
    if contact["proved_at"] is None or merged:
        return
    place = (ContactKind(contact["kind"]).scope, contact["digest"].hex())
    if place not in {(held["scope"], held["value"]) for held in rows.tables["lookup"]}:
        yield rows.fault("contact", contact, "its look-up row", "missing", "one of the member")


def _held(rows: MemberRows) -> Iterator[Fault]:
    merged = {change["counterpart_id"] for change in rows.tables["member_change"]}
    said = {
        (ContactKind(contact["kind"]).scope, contact["digest"].hex()): contact["proved_at"]
        for contact in rows.tables["contact"]
    }
    scopes = {kind.scope: kind for kind in ContactKind}
    for held in rows.tables["lookup"]:
        kind = scopes.get(held["scope"])
        if kind is None or held["id"] in merged:
            continue
        place = (held["scope"], held["value"])
        if place not in said or (held["proved_at"] is not None and said[place] is None):
            wanted = "that of a contact of the member, proved where it is"
            yield rows.fault("lookup", held, f"its {kind.column}", "another", wanted)


def _programme_of(rows: MemberRows) -> UUID:
    [member] = rows.tables["member"]
    programme_id: UUID = member["programme_id"]
    return programme_id

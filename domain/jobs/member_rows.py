"""Rows of members: particulars, profile values, and consents; a known member is updated, or refused
if the job says so.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from domain.jobs import checking, columns
from domain.jobs.columns import Columns, Row
from domain.jobs.jobs import OnDifference
from domain.jobs.work import Checked, Kind, KnownRow, Numbered, Result, Work, WrittenRow
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, ReferenceConflict, Refusal
from domain.members import contacts, identity, moving
from domain.members.consents import Channel, ConsentSent, Purpose
from domain.members.identity import MemberKey
from domain.members.moving import Moving

PROFILE, CONSENT = "profile.", "consent."
_TEXTS = ("name", "email", "phone", "locale")
COLUMNS = Columns(
    ("reference",),
    (*_TEXTS, "birthday", "profile", "consents"),
    (PROFILE, CONSENT),
    naming=("reference", "email", "phone"),
)


def read(work: Work, row: Row) -> Moving:
    """The member of a row. Raises: InvalidInput."""
    COLUMNS.check(row)
    given: dict[str, Any] = {
        name: said for name in _TEXTS if (said := columns.maybe_text(row, name)) is not None
    }
    if (birthday := columns.maybe_day(row, "birthday")) is not None:
        given["birthday"] = birthday
    if profile := _profile(work, row):
        given["profile"] = profile
    reference = columns.text(row, "reference")
    return moving.check(work.request, work.programme, reference, given, _consents(row))


def _profile(work: Work, row: Row) -> dict[str, Any]:
    """Values of the column `profile`, an object, and of columns with this prefix, by their declared
    types.

    Raises: InvalidInput.
    """
    whole = row.get("profile", {})
    if not isinstance(whole, Mapping):
        raise InvalidInput("not_an_object", allowed=('{"city": "Sanya"}',), path=("profile",))
    declared = work.programme.as_of(work.judged_at).policy.profile
    found = {name: value for name, value in whole.items() if value is not None}
    for name, value in columns.beginning_with(row, PROFILE):
        kind = declared[name].type if name in declared else "text"
        found[name] = _typed(row, f"{PROFILE}{name}", kind, value)
    return found


def _typed(row: Row, column: str, kind: str, value: Any) -> Any:
    """Raises: InvalidInput."""
    if kind == "number":
        return columns.whole(row, column)
    return columns.truth(row, column) if kind == "boolean" else value


def _consents(row: Row) -> list[ConsentSent]:
    """Consents of the column `consents`, a list, and of columns such as `consent.MARKETING.EMAIL`.

    Raises: InvalidInput.
    """
    listed = row.get("consents", [])
    if not isinstance(listed, list):
        raise InvalidInput("consents_of_row", path=("consents",))
    found = [_consent(one) for one in listed]
    for name, _ in columns.beginning_with(row, CONSENT):
        purpose, _, channel = name.partition(".")
        granted = columns.truth(row, f"{CONSENT}{name}")
        found.append(_consent({"purpose": purpose, "channel": channel or None, "granted": granted}))
    return found


def _consent(said: object) -> ConsentSent:
    with suppress(ValueError, TypeError, KeyError):
        if isinstance(said, Mapping) and isinstance(said["granted"], bool):
            channel, words = said.get("channel"), said.get("textVersion")
            return ConsentSent(
                Purpose(said["purpose"]),
                said["granted"],
                None if channel is None else Channel(channel),
                None if words is None else str(words),
            )
    raise InvalidInput("consents_of_row", path=("consents",))


async def check(work: Work, rows: Numbered) -> Checked:
    """Check each row alone, and whether its contacts belong to another member. Conflicts between
    two rows of the file are found when they are written.
    """
    read_rows, refused = checking.each(rows, partial(read, work))
    keys = {number: _key(one) for number, one in read_rows.items()}
    known = await identity.find_many(work.programme.id, keys.values())
    said = {
        number: (known.get(keys[number]), one.values)
        for number, one in read_rows.items()
        if one.vouched
    }
    return Checked(refused | await contacts.taken(work.programme.id, said))


def _key(one: Moving) -> MemberKey:
    return MemberKey(LookupScope.REFERENCE, one.reference)


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Write new members by one statement for all, and compare existing ones; members that must be
    changed are left out.
    """
    read_rows = {number: read(work, row) for number, row in rows.items()}
    known = await identity.find_many(work.programme.id, map(_key, read_rows.values()))
    new: dict[str, int] = {}
    there: dict[int, Moving] = {}
    for number, one in read_rows.items():
        if _key(one) in known:
            there[number] = one
        else:
            new.setdefault(one.reference, number)
    joined = await moving.join(
        work.request, work.programme, [read_rows[number] for number in new.values()]
    )
    results: dict[int, Result] = {
        new[reference]: one if isinstance(one, Refusal) else WrittenRow(one)
        for reference, one in joined.items()
    }
    once = {known[_key(one)]: (number, one) for number, one in there.items()}
    differ = await moving.otherwise({own: one for own, (_, one) in once.items()})
    for own, (number, one) in once.items():
        if own not in differ:
            results[number] = KnownRow(own)
        elif work.job.on_difference == OnDifference.REFUSE:
            results[number] = ReferenceConflict(one.reference, path=("reference",))
    return results


async def write_alone(work: Work, row: Row) -> Result:
    """Raises: InvalidInput, EmailTaken, PhoneTaken, LimitReached, MemberSuspended."""
    one = read(work, row)
    own = await identity.find(work.programme.id, _key(one))
    if own is None:
        joined = (await moving.join(work.request, work.programme, [one])).get(one.reference)
        return WrittenRow(joined) if not isinstance(joined, Refusal) else joined
    if not await moving.otherwise({own: one}):
        return KnownRow(own)
    if work.job.on_difference == OnDifference.REFUSE:
        raise ReferenceConflict(one.reference, path=("reference",))
    await moving.update(work.request, work.programme, own, one)
    return WrittenRow(own)


KIND = Kind(COLUMNS, check, write, write_alone)

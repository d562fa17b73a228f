"""Downloads of jobs' files: the members whose personal data a file contains are recorded before,
with the person who requested its address.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.jobs import exports, results
from domain.jobs.jobs import ImportKind, Job
from domain.kernel import lookups
from domain.kernel.database import Row
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput
from domain.members import contacts, looks
from domain.members.contacts import ContactKind
from domain.members.looks import Look
from domain.programmes import programmes

_SHOWN = {
    "name": looks.NAME,
    "birthday": looks.BIRTHDAY,
    "email": looks.CONTACTS,
    "phone": looks.CONTACTS,
    "profile": looks.PROFILE,
}
"""By column, before a dot, the kind of personal data in a row of members."""

Name = tuple[LookupScope, str]


async def refused(job: Job, actor: str, real_now: datetime) -> AsyncIterator[Sequence[Row]]:
    """The refused rows of an import as `results.refused` has them, a number at a time. Each row of
    members is recorded as a look at all members that it names, by reference or by a proved contact.
    """
    look = await _look(job, actor, real_now)
    async for found in results.refused(job.id):
        if job.imports is ImportKind.MEMBERS:
            await looks.record(look, await _shown(job.programme_id, found))
        yield found


async def part(job: Job, number: int, actor: str, real_now: datetime) -> bytes | None:
    """A part of an export as `exports.content` has it. The look by the person who requested the
    export was recorded when the rows were read.
    """
    content = await exports.content(job.id, number)
    if content is not None and actor != job.created_by:
        look = await _look(job, actor, real_now)
        await looks.record(look, dict.fromkeys(await exports.shown(job, number), looks.ALL))
    return content


async def _look(job: Job, actor: str, real_now: datetime) -> Look:
    programme = await programmes.get(await programmes.code_of(job.programme_id))
    return Look(actor, str(job.id), programme.now(real_now))


async def _shown(programme_id: UUID, found: Sequence[Row]) -> dict[UUID, set[str]]:
    """The members that these rows name, and the kinds of personal data of each."""
    said = [(_names(one["content"]), _fields(one["content"])) for one in found]
    wanted = {name for names, fields in said if fields for name in names}
    known = await lookups.find_many(programme_id, wanted) if wanted else {}
    shown: dict[UUID, set[str]] = {}
    for names, fields in said:
        for name in names:
            if fields and name in known:
                shown.setdefault(known[name]["member_id"], set()).update(fields)
    return shown


def _names(content: Mapping[str, Any]) -> list[Name]:
    named = [(LookupScope.REFERENCE, str(content.get("reference", "")).strip())]
    for kind in ContactKind:
        with suppress(InvalidInput):
            value = contacts.check(kind, str(content.get(kind.column, "")), ())
            named += [(kind.scope, known) for known in contacts.keys(value)]
    return [(scope, value.replace("\x00", "")) for scope, value in named if value]


def _fields(content: Mapping[str, Any]) -> set[str]:
    columns = {name.partition(".")[0] for name, value in content.items() if value not in ("", None)}
    return {_SHOWN[column] for column in columns & _SHOWN.keys()}

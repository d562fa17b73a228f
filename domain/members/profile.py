"""What a member says of itself: name, contacts, birth date, language, preferences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.kernel import dates
from domain.kernel.callers import CallerKind
from domain.kernel.database import Row, row
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import (
    NAME_CHARACTERS_MAX,
    check_birthday,
    check_email,
    check_object,
    check_phone,
    check_text,
    listed,
)
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.members.contacts import _replace_lookup
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached
from domain.programmes.nodes import LOCALES
from domain.programmes.programmes import Programme


async def change(
    request: Request, programme: Programme, key: MemberKey, changes: Mapping[str, Any]
) -> Outcome:
    """Change what is given and leave the rest; null clears. Figures: `member_id`.

    `changes` has any of name, email, phone, birthday, locale, profile. A birth date that
    was known changes once a calendar year, for staff always.

    Raises: NotFound, InvalidInput, EmailTaken, PhoneTaken, LimitReached,
        IdempotencyKeyReused.
    """
    values = _checked(changes, programme, request.now)

    async def perform() -> Figures:
        member_id = await find_or_refuse(programme.id, key, ("member",))
        await _change(request, programme, member_id, values)
        return {"member_id": str(member_id)}

    return await once(request, "updateMember", {"member": key, "changes": changes}, perform)


def _checked(changes: Mapping[str, Any], programme: Programme, now: datetime) -> dict[str, Any]:
    values = dict(changes)
    if (name := values.get("name")) is not None:
        check_text(name, NAME_CHARACTERS_MAX, ("name",))
    if (email := values.get("email")) is not None:
        values["email"] = check_email(email, ("email",))
    if (phone := values.get("phone")) is not None:
        values["phone"] = check_phone(phone, ("phone",))
    if (birthday := values.get("birthday")) is not None:
        zone = programme.as_of(now).policy.zone
        check_birthday(birthday, dates.local_date(now, zone), ("birthday",))
    if "locale" in values:
        values["locale"] = values["locale"] or LOCALES[0]
        if values["locale"] not in LOCALES:
            raise InvalidInput("locale", values["locale"], listed(LOCALES), path=("locale",))
    if "profile" in values:
        profile = {} if values["profile"] is None else values["profile"]
        values["profile"] = check_object(profile, ("profile",))
    return values


async def _change(
    request: Request, programme: Programme, member_id: UUID, values: dict[str, Any]
) -> None:
    current = await row("SELECT * FROM member WHERE member_id = $1 FOR UPDATE", member_id)
    if current is None:
        raise NotFound("member", str(member_id), path=("member",))
    for scope, name in ((LookupScope.EMAIL, "email"), (LookupScope.PHONE, "phone")):
        if name in values and values[name] != current[name]:
            await _replace_lookup(programme.id, scope, current[name], values[name], member_id)
    if "birthday" in values and values["birthday"] != current["birthday"]:
        values = {**values, **_birthday_change(request, programme, current)}
    if values:
        await models.Member.filter(member_id=member_id).update(**values)


def _birthday_change(request: Request, programme: Programme, current: Row) -> dict[str, int]:
    """A birth date earns points, so members may not move it about."""
    zone = programme.as_of(request.now).policy.zone
    year = dates.local_date(request.now, zone).year
    if current["birthday"] is None or request.caller.kind is CallerKind.STAFF:
        return {}
    if current["birthday_changed_in"] == year:
        _, resets_at = dates.period_bounds(request.now, "year", zone)
        raise LimitReached(1, resets_at, path=("birthday",))
    return {"birthday_changed_in": year}

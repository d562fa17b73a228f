"""A member's personal details: name, contacts, birth date, language, preferences."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import orjson

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.kernel import audit, dates
from domain.kernel.callers import CallerKind
from domain.kernel.database import Row, row
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import (
    NAME_CHARACTERS_MAX,
    check_birthday,
    check_object,
    check_text,
)
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput, NotFound
from domain.kernel.sealing import SealedRow
from domain.members import contact_rows, contacts, proving
from domain.members.contact_rows import Owner
from domain.members.contacts import ContactKind
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached
from domain.members.statuses import check_there
from domain.programmes.nodes import LOCALES
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

PARTICULARS = ("name", "birthday", "locale", "profile")


async def change(
    request: Request,
    programme: Programme,
    key: MemberKey,
    changes: Mapping[str, Any],
    *,
    proved: Collection[ContactKind] | None = None,
) -> Outcome:
    """Change what is given and leave the rest; null clears. Figures: `member_id`.

    `changes` has any of name, email, phone, birthday, locale, profile. A known birth date can
    change once a calendar year, by staff at any time. The given profile keys are set, or removed by
    null; null for the whole profile removes every key that the caller may write. A contact written
    by a partner or staff is proved thereby, or only those that `proved` names, if given; one that a
    member writes identifies nobody, and the answer does not reveal whether it is another's.

    Raises: NotFound, InvalidInput, MemberSuspended for whose membership has ended, EmailTaken,
        PhoneTaken, LimitReached, IdempotencyKeyReused.
    """
    values = checked(changes, programme, request)
    vouched = contacts.check_vouched(request, values, proved)

    async def perform() -> Figures:
        check_declared(request, programme, values)
        audit.personal(*values)
        member_id = await find_or_refuse(programme.id, key, ("member",))
        # before the account: whatever a member is found by is locked first
        await proving.prove_all(request, programme.id, member_id, values, vouched)
        async with accounts.opened(programme, member_id, request.now) as account:
            await write(request, account, values, vouched)
        return {"member_id": str(member_id)}

    sent: dict[str, Any] = {"member": key, "changes": changes}
    if proved is not None:
        sent["contacts_proved"] = list(proved)
    return await once(request, "updateMember", sent, perform)


def checked(changes: Mapping[str, Any], programme: Programme, request: Request) -> dict[str, Any]:
    """Personal details in their stored form. Raises: InvalidInput."""
    values = dict(changes)
    if (name := values.get("name")) is not None:
        check_text(name, NAME_CHARACTERS_MAX, ("name",))
    for kind in ContactKind:
        if (said := values.get(kind.column)) is not None:
            values[kind.column] = contacts.check(kind, said, (kind.column,))
    if (birthday := values.get("birthday")) is not None:
        today = dates.local_date(request.now, programme.as_of(request.now).policy.zone)
        check_birthday(birthday, today, ("birthday",))
    if "locale" in values:
        values["locale"] = values["locale"] or LOCALES[0]
        if values["locale"] not in LOCALES:
            raise InvalidInput("locale", values["locale"], tuple(LOCALES), path=("locale",))
    if (profile := values.get("profile")) is not None:
        values["profile"] = check_object(profile, ("profile",))
    return values


def check_declared(request: Request, programme: Programme, values: Mapping[str, Any]) -> None:
    """Check that declared keys are written by those who may, with the declared type.

    Inside the transaction: a request accepted before gets its answer, whatever is declared since.

    Raises: InvalidInput.
    """
    policy, writer = programme.as_of(request.now).policy, request.caller.kind
    for name, value in (values.get("profile") or {}).items():
        key = policy.profile.get(name)
        if key is None:
            continue
        if writer not in key.writable_by:
            writers = tuple(key.writable_by)
            raise InvalidInput("profile_not_writable", name, writers, path=("profile", name))
        if value is not None and not key.takes(value):
            raise InvalidInput("profile_type", name, (key.type,), path=("profile", name))


def merged(
    policy: Policy, writer: CallerKind, kept: Mapping[str, Any], sent: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The profile with what was sent set, and null removed.

    Raises: InvalidInput where the whole profile is too large.
    """
    if sent is None:
        declared = policy.profile
        removed = (
            key for key in kept if key not in declared or writer in declared[key].writable_by
        )
        sent = dict.fromkeys(removed)
    after = {name: value for name, value in {**kept, **sent}.items() if value is not None}
    return check_object(after, ("profile",))


async def write(
    request: Request,
    account: Account,
    values: dict[str, Any],
    vouched: Collection[ContactKind],
) -> None:
    """Write `checked` personal details, under the account's lock; contacts vouched for are already
    proved.

    Raises: NotFound, InvalidInput, MemberSuspended, LimitReached.
    """
    changed, sealed = await change_row(
        request, account.programme, account.member_id, values, vouched
    )
    account.journal.changed += sealed
    if changed:
        account.notify(Topic.MEMBER_CHANGED, fields=changed)


async def change_row(
    request: Request,
    programme: Programme,
    member_id: UUID,
    values: dict[str, Any],
    vouched: Collection[ContactKind],
) -> tuple[list[str], list[SealedRow]]:
    """Change the row; returns what has changed, by name, and the rows to seal. Contacts vouched for
    already find the member.
    """
    current = await row("SELECT * FROM member WHERE member_id = $1 FOR UPDATE", member_id)
    if current is None:
        raise NotFound("member", str(member_id), path=("member",))
    check_there(current["status"])
    owner = Owner(programme.id, member_id)
    proofs = dict.fromkeys(vouched, proving.proof_of(request))
    reached, sealed = await contact_rows.change(owner, values, proofs, request.now)
    values = {name: value for name, value in values.items() if name not in contacts.COLUMNS}
    if "birthday" in values and values["birthday"] != current["birthday"]:
        values = {**values, **_birthday_change(request, programme, current)}
    if "profile" in values:
        policy, writer = programme.as_of(request.now).policy, request.caller.kind
        kept = orjson.loads(current["profile"])
        sent = values["profile"]
        after = merged(policy, writer, kept, sent)
        known = orjson.loads(current["profile_writers"] or "{}") | dict.fromkeys(sent or (), writer)
        writers = {name: known[name] for name in after if name in known}
        values = {**values, "profile": after, "profile_writers": writers}
    if values:
        await models.Member.filter(member_id=member_id).update(**values)
    changed = [name for name in PARTICULARS if name in values and _differs(name, current, values)]
    return sorted([*changed, *(kind.column for kind in reached)]), sealed


def _differs(name: str, current: Row, values: Mapping[str, Any]) -> bool:
    kept = orjson.loads(current[name]) if name == "profile" else current[name]
    return bool(kept != values[name])


def _birthday_change(request: Request, programme: Programme, current: Row) -> dict[str, int]:
    """A birthday earns points, so members may not change it at will."""
    zone = programme.as_of(request.now).policy.zone
    year = dates.local_date(request.now, zone).year
    if current["birthday"] is None or request.caller.kind is CallerKind.STAFF:
        return {}
    if current["birthday_changed_in"] == year:
        _, resets_at = dates.period_bounds(request.now, "year", zone)
        raise LimitReached(1, resets_at, path=("birthday",))
    return {"birthday_changed_in": year}


async def locale_of(member_id: UUID) -> str:
    """The language of messages to a member."""
    found = await row("SELECT locale FROM member WHERE member_id = $1", member_id)
    return found["locale"] if found else LOCALES[0]

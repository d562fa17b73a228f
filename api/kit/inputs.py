"""Common parts of inputs: the request key, ways to name a member, and the lines of a booking."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.loaders import Owned
from api.kit.permissions import require_serving
from api.kit.relay import from_global_id
from api.kit.scalars import JSON
from domain.checkout.booking_lines import LineSent
from domain.kernel import signals
from domain.kernel.callers import Caller, CallerKind, Scope
from domain.kernel.idempotency import Request
from domain.kernel.inputs import check_object
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.kernel.signals import VALUE_CHARACTERS_MAX
from domain.members import identity
from domain.members.identity import MemberKey
from domain.members.refusals import MemberNotEnrolled
from domain.programmes.risk_terms import KEPT_DAYS

SHOWN_CHARACTERS_MAX = 128
FINDING_SCOPES = (Scope.MEMBERS, Scope.EARN, Scope.REDEEM, Scope.READ, Scope.MEMBERS_READ)
"""Each of these lets a partner's key name a member."""

CONTACTS = frozenset({LookupScope.EMAIL, LookupScope.PHONE})

T = TypeVar("T")


Sent = Annotated[
    T, strawberry.argument(description="Request, with an idempotency key chosen by the client.")
]
"""The one argument of a mutation."""


@strawberry.input(description="Fields of every mutation's input.")
class KeyedInput:
    idempotency_key: str = strawberry.field(
        description="Key chosen by the client, 1 to 128 characters. A request repeated with the "
        "same key and the same input is carried out only once."
    )


@strawberry.input(one_of=True, description="One way to name a member; exactly one field is given.")
class MemberBy:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Global id of the member."
    )
    reference: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Reference under which the platform enrolled the member.",
    )
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="Proved e-mail address of the member."
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Proved phone number of the member, with the country code.",
    )
    referral_code: str | None = strawberry.field(
        default=strawberry.UNSET, description="Referral code of the member."
    )


@strawberry.input(description="One line of a booking.")
class BookingLineInput:
    product: str = strawberry.field(description="Code of a product in the policy.")
    amount: Decimal = strawberry.field(
        description="Gross price of the line, in the booking's currency."
    )
    travel_from: date | None = strawberry.field(
        default=None, description="First day of travel, inclusive."
    )
    travel_to: date | None = strawberry.field(
        default=None, description="Last day of travel, inclusive."
    )
    attributes: JSON | None = strawberry.field(
        default=None,
        description="Further facts that earning rules read, such as hot_route or city, as an "
        "object.",
    )


@strawberry.input(description="Fields of the input of a mutation that rules against fraud look at.")
class SignalledInput(KeyedInput):
    signals: JSON | None = strawberry.field(
        default=None,
        description="Device, card and IP address that the member used, as an object with any of "
        "the keys device, card and ip, each a text of at most "
        f"{VALUE_CHARACTERS_MAX} characters. Only a keyed digest is kept, for {KEPT_DAYS} days. "
        "A repeated request may have other values.",
    )


UNDER_REVIEW = (
    "Whether it waits for a review by staff: until then, points earned cannot be spent, and "
    "points to be spent are held."
)


def request(info: Info, keyed: KeyedInput) -> Request:
    """Raises: InvalidInput for signals that are none."""
    context = info.context
    made = Request(
        context.caller,
        keyed.idempotency_key,
        context.now,
        reason=getattr(keyed, "reason", None),
        request_id=context.request_id,
    )
    return signalled(info, made, keyed.signals) if isinstance(keyed, SignalledInput) else made


def signalled(info: Info, made: Request, sent: JSON | None = None) -> Request:
    """The request with the signals that were `sent`, and with the key that sent it.

    Raises: InvalidInput for invalid signals.
    """
    key, own = info.context.outgoing.key, info.context.caller.key_id
    return replace(made, signals=signals.read(key, info.context.programme.id, sent, own))


def to_owned(global_id: str, type_name: str, *, what: str, path: tuple[str, ...]) -> Owned:
    """(member id, id) of the object with this id; `what` is its name in the refusal.

    Raises: NotFound for an id of another type, or of none
    """
    found = from_global_id(global_id)
    if found is None or found.type_name != type_name or found.member_id is None:
        raise NotFound(what, global_id[:SHOWN_CHARACTERS_MAX], path=path)
    return found.member_id, found.id


def to_key(by: MemberBy, path: tuple[str, ...]) -> MemberKey:
    """Raises: NotFound for an id that is none of this API."""
    if by.id is not strawberry.UNSET:
        named = str(by.id)
        found = from_global_id(named)
        if found is None or found.type_name != "Member":
            raise NotFound("member", named[:SHOWN_CHARACTERS_MAX], path=path)
        return MemberKey.of_id(found.id)
    ways = {
        LookupScope.REFERENCE: by.reference,
        LookupScope.EMAIL: by.email,
        LookupScope.PHONE: by.phone,
        LookupScope.REFERRAL_CODE: by.referral_code,
    }
    scope, value = next(
        (scope, str(value)) for scope, value in ways.items() if value is not strawberry.UNSET
    )
    return MemberKey(scope, value)


async def subject(info: Info, by: MemberBy | None, *, name: str = "member") -> MemberKey:
    """The member that a call is about: a member means itself, everybody else names one.

    To a member every other member is not there.

    Raises: InvalidInput, MemberNotEnrolled, NotFound
    """
    caller = info.context.caller
    if caller.kind is not CallerKind.MEMBER:
        if by is None:
            raise InvalidInput("member_required", path=(name,))
        return to_key(by, (name,))
    if caller.member_id is None:
        raise MemberNotEnrolled(path=(name,))
    if by is not None:
        key = to_key(by, (name,))
        if await identity.find(caller.programme_id, key) != caller.member_id:
            raise NotFound("member", key.value[:SHOWN_CHARACTERS_MAX], path=(name,))
    return MemberKey.of_id(caller.member_id)


async def visible_member(info: Info, by: MemberBy | None, *, name: str = "member") -> UUID | None:
    """The member that a query names; without a name the caller itself, if it is one.

    A caller that may not read members finds none, and staff who may not see personal data may not
    search by address or number.

    Raises: NotFound, RequestError FORBIDDEN
    """
    caller = info.context.caller
    if by is None:
        return caller.member_id
    key = to_key(by, (name,))
    if key.scope in CONTACTS:
        require_serving(caller, f"{name}.{key.scope.value.lower()}")
    found = await identity.find(caller.programme_id, key) if _finds_members(caller) else None
    if found is None or caller.is_stranger_to(found):
        raise NotFound("member", key.value[:SHOWN_CHARACTERS_MAX], path=(name,))
    return found


def _finds_members(caller: Caller) -> bool:
    """A public key finds no members: membership, and what a member can afford, are not public."""
    of_house = caller.kind in (CallerKind.MEMBER, CallerKind.STAFF)
    return of_house or any(caller.may(scope) for scope in FINDING_SCOPES)


def to_lines(lines: list[BookingLineInput]) -> tuple[LineSent, ...]:
    """Raises: InvalidInput"""
    return tuple(
        LineSent(
            line.product,
            line.amount,
            line.travel_from,
            line.travel_to,
            None
            if line.attributes is None
            else check_object(line.attributes, ("lines", str(index), "attributes")),
        )
        for index, line in enumerate(lines)
    )

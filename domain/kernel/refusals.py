"""A refusal: why a use-case did nothing, as a code with typed facts.

Nothing has happened when one is raised. Those of one room stand in its own `refusals`, those that
any room raises stand here.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(eq=False)
class Refusal(Exception):
    """A refusal: a stable `code`, typed facts, and the `path` of the input field at fault."""

    code: ClassVar[str]
    template: ClassVar[str]

    path: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def facts(self) -> dict[str, Any]:
        """The typed attributes, for whoever words the refusal in another language."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "path"}

    @property
    def message(self) -> str:
        return self.template.format(**self.facts)

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class NotFound(Refusal):
    code: ClassVar[str] = "NOT_FOUND"
    template: ClassVar[str] = "There is no {what} {value!r} in this programme{among}."

    what: str
    value: str
    known: str = ""

    @property
    def message(self) -> str:
        among = f"; there are {self.known}" if self.known else ""
        return self.template.format(what=self.what, value=self.value, among=among)


INVALID_INPUT_REASONS = {
    "unknown_product": "Unknown product {value!r}; this programme sells {allowed}.",
    "unknown_payment_method": "Unknown payment method {value!r}; known are {allowed}.",
    "unknown_attribute": "Unknown attribute {value!r}; this programme knows {allowed}.",
    "attribute_type": "Attribute {value!r} must be {allowed}.",
    "attribute_missing": "Attribute {value!r} is required here; give it as {allowed}.",
    "unknown_activity": "Unknown activity {value!r}; this programme knows {allowed}.",
    "unknown_tier": "Unknown tier {value!r}; this programme has {allowed}.",
    "negative_amount": "The amount {value} is negative; it must be zero or more.",
    "too_many_decimals": "The amount {value} has too many decimals; the currency has {allowed}.",
    "amount_too_large": "The amount {value} is too large; at most {allowed}.",
    "no_lines": "A booking needs at least one line and has at most {allowed}.",
    "too_many_lines": "{value} lines are too many; a booking has at most {allowed}.",
    "lines_missing": "The booking has {allowed} lines, not {value}; name each, an amount of 0 for "
    "one that is no more.",
    "nothing_left": "Nothing of the booking would be left: refund it instead.",
    "travel_dates": "Travel ends on {value}, before it begins on {allowed}.",
    "too_short": "This must not be empty.",
    "too_long": "This is {value} long; at most {allowed} are accepted.",
    "control_characters": "This contains control characters; give plain text.",
    "email": "{value!r} is not an e-mail address.",
    "phone": "{value!r} is not a phone number; give it with the country code, as {allowed}.",
    "locale": "Unknown locale {value!r}; known are {allowed}.",
    "birthday_in_future": "The birthday {value} lies in the future.",
    "not_positive": "{value} is not enough; give one or more.",
    "quantity_too_large": "{value} at once are too many; at most {allowed}.",
    "points_required": "This reward takes any number of points: say how many in `points`.",
    "points_not_open": "This reward has a fixed price; leave `points` out.",
    "quantity_not_open": "An open-value reward is redeemed once at a time; change `points`.",
    "account_required": "{value!r} is credited to an account with its partner: say which in "
    "`partnerAccount`.",
    "account_not_taken": "{value!r} goes to no account with a partner; leave `partnerAccount` out.",
    "reference_required": "This settles the order with the partner: give the partner's reference.",
    "worth_nothing": "{value} points buy nothing; the least is {allowed}.",
    "not_an_object": "This must be a JSON object, as {allowed}.",
    "member_required": "Name the member that this is for.",
    "not_oneself": "A member can only name itself.",
    "unknown_line": "The booking has no line {value}; it has {allowed}.",
    "line_twice": "Line {value} is named twice; name each once.",
    "no_offset": "This programme does not take points for bookings.",
    "no_pool": "The codes of {value!r} are made when needed; it has no pool to import into.",
    "zero_adjustment": "An adjustment changes something: give points above or below zero.",
    "transfer_to_oneself": "Points cannot be transferred to oneself.",
    "transfers_not_offered": "This programme does not offer transfers.",
    "expiry_in_past": "The date {value} has passed; points would expire at once.",
    "expiry_of_debit": "Points that are taken have no expiry; leave `expiresOn` out.",
    "period_backwards": "The period ends on {value}, before it begins on {allowed}.",
    "period_too_long": "{value} days are too long a period; at most {allowed}.",
    "period_in_future": "The period begins on {value}, in the future; today is {allowed}.",
    "period_before_joining": "The period ends on {value}; the account begins on {allowed}.",
    "too_many_movements": "{value} movements are too many for one page, which has at most "
    "{allowed}; choose a shorter period.",
    "nothing_assigned": "Staff assigned no tier to this member; there is nothing to lift.",
    "end_of_lifting": "Lifting a tier acts at once; leave `until` out.",
    "end_in_past": "{value} is not ahead; it is {allowed} now.",
    "effective_in_past": "A new version cannot be effective before now ({allowed}).",
    "wrong_programme": "The document is of programme {value!r}, not {allowed!r}.",
}
"""Every way in which a field can be wrong, in English, by `InvalidInput.reason`."""


@dataclass(eq=False)
class InvalidInput(Refusal):
    code: ClassVar[str] = "INVALID_INPUT"

    reason: str
    value: str = ""
    allowed: str = ""

    @property
    def message(self) -> str:
        return INVALID_INPUT_REASONS[self.reason].format(value=self.value, allowed=self.allowed)


@dataclass(eq=False)
class ReferenceConflict(Refusal):
    code: ClassVar[str] = "REFERENCE_CONFLICT"
    template: ClassVar[str] = "Reference {reference!r} was already reported with other content."

    reference: str


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    code: ClassVar[str] = "IDEMPOTENCY_KEY_REUSED"
    template: ClassVar[str] = (
        "This idempotency key was already used for another request ({operation}); make a new key."
    )

    operation: str


@dataclass(eq=False)
class ConcurrentRequest(Refusal):
    code: ClassVar[str] = "CONCURRENT_REQUEST"
    template: ClassVar[str] = "Other requests hold this account; send the same request again."


@dataclass(eq=False)
class EventTooOld(Refusal):
    code: ClassVar[str] = "EVENT_TOO_OLD"
    template: ClassVar[str] = "{occurred_at} is too long ago; at most {oldest_days} days."

    occurred_at: datetime
    oldest_days: int


@dataclass(eq=False)
class EventInFuture(Refusal):
    code: ClassVar[str] = "EVENT_IN_FUTURE"
    template: ClassVar[str] = "{occurred_at} lies in the future; it is {now} now."

    occurred_at: datetime
    now: datetime

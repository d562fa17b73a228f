"""Delivery details: address and receiver of a reward, as members give them and deliverers read
them.
"""

from datetime import datetime

import strawberry

from domain.redemptions.delivery_details import DeliverySent


@strawberry.type(description="Details of a delivery: recipient and address, or an appointment.")
class DeliveryDetails:
    recipient: str | None = strawberry.field(
        description="Name of the recipient; null when not given."
    )
    phone: str | None = strawberry.field(
        description="Phone number of the recipient; null when not given."
    )
    address: str | None = strawberry.field(
        description="Address to which the reward is sent; null for an appointment."
    )
    note: str | None = strawberry.field(
        description="Note for the person who delivers; null when there is none."
    )
    from_: datetime | None = strawberry.field(
        name="from", description="Instant at which an appointment begins; null for an address."
    )
    until: datetime | None = strawberry.field(
        description="Instant at which an appointment ends; null when not given."
    )
    place: str | None = strawberry.field(
        description="Place of an appointment; null when not given."
    )


@strawberry.input(
    description="Details of a delivery: recipient, phone and address, or for an appointment "
    "recipient, phone and `from`."
)
class DeliveryInput:
    recipient: str | None = strawberry.field(
        default=None, description="Name of the recipient, at most 200 characters."
    )
    phone: str | None = strawberry.field(
        default=None, description="Phone number of the recipient, at most 40 characters."
    )
    address: str | None = strawberry.field(
        default=None, description="Address to send to, at most 500 characters."
    )
    note: str | None = strawberry.field(
        default=None, description="Note for the person who delivers, at most 1000 characters."
    )
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="Instant at which an appointment begins."
    )
    until: datetime | None = strawberry.field(
        default=None, description="Instant at which an appointment ends."
    )
    place: str | None = strawberry.field(
        default=None, description="Place of an appointment, at most 500 characters."
    )


def to_details(said: DeliverySent) -> DeliveryDetails:
    return DeliveryDetails(
        recipient=said.recipient,
        phone=said.phone,
        address=said.address,
        note=said.note,
        from_=said.from_at,
        until=said.until_at,
        place=said.place,
    )


def to_sent(given: DeliveryInput) -> DeliverySent:
    return DeliverySent(
        given.recipient,
        given.phone,
        given.address,
        given.note,
        given.from_,
        given.until,
        given.place,
    )

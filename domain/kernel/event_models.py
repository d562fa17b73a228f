"""Types that event models are made of: ids marked with the type of their object, counts, money."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Of:
    """Marks the id of an object of this type of the schema; receivers get its global id."""

    type_name: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        absent = "null" in str(handler(schema))
        return {
            "type": ["string", "null"] if absent else "string",
            "description": f"Global id: {self.type_name}.",
        }


BookingId = Annotated[UUID, Of("Booking")]
ActivityId = Annotated[UUID, Of("Activity")]
RedemptionId = Annotated[UUID, Of("Redemption")]
MaybeBookingId = Annotated[UUID | None, Of("Booking")]
MaybeRedemptionId = Annotated[UUID | None, Of("Redemption")]
MaybeActivityId = Annotated[UUID | None, Of("Activity")]
StatementId = Annotated[UUID, Of("PartnerStatement")]
JobId = Annotated[UUID, Of("Job")]
WebhookId = Annotated[UUID, Of("Webhook")]
Count = Annotated[int, Field(ge=0)]
"""A whole number, mostly of points."""


class Money(BaseModel):
    """An amount as exact decimal text, such as 12.00, and its currency (ISO 4217)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: str
    currency: str


class EventData(BaseModel):
    """Data of an event, in addition to its instant and its member."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    type: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "type" in vars(cls):
            TYPES[cls.type] = cls


TYPES: dict[str, type[EventData]] = {}
"""Every model, by its type."""

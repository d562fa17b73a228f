"""Mutations about where pushes to a member go."""

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from domain.notices import devices
from domain.notices.devices import DEVICES_MAX, Device, DeviceSent, PushProvider

describe(
    PushProvider,
    "Provider that takes pushes to a device or account.",
    {
        PushProvider.HTTP: "The programme's own service, at an address that the operator "
        "configures.",
        PushProvider.WECHAT: "WeChat, by template messages; the address is an OpenID.",
    },
)

OWNER = "Member to whom the device or account belongs; defaults to the calling member."
ADDRESS = "Address of the device or account at the provider, at most 254 characters."


@strawberry.input(description="Device or account to which pushes to a member are sent.")
class RegisterPushInput(KeyedInput):
    member: MemberBy | None = strawberry.field(default=None, description=OWNER)
    provider: PushProvider = strawberry.field(description="Provider that takes the pushes.")
    address: str = strawberry.field(description=ADDRESS)


@strawberry.type(description="Result of registering a device or account for pushes.")
class RegisterPushPayload(Payload):
    count: int = strawberry.field(
        default=0, description="Number of devices and accounts that the member has; 0 when refused."
    )


@strawberry.input(description="Device or account to which pushes are no longer sent.")
class RemovePushInput(KeyedInput):
    member: MemberBy | None = strawberry.field(default=None, description=OWNER)
    provider: PushProvider = strawberry.field(description="Provider that took the pushes.")
    address: str = strawberry.field(description=ADDRESS)


@strawberry.type(description="Result of removing a device or account for pushes.")
class RemovePushPayload(Payload):
    count: int = strawberry.field(
        default=0, description="Number of devices and accounts that the member has; 0 when refused."
    )


@strawberry.type
class DevicesMutation:
    @mutation(
        f"Register a device or account for pushes to a member, at most {DEVICES_MAX} of them."
    )
    async def register_push(
        self, info: Info, input: Sent[RegisterPushInput]
    ) -> RegisterPushPayload | None:
        sent = DeviceSent(await subject(info, input.member), Device(input.provider, input.address))
        outcome = await devices.register(request(info, input), info.context.programme, sent)
        return RegisterPushPayload(count=outcome.figures["count"], replayed=outcome.replayed)

    @mutation("Stop pushes to a device or account; succeeds also when it was not registered.")
    async def remove_push(
        self, info: Info, input: Sent[RemovePushInput]
    ) -> RemovePushPayload | None:
        sent = DeviceSent(await subject(info, input.member), Device(input.provider, input.address))
        outcome = await devices.remove(request(info, input), info.context.programme, sent)
        return RemovePushPayload(count=outcome.figures["count"], replayed=outcome.replayed)

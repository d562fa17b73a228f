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
        PushProvider.HTTP: "The programme's own, at an address that the operator names.",
        PushProvider.WECHAT: "WeChat, by template messages; the address is an OpenID.",
    },
)

OWNER = "Member whose it is; defaults to the calling member."
ADDRESS = "Address of the device or account at the provider, at most 254 characters."


@strawberry.input(description="Device or account that pushes to a member go to.")
class RegisterPushInput(KeyedInput):
    member: MemberBy | None = strawberry.field(default=None, description=OWNER)
    provider: PushProvider = strawberry.field(description="Provider that takes the pushes.")
    address: str = strawberry.field(description=ADDRESS)


@strawberry.type(description="Result of registering where pushes go.")
class RegisterPushPayload(Payload):
    count: int = strawberry.field(
        default=0, description="Number of devices and accounts that the member has; 0 when refused."
    )


@strawberry.input(description="Device or account that pushes go to no more.")
class RemovePushInput(KeyedInput):
    member: MemberBy | None = strawberry.field(default=None, description=OWNER)
    provider: PushProvider = strawberry.field(description="Provider that took the pushes.")
    address: str = strawberry.field(description=ADDRESS)


@strawberry.type(description="Result of removing where pushes go.")
class RemovePushPayload(Payload):
    count: int = strawberry.field(
        default=0, description="Number of devices and accounts that the member has; 0 when refused."
    )


@strawberry.type
class DevicesMutation:
    @mutation(f"Let pushes to a member go to a device or account, {DEVICES_MAX} of them at most.")
    async def register_push(
        self, info: Info, input: Sent[RegisterPushInput]
    ) -> RegisterPushPayload | None:
        sent = DeviceSent(await subject(info, input.member), Device(input.provider, input.address))
        outcome = await devices.register(request(info, input), info.context.programme, sent)
        return RegisterPushPayload(count=outcome.figures["count"], replayed=outcome.replayed)

    @mutation("Let pushes go to a device or account no more, whether or not they did.")
    async def remove_push(
        self, info: Info, input: Sent[RemovePushInput]
    ) -> RemovePushPayload | None:
        sent = DeviceSent(await subject(info, input.member), Device(input.provider, input.address))
        outcome = await devices.remove(request(info, input), info.context.programme, sent)
        return RemovePushPayload(count=outcome.figures["count"], replayed=outcome.replayed)

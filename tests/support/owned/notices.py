"""Cases of ownership about notices, feedback, and endpoints that events are sent to."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import models
from api.kit.relay import to_global_id
from domain.webhooks import endpoints
from tests.support import factories as make
from tests.support import numbered
from tests.support.callers import TODAY
from tests.support.owned.bookings import booking
from tests.support.owned.cases import Asked, Case, Place, ids_of, input_of, node_of, of_member


async def _webhook(place: Place) -> tuple[str, str]:
    """The id of an endpoint of the place's partner, reused since few are allowed, and of none."""
    kept = await endpoints.of_owner(place.programme.id, place.maker.partner_id)
    made = kept[0].id if kept else await make.webhook(place.programme, caller=place.maker)
    own = UUID(str(made))
    return str(to_global_id("Webhook", own)), str(to_global_id("Webhook", uuid4()))


async def _webhook_node(place: Place, _: Place) -> Asked:
    there, absent = await _webhook(place)
    return Asked({"id": there}, there, absent)


async def _sent_to(place: Place, own: Place) -> Asked:
    """An endpoint with a waiting delivery of a booking of its partner."""
    there, absent = await _webhook_on(place)
    await booking(place)
    await numbered.number(place.programme, TODAY)
    return Asked({"webhook": there}, there, absent)


async def _to_retry(place: Place, _: Place) -> Asked:
    there, absent = await _webhook_on(place)
    return input_of(there, absent, webhook=there)


async def _webhook_on(place: Place) -> tuple[str, str]:
    """The same, turned on, whatever was done to it before."""
    found = await _webhook(place)
    owner = place.maker.partner_id
    await models.Webhook.filter(partner_id=owner, deleted_at=None).update(off_since=None)
    return found


def _of_webhook(name: str = "webhook", **sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = await _webhook(place)
        return input_of(there, absent, **{name: there}, **sent)

    return ask


async def _feedback(place: Place) -> UUID:
    return await make.say(place.programme, place.member_id, now=TODAY)


async def _notice(place: Place) -> UUID:
    return await make.notice(place.programme, place.member_id, now=TODAY)


async def _of_notice(place: Place, _: Place) -> Asked:
    there, absent = ids_of("Notice", place, await _notice(place))
    return input_of(there, absent, notices=[there])


async def _resent(place: Place, _: Place) -> Asked:
    there, absent = ids_of("Notice", place, await _notice(place))
    return input_of(there, absent, notice=there, channel="EMAIL")


async def _previewed(place: Place, _: Place) -> Asked:
    return Asked({"member": {"reference": place.reference}}, place.reference, "no-such-one")


async def _of_feedback(place: Place, _: Place) -> Asked:
    there, absent = ids_of("Feedback", place, await _feedback(place))
    return input_of(there, absent, feedback=there, close=True)


CASES: Mapping[str, Case] = {
    "node of a feedback": Case("node", node_of("Feedback", _feedback)),
    "node of a notice": Case("node", node_of("Notice", _notice)),
    "submitFeedback": Case("submitFeedback", of_member(text="fine")),
    "previewNotice": Case("previewNotice", _previewed),
    "readNotices": Case("readNotices", _of_notice),
    "resendNotice": Case("resendNotice", _resent),
    "registerPush": Case("registerPush", of_member(provider="HTTP", address="d")),
    "removePush": Case("removePush", of_member(provider="HTTP", address="d")),
    "answerFeedback": Case("answerFeedback", _of_feedback),
    "node of an endpoint": Case("node", _webhook_node),
    "saveWebhook": Case("saveWebhook", _of_webhook("id", url=make.NOBODY_LISTENS)),
    "rotateWebhookSecret": Case("rotateWebhookSecret", _of_webhook()),
    "enableWebhook": Case("enableWebhook", _of_webhook()),
    "disableWebhook": Case("disableWebhook", _of_webhook()),
    "pingWebhook": Case("pingWebhook", _of_webhook()),
    "retryDeliveries": Case("retryDeliveries", _to_retry),
    "deliveries": Case("deliveries", _sent_to),
    "deleteWebhook": Case("deleteWebhook", _of_webhook()),
}

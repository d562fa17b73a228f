"""What is refused of an endpoint: with its path, in both languages."""

import pytest

from domain.webhooks.keeping import OLD_HOURS_MAX
from tests.support.refused import EMPTY, Refused, check_refused

pytestmark = pytest.mark.usefixtures("database")

NONE = ("There is no endpoint '🏨' in this programme.", "本计划中没有这个端点：🏨。")


REFUSED = [
    Refused(
        "saveWebhook",
        {"url": "ftp://x"},
        ["url"],
        "ftp://x is not the address of an endpoint; an address begins with ",
        "ftp://x 不是端点地址；应以 ",
    ),
    Refused(
        "saveWebhook",
        {"url": "http://kim:secret@127.0.0.1:9/"},
        ["url"],
        "An endpoint's address cannot have a user, password or fragment; leave them out.",
        "端点地址不能包含用户名、密码或 # 片段；请去掉。",
    ),
    Refused(
        "saveWebhook",
        {"url": "http://10.0.0.1/"},
        ["url"],
        "Messages cannot be sent to 10.0.0.1, which is not a public address. Name a host that can "
        "be reached from the internet.",
        "消息无法发往 10.0.0.1：它不是公网地址。请填写可从互联网访问的主机。",
    ),
    Refused(
        "saveWebhook",
        {"url": "http://no-such-host.invalid/"},
        ["url"],
        "no-such-host.invalid has no address. Name a host that can be reached from the internet.",
        "no-such-host.invalid 没有可用的地址。请填写可从互联网访问的主机。",
    ),
    Refused(
        "saveWebhook",
        {"topics": ["points.stolen"]},
        ["topics"],
        "Unknown event type 'points.stolen'; known types are ",
        "没有事件类型 points.stolen；可用的有 ",
    ),
    Refused("saveWebhook", {"topics": []}, ["topics"], *EMPTY),
    Refused("saveWebhook", {"id": "🏨"}, ["id"], *NONE, code="NOT_FOUND"),
    Refused(
        "rotateWebhookSecret",
        {"hours": OLD_HOURS_MAX + 1},
        ["hours"],
        "The old secret can keep signing for 0 to 168 hours, not 169.",
        "旧密钥可继续签名 0 至 168 小时，不能是 169。",
    ),
    *(
        Refused(mutation, {"webhook": "🏨"}, ["webhook"], *NONE, code="NOT_FOUND")
        for mutation in (
            "rotateWebhookSecret",
            "enableWebhook",
            "disableWebhook",
            "deleteWebhook",
            "pingWebhook",
            "retryDeliveries",
        )
    ),
    Refused(
        "retryDeliveries",
        {"deliveries": ["🏨"]},
        ["deliveries", "0"],
        "There is no delivery '🏨' in this programme.",
        "本计划中没有这个推送：🏨。",
        code="NOT_FOUND",
    ),
]
"""By hand, the message in both languages: as it is, or as it begins."""


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    await check_refused(case)

"""Looking at a document before it is published, and publishing in spite of what is found."""

from typing import Any

import pytest

from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import Client, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

LOOK = """query($source: PolicySource!) { lintPolicy(source: $source) {
    findings { level code path text other: text(locale: "zh-CN") }
    faults { code path line } maximumReturn witness other: witness(locale: "zh-CN") } }"""
PUBLISH = """mutation($input: PublishPolicyInput!) { publishPolicy(input: $input) { version
    errors { code message path ... on PolicyInvalid { faults { code }
        findings { level code path text } } } } }"""
NEVER = """
  - code: never
    kind: bonus
    name: {zh-CN: 从不, en: Never}
    when: {products: [flight, hotel, train, car, ticket, holiday_package, local_experience],
           nights: {max: -1}}
    points: 100
    budget: {points: 5}

activities:"""


def document(code: str, *, maximum: int) -> str:
    """The shipped document with a rule that nothing matches, and with a target."""
    text = (make.SHIPPED / "ota.yaml").read_text(encoding="utf-8")
    text = text.replace("programme: ota", f"programme: {code}", 1).replace(
        "\nactivities:", NEVER, 1
    )
    return f"{text}\ntarget_return: {{maximum: {maximum}, basket: 2000}}\n"


async def publish(client: Client, text: str, **more: Any) -> dict[str, Any]:
    sent = {"idempotencyKey": fresh_key(), "document": text, **more}
    payload: dict[str, Any] = (await client.ask(PUBLISH, input=sent))["data"]["publishPolicy"]
    return payload


async def test_a_document_is_looked_at_in_both_languages_and_nothing_changes() -> None:
    stage = await open_stage()
    before = await stage.everything()
    text = document(stage.programme.code, maximum=16)
    found = (await stage.staff().read(LOOK, source={"document": text}))["lintPolicy"]
    assert found["faults"] == []
    assert [(one["level"], one["code"], one["path"]) for one in found["findings"]] == [
        ("ERROR", "RETURN_ABOVE_TARGET", "target_return"),
        ("ERROR", "UNREACHABLE", "earning.never"),
        ("ERROR", "BUDGET_BELOW_ONE", "earning.never.budget"),
        ("WARN", "DEAD", "benefits.lounge_visit"),
        ("WARN", "SEASON_ENDS", "seasons.off_season"),
    ]
    above, unreachable, *_ = found["findings"]
    assert above["text"] == (
        "A booking can be worth 16.25 % of its amount to a member; the target is 16 % at the most."
    )
    assert unreachable["other"] == "任何情况都不会符合这条规则：请看 when.nights。"
    assert found["maximumReturn"] == "16.250"
    assert found["witness"] == (
        "The best booking of one line: Hotel, CNY 2,000.00, by a Diamond member on "
        "15 March 2126 (business: true, paid by partner_card, and in the month of the member's "
        "birthday): 32,000 points, worth 16 % with the discount."
    )
    assert "酒店，¥2,000.00，钻石会员" in found["other"]
    assert await stage.everything() == before

    slipped = (await stage.staff().read(LOOK, source={"document": "programme: 7"}))["lintPolicy"]
    assert slipped["findings"] == []
    assert slipped["maximumReturn"] is slipped["witness"] is None
    assert {"code": "text", "path": "programme", "line": 1} in slipped["faults"]


async def test_errors_refuse_publishing_unless_each_is_accepted() -> None:
    stage = await open_stage()
    staff, text = stage.staff(), document(stage.programme.code, maximum=17)
    before = await stage.everything()
    refused = await publish(staff, text, accept=["UNREACHABLE@earning.other"])
    [problem] = refused["errors"]
    assert (refused["version"], problem["code"], problem["path"]) == (
        None,
        "POLICY_INVALID",
        ["document"],
    )
    assert problem["faults"] == []
    names = [f"{one['code']}@{one['path']}" for one in problem["findings"]]
    assert names == ["UNREACHABLE@earning.never", "BUDGET_BELOW_ONE@earning.never.budget"]
    assert problem["message"] == (
        "The policy document has 2 finding(s) that refuse publishing; first: ERROR "
        "UNREACHABLE@earning.never: Nothing can ever match this rule: see when.nights."
    )
    for accept in (names[:1], names[1:]):
        assert (await publish(staff, text, accept=accept))["version"] is None
    assert await stage.everything() == before
    for accept, reason in (([""], "too_short"), (["x"] * 101, "too_many_accepted")):
        problem = await staff.refused("publishPolicy", document=text, accept=accept)
        assert problem["reason"] == reason
    key = fresh_key()
    assert (await publish(staff, text, accept=names, idempotencyKey=key))["version"] == 2
    assert (await publish(staff, text, accept=names, idempotencyKey=key))["version"] == 2
    other = await publish(staff, text, accept=[*names, "more"], idempotencyKey=key)
    assert [one["code"] for one in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert len((await programmes.get(stage.programme.code)).versions) == 2

"""Looking at a document before it is published, and publishing in spite of what is found."""

from typing import Any

import pytest

from domain.programmes import programmes
from tests.support import documents
from tests.support import factories as make
from tests.support.callers import Client, fresh_key, open_stage
from tests.support.documents import named

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


def document(code: str) -> str:
    """The shipped document with a rule that nothing matches."""
    text = (make.SHIPPED / "ota.yaml").read_text(encoding="utf-8")
    text = text.replace("programme: ota", f"programme: {code}", 1)
    return text.replace("\nactivities:", NEVER, 1)


async def publish(client: Client, text: str, **more: Any) -> dict[str, Any]:
    sent = {"idempotencyKey": fresh_key(), "document": text, **more}
    payload: dict[str, Any] = (await client.ask(PUBLISH, input=sent))["data"]["publishPolicy"]
    return payload


async def test_a_document_is_looked_at_in_both_languages_and_nothing_changes() -> None:
    stage = await open_stage()
    before = await stage.everything()
    base, never = named("base", "kind: rate, points: 1"), "when: {nights: {max: -1}}"
    double = named("double", "kind: multiplier, class: c, factor: 2, when: {tiers: [gold]}")
    bonus = named("never", f"kind: bonus, points: 100, budget: {{points: 5}}, {never}")
    lists = {"earning": [base, bonus, double], "multiplier_classes": ["c", "spare"]}
    text = documents.text(lists, "target_return: {maximum: 2.5, basket: 2000}")
    found = (await stage.staff().read(LOOK, source={"document": text}))["lintPolicy"]
    assert found["faults"] == []
    assert [(one["level"], one["code"], one["path"]) for one in found["findings"]] == [
        ("ERROR", "RETURN_ABOVE_TARGET", "target_return"),
        ("ERROR", "UNREACHABLE", "earning.never"),
        ("ERROR", "BUDGET_BELOW_ONE", "earning.never.budget"),
        ("WARN", "DEAD", "multiplier_classes.spare"),
    ]
    above, unreachable, *_ = found["findings"]
    assert above["text"] == (
        "A booking can be worth 3 % of its amount to a member; the target is at most 2.5 %."
    )
    assert unreachable["other"] == "任何情况都不会符合这条规则：请看 when.nights。"
    assert found["maximumReturn"] == "3.000"
    assert found["witness"] == (
        "The best booking of one line: flight, CNY 2,000.00, tier Gold, on 15 March 2126: "
        "6,000 points, worth 3 % with the discount."
    )
    assert found["other"] == (
        "回报最高的单行订单：flight，¥2,000.00，金，2126年3月15日：6,000 积分，连同折扣回报 3%。"
    )
    assert await stage.everything() == before

    slipped = (await stage.staff().read(LOOK, source={"document": "programme: 7"}))["lintPolicy"]
    assert slipped["findings"] == []
    assert slipped["maximumReturn"] is slipped["witness"] is None
    assert {"code": "text", "path": "programme", "line": 1} in slipped["faults"]


async def test_errors_refuse_publishing_unless_each_is_accepted() -> None:
    stage = await open_stage()
    staff, text = stage.staff(), document(stage.programme.code)
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
        "The policy document has 2 findings that prevent publishing; first: ERROR "
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

"""What is refused of policies, jobs, partners, their keys and statements, in both languages."""

from uuid import UUID

import pytest

from api.kit.relay import to_global_id
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import fresh_key, open_stage
from tests.support.refused import (
    EMPTY,
    Refused,
    check_refused,
    date_range,
    shared_things,
    too_long,
)

pytestmark = pytest.mark.usefixtures("database")

NO_DRAFT = to_global_id("PolicyDraft", UUID(int=0))
NO_BACKTEST = to_global_id("Backtest", UUID(int=0))
NO_JOB = to_global_id("Job", UUID(int=0))

REFUSED = [
    Refused(
        "closePeriod",
        {"month": "2126-13"},
        ["month"],
        "2126-13 is not a month; give it as 2026-12.",
        "2126-13 不是月份；写法如 2026-12。",
    ),
    Refused("saveDraft", {"name": " "}, ["name"], *EMPTY),
    Refused(
        "saveDraft",
        {"revision": 7},
        ["revision"],
        "Draft 'Spring' was saved after this revision was read; read it again.",
        "草稿 Spring 在您读取该修订之后已被保存，请重新读取。",
        "REFERENCE_CONFLICT",
    ),
    Refused(
        "startBacktest",
        {"from": "2026-03-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
        ["until"],
        "1 February 2026, 08:00 is not after 1 March 2026, 08:00, from",
        "2026年2月1日 08:00",
    ),
    Refused(
        "cancelBacktest",
        {"backtest": NO_BACKTEST},
        ["backtest"],
        "There is no back-test",
        "本计划中没有这个回测",
        "NOT_FOUND",
    ),
    Refused("revokeSessions", {"subject": " "}, ["subject"], *EMPTY),
    Refused(
        "deleteDraft",
        {"draft": NO_DRAFT},
        ["draft"],
        "There is no draft ",
        "本计划中没有这个草稿：",
        "NOT_FOUND",
    ),
    Refused("stopExperiment", {"reason": " "}, ["reason"], *EMPTY),
    Refused("stopExperiment", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("stopExperiment", {"experiment": "x" * 65}, ["experiment"], *too_long(65, 64)),
    Refused(
        "startExport",
        {"asOf": "2199-01-01T00:00:00Z"},
        ["asOf"],
        "1 January 2199, 08:00 is in the future: it is ",
        "2199年1月1日 08:00 在将来：现在是 ",
    ),
    Refused(
        "startImport",
        {"kind": "BALANCES", "controlRows": None},
        ["controlRows"],
        "An import of balances needs the total number of rows and of points in its file.",
        "导入余额时必须提供文件的总行数和总积分。",
    ),
    Refused(
        "startImport",
        {"reward": "lounge"},
        ["reward"],
        "An import of members cannot have this, which is for imports of coupon codes only.",
        "导入会员时不接受此项；它仅用于导入券码。",
    ),
    Refused(
        "cancelJob",
        {"job": NO_JOB},
        ["job"],
        "There is no job",
        "本计划中没有这个任务",
        "NOT_FOUND",
    ),
    Refused(
        "publishPolicy",
        {"effectiveFrom": "2126-03-14T00:00:00Z"},
        ["effectiveFrom"],
        "A new version cannot be effective before now (",
        "新版本的生效时间不能早于现在（",
    ),
    Refused("publishPolicy", {"note": "x" * 1001}, ["note"], *too_long(1001, 1000)),
    Refused(
        "approveProposal",
        {"proposal": "nope"},
        ["proposal"],
        "There is no proposal 'nope' in this programme.",
        "本计划中没有这个提案：nope。",
        code="NOT_FOUND",
    ),
    Refused("rejectProposal", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused(
        "revokePartnerKey",
        {"keyId": "nope"},
        ["keyId"],
        "There is no key 'nope' in this programme.",
        "本计划中没有这个密钥：nope。",
        code="NOT_FOUND",
    ),
    *(
        Refused(
            mutation,
            {"key": "nope"},
            ["key"],
            "There is no key 'nope' in this programme.",
            "本计划中没有这个密钥：nope。",
            code="NOT_FOUND",
        )
        for mutation in ("rotateKey", "revokeKey")
    ),
    Refused(
        "rotateKey",
        {"hours": 169},
        ["hours"],
        "The old key can stay valid for 0 to 168 hours, not 169.",
        "旧密钥可继续使用 0 至 168 小时，不能是 169。",
    ),
    Refused(
        "createKey",
        {"partner": None},
        ["partner"],
        "Name the partner that this is for.",
        "请指明是哪个合作方。",
    ),
    Refused(
        "createKey",
        {"scopes": ["READ"]},
        ["scopes"],
        "The partner's keys cannot have the scope 'read'; they can have earn.",
        "该合作方的密钥不能有权限 read；可以有 earn。",
    ),
    Refused("createKey", {"label": ""}, ["label"], *EMPTY),
    Refused("savePartner", {"code": ""}, ["code"], *EMPTY),
    *(
        Refused(
            "savePartner",
            {"code": code},
            ["code"],
            f"{code} is not a code: it must be a lower-case letter followed by lower-case letters, "
            "digits, underscores and hyphens.",
            f"{code} 不是代码：应以小写字母开头，由小写字母、数字、下划线和连字符组成。",
        )
        for code in ("Bad Code", "a:b", "9", "-a", "caf\u00e9")
    ),
    Refused("buyPoints", {"reference": ""}, ["reference"], *EMPTY),
    *(
        Refused(
            mutation,
            {"partner": "nope"},
            ["partner"],
            "There is no partner 'nope' in this programme.",
            "本计划中没有这个合作方：nope。",
            code="NOT_FOUND",
        )
        for mutation in ("buyPoints", "closeStatement")
    ),
    Refused(
        "closeStatement",
        {"month": "2125-12"},
        ["month"],
        "The agreement on terms is missing; this is possible only when it is saved.",
        "条款的状态为“不存在”，此操作仅适用于“已保存”状态。",
        code="STATE_CONFLICT",
    ),
    Refused(
        "settleStatement",
        {"amount": "1.21"},
        ["amount"],
        "1.21 is too large; at most 1.20.",
        "1.21 过大；最多 1.20。",
    ),
    Refused(
        "savePartnerTerms",
        {"partner": "nope"},
        ["partner"],
        "There is no partner 'nope' in this programme.",
        "本计划中没有这个合作方：nope。",
        code="NOT_FOUND",
    ),
    *(
        Refused(
            "savePartnerTerms",
            {"fromMonth": month},
            ["fromMonth"],
            f"{month} is not a month; give it as 2026-12.",
            f"{month} 不是月份；写法如 2026-12。",
        )
        for month in ("2126-13", "2126-1", "0000-01", "2126-03-01")
    ),
    Refused(
        "savePartnerTerms",
        {"fromMonth": "1899-12"},
        ["fromMonth"],
        *date_range("1899-12-01"),
    ),
    Refused(
        "savePartnerTerms",
        {"pricePerPoint": "0.000000001"},
        ["pricePerPoint"],
        "The number 0.000000001 has too many decimals; at most 8 are accepted.",
        "数字 0.000000001 小数位过多；最多 8 位。",
    ),
    Refused(
        "savePartnerTerms",
        {"feePercent": "100.0001"},
        ["feePercent"],
        "100.0001 is too large; at most 100.",
        "100.0001 过大；最多 100。",
    ),
    Refused(
        "savePartnerTerms", {"pricePerPoint": "-1"}, ["pricePerPoint"], "The amount -1", "金额 -1"
    ),
    Refused("savePartner", {"name": "x" * 201}, ["name"], *too_long(201, 200)),
    Refused("rotatePartnerKey", {"label": " "}, ["label"], *EMPTY),
    Refused("updatePartnerKey", {"label": "x" * 201}, ["label"], *too_long(201, 200)),
    Refused(
        "updatePartnerKey",
        {"expiresAt": "2020-01-01T00:00:00Z"},
        ["expiresAt"],
        "1 January 2020, 08:00 is not in the future; it is now ",
        "2020年1月1日 08:00",
    ),
]
"""By hand, the message in both languages: as it is, or as it begins."""


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    await check_refused(case)


async def test_a_policy_document_with_faults_names_each() -> None:
    things = await shared_things()
    before = await things.stage.everything()
    staff = things.stage.staff()
    documents = ["", "[]", "7", "a: [", "a: &a [*a]", "\u202e", "x" * 2_00_000, "{}", "🏨: 1"]

    for document in documents:
        for language in ("en", "zh-CN"):
            problem = await staff.reading(language).refused("publishPolicy", document=document)
            assert problem["code"] == "POLICY_INVALID", document[:20]
            assert problem["message"]
    assert await things.stage.everything() == before


async def test_a_slip_in_a_policy_is_told_where_it_stands_in_the_readers_language() -> None:
    stage = await open_stage()
    before = await stage.everything()
    text = (make.SHIPPED / "ota.yaml").read_text(encoding="utf-8")
    text = text.replace("programme: ota", f"programme: {stage.programme.code}", 1)
    slipped = text.replace("points: 500\n    limit", "points: 0500\n    limit", 1)
    slipped = slipped.replace("products: [flight]", "products: [fligth]", 1)
    lines = slipped.splitlines()
    faults = {}
    for language in ("en", "zh-CN"):
        payload = (
            await stage.staff()
            .reading(language)
            .ask(
                """mutation($input: PublishPolicyInput!) { publishPolicy(input: $input) { errors {
                code ... on PolicyInvalid {
                    faults { code path line column rule value suggestion message } } } } }""",
                input={"document": slipped, "idempotencyKey": fresh_key()},
            )
        )
        [problem] = payload["data"]["publishPolicy"]["errors"]
        assert problem["code"] == "POLICY_INVALID"
        faults[language] = problem["faults"]
    product, number = faults["en"]
    assert lines[product.pop("line") - 1][product.pop("column") - 1 :].startswith("fligth")
    assert lines[number.pop("line") - 1][number.pop("column") - 1 :] == "0500"
    sold = "flight, hotel, train, car, ticket, holiday_package, local_experience"
    assert product == {
        "code": "undefined",
        "path": "earning.1.when.products.0",
        "rule": "flight_over_2000",
        "value": "fligth",
        "suggestion": "flight",
        "message": f'"fligth" is not defined; defined names: {sold}. Did you mean flight?',
    }
    assert (number["code"], number["rule"], number["suggestion"]) == (
        "number_form",
        "verification",
        "500",
    )
    first, second = [fault["message"] for fault in faults["zh-CN"]]
    assert first == f"没有定义 “fligth”；现有：{sold}。是否想写 flight？"
    assert second == (
        "“0500” 不是这里的数字写法，应如 500、-3 或 1.5；看起来像数字的文字请加引号。是否想写 500？"
    )
    assert await stage.everything() == before

    # `on` is a word, and what it says is kept as it was written
    birthday = "  - code: cake\n    on: birthday\n    points: 5\n"
    birthday += "    name: {zh-CN: 生日, en: Birthday}\n\n  - code: verification\n"
    written = text.replace("  - code: verification\n", birthday, 1)
    await stage.staff().done("publishPolicy", document=written)
    published = (await programmes.get(stage.programme.code)).versions[-1]
    assert (published.number, published.policy.activity_types["cake"].on) == (2, "birthday")

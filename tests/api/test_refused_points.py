"""What is refused of activities, transfers, corrections, policies and keys, in both languages."""

from uuid import UUID

import pytest

import models
from api.kit.relay import to_global_id
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import codes, fresh_key, open_stage
from tests.support.operations import INPUTS, furnished
from tests.support.refused import (
    CONTROL,
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
NO_NOTICE = to_global_id("Notice", UUID(int=0), member_id=UUID(int=0))
NO_CLAIM = to_global_id("Claim", UUID(int=0), member_id=UUID(int=0))

REFUSED = [
    Refused(
        "closePeriod",
        {"month": "2126-13"},
        ["month"],
        "2126-13 is no month; one is written as 2026-12.",
        "2126-13 不是月份；写法如 2026-12。",
    ),
    Refused("earnForActivity", {"reference": "\n"}, ["reference"], *EMPTY),
    Refused("earnForActivity", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused(
        "earnForActivity",
        {"type": "sleep"},
        ["type"],
        "Unknown activity 'sleep'; this programme knows verification, profile_completed, review, "
        "share, quiz, survey, photo_contest, talk, lottery, browse, partner_spend.",
        "未知活动 sleep；本计划有 verification, profile_completed, review, share, quiz, survey, "
        "photo_contest, talk, lottery, browse, partner_spend。",
    ),
    Refused(
        "earnForActivity",
        {"type": "quiz"},
        ["attributes", "score"],
        "Attribute 'score' is required here; give it as a number.",
        "此处必须提供属性 score，类型为 a number。",
    ),
    Refused(
        "earnForActivity",
        {"type": "quiz", "attributes": {"score": -1}},
        ["attributes", "score"],
        "Attribute 'score' must be a number, zero or more.",
        "属性 score 必须是 a number, zero or more。",
    ),
    Refused(
        "earnForActivity",
        {"type": "partner_spend", "attributes": {"amount": "0.005"}},
        ["attributes", "amount"],
        "The amount 0.005 has too many decimals; the currency has 2.",
        "金额 0.005 小数位过多；该货币有 2 位小数。",
    ),
    Refused(
        "earnForActivity",
        {"attributes": "score"},
        ["attributes"],
        'This must be a JSON object, as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "transferPoints",
        {"points": 0},
        ["points"],
        "0 is not enough; give one or more.",
        "0 不够；请至少填一。",
    ),
    Refused(
        "transferPoints",
        {"points": 981},
        ["points"],
        "This takes 981 points; 980 are available.",
        "需要 981 积分，可用 980 积分。",
        code="INSUFFICIENT_POINTS",
    ),
    Refused(
        "transferPoints",
        {"to": {"reference": "iloaix"}},
        ["to"],
        "Points cannot be transferred to oneself.",
        "不能把积分转给自己。",
    ),
    Refused(
        "transferPoints",
        {"to": {"reference": "nobody"}},
        ["to"],
        "There is no member 'nobody' in this programme.",
        "本计划中没有这个会员：nobody。",
        code="NOT_FOUND",
    ),
    Refused(
        "transferPoints",
        {"from": {"reference": "xiaoli"}, "to": {"reference": "iloaix"}},
        ["from"],
        "This is possible from ",
        "自",
        code="LIMIT_REACHED",
    ),
    Refused("transferPoints", {"note": " "}, ["note"], *EMPTY),
    Refused("transferPoints", {"note": "x" * 1001}, ["note"], *too_long(1001, 1000)),
    Refused("transferPoints", {"note": "a\x1bb"}, ["note"], *CONTROL),
    Refused("adjustPoints", {"expiresOn": "9999-12-30"}, ["expiresOn"], *date_range("9999-12-30")),
    Refused(
        "adjustPoints",
        {"points": 0},
        ["points"],
        "An adjustment changes something: give points above or below zero.",
        "调整必须有变化：请填写大于或小于零的积分。",
    ),
    Refused(
        "adjustPoints",
        {"points": -6501},
        ["points"],
        "This takes 6501 points; 6500 are available.",
        "需要 6501 积分，可用 6500 积分。",
        code="INSUFFICIENT_POINTS",
    ),
    Refused(
        "useBenefit",
        {"benefit": "sauna"},
        ["benefit"],
        "Unknown benefit 'sauna'; this programme knows lounge_visit, free_cancellation, upgrade.",
        "未知权益 sauna；本计划有 lounge_visit, free_cancellation, upgrade。",
    ),
    Refused("useBenefit", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused("returnBenefit", {"reference": "\n"}, ["reference"], *EMPTY),
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
        "2026-02-01T00:00:00+00:00 is not after 2026-03-01T00:00:00+00:00, from",
        "2026-02-01T00:00:00+00:00",
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
    Refused("claimPoints", {"text": " "}, ["text"], *EMPTY),
    Refused("claimPoints", {"text": "x" * 1001}, ["text"], *too_long(1001, 1000)),
    Refused("claimPoints", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused("claimPoints", {"links": ["https://a.b"] * 4}, ["links"], "4 links are", "链接共 4 个"),
    Refused("claimPoints", {"links": ["a"]}, ["links", "0"], "a is no address", "a 不是网页地址"),
    Refused(
        "recordConsent",
        {"purpose": "PROFILING"},
        ["channel"],
        "PROFILING has no channel to agree to; leave `channel` out, or name one of ACCOUNT, ",
        "PROFILING 不分渠道",
    ),
    *(
        Refused(
            mutation,
            {"address": "nobody"},
            ["address"],
            "'nobody' is not an e-mail address.",
            "nobody 不是邮箱地址。",
        )
        for mutation in ("reportBounce", "liftSuppression")
    ),
    Refused(
        "reportBounce",
        {"channel": "PUSH", "address": "x" * 255},
        ["address"],
        *too_long(255, 254),
    ),
    Refused("stopExperiment", {"reason": " "}, ["reason"], *EMPTY),
    Refused("stopExperiment", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("stopExperiment", {"experiment": "x" * 65}, ["experiment"], *too_long(65, 64)),
    Refused(
        "publishTemplate",
        {"kind": "x"},
        ["kind"],
        "There is no kind of notices 'x'; there are reward_ready, ",
        "没有通知类型 x",
    ),
    Refused(
        "publishTemplate",
        {"locale": "fr"},
        ["locale"],
        "Unknown locale 'fr'; known are zh-CN, en.",
        "未知语言 fr；可用：zh-CN, en。",
    ),
    Refused(
        "publishTemplate",
        {"providerTemplate": "x" * 101},
        ["providerTemplate"],
        *too_long(101, 100),
    ),
    Refused(
        "saveAnnouncement",
        {"title": {"en": "Summer", "fr": "Été"}},
        ["title"],
        "Unknown locale 'fr'; known are zh-CN, en.",
        "未知语言 fr；可用：zh-CN, en。",
    ),
    Refused("saveAnnouncement", {"text": {"en": "Summer"}}, ["text", "zh-CN"], *EMPTY),
    Refused(
        "saveAnnouncement",
        {"text": {"en": 5, "zh-CN": "夏"}},
        ["text", "en"],
        "This must be a text.",
        "此处应为文本。",
    ),
    Refused(
        "saveAnnouncement",
        {"imageUrl": "ftp://example.com"},
        ["imageUrl"],
        "ftp://example.com is no address of a page",
        "ftp://example.com",
    ),
    Refused(
        "saveAnnouncement",
        {"until": "2026-01-01T00:00:00Z"},
        ["until"],
        "The period ends on 2026-01-01T00:00:00+00:00, before it begins on ",
        "结束日 2026-01-01T00:00:00+00:00 早于开始日 ",
    ),
    Refused(
        "saveAnnouncement",
        {"tiers": ["wood"]},
        ["tiers"],
        "Unknown tier 'wood'; this programme has ",
        "未知等级 wood；",
    ),
    Refused("saveAnnouncement", {"tiers": []}, ["tiers"], *EMPTY),
    Refused(
        "resendNotice",
        {"notice": NO_NOTICE},
        ["notice"],
        "There is no notice",
        "本计划中没有这个通知",
        "NOT_FOUND",
    ),
    Refused("registerPush", {"address": " "}, ["address"], *EMPTY),
    Refused("removePush", {"address": "a\x1bb"}, ["address"], *CONTROL),
    Refused(
        "startExport",
        {"asOf": "2199-01-01T00:00:00Z"},
        ["asOf"],
        "2199-01-01T00:00:00+00:00 is in the future: it is ",
        "2199-01-01T00:00:00+00:00 在将来：现在是 ",
    ),
    Refused(
        "startImport",
        {"kind": "BALANCES", "controlRows": None},
        ["controlRows"],
        "An import of balances needs the rows and points that its file adds up to.",
        "导入余额时必须提供文件的总行数和总积分。",
    ),
    Refused(
        "startImport",
        {"reward": "lounge"},
        ["reward"],
        "MEMBERS cannot have this, which is for CODES only.",
        "导入 MEMBERS 时不接受此项；它仅用于 CODES。",
    ),
    Refused(
        "cancelJob",
        {"job": NO_JOB},
        ["job"],
        "There is no job",
        "本计划中没有这个任务",
        "NOT_FOUND",
    ),
    Refused("readNotices", {"notices": None}, ["notices"], "Name the notices", "请指明已读的通知"),
    Refused(
        "readNotices",
        {"notices": ["x"] * 101},
        ["notices"],
        "101 notices are too many; name at most 100 at once.",
        "101 条通知过多",
    ),
    Refused(
        "readNotices",
        {"notices": ["🏨"]},
        ["notices", "0"],
        "There is no notice '🏨' in this programme.",
        "本计划中没有这个通知：🏨。",
        "NOT_FOUND",
    ),
    Refused("recordConsent", {"textVersion": "x" * 65}, ["textVersion"], *too_long(65, 64)),
    Refused("submitFeedback", {"text": " "}, ["text"], *EMPTY),
    Refused("submitFeedback", {"text": "x" * 2001}, ["text"], *too_long(2001, 2000)),
    Refused("submitFeedback", {"rating": 0}, ["rating"], "A rating is from 1 to 5", "评分应为"),
    Refused("submitFeedback", {"rating": 6}, ["rating"], "A rating is from 1 to 5", "评分应为"),
    Refused(
        "submitFeedback",
        {"about": NO_CLAIM},
        ["about"],
        "There is no object",
        "本计划中没有这个对象",
        "NOT_FOUND",
    ),
    Refused("answerFeedback", {"text": None}, ["text"], "Give an answer", "请填写回复"),
    Refused("answerFeedback", {"text": "x" * 2001}, ["text"], *too_long(2001, 2000)),
    Refused(
        "withdrawClaim",
        {"claim": NO_CLAIM},
        ["claim"],
        "There is no claim",
        "本计划中没有这个补登申请",
        "NOT_FOUND",
    ),
    Refused("decideClaim", {"lines": []}, ["lines"], "A claim is approved with", "批准申请须给出"),
    Refused("decideClaim", {"approve": False, "lines": None}, ["reason"], *EMPTY),
    Refused("decideClaim", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("reverseActivity", {"reason": " "}, ["reason"], *EMPTY),
    Refused("reverseActivity", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("reverseActivity", {"reason": "a\x1bb"}, ["reason"], *CONTROL),
    Refused("adjustPoints", {"reason": " "}, ["reason"], *EMPTY),
    Refused("adjustPoints", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("adjustPoints", {"reason": "a\x1bb"}, ["reason"], *CONTROL),
    Refused(
        "adjustPoints",
        {"expiresOn": "2126-03-14"},
        ["expiresOn"],
        "The date 2126-03-14 has passed; points would expire at once.",
        "日期 2126-03-14 已过，积分会立即过期。",
    ),
    Refused(
        "adjustPoints",
        {"points": -1, "expiresOn": "2126-12-31"},
        ["expiresOn"],
        "Points that are taken have no expiry; leave `expiresOn` out.",
        "扣减的积分没有有效期；请不要填写 expiresOn。",
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
        "The old key is accepted for 0 to 168 hours, not 169.",
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
        "The partner's keys may not have the scope 'read'; they may have earn.",
        "该合作方的密钥不能有权限 read；可以有 earn。",
    ),
    Refused("createKey", {"label": ""}, ["label"], *EMPTY),
    Refused("savePartner", {"code": ""}, ["code"], *EMPTY),
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
        "The agreement on terms is NONE; this needs SAVED.",
        "条款的状态为 NONE，此操作需要 SAVED。",
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
            f"{month} is no month; one is written as 2026-12.",
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
        "2020-01-01T00:00:00Z is not ahead; it is 20",
        "2020-01-01T00:00:00Z",
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
        "message": f'"fligth" is not defined; there are {sold}. Did you mean flight?',
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


async def test_who_is_under_review_gone_or_a_guest_earns_and_spends_nothing() -> None:
    things = await furnished()
    member, partner = things.stage.member(), await things.stage.partner()
    for status, code in {
        "CLOSED": "MEMBER_SUSPENDED",
        "UNDER_REVIEW": "MEMBER_SUSPENDED",
        "GUEST": "MEMBER_NOT_ENROLLED",
    }.items():
        await models.Member.filter(
            reference="xiaoli", programme_id=things.stage.programme.id
        ).update(status=status)
        before = await things.stage.everything()
        # what who is under review earns waits
        mutations = ["redeemReward"]
        mutations += ["earnForActivity"] if status != "UNDER_REVIEW" else []
        mutations += ["earnForBooking"] if status == "CLOSED" else []
        for mutation in mutations:
            sent = INPUTS[mutation](things)
            problem = await partner.refused(mutation, **sent)
            assert (problem["code"], problem["path"]) == (code, ["member"]), mutation
            if mutation != "earnForBooking":
                assert (await member.refused(mutation, **sent))["code"] == code
        assert await things.stage.everything() == before


@pytest.mark.parametrize(
    "attributes", ["{x: 1e400}", "{x: -1e400}", "{x: [1e999]}", "{score: 1e400}"]
)
async def test_numbers_that_json_does_not_know(attributes: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()
    query = """mutation { earnForActivity(input: {idempotencyKey: "k", type: "quiz",
        reference: "q", attributes: ATTRIBUTES}) { errors { code path } } }"""

    answer = await things.stage.staff().ask(query.replace("ATTRIBUTES", attributes))

    assert codes(answer) in ([], ["BAD_USER_INPUT"], ["GRAPHQL_VALIDATION_FAILED"])
    assert answer.get("data") is None or answer["data"]["earnForActivity"]["errors"]
    assert await things.stage.everything() == before

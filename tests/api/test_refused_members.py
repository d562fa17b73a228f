"""Who is refused as a member, and what of a member: with its path, in both languages."""

import pytest

from tests.support.refused import CONTROL, EMPTY, Refused, check_refused, date_range, too_long
from tests.support.things import furnished

pytestmark = pytest.mark.usefixtures("database")


REFUSED = [
    Refused("enrolMember", {"reference": ""}, ["reference"], *EMPTY),
    Refused("enrolMember", {"reference": "x" * 129}, ["reference"], *too_long(129, 128)),
    Refused("enrolMember", {"reference": "a\tb"}, ["reference"], *CONTROL),
    Refused("enrolMember", {"name": " "}, ["name"], *EMPTY),
    Refused("enrolMember", {"name": "李" * 201}, ["name"], *too_long(201, 200)),
    Refused("enrolMember", {"name": "Li\x1b[31m"}, ["name"], *CONTROL),
    Refused("enrolMember", {"email": ""}, ["email"], *EMPTY),
    Refused(
        "enrolMember",
        {"email": "nobody"},
        ["email"],
        "'nobody' is not an e-mail address.",
        "nobody 不是邮箱地址。",
    ),
    Refused("enrolMember", {"email": "x" * 255}, ["email"], *too_long(255, 254)),
    Refused(
        "enrolMember",
        {"phone": "13800138000"},
        ["phone"],
        "'13800138000' is not a phone number; give it with the country code, such as "
        "+86 138 0013 8000.",
        "13800138000 不是电话号码；请带国家代码，例如 +86 138 0013 8000。",
    ),
    Refused("enrolMember", {"phone": "+8" * 33}, ["phone"], *too_long(66, 64)),
    Refused(
        "enrolMember",
        {"birthday": "2126-03-16"},
        ["birthday"],
        "The birthday 2126-03-16 is in the future.",
        "生日 2126-03-16 在将来。",
    ),
    Refused(
        "enrolMember",
        {"profile": [1]},
        ["profile"],
        'This must be a JSON object, such as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "enrolMember",
        {"profile": []},
        ["profile"],
        'This must be a JSON object, such as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "enrolMember",
        {"referralCode": "'; DROP TABLE member; --"},
        ["referralCode"],
        'No member who can refer this one has the referral code "\'; DROP TABLE member; --".',
        "没有可以推荐该会员的人使用推荐码 '; DROP TABLE member; --。",
        code="REFERRAL_INVALID",
    ),
    Refused(
        "enrolMember",
        {"email": "XiaoLi@example.com"},
        ["email"],
        "Another member has this e-mail address.",
        "该邮箱已属于另一位会员。",
        code="EMAIL_TAKEN",
    ),
    Refused(
        "enrolMember",
        {"phone": "+86 138-0013-8000"},
        ["phone"],
        "Another member has this phone number.",
        "该手机号已属于另一位会员。",
        code="PHONE_TAKEN",
    ),
    Refused(
        "enrolMember",
        {"reference": "xiaoli"},
        ["reference"],
        "Another member has this reference.",
        "该会员编号已属于另一位会员。",
        code="REFERENCE_TAKEN",
    ),
    Refused(
        "enrolMember",
        {"contactsProved": ["PHONE"]},
        ["contactsProved"],
        "No phone number is given or known for this member.",
        "该会员没有提供或登记电话号码。",
    ),
    Refused("enrolMember", {"birthday": "0001-01-01"}, ["birthday"], *date_range("0001-01-01")),
    Refused(
        "updateMember",
        {"member": {"reference": ""}},
        ["member"],
        "There is no member '' in this programme.",
        "本计划中没有这个会员：。",
        code="NOT_FOUND",
    ),
    Refused(
        "updateMember",
        {"locale": "fr"},
        ["locale"],
        "Unknown locale 'fr'; known locales are zh-CN, en.",
        "未知语言 fr；可用：zh-CN, en。",
    ),
    Refused("updateMember", {"name": ""}, ["name"], *EMPTY),
    Refused("updateMember", {"email": " "}, ["email"], *EMPTY),
    Refused(
        "updateMember",
        {"profile": "text"},
        ["profile"],
        'This must be a JSON object, such as {"city": "Sanya"}.',
        '此处必须是 JSON 对象，例如 {"city": "Sanya"}。',
    ),
    Refused(
        "proveContact",
        {"member": {"reference": "xiaoli"}, "kind": "EMAIL", "value": "wang@example.com"},
        ["value"],
        "'wang@example.com' is no longer what the member has; check it again.",
        "wang@example.com 已不是该会员当前的联系方式；请重新核实。",
    ),
    Refused(
        "proveContact",
        {"kind": "EMAIL"},
        ["kind"],
        "No e-mail address is given or known for this member.",
        "该会员没有提供或登记邮箱。",
    ),
    Refused(
        "proveContact",
        {"code": "123456"},
        ["code"],
        "This code does not prove the contact; ask for a new one.",
        "该验证码无法验证此联系方式；请重新获取。",
        code="CONTACT_CODE_REFUSED",
    ),
    Refused(
        "requestContactCode",
        {"member": {"reference": "xiaoli"}},
        ["kind"],
        "This phone number is already proved; it needs no code.",
        "该电话号码已经验证，无需验证码。",
    ),
    Refused(
        "assignTier",
        {"tier": "wood"},
        ["tier"],
        "Unknown tier 'wood'; this programme has silver, gold, platinum, diamond.",
        "未知等级 wood；本计划有 silver, gold, platinum, diamond。",
    ),
    Refused(
        "assignTier",
        {"tier": None},
        ["tier"],
        "Staff have not assigned a tier to this member; there is nothing to lift.",
        "没有为该会员指定过等级，无可撤销。",
    ),
    Refused(
        "assignTier",
        {"tier": None, "until": "2127-01-01T00:00:00Z"},
        ["until"],
        "Lifting a tier takes effect at once; leave `until` out.",
        "撤销指定等级立即生效；请不要填写 until。",
    ),
    Refused(
        "reviewReferral",
        {"approve": True},
        ["approve"],
        "Only a flagged referral can be approved; this one is waiting for the friend.",
        "只能批准被标记的推荐；此推荐的状态为“已加入”。",
    ),
    Refused("reviewReferral", {"reason": ""}, ["reason"], *EMPTY),
    Refused("assignTier", {"reason": " "}, ["reason"], *EMPTY),
    Refused("assignTier", {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
    Refused("assignTier", {"reason": "a\x1bb"}, ["reason"], *CONTROL),
    *(
        case
        for mutation in ("suspendMember", "reinstateMember", "closeMember", "mergeMembers")
        for case in (
            Refused(mutation, {"reason": ""}, ["reason"], *EMPTY),
            Refused(mutation, {"reason": "x" * 1001}, ["reason"], *too_long(1001, 1000)),
            Refused(mutation, {"reason": "a\x1bb"}, ["reason"], *CONTROL),
        )
    ),
    Refused(
        "mergeMembers",
        {"from": {"reference": "xiaoli"}},
        ["into"],
        "A member cannot be merged into itself.",
        "会员不能并入自己。",
    ),
    Refused(
        "closeMember",
        {"forfeit": 1},
        ["forfeit"],
        "The member would lose 0 points, not 1.",
        "该会员将失去 0 积分，而不是 1。",
    ),
    Refused(
        "eraseMember",
        {"confirm": 1},
        ["confirm"],
        "The member would lose 0 points, not 1.",
        "该会员将失去 0 积分，而不是 1。",
    ),
    Refused(
        "exportMember",
        {"member": {"reference": "no-such-one"}},
        ["member"],
        "There is no member 'no-such-one' in this programme.",
        "本计划中没有这个会员：no-such-one。",
        code="NOT_FOUND",
    ),
    Refused(
        "decideReview",
        {"reason": ""},
        ["reason"],
        "This must not be empty.",
        "此项不能为空。",
    ),
]
"""By hand, the message in both languages: as it is, or as it begins."""


@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_refused_with_its_path_in_both_languages(case: Refused) -> None:
    await check_refused(case)


async def test_a_birth_date_changes_once_a_year() -> None:
    things = await furnished()
    member, staff = things.stage.member().reading("en"), things.stage.staff()
    for birthday in ("1990-03-15", "1990-03-16"):
        await member.done("updateMember", birthday=birthday)
    before = await things.stage.everything()

    problem = await member.refused("updateMember", birthday="1990-03-17")

    assert problem == {
        "__typename": "LimitReached",
        "code": "LIMIT_REACHED",
        "message": "The limit of 1 is reached; this is possible again from 1 January 2127.",
        "path": ["birthday"],
        "limit": 1,
        "resetsAt": "2126-12-31T16:00:00Z",
    }
    assert await things.stage.everything() == before
    changed = await staff.done(
        "updateMember",
        "member { birthday }",
        member={"reference": "xiaoli"},
        birthday="1990-03-17",
    )
    assert changed["member"] == {"birthday": "1990-03-17"}

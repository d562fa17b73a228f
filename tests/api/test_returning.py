"""Who was erased and comes again, known by a contact: what comes once is not paid a second time."""

import time
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel import secrecy
from domain.kernel.database import rows
from domain.members import returning
from tests.support import factories as make
from tests.support import referred
from tests.support.callers import REFERRALS, Client, Stage, open_stage
from tests.support.granted import faults, grant
from tests.support.imported import bring
from tests.support.servers import SECRET_KEY

pytestmark = pytest.mark.usefixtures("database")

ADDRESS, HIM = "li@example.com", {"reference": "li"}
NEW_KEY = bytes(reversed(range(32)))
GRANTS = [
    grant("tenth", "milestone", count="reviews", at=1, gives={"points": 40}),
    grant("each", "milestone", count="reviews", every=1, gives={"points": 7}),
    grant("thanks", "referral", side="referrer", gives={"points": 300}),
    grant("hello", "referral", side="referee", gives={"points": 100}),
]
COUNTS = {"reviews": {"of": "activities", "types": ["review"]}}
ACTIVITY = """activity {
        points explanation { code en: text(locale: "en") zh: text(locale: "zh-CN") } }
    grants { type points explanation { code } }"""


async def stage_with_grants() -> tuple[Stage, str]:
    """And the referral code of somebody who brings friends."""
    terms = {**REFERRALS, "qualifies": "enrolled"}
    stage = await open_stage(make.shipped_document(referrals=terms, grants=GRANTS, counts=COUNTS))
    payload = await stage.member("wang").done("enrolMember", "member { referralCode }")
    return stage, str(payload["member"]["referralCode"])


async def join(stage: Stage, code: str, **sent: Any) -> None:
    await stage.staff().done("enrolMember", referralCode=code, **HIM, **sent)
    await referred.run(stage.programme, stage.now())


async def do(client: Client, kind: str, reference: str) -> Any:
    sent: dict[str, Any] = {"member": HIM, "type": kind, "reference": reference}
    return await client.done("earnForActivity", ACTIVITY, **sent)


async def available(client: Client, reference: str) -> int:
    query = "query($by: MemberBy!) { member(by: $by) { balance { available } } }"
    found = await client.read(query, by={"reference": reference})
    return int(found["member"]["balance"]["available"])


async def test_who_was_erased_is_not_paid_a_second_time_what_comes_once() -> None:
    stage, code = await stage_with_grants()
    staff = stage.staff()
    await join(stage, code, email=ADDRESS)
    first = await do(staff, "verification", "V-1")
    assert first["activity"]["points"] == 500
    review = await do(staff, "review", "R-1")
    assert {one["type"]: one["points"] for one in review["grants"]} == {"tenth": 40, "each": 7}
    assert await available(staff, "li") == 100 + 500 + 100 + 40 + 7
    assert await available(staff, "wang") == 300
    first_id = await stage.member_id("li")
    await staff.done("eraseMember", member=HIM, confirm=747)
    [kept] = await rows(
        "SELECT digest, until FROM erased_contact WHERE programme_id = $1", stage.programme.id
    )
    assert ADDRESS.encode() not in kept["digest"]
    assert (kept["until"] - stage.now()).days in (729, 730)

    await join(stage, code, email=ADDRESS.upper())
    again = await do(staff, "verification", "V-2")
    assert again["activity"] == {
        "points": 0,
        "explanation": [
            {
                "code": "paid_before_erasure",
                "en": "Registered and verified: may already have been paid to a membership that "
                "was erased",
                "zh": "注册并完成实名认证：可能已在注销前的会员账户中发放过",
            }
        ],
    }
    review = await do(staff, "review", "R-2")
    said = {one["type"]: (one["points"], one["explanation"][0]["code"]) for one in review["grants"]}
    assert review["activity"]["points"] == 100
    assert said == {"tenth": (0, "paid_before_erasure"), "each": (7, "grant")}
    assert await available(staff, "li") == 100 + 7
    assert await available(staff, "wang") == 300
    own = await stage.member_id("li")
    assert own != first_id
    wang = await stage.member_id("wang")
    assert [await faults(one) for one in (first_id, own, wang)] == [[], [], []]


async def test_what_nobody_proves_is_nobodys_past_and_two_years_are_enough() -> None:
    stage, code = await stage_with_grants()
    staff = stage.staff()
    await join(stage, code, email=ADDRESS)
    await staff.done("eraseMember", member=HIM, confirm=100)
    # who only says so is somebody else
    later = int(time.time()) + 2
    await stage.signed("li", iat=later).done("enrolMember", email=ADDRESS)
    assert (await do(staff, "verification", "V-1"))["activity"]["points"] == 500
    await staff.done("proveContact", member=HIM, kind="EMAIL")
    assert (await do(staff, "profile_completed", "P-1"))["activity"]["points"] == 0
    late = stage.now() + timedelta(days=returning.KEPT_DAYS)
    assert await returning.forget_old(stage.programme.id, late - timedelta(days=1)) == 0
    assert await returning.forget_old(stage.programme.id, late) == 1
    assert (
        await returning.was_erased(stage.programme.id, await stage.member_id("li"), late) is False
    )


async def verified_again(stage: Stage) -> int:
    """The points of a verification of whoever is called li by now."""
    reference = f"V-{await stage.member_id('li')}"
    done = await do(stage.staff(), "verification", reference)
    return int(done["activity"]["points"])


@pytest.mark.parametrize("dropped", [{"email": None}, {"email": "li@elsewhere.example"}])
async def test_who_proves_it_again_and_drops_it_is_known_all_the_same(dropped: Any) -> None:
    stage, code = await stage_with_grants()
    staff = stage.staff()
    await join(stage, code, email=ADDRESS)
    assert await verified_again(stage) == 500
    await staff.done("eraseMember", member=HIM, confirm=600)
    await join(stage, code, email=ADDRESS)
    await staff.done("updateMember", member=HIM, contactsProved=[], **dropped)
    assert await verified_again(stage) == 0
    own = await stage.member_id("li")
    assert await faults(own) == []
    # who drops it before it is erased again is known by it the third time, too
    await staff.done("eraseMember", member=HIM, confirm=await available(staff, "li"))
    assert await rows("SELECT 1 FROM past_contact WHERE member_id = $1", own) == []
    await join(stage, code, email=ADDRESS)
    assert await verified_again(stage) == 0


async def test_who_drops_it_before_being_erased_is_known_by_it() -> None:
    stage, code = await stage_with_grants()
    staff = stage.staff()
    await join(stage, code, email=ADDRESS, phone="+8613800138000")
    assert await verified_again(stage) == 500
    await staff.done("updateMember", member=HIM, phone=None)
    await staff.done("updateMember", member=HIM, email="junk@example.com", contactsProved=[])
    await staff.done("eraseMember", member=HIM, confirm=600)
    for known in ({"email": ADDRESS}, {"phone": "+8613800138000"}):
        await join(stage, code, **known)
        assert await verified_again(stage) == 0
        await staff.done("eraseMember", member=HIM, confirm=await available(staff, "li"))
    # nobody proved the one that it only said
    await join(stage, code, email="junk@example.com")
    assert await verified_again(stage) == 500


async def test_who_was_never_erased_is_paid_whatever_it_drops() -> None:
    stage, code = await stage_with_grants()
    staff = stage.staff()
    await join(stage, code, email=ADDRESS)
    await staff.done("updateMember", member=HIM, email="li@elsewhere.example")
    await staff.done("updateMember", member=HIM, email=None)
    await staff.done("updateMember", member=HIM, email=ADDRESS)
    assert await verified_again(stage) == 500


async def test_who_comes_again_is_known_while_the_key_changes_and_where_it_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, code = await stage_with_grants()
    staff = stage.staff()
    await join(stage, code, email=ADDRESS)
    assert await verified_again(stage) == 500
    await staff.done("eraseMember", member=HIM, confirm=600)
    await join(stage, code, email=ADDRESS)
    # what is kept of both is under the key before, which is gone
    with monkeypatch.context() as patch:
        patch.setattr(secrecy, "_said", lambda: [NEW_KEY])
        assert await verified_again(stage) == 0
    await staff.done("eraseMember", member=HIM, confirm=await available(staff, "li"))
    # what is kept of the one is under the key before, of the other under the new one
    monkeypatch.setattr(secrecy, "_said", lambda: [NEW_KEY, SECRET_KEY])
    await join(stage, code, email=ADDRESS)
    assert await verified_again(stage) == 0


async def test_rules_with_a_limit_for_life_grant_who_was_erased_nothing_again() -> None:
    welcome = make.rule("bonus", "welcome", points=200, limit={"times": 1, "per": "member"})
    monthly = make.rule("bonus", "monthly", points=30, limit={"times": 1, "per": "month"})
    extra = make.rule("bonus", "extra", points=80, limit={"points": 50, "per": "member"})
    base = make.rule("rate", "base", points=1)
    document = make.variant(base, {**welcome, "offer": True}, monthly, extra)
    stage = await open_stage(document)
    staff, line = stage.staff(), {"product": "hotel", "amount": "100"}
    quote = """query($lines: [BookingLineInput!]!) { quoteEarning(input: {lines: $lines}) {
        points explanation { code } } }"""
    offers = "{ me { offers { rule } } }"
    earned = """pointsAwarded
        booking { explanation { code en: text(locale: "en") } }"""
    await staff.done("enrolMember", email=ADDRESS, **HIM)
    assert await stage.member("li").read(offers) == {"me": {"offers": [{"rule": "welcome"}]}}
    first = await staff.done("earnForBooking", earned, member=HIM, reference="B-1", lines=[line])
    assert first["pointsAwarded"] == 100 + 200 + 30 + 50
    await staff.done("eraseMember", member=HIM, confirm=380)

    await staff.done("enrolMember", email=ADDRESS, **HIM)
    own = issued_later(stage, "li")
    quoted = (await own.read(quote, lines=[line]))["quoteEarning"]
    assert quoted["points"] == 100 + 30
    assert await own.read(offers) == {"me": {"offers": []}}
    again = await staff.done("earnForBooking", earned, member=HIM, reference="B-2", lines=[line])
    assert again["pointsAwarded"] == 100 + 30
    told = again["booking"]["explanation"]
    why = [one["en"] for one in told if one["code"] == "paid_before_erasure"]
    said = "may already have been paid to a membership that was erased"
    assert why == [f"Rule: {said}"] * 2
    # so does what changes of it, and it comes out the same for whoever asks why
    amended = await staff.done(
        "amendBooking",
        "pointsAwarded",
        booking="B-2",
        reference="A",
        lines=[{**line, "amount": "150"}],
    )
    assert amended["pointsAwarded"] == 50
    refunded = await staff.done("refundBooking", "pointsClawedBack", booking="B-2", reference="R")
    assert refunded["pointsClawedBack"] == 100 + 30 + 50
    batch = await staff.done(
        "earnForBookings", "pointsAwarded", member=HIM, reference="B-3", lines=[line]
    )
    assert batch["pointsAwarded"] == 130
    assert await faults(await stage.member_id("li")) == []


def issued_later(stage: Stage, reference: str) -> Client:
    """A token that is newer than the erasure of whoever had the reference before."""
    return stage.signed(reference, iat=int(time.time()) + 2)


@pytest.mark.parametrize("alone", [True, False])
async def test_what_is_played_as_history_grants_who_was_erased_nothing_again(alone: bool) -> None:
    welcome = make.rule("bonus", "welcome", points=200, limit={"times": 1, "per": "member"})
    stage = await open_stage(make.variant(make.rule("rate", "base", points=1), welcome))
    staff = stage.staff()

    async def played(booking: str) -> list[tuple[str, int]]:
        """The entries of whoever is called li by now; several are played together."""
        lines = [f"{one},{one}-{booking},2125-06-01T10:00,hotel,100" for one in ("li", "wang")]
        header = "member,reference,booked_at,product,amount"
        file = "\n".join((header, *lines[: 1 if alone else 2])).encode()
        job = await bring(stage, "BOOKINGS", file, history=True)
        assert (job["status"], job["refused"]) == ("DONE", 0)
        own = await stage.member_id("li")
        assert await faults(own) == []
        return await make.entries(own)

    await staff.done("enrolMember", reference="wang")
    await staff.done("enrolMember", email=ADDRESS, **HIM)
    assert await played("1") == [("EARN", 300)]
    await staff.done("eraseMember", member=HIM, confirm=300)
    await staff.done("enrolMember", email=ADDRESS, **HIM)
    assert await played("2") == [("EARN", 100)]
    # who only joins again, and proves nothing, is somebody else
    await staff.done("eraseMember", member=HIM, confirm=100)
    await staff.done("enrolMember", **HIM)
    assert await played("3") == [("EARN", 300)]

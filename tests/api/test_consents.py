"""Consent: recorded by members, partners and staff, the last statement of each counts."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.callers import Scope
from domain.kernel.database import rows
from domain.members import consents
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

FIELDS = "consents { purpose channel granted textVersion at }"
OF_MEMBER = f"query($by: MemberBy!) {{ member(by: $by) {{ {FIELDS} }} }}"
XIAOLI = {"reference": "xiaoli"}


async def opened(**policy: Any) -> tuple[Stage, Client]:
    stage = await open_stage(make.shipped_document(**policy))
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    return stage, stage.member("xiaoli")


def agreed(found: list[dict[str, Any]]) -> set[str]:
    """`ACCOUNT EMAIL`: what is agreed to."""
    return {
        " ".join(filter(None, (one["purpose"], one["channel"]))) for one in found if one["granted"]
    }


async def standing(client: Client) -> list[dict[str, Any]]:
    return list((await client.read(f"{{ me {{ {FIELDS} }} }}"))["me"]["consents"])


async def test_without_a_statement_the_policy_decides_of_the_account_and_nothing_else() -> None:
    _, member = await opened()
    found = await standing(member)
    assert len(found) == 8
    assert agreed(found) == {"ACCOUNT EMAIL", "ACCOUNT PUSH"}
    assert {one["at"] for one in found} == {None}
    _, other = await opened(consent={"account": {"email": False, "push": False, "sms": True}})
    assert agreed(await standing(other)) == {"ACCOUNT SMS"}


async def test_the_last_statement_counts_and_each_is_kept() -> None:
    stage, member = await opened()
    say = {"purpose": "MARKETING", "channel": "SMS"}
    done = await member.done("recordConsent", FIELDS, **say, granted=True, textVersion="2126-03")
    [said] = [one for one in done["consents"] if one["at"]]
    assert said.pop("at").startswith("2126-03-15T02:30:")
    assert said == {**say, "granted": True, "textVersion": "2126-03"}
    for granted in (True, False, False):
        await member.done("recordConsent", **say, granted=granted, textVersion="2126-04")
    done = await member.done("recordConsent", FIELDS, purpose="ACCOUNT", granted=False)
    assert agreed(done["consents"]) == set()
    kept = await rows(
        "SELECT c.number, c.purpose, c.channel, c.granted, c.text_version FROM consent c "
        "JOIN member m ON m.member_id = c.member_id WHERE m.programme_id = $1 ORDER BY c.number",
        stage.programme.id,
    )
    assert [tuple(one.values()) for one in kept] == [
        (1, "MARKETING", "SMS", True, "2126-03"),
        (2, "MARKETING", "SMS", True, "2126-04"),
        (3, "MARKETING", "SMS", False, "2126-04"),
        (4, "ACCOUNT", "EMAIL", False, None),
        (5, "ACCOUNT", "SMS", False, None),
        (6, "ACCOUNT", "PUSH", False, None),
    ]
    told = await rows(
        "SELECT payload->>'purpose' AS purpose, payload->>'granted' AS granted FROM outbox_event "
        "WHERE programme_id = $1 AND topic = 'consent.changed' ORDER BY id",
        stage.programme.id,
    )
    assert [(one["purpose"], one["granted"]) for one in told] == [
        *(("MARKETING", "true"), ("MARKETING", "true"), ("MARKETING", "false")),
        *[("ACCOUNT", "false")] * 3,
    ]


HISTORY = """{ me { consents { purpose channel granted
    history { granted textVersion at source } } } }"""


async def test_a_member_sees_every_statement_that_it_made(statements: list[str]) -> None:
    stage, member = await opened()
    say = {"purpose": "MARKETING", "channel": "SMS"}
    for granted, words in ((True, "2126-03"), (False, None)):
        await member.done("recordConsent", **say, granted=granted, textVersion=words)
    sent: dict[str, Any] = {"member": XIAOLI, **say, "granted": True, "textVersion": "2126-04"}
    await stage.staff().done("recordConsent", **sent)

    statements.clear()
    consents = (await member.read(HISTORY))["me"]["consents"]
    asked = [one for one in statements if "FROM consent" in one]
    # for all purposes together, once by itself and once where answers are compared
    assert len([one for one in asked if "row_number" in one]) in (1, 2)
    by_place = {(one["purpose"], one["channel"]): one for one in consents}
    told = by_place.pop(("MARKETING", "SMS"))
    assert [(one["granted"], one["textVersion"], one["source"]) for one in told["history"]] == [
        (True, "2126-04", "staff"),
        (False, None, "member"),
        (True, "2126-03", "member"),
    ]
    assert all(one["at"].startswith("2126-03-15T02:30:") for one in told["history"])
    assert all(one["history"] == [] for one in by_place.values())
    # an export of the member has them too, and of nobody else
    document = (await member.done("exportMember", "document"))["document"]
    kept = [(one["granted"], one["text_version"]) for one in document["consent"]]
    assert kept == [(True, "2126-03"), (False, None), (True, "2126-04")]
    other = "query($by: MemberBy!) { member(by: $by) { consents { history { at } } } }"
    reader = await stage.partner((Scope.READ,))
    assert (await reader.read(other, by=XIAOLI))["member"]["consents"] == []


async def test_of_very_many_statements_the_last_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, member = await opened()
    for number in range(5):
        sent: dict[str, Any] = {"purpose": "PROFILING", "granted": True, "textVersion": str(number)}
        await member.done("recordConsent", **sent)
    monkeypatch.setattr(consents, "HISTORY_MAX", 3)
    found = (await member.read(HISTORY))["me"]["consents"]
    [told] = [one["history"] for one in found if one["purpose"] == "PROFILING"]
    assert [one["textVersion"] for one in told] == ["4", "3", "2"]


async def test_a_member_says_what_it_agrees_to_as_it_enrols() -> None:
    stage = await open_stage()
    said = [{"purpose": "MARKETING", "granted": True}, {"purpose": "PROFILING", "granted": True}]
    await stage.member("new").done("enrolMember", consents=said)
    assert agreed(await standing(stage.member("new"))) == {
        *(f"MARKETING {channel}" for channel in ("EMAIL", "SMS", "PUSH")),
        *("ACCOUNT EMAIL", "ACCOUNT PUSH", "PROFILING"),
    }
    await stage.staff().done("enrolMember", reference="guest", guest=True, consents=said[:1])
    await stage.member("guest").done("enrolMember", consents=said[1:])
    assert {"MARKETING SMS", "PROFILING"} <= agreed(await standing(stage.member("guest")))
    before = await stage.everything()
    twice = [said[0], {"purpose": "MARKETING", "channel": "SMS", "granted": False}]
    refused = await stage.staff().refused("enrolMember", reference="other", consents=twice)
    assert (refused["reason"], refused["path"]) == ("consent_twice", ["consents", "1"])
    refused = await stage.staff().refused("enrolMember", reference="other", consents=said * 5)
    assert (refused["reason"], refused["path"]) == ("too_many_consents", ["consents"])
    assert await stage.everything() == before


async def test_partners_record_and_see_consent_with_the_scope_for_members() -> None:
    stage, member = await opened()
    keeper = await stage.partner((Scope.MEMBERS, Scope.READ))
    done = await keeper.done(
        "recordConsent", FIELDS, member=XIAOLI, purpose="PROFILING", granted=True
    )
    assert "PROFILING" in agreed(done["consents"])
    assert done["consents"] == (await keeper.read(OF_MEMBER, by=XIAOLI))["member"]["consents"]
    assert done["consents"] == await standing(member)
    reader = await stage.partner((Scope.READ,), code="reader")
    assert (await reader.read(OF_MEMBER, by=XIAOLI))["member"]["consents"] == []


async def test_a_yes_is_said_so_often_a_day_and_a_no_always() -> None:
    stage, member = await opened()
    for number in range(16):
        await member.done(
            "recordConsent", purpose="MARKETING", granted=True, textVersion=f"{number}"
        )
    before = await stage.everything()
    refused = await member.refused("recordConsent", purpose="MARKETING", granted=True)
    assert (refused["code"], refused["limit"]) == ("LIMIT_REACHED", 50)
    assert await stage.everything() == before
    done = await member.done("recordConsent", FIELDS, purpose="MARKETING", granted=False)
    assert agreed(done["consents"]) == {"ACCOUNT EMAIL", "ACCOUNT PUSH"}
    await programmes.advance_clock(stage.programme, timedelta(days=1))
    await member.done("recordConsent", purpose="MARKETING", granted=True)


async def test_statements_at_once_are_numbered_one_after_another() -> None:
    stage, member = await opened()
    await asyncio.gather(
        *(
            member.done("recordConsent", purpose="MARKETING", channel=channel, granted=True)
            for channel in ("EMAIL", "SMS", "PUSH", "EMAIL")
        )
    )
    kept = await rows(
        "SELECT c.number FROM consent c JOIN member m ON m.member_id = c.member_id "
        "WHERE m.programme_id = $1 ORDER BY 1",
        stage.programme.id,
    )
    assert [one["number"] for one in kept] == [1, 2, 3]

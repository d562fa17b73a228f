"""Contacts through the API: whose booking it is, and what nobody learns of others' addresses."""

from typing import Any

import pytest

from domain.kernel.callers import OWN_SCOPES, Scope
from domain.kernel.database import rows
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, fresh_key, mutation_text, open_stage
from tests.support.granted import faults

pytestmark = pytest.mark.usefixtures("database")

ADDRESS, NUMBER, FREE, UNUSED = (
    "li@example.com",
    "+8613800138000",
    "no@example.com",
    "+8613900139000",
)
SHOWN = "member { email phone contacts { kind value provedAt } }"
LINES = [{"product": "hotel", "amount": "100"}]


async def test_the_points_go_to_whose_address_is_proved() -> None:
    stage = await open_stage()
    partner, squatter, owner = await stage.partner(), stage.member("squatter"), stage.member("li")
    await squatter.done("enrolMember", email=ADDRESS)
    await owner.done("enrolMember", email=ADDRESS)

    nobody = await book(partner, "B-1", do="refused")
    assert (nobody["code"], nobody["path"]) == ("NOT_FOUND", ["member"])
    by_address = "query($email: String!) { member(by: {email: $email}) { reference } }"
    assert (await partner.read(by_address, email=ADDRESS))["member"] is None

    proved = await partner.done(
        "proveContact", "contact { kind value provedAt }", member={"reference": "li"}, kind="EMAIL"
    )
    at = proved["contact"].pop("provedAt")
    assert proved["contact"] == {"kind": "EMAIL", "value": ADDRESS}
    await book(partner, "B-1")
    booked = "{ me { bookings { edges { node { reference } } } } }"
    for client, references in ((owner, ["B-1"]), (squatter, [])):
        edges = (await client.read(booked))["me"]["bookings"]["edges"]
        assert [edge["node"]["reference"] for edge in edges] == references
    me = "{ me { email contacts { kind value provedAt } } }"
    assert (await owner.read(me))["me"]["contacts"] == [
        {"kind": "EMAIL", "value": ADDRESS, "provedAt": at}
    ]
    assert (await squatter.read(me))["me"] == {"email": None, "contacts": []}
    again = await squatter.done("updateMember", SHOWN, email=ADDRESS)
    assert again["member"]["contacts"] == [{"kind": "EMAIL", "value": ADDRESS, "provedAt": None}]

    for client in (partner, stage.staff()):
        taken = await client.refused(
            "proveContact", member={"reference": "squatter"}, kind="EMAIL", value=ADDRESS
        )
        assert (taken["code"], taken["path"]) == ("EMAIL_TAKEN", ["email"])
    # a key that shows no contacts is told that it is proved, and nothing else
    blind = await stage.partner([Scope.MEMBERS], code="blind")
    told = await blind.done(
        "proveContact", "contact { value }", member={"reference": "li"}, kind="EMAIL"
    )
    assert told["contact"] is None


async def test_proving_what_is_proved_writes_nothing() -> None:
    stage = await open_stage()
    partner, staff = await stage.partner(), stage.staff()
    own = stage.signed("li", email=ADDRESS, email_verified=True)
    await own.done("enrolMember", email=ADDRESS, phone=NUMBER)
    member_id = await stage.member_id("li")
    by_reference: dict[str, Any] = {"member": {"reference": "li"}}

    async def written() -> list[Any]:
        """The versions of the rows of its contacts, and the seals of its account."""
        versions = "SELECT xmin::text, c.* FROM contact c WHERE member_id = $1 ORDER BY kind"
        seals = "SELECT number, rows FROM seal WHERE member_id = $1 ORDER BY number"
        return [await rows(sql, member_id) for sql in (versions, seals)]

    before = await written()
    clients: list[tuple[Client, dict[str, Any]]] = [
        (partner, by_reference),
        (staff, by_reference),
        (own, {}),
    ]
    for client, sent in clients:
        proved = await client.done("proveContact", "contact { provedAt }", kind="EMAIL", **sent)
        assert proved["contact"]["provedAt"] is not None
        await client.done("updateMember", email=ADDRESS, **sent)
        assert await written() == before
    # the other one is proved, and sealed, once
    await partner.done("proveContact", kind="PHONE", **by_reference)
    once = await written()
    assert len(once[1]) == len(before[1]) + 1
    await staff.done("proveContact", kind="PHONE", **by_reference)
    assert await written() == once
    assert await faults(member_id) == []


async def in_clear(*addresses: str) -> dict[str, int]:
    """How many rows of each table have any of these addresses in them, as a dump shows them."""
    tables = await rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    found = {}
    for one in tables:
        name = one["tablename"]
        said = [row["one"].lower() for row in await rows(f"SELECT t::text AS one FROM {name} t")]
        if there := sum(any(address.lower() in text for address in addresses) for text in said):
            found[name] = there
    return found


async def test_no_address_stands_in_clear() -> None:
    stage = await open_stage()
    partner, staff, owner = await stage.partner(), stage.staff(), stage.member("owner")
    mine, number, other = "Zq9.clear@example.com", "+8613955598765", "zq9.other@example.com"
    await owner.done("enrolMember", email=mine, phone=number)
    await stage.member("squatter").done("enrolMember", email=mine)
    await owner.done("requestContactCode", "sentAt", kind="PHONE")
    by_reference: dict[str, Any] = {"member": {"reference": "owner"}}
    for kind in ("EMAIL", "PHONE"):
        await partner.done("proveContact", kind=kind, **by_reference)
    by_email, by_phone = {"email": mine}, {"phone": number}
    await partner.done("enrolMember", reference="second", email=other, name="Second")
    await partner.done("earnForBooking", member=by_email, reference="B-1", lines=LINES)
    much: dict[str, Any] = {"member": by_phone, "points": 10**6, "reason": "Goodwill"}
    await staff.done("adjustPoints", "proposal { id }", **much)
    gift: dict[str, Any] = {"member": by_email, "points": 300, "reason": "Goodwill"}
    await staff.done("adjustPoints", **gift)
    await partner.done("reportBounce", channel="EMAIL", address=other, kind="SOFT")
    await partner.done("updateMember", member={"email": other}, email=other.upper())
    merged: dict[str, Any] = {"from": {"email": other}, "into": by_email, "reason": "One person"}
    await staff.done("mergeMembers", "proposal { id }", **merged)
    await staff.done("exportMember", "document", member=by_phone)

    assert await in_clear(mine, number, other) == {}
    # and yet it is found, shown and told
    assert await found_by(staff, mine) == ["owner"]
    assert await found_by(staff, other) == ["second"]
    document = (await owner.done("exportMember", "document"))["document"]
    assert {one["value"] for one in document["contact"]} == {mine, number}


async def found_by(reader: Client, text: str) -> list[str]:
    query = """query($text: String!) { members(filter: {text: $text}) {
        edges { node { reference } } } }"""
    page = (await reader.read(query, text=text))["members"]
    return [edge["node"]["reference"] for edge in page["edges"]]


async def book(client: Client, reference: str, *, do: str = "done") -> Any:
    sent: dict[str, Any] = {"member": {"email": ADDRESS}, "reference": reference, "lines": LINES}
    return await getattr(client, do)("earnForBooking", **sent)


async def test_a_member_learns_nothing_of_addresses(statements: list[str]) -> None:
    """Whether free, proved, or given by another: the same bytes after the same statements."""
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, email=ADDRESS, phone=NUMBER)
    await stage.member("other").done("enrolMember", email="me@example.com", phone="+8613700137000")
    me = stage.member("wang")
    await me.done("enrolMember")

    await tried(stage, me, "first@example.com", "+8613600136000")
    answers, sent = set(), []
    for address, number in (
        (FREE, UNUSED),
        (ADDRESS, NUMBER),
        ("me@example.com", "+8613700137000"),
    ):
        before = len(statements)
        body = await tried(stage, me, address, number)
        answers.add(body.replace(address, "…").replace(number, "…"))
        sent.append(statements[before:])
    assert len(answers) == 1
    assert "TAKEN" not in answers.pop()
    assert sent[0] == sent[1] == sent[2]


async def test_a_token_proves_what_its_issuer_has_verified() -> None:
    stage = await open_stage()
    partner = await stage.partner()
    claims: dict[str, Any] = {"email": "LI@example.com", "phone_number": "+86 138 0013 8000"}
    own = stage.signed("li", email_verified=True, phone_number_verified=False, **claims)
    member = (await own.done("enrolMember", SHOWN, email=ADDRESS, phone=NUMBER))["member"]
    proved = {one["kind"]: one["provedAt"] is not None for one in member["contacts"]}
    assert proved == {"EMAIL": True, "PHONE": False}
    await book(partner, "B-1")

    needs = await own.refused("proveContact", kind="PHONE")
    assert (needs["code"], needs["path"]) == ("INVALID_INPUT", ["code"])
    later = stage.signed("li", phone_number_verified=True, **claims)
    for wrong in (UNUSED, "+8613800138001"):
        assert (await later.refused("proveContact", kind="PHONE", value=wrong))["path"] == ["code"]
    done = await later.done("proveContact", "contact { value provedAt }", kind="PHONE")
    assert done["contact"]["value"] == NUMBER
    assert done["contact"]["provedAt"] is not None
    # what it has verified proves nothing else, and takes nothing that is another's
    wang = stage.signed("wang", email=FREE, email_verified=True)
    await wang.done("enrolMember", email="wang@example.com")
    differs = await wang.refused("proveContact", kind="EMAIL")
    assert (differs["code"], differs["path"]) == ("INVALID_INPUT", ["kind"])
    differs = await wang.refused("proveContact", kind="EMAIL", value=FREE)
    assert (differs["code"], differs["path"]) == ("INVALID_INPUT", ["value"])
    thief = stage.signed("thief", email=ADDRESS, email_verified=True)
    taken = await thief.refused("enrolMember", email=ADDRESS)
    assert (taken["code"], taken["path"]) == ("EMAIL_TAKEN", ["email"])
    for odd in ({"email": [ADDRESS], "email_verified": True}, {"email": ADDRESS}):
        joined = await stage.signed(fresh_key(), **odd).done("enrolMember", SHOWN, email=FREE)
        assert joined["member"]["contacts"][0]["provedAt"] is None


SPELLINGS = (
    ("anna.sentinel@example.com", "\uff41nna.sentinel@example.com"),
    ("berta@example.com", "berta@\uff45xample\uff0ecom"),
    ("carl@example.com", "Carl@EXAMPLE.com."),
    ("dora@stra\u00dfe.de", "dora@xn--strae-oqa.de"),
    ("emil@b\u00fccher.example", "emil@xn--BCHER-kva.example"),
    ("ida@mail.example.com", "ida@mail.example\u3002com"),
    ("f\u00e9lix@example.com", "F\u00c9LIX@example.com"),
    ("greta@example.com", "gre\ufe0fta@example.com"),
)
"""Of one mailbox each."""


@pytest.mark.parametrize(("address", "otherwise"), SPELLINGS)
async def test_a_mailbox_is_one_members_however_it_is_written(address: str, otherwise: str) -> None:
    stage = await open_stage()
    partner = await stage.partner()
    await partner.done("enrolMember", reference="first", email=address)
    taken = await partner.refused("enrolMember", reference="second", email=otherwise)
    assert (taken["code"], taken["path"]) == ("EMAIL_TAKEN", ["email"])
    found = "query($email: String!) { member(by: {email: $email}) { reference } }"
    assert (await partner.read(found, email=otherwise))["member"] == {"reference": "first"}
    assert await found_by(stage.staff(), otherwise) == ["first"]
    # it is kept as it is written last, and stays proved
    written = await partner.done(
        "updateMember", SHOWN, member={"email": otherwise}, email=otherwise, contactsProved=[]
    )
    assert written["member"]["email"] == otherwise
    assert (await partner.read(found, email=address))["member"] == {"reference": "first"}
    assert await make.faults(await stage.member_id("first")) == []


async def test_letters_that_look_alike_are_of_two_mailboxes() -> None:
    stage = await open_stage()
    partner = await stage.partner()
    for reference, address in enumerate(("a@example.com", "\u0430@example.com")):
        await partner.done("enrolMember", reference=str(reference), email=address)


@pytest.mark.parametrize(
    "written",
    [
        '"anna.sentinel"@example.com',
        "<anna.sentinel@example.com>",
        "\uff1canna.sentinel@example.com\uff1e",
        "anna.sentinel(home)@example.com",
        "anna@[192.0.2.1]",
        "mailto:anna.sentinel@example.com",
    ],
)
async def test_an_address_stands_by_itself(written: str) -> None:
    stage = await open_stage()
    refused = await stage.staff().refused("enrolMember", reference="li", email=written)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["email"])
    assert "is not a plain address such as anna@example.com" in refused["message"]


async def tried(stage: Stage, me: Client, address: str, number: str) -> str:
    """All that a member can do with an address, in one text."""
    contacts: dict[str, Any] = {"email": address, "phone": number}
    by: list[dict[str, Any]] = [{"email": address}, {"phone": number}]
    asked: list[tuple[Client, str, str, dict[str, Any]]] = [
        (me, "updateMember", SHOWN, contacts),
        (stage.member(fresh_key()), "enrolMember", SHOWN, contacts),
        *((me, "transferPoints", "", {"to": one, "points": 1}) for one in by),
        *((me, "updateMember", SHOWN, {"member": one, "name": "Wang"}) for one in by),
        *((me, "redeemReward", "", {"member": one, "reward": "lounge"}) for one in by),
    ]
    answers = []
    for client, name, selection, sent in asked:
        query = mutation_text(name, selection)
        variables = {"input": {"idempotencyKey": fresh_key(), **sent}}
        answers.append((await client.post({"query": query, "variables": variables})).text)
    return "\n".join(answers)


async def test_who_looks_for_members_finds_by_proved_contacts_only() -> None:
    stage = await open_stage()
    await stage.member("wang").done("enrolMember", name="Wang", email=ADDRESS, phone=NUMBER)
    query = """query($text: String!) { members(filter: {text: $text}) {
        totalCount edges { node { reference } } } }"""
    readers = [stage.staff(), await stage.partner([*OWN_SCOPES])]

    async def found(text: str) -> list[str]:
        seen = []
        for reader in readers:
            page = (await reader.read(query, text=text))["members"]
            seen.append([edge["node"]["reference"] for edge in page["edges"]])
            assert page["totalCount"] == len(page["edges"])
        assert seen[0] == seen[1]
        return seen[0]

    assert await found("wan") == ["wang"]
    for text in (ADDRESS, NUMBER, "li@"):
        assert await found(text) == []
    for kind in ("EMAIL", "PHONE"):
        await stage.staff().done("proveContact", member={"reference": "wang"}, kind=kind)
    for text in ("LI@example.com", "+86 138 0013 8000", " li@example.com"):
        assert await found(text) == ["wang"]
    for text in ("li@", "example", "138"):
        assert await found(text) == []


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "No e-mail address is given or known for this member."),
        ("zh-CN", "该会员没有提供或登记邮箱。"),
    ],
)
async def test_a_kind_of_contact_is_said_in_words(language: str, message: str) -> None:
    stage = await open_stage()
    await stage.member("li").done("enrolMember")
    staff = stage.staff().reading(language)
    refused = await staff.refused("proveContact", member={"reference": "li"}, kind="EMAIL")
    assert refused["message"] == message

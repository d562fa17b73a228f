"""What each role of staff may do and is shown, from outside."""

from datetime import date
from typing import Any

import pytest

from domain.kernel.callers import Role
from tests.support.callers import Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

EVERYTHING_PERSONAL: dict[str, Any] = {
    "name": "Li",
    "email": "li@example.com",
    "phone": "+8613800138000",
    "birthday": date(1990, 3, 15).isoformat(),
    "profile": {"seat": "window"},
}
MEMBER = """reference name email phone birthday profile contacts { value } consents { purpose }
    notices { edges { node { title } } } claims { edges { node { text } } }
    ledger { edges { node { kind reason description(locale: "en") } } }"""
BY_REFERENCE = f"""query($by: MemberBy = {{reference: "xiaoli"}}) {{
    member(by: $by) {{ {MEMBER} }} }}"""


async def known(stage: Stage) -> Client:
    """Support, who has enrolled a member and corrected its points."""
    support = stage.staff("sam", Role.SUPPORT)
    await support.done("enrolMember", reference="xiaoli", **EVERYTHING_PERSONAL)
    await support.done(
        "adjustPoints", member={"reference": "xiaoli"}, points=10, reason="her letter of May"
    )
    return support


async def test_what_is_personal_is_shown_to_who_deals_with_members() -> None:
    stage = await open_stage()
    support = await known(stage)

    for shown_to in (support, stage.staff("max", Role.MANAGER), stage.staff("ada", Role.ADMIN)):
        member = (await shown_to.read(BY_REFERENCE))["member"]
        assert {name: member[name] for name in EVERYTHING_PERSONAL} == EVERYTHING_PERSONAL
        assert len(member["contacts"]) == 2
        [entry] = member["ledger"]["edges"]
        assert entry["node"]["reason"] == "her letter of May"

    nothing = dict.fromkeys(EVERYTHING_PERSONAL) | {"profile": {}}
    for hidden_from in (stage.staff("vic", Role.VIEWER), stage.staff("fin", Role.FINANCE)):
        member = (await hidden_from.read(BY_REFERENCE))["member"]
        assert {name: member[name] for name in EVERYTHING_PERSONAL} == nothing
        assert (member["contacts"], member["consents"]) == ([], [])
        assert (member["notices"]["edges"], member["claims"]["edges"]) == ([], [])
        [entry] = member["ledger"]["edges"]
        assert entry["node"]["reason"] is None
        assert "letter" not in entry["node"]["description"]


async def test_nobody_searches_for_persons_who_is_not_shown_them() -> None:
    stage = await open_stage()
    support = await known(stage)
    viewer = stage.staff("vic", Role.VIEWER)
    search = """query($text: String) { members(filter: {text: $text}) {
        edges { node { reference } } } }"""
    by_contact = {"by": {"email": "li@example.com"}}

    assert (await support.read(search, text="xiaoli"))["members"]["edges"] != []
    assert (await support.read(BY_REFERENCE, **by_contact))["member"]["reference"] == "xiaoli"
    assert (await viewer.read(search, text=None))["members"]["edges"] != []
    for refused in (
        await viewer.ask(search, text="xia"),
        await viewer.ask(BY_REFERENCE, **by_contact),
        await viewer.ask(BY_REFERENCE, by={"phone": "+8613800138000"}),
        await stage.staff("fin", Role.FINANCE).ask(BY_REFERENCE, **by_contact),
    ):
        assert codes(refused) == ["FORBIDDEN"]
        assert refused["errors"][0]["extensions"]["roles"] == ["support", "manager", "admin"]


async def test_a_call_without_its_role_is_refused_as_a_whole_and_says_which() -> None:
    stage = await open_stage()
    support = await known(stage)
    before = await stage.everything()
    viewer = stage.staff("vic", Role.VIEWER)
    adjust = """mutation { adjustPoints(input: {member: {reference: "xiaoli"}, points: 5,
        reason: "r", idempotencyKey: "k"}) { replayed } %s }"""
    publish = 'publishPolicy(input: {document: "", idempotencyKey: "p"}) { replayed }'

    response = await viewer.post({"query": adjust % ""})
    assert response.status_code == 403
    [error] = response.json()["errors"]
    assert error["message"] == (
        "A token of staff needs the role support, manager or admin for `adjustPoints`."
    )
    assert error["extensions"] == {
        "code": "FORBIDDEN",
        "field": "adjustPoints",
        "roles": ["support", "manager", "admin"],
    }
    whole = await support.ask(adjust % publish)
    assert codes(whole) == ["FORBIDDEN"]
    assert whole["errors"][0]["extensions"]["roles"] == ["manager", "admin"]
    assert await stage.everything() == before

    kept_by_admins = await stage.staff("max", Role.MANAGER).ask("{ partnerKeys { __typename } }")
    assert kept_by_admins["errors"][0]["extensions"]["roles"] == ["admin"]
    assert kept_by_admins["errors"][0]["message"].endswith("the role admin for `partnerKeys`.")


async def test_the_list_of_roles_that_a_token_has() -> None:
    stage = await open_stage()
    asked = "{ viewer { kind roles scopes } }"

    alone = await stage.signed("kim", roles="staff").read(asked)
    assert alone["viewer"] == {"kind": "STAFF", "roles": ["VIEWER"], "scopes": []}
    some = await stage.staff("kim", Role.FINANCE, Role.SUPPORT).read(asked)
    assert some["viewer"]["roles"] == ["VIEWER", "SUPPORT", "FINANCE"]
    member = await stage.signed("xiaoli", roles=["admin"]).read(asked)
    assert member["viewer"] == {"kind": "MEMBER", "roles": [], "scopes": []}


async def test_a_proposal_is_approved_by_who_could_send_it_or_keeps_the_books() -> None:
    stage = await open_stage()
    support = await known(stage)
    made = await support.done(
        "adjustPoints",
        "proposal { id }",
        member={"reference": "xiaoli"},
        points=10_001,
        reason="goodwill",
    )
    proposal = made["proposal"]["id"]

    by_viewer = await stage.staff("vic", Role.VIEWER).ask(
        """mutation($id: ID!) { approveProposal(input: {proposal: $id, idempotencyKey: "k"}) {
            replayed } }""",
        id=proposal,
    )
    assert codes(by_viewer) == ["FORBIDDEN"]
    assert by_viewer["errors"][0]["extensions"]["roles"] == [
        *("support", "manager", "finance", "admin")
    ]
    finance = stage.staff("fin", Role.FINANCE)
    done = await finance.done("approveProposal", "proposal { state }", proposal=proposal)
    assert done["proposal"]["state"] == "DONE"
    assert (
        await stage.staff("vic", Role.VIEWER).read(f'{{ node(id: "{proposal}") {{ id }} }}')
    ) == {"node": None}

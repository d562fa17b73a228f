"""A policy that asks for a second person: publishing is proposed, approved once, or rejected."""

import asyncio
import hashlib
import json
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from api.kit.relay import from_global_id, to_global_id
from domain.kernel.callers import OPERATOR
from domain.programmes import programmes
from domain.proof import proposal_checks
from domain.proposals.proposals import OPEN_MAX
from tests.conftest import Database
from tests.support import factories as make
from tests.support.asking import (
    ASKS,
    LIST,
    SELECTION,
    STATE,
    VERSIONS,
    changed,
    later,
    numbers,
    open_asking,
    propose,
)
from tests.support.callers import REFERRALS, TODAY, Client, open_stage

pytestmark = pytest.mark.usefixtures("database")


async def test_a_policy_is_published_when_another_person_approves() -> None:
    stage = await open_asking()
    kim, lee, text = stage.staff(), stage.staff("lee"), changed(stage)
    before = await stage.everything()
    sent = {"document": text, "note": "spring"}
    proposal = await propose(kim, key="spring", **sent)
    assert {name: proposal[name] for name in ("operation", "sha256", "proposedBy", "state")} == {
        "operation": "publishPolicy",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "proposedBy": "staff:kim",
        "state": "OPEN",
    }
    told = {"note": "spring", "accept": [], "after": 1}
    assert proposal["input"] == {"document": text, "effectiveFrom": None, **told}
    assert [proposal[name] for name in ("decidedBy", "decidedAt", "reason")] == [None] * 3
    # nothing moved but what was written down
    after = await stage.everything()
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"proposal", "idempotency_key"}
    assert await numbers(stage) == [1]

    own = proposal["id"]
    refused = await kim.refused("approveProposal", proposal=own)
    assert (refused["code"], refused["path"]) == ("SAME_PERSON", ["proposal"])
    assert refused["message"] == "staff:kim proposed this; another person has to approve it."
    assert (await stage.everything())["proposal_decision"] == []

    done = await lee.done("approveProposal", STATE, key="yes", proposal=own)
    approved = {"id": own, "state": "DONE", "decidedBy": "staff:lee", "reason": None}
    assert done == {"proposal": approved, "replayed": False}
    again = await lee.done("approveProposal", STATE, key="yes", proposal=own)
    assert again == {"proposal": approved, "replayed": True}
    whole = (await lee.read(VERSIONS))["programme"]
    assert whole["version"] == 2
    assert whole["versions"]["edges"][0]["node"] == {
        "number": 2,
        "publishedBy": "staff:kim",
        "approvedBy": "staff:lee",
        "note": "spring",
        "document": text,
    }
    assert whole["versions"]["edges"][1]["node"]["approvedBy"] is None
    # the first request is answered as it was, with the proposal as it stands
    replayed = await kim.done("publishPolicy", SELECTION, key="spring", **sent)
    assert (replayed["replayed"], replayed["version"]) == (True, None)
    assert (replayed["proposal"]["id"], replayed["proposal"]["state"]) == (own, "DONE")
    for mutation, more in (("approveProposal", {}), ("rejectProposal", {"reason": "too late"})):
        gone = await stage.staff("mia").refused(mutation, proposal=own, **more)
        assert (gone["code"], gone["path"]) == ("PROPOSAL_STATE", ["proposal"])
        assert gone["message"] == "The proposal is done and can no longer be decided."
    assert await numbers(stage) == [2, 1]


async def test_every_way_to_publish_is_proposed() -> None:
    stage = await open_asking()
    kim, lee, text = stage.staff(), stage.staff("lee"), changed(stage)
    draft = await kim.done("saveDraft", "draft { id }", name="Spring", document=text)
    ahead = (TODAY + timedelta(days=2)).isoformat()
    of_draft = await propose(kim, draft=draft["draft"]["id"], effectiveFrom=ahead)
    # what is proposed is the text as it was, whatever becomes of the draft
    over = {"draft": draft["draft"]["id"], "revision": 1, "document": "programme: 1"}
    await kim.done("saveDraft", **over)
    assert of_draft["input"]["document"] == text
    await lee.done("approveProposal", proposal=of_draft["id"])
    of_version = await propose(lee, version=1)
    assert of_version["input"]["document"] == make.written(stage.programme.versions[0].policy)
    await kim.done("approveProposal", proposal=of_version["id"])
    found = await programmes.get(stage.programme.code)
    assert [version.number for version in found.versions] == [1, 2, 3]
    assert found.versions[1].effective_from == TODAY + timedelta(days=2)
    assert found.versions[2].effective_from < TODAY + timedelta(minutes=5)


async def test_not_asking_any_more_asks_for_it_too() -> None:
    stage = await open_asking()
    kim, lee = stage.staff(), stage.staff("lee")
    alone = changed(stage, "publishing:\n  approvals: 1\n", "")
    proposal = await propose(kim, document=alone)
    await lee.done("approveProposal", proposal=proposal["id"])
    done = await kim.done("publishPolicy", SELECTION, version=1)
    assert (done["version"], done["proposal"]) == (3, None)
    # the third asks again, from now
    await propose(kim, version=2)
    assert await numbers(stage) == [3, 2, 1]


async def test_what_is_ahead_asks_for_nobody_yet() -> None:
    stage = await open_stage()
    staff, text = stage.staff(), make.written(stage.programme.versions[0].policy)
    ahead = (TODAY + timedelta(days=2)).isoformat()
    asking = f"{text}publishing: {{approvals: 1}}\n"
    await staff.done("publishPolicy", document=asking, effectiveFrom=ahead)
    assert (await staff.done("publishPolicy", "version", document=changed(stage)))["version"] == 3
    await later(stage, timedelta(days=3))
    await propose(staff, document=text)


async def test_a_faulty_document_is_refused_at_once() -> None:
    stage = await open_asking()
    staff, before = stage.staff(), await stage.everything()
    slip = changed(stage, "points: 500\n", "points: 0500\n")
    for document, code in ((slip, "POLICY_INVALID"), ("", "POLICY_INVALID")):
        assert (await staff.refused("publishPolicy", document=document))["code"] == code
    fixed = changed(stage, "currency: CNY", "currency: EUR")
    assert (await staff.refused("publishPolicy", document=fixed))["reason"] == "fixed"
    past = (TODAY - timedelta(days=1)).isoformat()
    refused = await staff.refused("publishPolicy", document=changed(stage), effectiveFrom=past)
    assert refused["reason"] == "effective_in_past"
    for never in ("3000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"):
        refused = await staff.refused("publishPolicy", document=changed(stage), effectiveFrom=never)
        assert refused["reason"] == "date_range"
    assert await stage.everything() == before


async def test_what_was_accepted_is_accepted_when_it_is_approved() -> None:
    stage = await open_asking()
    kim, lee = stage.staff(), stage.staff("lee")
    document = make.shipped_document(referrals=REFERRALS, publishing=ASKS)
    document |= {"programme": stage.programme.code}
    document["target_return"] = {"maximum": "0.1", "basket": 100}
    text = json.dumps(document, default=str)
    refused = await kim.refused("publishPolicy", document=text)
    assert refused["code"] == "POLICY_INVALID"
    accept = ["RETURN_ABOVE_TARGET@target_return"]
    proposal = await propose(kim, document=text, accept=accept)
    assert proposal["input"]["accept"] == accept
    await lee.done("approveProposal", proposal=proposal["id"])
    assert await numbers(stage) == [2, 1]


async def test_it_is_judged_anew_when_it_is_approved() -> None:
    stage = await open_asking()
    kim, lee = stage.staff(), stage.staff("lee")
    ahead = (TODAY + timedelta(days=1)).isoformat()
    tiers = changed(stage, "  - code: diamond\n", "  - code: ruby\n").replace(
        "tiers:\n", "tiers:\n  renames:\n    diamond: ruby\n", 1
    )
    unknown = await propose(kim, document=changed(stage))
    late = await propose(kim, document=tiers, effectiveFrom=ahead)
    renamed = await propose(kim, document=tiers)
    await lee.done("approveProposal", proposal=renamed["id"])
    await later(stage, timedelta(days=2))
    before = await stage.everything()
    for own, reason in ((late["id"], "effective_in_past"), (unknown["id"], "tier_code_missing")):
        problem = await lee.refused("approveProposal", proposal=own)
        assert (problem["code"], problem["reason"]) == ("INVALID_INPUT", reason)
        assert problem["path"] == ["proposal"]
    assert await stage.everything() == before
    # it stays open, to be rejected or tried again
    done = await lee.done("rejectProposal", STATE, proposal=late["id"], reason="too late")
    assert done["proposal"]["state"] == "REJECTED"


async def test_of_two_proposals_of_one_version_the_second_does_not_undo_the_first() -> None:
    stage = await open_asking()
    kim, lee = stage.staff(), stage.staff("lee")
    first = await propose(kim, document=changed(stage))
    second = await propose(kim, document=changed(stage, "timezone:", "# summer\ntimezone:"))
    await lee.done("approveProposal", proposal=first["id"])
    before = await stage.everything()
    problem = await lee.refused("approveProposal", proposal=second["id"])
    assert (problem["reason"], problem["path"]) == ("published_since", ["proposal"])
    assert problem["message"] == (
        "The latest version is now 2; this was proposed when it was 1. Propose it again."
    )
    assert await stage.everything() == before
    again = await propose(kim, document=changed(stage, "timezone:", "# summer\ntimezone:"))
    await lee.done("approveProposal", proposal=again["id"])
    assert await numbers(stage) == [3, 2, 1]


async def test_what_a_later_release_would_refuse_is_not_published() -> None:
    """As where it was proposed when there were fewer faults and findings."""
    stage = await open_asking()
    lee, text = stage.staff("lee"), make.written(stage.programme.versions[0].policy)
    above = re.sub(r"(target_return:\n  maximum: )[\d.]+", r"\g<1>0.1", text)
    for document, kind in ((above, "finding"), (f"{text}x: 1\n", "fault")):
        own = await make.propose(stage.programme, now=stage.now(), document=document)
        named, before = str(to_global_id("Proposal", own)), await stage.everything()
        problem = await lee.refused("approveProposal", proposal=named)
        assert (problem["code"], problem["path"]) == ("POLICY_INVALID", ["proposal"])
        assert f" has 1 {kind}" in problem["message"]
        assert await stage.everything() == before


async def test_a_proposal_is_rejected_by_anybody_of_staff() -> None:
    stage = await open_asking()
    kim, lee = stage.staff(), stage.staff("lee")
    first, second = [await propose(kim, document=changed(stage)) for _ in range(2)]
    done = await lee.done(
        "rejectProposal", STATE, key="no", proposal=first["id"], reason="too dear"
    )
    assert done["proposal"] == {
        "id": first["id"],
        "state": "REJECTED",
        "decidedBy": "staff:lee",
        "reason": "too dear",
    }
    again = await lee.done(
        "rejectProposal", STATE, key="no", proposal=first["id"], reason="too dear"
    )
    assert again["replayed"] is True
    # one's own is withdrawn
    own = await kim.done("rejectProposal", STATE, proposal=second["id"], reason="a slip")
    assert own["proposal"]["decidedBy"] == "staff:kim"
    gone = await lee.refused("approveProposal", proposal=first["id"])
    assert gone["message"] == "The proposal is rejected and can no longer be decided."
    assert await numbers(stage) == [1]


async def test_a_proposal_lives_seven_days() -> None:
    stage = await open_asking()
    kim, lee = stage.staff(), stage.staff("lee")
    proposal = await propose(kim, document=changed(stage))
    await later(stage, timedelta(days=6, hours=23))
    other = await propose(kim, document=changed(stage))
    await later(stage, timedelta(hours=1))
    for mutation, more in (("approveProposal", {}), ("rejectProposal", {"reason": "late"})):
        problem = await lee.refused(mutation, proposal=proposal["id"], **more)
        assert problem["code"] == "PROPOSAL_STATE"
        assert problem["message"] == "The proposal is expired and can no longer be decided."
    in_chinese = await lee.reading("zh-CN").refused("approveProposal", proposal=proposal["id"])
    assert in_chinese["message"] == "该提案的状态为“已过期”，不能再处理。"
    assert (await state_of(lee, proposal["id"]))["state"] == "EXPIRED"
    await lee.done("approveProposal", proposal=other["id"])
    assert await numbers(stage) == [2, 1]


async def state_of(client: Client, own: str) -> Any:
    query = "query($id: ID!) { node(id: $id) { ... on Proposal { state expiresAt } } }"
    return (await client.read(query, id=own))["node"]


async def test_proposals_are_listed_to_staff_page_by_page() -> None:
    stage, other = await open_asking(), await open_asking()
    kim, lee = stage.staff(), stage.staff("lee")
    own = [(await propose(kim, document=changed(stage)))["id"] for _ in range(5)]
    await lee.done("approveProposal", proposal=own[0])
    await lee.done("rejectProposal", proposal=own[1], reason="no")
    waiting, over = list(reversed(own[2:])), [own[1], own[0]]
    for sent, ids in (({}, waiting), ({"open": True}, waiting), ({"open": False}, over)):
        assert await listed(kim, **sent) == (len(ids), ids)
    assert await listed(kim, open=None) == (5, [*waiting, *over])
    first = (await kim.read(LIST, first=2))["proposals"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = await listed(kim, after=first["pageInfo"]["endCursor"])
    assert rest == (3, [own[2]])
    await later(stage, timedelta(days=7))
    assert await listed(kim) == (0, [])
    assert await listed(kim, open=False) == (5, [*waiting, *over])
    assert await listed(other.staff()) == (0, [])
    for client in (stage.member(), await stage.partner(), other.staff()):
        assert await state_of(client, own[0]) is None


async def listed(client: Client, **sent: Any) -> tuple[int, list[str]]:
    page = (await client.read(LIST, **sent))["proposals"]
    return page["totalCount"], [edge["node"]["id"] for edge in page["edges"]]


async def test_what_names_no_proposal_decides_nothing() -> None:
    stage, other = await open_asking(), await open_asking()
    strange = (await propose(other.staff(), document=changed(other)))["id"]
    absent = str(to_global_id("Proposal", uuid4()))
    version = str(to_global_id("PolicyVersion", stage.programme.versions[0].id))
    before = await stage.everything()
    for named in (strange, absent, version, "", "x" * 500):
        for mutation, more in (("approveProposal", {}), ("rejectProposal", {"reason": "no"})):
            problem = await stage.staff("lee").refused(mutation, proposal=named, **more)
            assert (problem["what"], problem["path"]) == ("proposal", ["proposal"])
            assert problem["value"] == named[:128]
    assert await stage.everything() == before


async def test_reasons_and_open_proposals_have_bounds() -> None:
    stage = await open_asking()
    staff = stage.staff()
    own = (await propose(staff, document=changed(stage)))["id"]
    for reason, why in (
        ("", "too_short"),
        ("x" * 1001, "too_long"),
        ("a\nb", "control_characters"),
    ):
        problem = await staff.refused("rejectProposal", proposal=own, reason=reason)
        assert (problem["reason"], problem["path"]) == (why, ["reason"])
    for _ in range(OPEN_MAX - 1):
        await make.propose(stage.programme, now=stage.now())
    before = await stage.everything()
    problem = await staff.refused("publishPolicy", document=changed(stage))
    assert (problem["reason"], problem["allowed"]) == ("too_many_proposals", [str(OPEN_MAX)])
    assert await stage.everything() == before
    await staff.done("rejectProposal", proposal=own, reason="room for another")
    await propose(staff, document=changed(stage))


async def test_who_types_commands_and_who_sends_tokens_is_one_person() -> None:
    stage = await open_asking()
    own = await make.propose(stage.programme, by=f"{OPERATOR}kim", now=stage.now())
    named = str(to_global_id("Proposal", own))
    problem = await stage.staff("kim").refused("approveProposal", proposal=named)
    assert problem["code"] == "SAME_PERSON"
    await stage.staff("lee").done("approveProposal", proposal=named)


async def test_two_who_approve_at_once_publish_once() -> None:
    stage = await open_asking()
    own = (await propose(stage.staff(), document=changed(stage)))["id"]
    people = [stage.staff(f"person-{number}") for number in range(6)]
    payloads = await asyncio.gather(
        *(one.do("approveProposal", STATE, proposal=own) for one in people)
    )
    told = Counter(problem["code"] for one in payloads for problem in one["errors"])
    assert told == {"PROPOSAL_STATE": 5}
    assert await numbers(stage) == [2, 1]


async def test_one_key_sent_at_once_approves_once_and_answers_the_same() -> None:
    stage = await open_asking()
    own = (await propose(stage.staff(), document=changed(stage)))["id"]
    lee = stage.staff("lee")
    payloads = await asyncio.gather(
        *(lee.done("approveProposal", STATE, key="yes", proposal=own) for _ in range(4))
    )
    assert Counter(one["replayed"] for one in payloads) == {False: 1, True: 3}
    assert {one["proposal"]["state"] for one in payloads} == {"DONE"}
    assert await numbers(stage) == [2, 1]


async def test_one_approves_while_another_rejects() -> None:
    stage = await open_asking()
    own = (await propose(stage.staff(), document=changed(stage)))["id"]
    yes, no = await asyncio.gather(
        stage.staff("lee").do("approveProposal", STATE, proposal=own),
        stage.staff("mia").do("rejectProposal", STATE, proposal=own, reason="no"),
    )
    assert len([*yes["errors"], *no["errors"]]) == 1
    published = await numbers(stage) == [2, 1]
    assert published is (yes["errors"] == [])


async def test_a_proposal_that_was_altered_is_found_and_not_performed(
    database: Database, owner_connection: asyncpg.Connection
) -> None:
    stage = await open_asking()
    proposal = await propose(stage.staff(), document=changed(stage))
    named = from_global_id(proposal["id"])
    assert named is not None
    assert named.id not in [fault.row_id for fault in await proposal_checks.digests()]
    await owner_connection.execute(
        "UPDATE proposal SET input = jsonb_set(input, '{document}', to_jsonb("
        "replace(input->>'document', '400', '900'))) WHERE id = $1",
        named.id,
    )
    [fault] = [one for one in await proposal_checks.digests() if one.row_id == named.id]
    assert (fault.table, fault.what, fault.expected) == ("proposal", "input", proposal["sha256"])
    answer = await stage.staff("lee").ask(
        "mutation($input: ApproveProposalInput!) { approveProposal(input: $input) { replayed } }",
        input={"proposal": proposal["id"], "idempotencyKey": "yes"},
    )
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert await numbers(stage) == [1]

"""Drafts of the policy: saved with faults, over a revision that was read, published, deleted."""

from typing import Any

import pytest

from domain.programmes.drafts import DRAFTS_MAX
from domain.programmes.text import DOCUMENT_BYTES_MAX
from tests.support import factories as make
from tests.support.callers import Client, open_stage

pytestmark = pytest.mark.usefixtures("database")

DRAFT = "draft { id name revision document savedBy faults { code path line message } }"
LIST = "{ programme { drafts { name revision } } }"
NODE = "query($id: ID!) { node(id: $id) { ... on PolicyDraft { revision document } } }"


async def save(client: Client, **sent: Any) -> Any:
    return (await client.done("saveDraft", DRAFT, **sent))["draft"]


async def test_a_draft_is_written_until_it_can_be_published() -> None:
    stage = await open_stage()
    kim, lee = stage.staff(), stage.staff("lee").reading("zh-CN")
    text = make.written(stage.programme.versions[0].policy)
    wrong = text.replace("points: 500\n", "points: 0500\n", 1)
    made = await save(kim, name="Spring", document=wrong)
    line = 1 + wrong[: wrong.index("0500")].count("\n")
    [fault] = made["faults"]
    assert (made["revision"], made["savedBy"]) == (1, "staff:kim")
    assert (fault["code"], fault["line"]) == ("number_form", line)
    refused = await kim.refused("publishPolicy", draft=made["id"])
    assert refused["code"] == "POLICY_INVALID"

    right = text.replace("points: 500\n", "points: 400\n", 1)
    over = {"draft": made["id"], "document": right}
    saved = await save(lee, revision=1, name="春季", **over)
    assert (saved["revision"], saved["name"], saved["faults"]) == (2, "春季", [])
    assert saved["savedBy"] == "staff:lee"
    before = await stage.everything()
    conflict = await kim.refused("saveDraft", revision=1, **over)
    assert conflict == {
        "__typename": "ReferenceConflict",
        "code": "REFERENCE_CONFLICT",
        "message": "Draft '春季' was saved after this revision was read; read it again.",
        "path": ["revision"],
        "reference": "春季",
    }
    assert await stage.everything() == before
    assert (await kim.read(NODE, id=made["id"]))["node"] == {"revision": 2, "document": right}

    sent = {"draft": made["id"], "note": "spring"}
    done = await kim.done("publishPolicy", "version", key="publish", **sent)
    gone = (await kim.done("deleteDraft", DRAFT, key="delete", draft=made["id"]))["draft"]
    assert (done["version"], gone) == (2, saved)
    # what was done stays answered, with the draft gone
    again = await kim.done("publishPolicy", "version", key="publish", **sent)
    assert (again["version"], again["replayed"]) == (2, True)
    assert (await kim.done("deleteDraft", DRAFT, key="delete", draft=made["id"])) == {
        "draft": saved,
        "replayed": True,
    }
    assert (await kim.read(NODE, id=made["id"]))["node"] is None
    versions = "{ programme { versions(first: 1) { edges { node { document note } } } } }"
    [edge] = (await kim.read(versions))["programme"]["versions"]["edges"]
    assert edge["node"] == {"document": right, "note": "spring"}


async def test_what_cannot_be_a_draft_is_refused() -> None:
    stage = await open_stage()
    staff, draft = stage.staff(), (await save(stage.staff(), name="Autumn", document=""))
    assert [fault["code"] for fault in draft["faults"]] == ["empty"]
    own, text = draft["id"], "programme: ota"
    before = await stage.everything()
    for sent, reason, path in (
        ({"document": text}, "name_required", "name"),
        ({"document": text, "name": " "}, "too_short", "name"),
        ({"document": text, "name": "x" * 101}, "too_long", "name"),
        ({"document": text, "name": "x", "revision": 1}, "draft_required", "draft"),
        ({"document": text, "draft": own}, "revision_required", "revision"),
    ):
        problem = await staff.refused("saveDraft", **sent)
        assert (problem["reason"], problem["path"]) == (reason, [path])
    large = "x" * (DOCUMENT_BYTES_MAX + 1)
    assert (await staff.refused("saveDraft", document=large, name="x"))["code"] == "POLICY_INVALID"
    for revision in (0, 2, -1, 2**31 - 1):
        sent = {"draft": own, "revision": revision, "document": text}
        assert (await staff.refused("saveDraft", **sent))["code"] == "REFERENCE_CONFLICT"
    for nothing in ("", "x", "x" * 500, own[:-2]):
        for mutation, sent in (
            ("saveDraft", {"draft": nothing, "revision": 1, "document": text}),
            ("deleteDraft", {"draft": nothing}),
            ("publishPolicy", {"draft": nothing}),
        ):
            problem = await staff.refused(mutation, **sent)
            assert (problem["what"], problem["path"]) == ("draft", ["draft"])
            assert problem["value"] == nothing[:128]
    assert await stage.everything() == before


async def test_drafts_are_listed_to_staff_alone_and_have_a_bound() -> None:
    stage = await open_stage()
    staff = stage.staff()
    for number in range(DRAFTS_MAX):
        await make.draft(stage.programme, f"text {number}")
    refused = await staff.refused("saveDraft", name="one more", document="")
    assert (refused["reason"], refused["allowed"]) == ("too_many_drafts", ["50"])
    assert refused["message"] == "A programme can have at most 50 drafts; delete one first."
    listed = (await staff.read(LIST))["programme"]["drafts"]
    assert listed == [{"name": "Spring", "revision": 1}] * DRAFTS_MAX
    [first, *_] = (await staff.read("{ programme { drafts { id } } }"))["programme"]["drafts"]
    for client in (stage.member(), await stage.partner(), await stage.public()):
        assert (await client.read(LIST))["programme"]["drafts"] == []
    for client in (stage.member(), await stage.partner(), (await open_stage()).staff()):
        assert (await client.read(NODE, id=first["id"]))["node"] is None

"""The audit as admins read it, and what `verify` finds in one that was altered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import models
from api.kit.relay import from_global_id, to_global_id
from domain.kernel import sealing
from domain.kernel.audit import Head, erase_reasons
from domain.kernel.audit import head as last_row
from domain.kernel.callers import Role
from domain.kernel.sealing import Keys
from domain.partners import partners
from domain.proof import audit_checks, first_seals
from domain.rewards import offers as offering
from domain.rewards import placing
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, codes, open_stage
from tests.support.risks import decide, open_guarded, rule, waiting

pytestmark = pytest.mark.usefixtures("database")

ROWS = """query($subject: String, $first: Int, $after: String) {
    audit(subject: $subject, first: $first, after: $after) { totalCount pageInfo { endCursor }
        edges { node { sequence actor roles operation subject reason before after hash } } } }"""


async def audit(client: Client, **asked: Any) -> list[dict[str, Any]]:
    page = (await client.read(ROWS, **asked))["audit"]
    return [edge["node"] for edge in page["edges"]]


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("actor", "operation", "subject", "reason", "after"))


async def worked() -> tuple[Stage, Client, str]:
    """What an admin and support did: a member, a correction, a reward changed, a partner."""
    stage = await open_stage()
    ada, sam = stage.staff("ada", Role.ADMIN), stage.staff("sam", Role.SUPPORT, Role.MANAGER)
    him = {"reference": "xiaoli"}
    await sam.done("enrolMember", **him, name="Li Na", email="li@example.com")
    await sam.done("adjustPoints", member=him, points=10, reason="her letter of May")
    await sam.done("updateMember", member=him, name="Li", birthday="1990-03-15")
    reward = {"code": "lounge", "kind": "SERVICE", "name": {"zh-CN": "厅", "en": "Lounge"}}
    reward |= {"description": {"zh-CN": "厅", "en": "Lounge"}}
    await sam.done("saveReward", reward={**reward, "points": 400})
    await sam.done("saveReward", reward={**reward, "points": 500})
    await ada.done("savePartner", code="inn", name="Inn", scopes=["READ"])
    return stage, ada, str(await stage.member_id())


async def test_who_did_what_to_what_and_why() -> None:
    stage, ada, member_id = await worked()
    member, reward = f"member:{member_id}", "reward:lounge"

    rows = await audit(ada)

    assert [told(row) for row in rows[:6]] == [
        ("staff:ada", "savePartner", rows[0]["subject"], None, rows[0]["after"]),
        ("staff:sam", "saveReward", reward, None, {reward: {"list_points": 500}}),
        ("staff:sam", "saveReward", reward, None, rows[2]["after"]),
        ("staff:sam", "updateMember", member, None, {"name": "changed", "birthday": "changed"}),
        ("staff:sam", "adjustPoints", member, "her letter of May", {"points": 10}),
        ("staff:sam", "enrolMember", member, None, {"name": "changed", "email": "changed"}),
    ]
    assert [row["before"] for row in rows[1:3]] == [{reward: {"list_points": 400}}, None]
    assert rows[2]["after"][reward]["list_points"] == 400
    assert rows[0]["after"]["partner:inn"] == {"code": "inn", "name": "Inn", "scopes": "read"}
    assert rows[1]["roles"] == ["VIEWER", "SUPPORT", "MANAGER"]
    assert [row["sequence"] for row in rows] == list(range(len(rows), 0, -1))
    assert (rows[-1]["operation"], rows[-1]["actor"]) == ("publishPolicy", "test")

    for table, row in {"Reward": rows[1], "Partner": rows[0]}.items():
        own = await getattr(models, table).get(programme_id=stage.programme.id)
        found = await audit(ada, subject=str(to_global_id(table, own.id)))
        assert row in found
        assert {one["subject"] for one in found} == {row["subject"]}

    of_member = await audit(ada, subject=member)
    assert [row["operation"] for row in of_member] == [
        *("updateMember", "adjustPoints", "enrolMember")
    ]
    assert await audit(ada, subject=str(to_global_id("Member", UUID(member_id)))) == of_member
    page = (await ada.read(ROWS, subject=member, first=2))["audit"]
    assert page["totalCount"] == 3
    rest = await audit(ada, subject=member, first=2, after=page["pageInfo"]["endCursor"])
    assert [row["operation"] for row in rest] == ["enrolMember"]
    assert await audit((await open_stage()).staff("ada"), subject=member) == []
    await erase_reasons(stage.programme.id, [UUID(member_id)])
    [corrected] = [row for row in await audit(ada, subject=member) if row["reason"]]
    assert corrected["reason"].startswith("sha256:")
    assert corrected["hash"] == rows[4]["hash"]
    assert await faults(stage) == []
    for role in (Role.VIEWER, Role.SUPPORT, Role.MANAGER, Role.FINANCE):
        assert codes(await stage.staff("max", role).ask(ROWS)) == ["FORBIDDEN"]


async def test_a_subject_is_found_by_each_of_its_names() -> None:
    stage = await open_stage()
    ada, programme = stage.staff("ada"), stage.programme
    offers = [
        {
            "code": code,
            "kind": "service",
            "name": words,
            "description": words,
            "points": 1,
            "stock": 5,
        }
        for code in ("lounge", "upgrade")
        for words, of in [({"zh-CN": "厅", "en": "It"}, {"points": 1, "stock": 5})]
    ]
    read = offering.validate({"programme": programme.code, "rewards": offers})
    await placing.place(programme, read, TODAY)
    await ada.done("saveReward", reward={**offers[0], "kind": "SERVICE", "points": 2})
    await ada.done("adjustStock", reward="lounge", change=2, reason="more of them")
    await partners.create(programme, "other", "Other", TODAY)
    terms = {"fromMonth": "2126-12", "basis": "ISSUED", "pricePerPoint": "0.01"}
    await ada.done("savePartnerTerms", partner="other", **terms)
    await ada.done("buyPoints", partner="other", points=1000, reference="PO-1")
    await ada.done("enrolMember", reference="xiaoli")

    expected = {
        "reward:lounge": ["adjustStock", "saveReward", "placeRewards"],
        "reward:upgrade": ["placeRewards"],
        "partner:other": ["buyPoints", "savePartnerTerms", "createPartner"],
        "member:xiaoli": ["enrolMember"],
        f"programme:{programme.code}": ["advanceClock", "publishPolicy"],
    }
    own = {
        "reward:lounge": (await models.Reward.get(programme_id=programme.id, code="lounge")).id,
        "reward:upgrade": (await models.Reward.get(programme_id=programme.id, code="upgrade")).id,
        "partner:other": (await models.Partner.get(programme_id=programme.id)).id,
        "member:xiaoli": await stage.member_id(),
        f"programme:{programme.code}": programme.id,
    }
    for name, operations in expected.items():
        kind, alone = name.split(":")
        named = str(to_global_id(kind.capitalize(), own[name]))
        found = await audit(ada, subject=name)
        assert [row["operation"] for row in found] == operations, name
        for other in (f"{kind}:{own[name]}", named, f"{kind}:{named}", alone, str(own[name])):
            assert await audit(ada, subject=other) == found, other
        elsewhere = (await open_stage()).staff("ada")
        assert await audit(elsewhere, subject=named) == []
        assert await audit(elsewhere, subject=str(own[name])) == []
    assert await audit(ada, subject=f"reward:{to_global_id('Member', own['member:xiaoli'])}") == []


async def test_a_key_is_found_wherever_it_was_made() -> None:
    stage = await open_stage()
    ada = stage.staff("ada")
    await stage.partner(code="spa")
    [key] = await models.PartnerKey.filter(programme_id=stage.programme.id)
    await ada.done("revokeKey", sent={"key": key.id})
    for kind in ("key", "partner_key"):
        found = await audit(ada, subject=f"{kind}:{key.id}")
        assert [row["operation"] for row in found] == ["revokeKey", "createKey"]


async def test_what_was_decided_is_said() -> None:
    stage = await open_guarded(rule("large", "earn", "amount", "review", over=1000))
    ada, partner, him = stage.staff("ada"), await stage.partner(), {"reference": "xiaoli"}
    await partner.done("enrolMember", **him)
    for reference in ("B-1", "B-2"):
        await partner.book(reference, {"product": "hotel", "amount": "2000.00"})
    one, two = [review["id"] for review in await waiting(ada)]
    await decide(ada, one, approve=True)
    await decide(ada, two, approve=False)
    await ada.done("assignTier", member=him, tier="gold", reason="a friend")
    for done in ("suspendMember", "reinstateMember"):
        await ada.done(done, member=him, reason="it seemed so")
    member = f"member:{await stage.member_id()}"
    await ada.done("eraseMember", member=him, confirm=2000)
    await ada.done("enrolMember", reference="mia")
    await ada.done("adjustPoints", member={"reference": "mia"}, points=7, reason="a gift")
    await ada.done("closeMember", member={"reference": "mia"}, reason="gone", forfeit=7)
    other = f"member:{await stage.member_id('mia')}"

    said = {
        (row["operation"], name): (row["before"].get(name), value)
        for row in await audit(ada)
        for name, value in (row["after"] or {}).items()
        if name.split(":")[0] in ("member", "review") and row["before"]
    }
    reviews = [f"review:{named.id}" for each in (one, two) if (named := from_global_id(each))]
    assert said == {
        ("decideReview", reviews[0]): ({"state": "OPEN"}, {"state": "APPROVED"}),
        ("decideReview", reviews[1]): ({"state": "OPEN"}, {"state": "REJECTED"}),
        ("assignTier", member): ({"tier": "silver"}, {"tier": "gold"}),
        ("suspendMember", member): ({"status": "ENROLLED"}, {"status": "SUSPENDED"}),
        ("reinstateMember", member): ({"status": "SUSPENDED"}, {"status": "ENROLLED"}),
        ("eraseMember", member): ({"status": "ENROLLED"}, {"status": "ERASED", "points": -2000}),
        ("closeMember", other): ({"status": "ENROLLED"}, {"status": "CLOSED", "points": -7}),
    }
    assert {row["operation"] for row in await audit(ada, subject=one)} == {"decideReview"}
    assert await faults(stage) == []


async def test_calls_at_once_stand_one_after_the_other() -> None:
    stage = await open_stage()
    people = [stage.staff(f"person {number}", Role.SUPPORT) for number in range(10)]
    before = len(await audit(stage.staff("ada")))

    await asyncio.gather(
        *(one.done("enrolMember", reference=f"M-{number}") for number, one in enumerate(people))
    )

    rows = await audit(stage.staff("ada"))
    assert [row["sequence"] for row in rows] == list(range(before + 10, 0, -1))
    assert {row["actor"] for row in rows[:10]} == {f"staff:person {n}" for n in range(10)}
    assert await faults(stage) == []


async def faults(stage: Stage) -> list[str]:
    """What is wrong with the audit of this programme alone."""
    last = await last_row(stage.programme.id) or Head(0, sealing.FIRST_HASH)
    found = await audit_checks.chain(stage.programme.id, last)
    assert {fault.row_id for fault in found} <= {stage.programme.id}
    return [fault.what for fault in found]


@asynccontextmanager
async def altered(database: Database, stage: Stage, *statements: str) -> AsyncIterator[None]:
    """These statements, of the owner with triggers and rights aside, taken back in the end."""
    async with connection(database.owner) as owner:
        held = await kept(owner, stage)
        try:
            for statement in statements:
                await owner.execute(statement.replace("$1", f"'{stage.programme.id}'"))
            yield
        finally:
            await restore(owner, stage, held)


TABLES = ("audit_reason", "audit", "audit_head")


async def kept(owner: asyncpg.Connection, stage: Stage) -> dict[str, list[asyncpg.Record]]:
    return {
        table: await owner.fetch(
            f"SELECT t::text AS row FROM {table} t WHERE programme_id = $1", stage.programme.id
        )
        for table in TABLES
    }


async def restore(
    owner: asyncpg.Connection, stage: Stage, held: dict[str, list[asyncpg.Record]]
) -> None:
    for table in TABLES:
        await owner.execute(f"DELETE FROM {table} WHERE programme_id = $1", stage.programme.id)
    for table in reversed(TABLES):
        for record in held[table]:
            await owner.execute(f"INSERT INTO {table} SELECT ($1::text::{table}).*", record["row"])


ALTERED = {
    "at = at + interval '1 second'": "the hash of row 4",
    "actor = 'staff:lee'": "the hash of row 4",
    "roles = 'admin'": "the hash of row 4",
    "operation = 'transferPoints'": "the hash of row 4",
    "subject = NULL": "the hash of row 4",
    "before = '{}'": "the hash of row 4",
    "after = '{\"points\": 11}'": "the hash of row 4",
    "request_id = NULL": "the hash of row 4",
    "rows = decode(repeat('00', 49), 'hex')": "the hash of row 4",
    "mac = sha256('x')": "the mac of row 4",
    "reason = 'sha256:x'": "the hash of row 4",
}


async def test_verify_names_each_row_that_was_altered_deleted_or_added(database: Database) -> None:
    stage, _, _ = await worked()
    assert await faults(stage) == []

    for change, expected in ALTERED.items():
        statement = f"UPDATE audit SET {change} WHERE programme_id = $1 AND sequence = 4"
        async with altered(database, stage, statement):
            assert (await faults(stage))[0] == expected, change
    gone = ("audit_reason", "audit")
    deleted = [f"DELETE FROM {table} WHERE programme_id = $1 AND sequence = 4" for table in gone]
    async with altered(database, stage, *deleted):
        assert (await faults(stage))[:2] == ["the row after", "the hash of row 5"]
    last = "(SELECT max(sequence) FROM audit WHERE programme_id = $1)"
    cut = f"DELETE FROM audit WHERE programme_id = $1 AND sequence = {last}"
    async with altered(database, stage, cut):
        assert (await faults(stage))[0] == "the last row"
        # among the audits of all programmes it is found, too
        of_all = [
            one.what for one in await audit_checks.chains() if one.row_id == stage.programme.id
        ]
        assert of_all == await faults(stage)
    added = (
        "INSERT INTO audit SELECT programme_id, sequence + 1, at, actor, roles, operation, "
        "subject, before, after, reason, request_id, rows, hash, key, mac FROM audit "
        f"WHERE programme_id = $1 AND sequence = {last}"
    )
    async with altered(database, stage, added):
        assert "the last row" in await faults(stage)
    why = "UPDATE audit_reason SET value = 'none' WHERE programme_id = $1"
    async with altered(database, stage, why):
        assert await faults(stage) == ["the reason of row 4"]
    erased = "UPDATE audit_reason SET value = NULL, salt = NULL WHERE programme_id = $1"
    async with altered(database, stage, erased):
        assert await faults(stage) == []
    everything = [f"DELETE FROM {table} WHERE programme_id = $1" for table in TABLES]
    async with altered(database, stage, *everything):
        assert await faults(stage) == ["its first row"]
        for _ in range(2):  # once more changes nothing
            assert [one async for one in first_seals.seal(stage.programme.id, make.NOW)] == []
        assert await faults(stage) == []
        assert [told(row)[:2] for row in await audit(stage.staff("ada"))] == [("system", "seal")]
    unknown = "UPDATE audit SET key = 'x' WHERE programme_id = $1 AND sequence = 4"
    async with altered(database, stage, unknown):
        # who has no key says what it could not check; who has one knows whose seals it believes
        assert await faults(stage) == []
        assert "x" in await audit_checks.unchecked()
        sealing.use(Keys({"own": bytes(32)}))
        try:
            assert "the mac of row 4" in await faults(stage)
            assert await audit_checks.unchecked() == set()
        finally:
            sealing.use(sealing.DEVELOPMENT_KEYS)
    assert await faults(stage) == []


async def test_verify_names_each_row_that_the_audit_tells_otherwise(database: Database) -> None:
    stage, _, _ = await worked()
    reward = await make.reward(stage.programme)
    await stage.partner(code="spa")
    programme_id = stage.programme.id
    assert await faults(stage) == []
    changes = {
        "programme": ("clock_offset_seconds = clock_offset_seconds + 1", "id"),
        "policy_version": ("note = 'other'", "programme_id"),
        "reward": ("worth_minor = coalesce(worth_minor, 0) + 1", "programme_id"),
        "partner": ("name = name || '!'", "programme_id"),
        "partner_key": ("label = 'other'", "programme_id"),
    }
    async with connection(database.owner) as owner:
        for table, (change, own) in changes.items():
            where = f"WHERE {own} = '{programme_id}'"
            await owner.execute(f"UPDATE {table} SET {change} {where}")
            assert {one.split()[0] for one in await faults(stage)} == {table}
            await owner.execute(f"UPDATE {table} SET {undo(table)} {where}")
            assert await faults(stage) == [], table
        await owner.execute("DELETE FROM reward WHERE id = $1", reward.id)
        assert f"reward {reward.id.hex}" in await faults(stage)


def undo(table: str) -> str:
    return {
        "programme": "clock_offset_seconds = clock_offset_seconds - 1",
        "policy_version": "note = ''",
        "reward": "worth_minor = nullif(worth_minor - 1, 0)",
        "partner": "name = left(name, -1)",
        "partner_key": "label = NULL",
    }[table]

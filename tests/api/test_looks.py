"""Looks: whoever is shown what is personal of a member by an answer is written down before."""

from datetime import timedelta
from typing import Any

import pytest

from api.kit.relay import from_global_id, to_global_id
from domain.jobs.jobs import ExportKind
from domain.kernel.callers import Role, Scope
from domain.kernel.database import rows
from domain.members import looks
from domain.partners import partners
from tests.support import factories as make
from tests.support import imported as moving
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
LIST = "{ members(first: 9) { edges { node { reference %s } } } }"


async def two_members() -> Stage:
    stage = await open_stage()
    said: dict[str, Any] = {"name": "李娜", "email": "li@example.com", "profile": {"seat": "aisle"}}
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli", **said)
    await make.enrol(stage.programme, now=TODAY, reference="nameless")
    return stage


async def kept(stage: Stage) -> list[tuple[str, str, str]]:
    found = await rows(
        "SELECT m.reference, a.actor, a.fields FROM access a "
        "JOIN member m ON m.member_id = a.member_id WHERE m.programme_id = $1 ORDER BY a.id",
        stage.programme.id,
    )
    return [(one["reference"], one["actor"], one["fields"]) for one in found]


async def inserted(statements: list[str], client: Client, query: str) -> int:
    """How many statements of an answer write down who looked."""
    before = len(statements)
    await client.read(query)
    return sum("INSERT INTO access" in one for one in statements[before:])


async def test_an_answer_writes_down_whom_it_shows_and_to_whom(statements: list[str]) -> None:
    stage = await two_members()
    await make.enrol(stage.programme, now=TODAY, reference="third", name="Wang")
    staff, viewer = stage.staff(), stage.staff("vera", Role.VIEWER)

    for nothing in ("joinedAt", "status", "balance { available }"):
        assert await inserted(statements, staff, LIST % nothing) == 0
    assert await inserted(statements, viewer, LIST % "name email profile") == 0
    own = stage.member("xiaoli")
    assert await inserted(statements, own, "{ me { name email birthday profile } }") == 0
    assert await kept(stage) == []

    assert await inserted(statements, staff, LIST % "name contacts { value }") == 1
    # of whom nothing is known nothing is shown
    assert sorted(await kept(stage)) == [
        ("third", "staff:kim", "name"),
        ("xiaoli", "staff:kim", "contacts name"),
    ]
    ids = await rows(
        "SELECT DISTINCT request_id FROM access a JOIN member m ON m.member_id = a.member_id "
        "WHERE m.programme_id = $1",
        stage.programme.id,
    )
    assert len(ids) == 1


async def test_partners_payloads_and_exports_are_looks_too() -> None:
    stage = await two_members()
    partner = await stage.partner([Scope.MEMBERS, Scope.MEMBERS_READ])
    blind = await stage.partner([Scope.MEMBERS], code="blind")
    him: dict[str, Any] = {"member": {"reference": "xiaoli"}}
    for client in (partner, blind):
        await client.done("updateMember", "member { profile phone }", locale="en", **him)
    [(reference, actor, fields)] = await kept(stage)
    assert (reference, fields) == ("xiaoli", "profile")
    assert actor.startswith("partner:")

    await stage.staff().done("exportMember", "document", **him)
    await make.export(stage.programme, ExportKind.MEMBERS, now=TODAY)
    await make.export(stage.programme, ExportKind.LOTS, now=TODAY)
    everything = "birthday contacts name profile"
    assert sorted(await kept(stage)) == [
        ("nameless", "staff:kim", everything),
        ("xiaoli", actor, "profile"),
        *[("xiaoli", "staff:kim", everything)] * 2,
    ]
    # the member is told who looked, for twelve months
    own = stage.member("xiaoli")
    document = (await own.done("exportMember", "document"))["document"]
    told = [(one["actor"], one["fields"]) for one in document["access"]]
    assert told == [(actor, "profile"), *[("staff:kim", everything)] * 2]
    late = TODAY + looks.KEPT_DAYS * DAY
    assert await looks.forget_old(stage.programme.id, late - DAY) == 0
    assert await looks.forget_old(stage.programme.id, late + DAY) == 4
    assert await kept(stage) == []


async def test_who_reads_where_a_reward_goes_has_looked() -> None:
    stage = await open_stage()
    shop = await stage.partner(code="shop")
    shop_id = await partners.find_id(stage.programme, "shop")
    await make.rich_member(stage.programme, 10_000, now=TODAY, reference="xiaoli")
    terms: dict[str, Any] = {"kind": "PRODUCT", "list_points": 100, "partner_id": shop_id}
    reward = await make.reward(stage.programme, requires="ADDRESS", **terms)
    where = {"recipient": "Li Na", "phone": "+8613800138000", "address": "Nanjing Road 1"}
    shown = "redemption { delivery { recipient } }"
    await stage.member().done("redeemReward", shown, reward=reward.code, delivery=where)
    orders = "{ ordersToFulfil { edges { node { id %s } } } }"
    for client in (stage.staff(), shop):
        await client.read(orders % "")
    assert await kept(stage) == []
    for client in (stage.staff(), shop):
        await client.read(orders % "delivery { recipient phone address note }")
    told = [(reference, fields) for reference, _, fields in await kept(stage)]
    assert told == [("xiaoli", "delivery")] * 2


REFUSED = b"""reference,name,email,birthday,profile.city
xiaoli,Li,,tomorrow,Sanya
nameless,,LI@example.com,,
nobody,Zhao,,yesterday,
xiaoli,,,,
"""


async def test_who_reads_the_refused_rows_of_an_import_has_looked() -> None:
    stage = await two_members()
    job_id, url, _ = await moving.begin(stage.staff(), "MEMBERS")
    await moving.put(url, REFUSED)
    await moving.work(stage)
    assert await kept(stage) == []
    for name in ("sam", "lee"):
        job = (await stage.staff(name).read(moving.READ, id=job_id))["job"]
        # nothing was shown yet
        assert [actor for _, actor, _ in await kept(stage)].count(f"staff:{name}") == 0
        assert [row[0] for row in await moving.refused(job)] == [
            *("reference", "xiaoli", "nameless", "nobody")
        ]
    assert sorted(await kept(stage)) == [
        *[("nameless", f"staff:{name}", "contacts") for name in ("lee", "sam")],
        *[("xiaoli", f"staff:{name}", "birthday contacts name profile") for name in ("lee", "sam")],
    ]
    looked = await rows(
        "SELECT DISTINCT a.request_id FROM access a JOIN member m ON m.member_id = a.member_id "
        "WHERE m.programme_id = $1",
        stage.programme.id,
    )
    found = from_global_id(job_id)
    assert found is not None
    assert looked == [{"request_id": str(found.id)}]


async def test_who_reads_an_export_that_another_asked_for_has_looked() -> None:
    stage = await two_members()
    export = await make.export(stage.programme, ExportKind.MEMBERS, now=TODAY)
    job_id = str(to_global_id("Job", export))
    read = "query($id: ID!) { job(id: $id) { downloadUrls } }"
    everything, made = "birthday contacts name profile", sorted(await kept(stage))
    assert len(made) == 2
    for name in (made[0][1].removeprefix("staff:"), "lee"):
        [url] = (await stage.staff(name).read(read, id=job_id))["job"]["downloadUrls"]
        assert sorted(await kept(stage)) == made
        async with moving.browser() as client:
            assert (await client.get(url)).status_code == 200
    told = [(name, "staff:lee", everything) for name in ("nameless", "xiaoli")]
    assert sorted(await kept(stage)) == sorted(made + told)

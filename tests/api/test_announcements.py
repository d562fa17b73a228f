"""Announcements: at those whom each is for, in a query and as a notice, and at nobody else."""

from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.kernel.database import rows
from domain.members import segment_lists
from domain.members.consents import Purpose
from domain.notices import announcing
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import sending, tiered
from tests.support.callers import TODAY, open_stage

pytestmark = pytest.mark.usefixtures("database")

WORDS = {"zh-CN": "夏日", "en": "Summer"}
LIST = {"code": "flyers", "name": make.WORDS, "list": True}
SHOWN = "{ announcements { code title(locale: ZH_CN) segment } }".replace("ZH_CN", '"zh-CN"')


async def announce_all(programme: Programme, now: datetime, most: int = 10**6) -> int:
    """Announce to at most so many members and stop there, as a worker that is killed."""
    met = 0
    async with aclosing(announcing.listeners(programme, now)) as found:
        async for one in found:
            if met == most:
                break
            met += await announcing.announce(programme, one, now)
    return met


async def test_an_announcement_is_at_those_whom_it_is_for_and_at_nobody_else() -> None:
    stage = await open_stage(make.shipped_document(segments=[LIST]))
    programme, now = stage.programme, stage.now()
    ids = {
        name: await make.enrol(programme, now=TODAY, reference=name, email=f"{name}@example.com")
        for name in ("plain", "gold", "flyer")
    }
    await make.enrol(programme, now=TODAY, reference="guest", guest=True)
    await tiered.assign(programme, ids["gold"], "gold", now=TODAY)
    await segment_lists.add(programme, "flyers", ["flyer"], TODAY, by="test")
    staff = stage.staff()

    async def save(code: str, **sent: Any) -> None:
        whole: dict[str, Any] = {"title": WORDS, "text": WORDS, "from": TODAY.isoformat(), **sent}
        done = await staff.done(
            "saveAnnouncement", "announcement { code title }", code=code, **whole
        )
        assert done["announcement"] == {"code": code, "title": "Summer"}

    await save("a_all", notify=True)
    await save("b_gold", tiers=["gold"], notify=True)
    await save("c_list", segment="flyers", notify=True)
    past = [(TODAY - timedelta(days=days)).isoformat() for days in (2, 1)]
    await save("d_over", **{"from": past[0]}, until=past[1], notify=True)
    await save("e_later", **{"from": (now + timedelta(hours=1)).isoformat()}, notify=True)
    await save("f_quiet")

    async def seen(reference: str | None) -> list[str]:
        client = staff if reference is None else stage.member(reference)
        return [one["code"] for one in (await client.read(SHOWN))["announcements"]]

    assert await seen("plain") == await seen("guest") == ["a_all", "f_quiet"]
    assert await seen("gold") == ["a_all", "b_gold", "f_quiet"]
    assert await seen("flyer") == ["a_all", "c_list", "f_quiet"]
    assert await seen(None) == ["e_later", "a_all", "b_gold", "c_list", "f_quiet", "d_over"]
    flyers = (await stage.member("flyer").read(SHOWN))["announcements"][1]
    assert flyers == {"code": "c_list", "title": "夏日", "segment": None}
    await make.consent(programme, ids["plain"], Purpose.MARKETING)

    # who has begun stops at what was saved again meanwhile, as for others, or for nobody
    await save("0_mended", notify=True)
    met = []
    async with aclosing(announcing.listeners(programme, now)) as found:
        async for one in found:
            if one.run.announcement.code != "0_mended":
                break
            met.append(await announcing.announce(programme, one, now))
            await save("0_mended", tiers=["platinum"], notify=True)
    assert (met, one.run.announcement.code) == ([1, 0], "a_all")
    await save("0_mended", **{"from": past[0]}, until=past[1])

    # killed after the first two, and gone on with; then no more
    assert await announce_all(programme, now, most=2) == 2
    assert await announce_all(programme, now) == 3
    assert await announcing.runs(programme, now) == []
    # saved again it is for others too, and nobody is notified twice
    await save("b_gold", tiers=["gold", "silver"], notify=True)
    assert await announce_all(programme, stage.now()) == 2
    await sending.notify(programme, stage.now())
    told = await rows(
        "SELECT n.member_id, n.key, n.variables FROM notice n "
        "WHERE n.programme_id = $1 AND n.kind = 'announcement' ORDER BY n.key, n.member_id",
        programme.id,
    )
    by_name = {own: name for name, own in ids.items()}
    assert sorted((one["key"], by_name[one["member_id"]]) for one in told) == [
        ("0_mended", "plain"),
        *(("a_all", name) for name in ("flyer", "gold", "plain")),
        *(("b_gold", name) for name in ("flyer", "gold", "plain")),
        ("c_list", "flyer"),
    ]
    query = "{ me { notices { edges { node { kind title body } } } } }"
    own = (await stage.member("flyer").read(query))["me"]["notices"]["edges"]
    assert {"kind": "announcement", "title": "夏日", "body": "夏日"} in [one["node"] for one in own]

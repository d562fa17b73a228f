"""Partners as staff save them, and keys that staff and partners make, replace and revoke."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import models
from domain.kernel import cache
from domain.partners import partner_keys
from domain.partners.partner_keys import LIVE_MAX
from tests.support.callers import Client, Stage, codes, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

KEY = "key { id label scopes status expiresAt revokedAt lastUsedOn partner { code } } secret"
PARTNER = """query($code: String) { partner(code: $code) { code name scopes
    keys { id label scopes status partner { code } } } }"""
VIEWER = "{ viewer { scopes } }"


async def scopes_of(client: Client) -> Any:
    answer = await client.ask(VIEWER)
    return codes(answer) or answer["data"]["viewer"]["scopes"]


def key_of(client: Client) -> dict[str, str]:
    return {"key": partner_keys.named(str(client.token))}


async def keeping(stage: Stage, *scopes: str, code: str = "shop") -> Client:
    """A partner's key that may `manage`, made by staff."""
    staff = stage.staff()
    await staff.done("savePartner", code=code, name="Shop", scopes=["MANAGE", *scopes])
    made = await staff.done("createKey", KEY, partner=code, label="first", scopes=["MANAGE"])
    return Client(made["secret"])


async def test_a_partner_makes_keys_with_scopes_among_its_own() -> None:
    stage = await open_stage()
    manager, key = await keeping(stage, "EARN", "READ"), fresh_key()
    ends = datetime.now(UTC) + timedelta(days=3)
    sent = {"label": "till", "scopes": ["READ", "EARN"], "expiresAt": ends.isoformat()}
    made = await manager.done("createKey", KEY, key=key, **sent)
    own, secret = made["key"]["id"], made["secret"]
    assert secret.startswith(f"mp_development_{own}_")
    assert datetime.fromisoformat(made["key"].pop("expiresAt")) == ends
    assert made["key"] == {
        "id": own,
        "label": "till",
        "scopes": ["EARN", "READ"],
        "status": "LIVE",
        "revokedAt": None,
        "lastUsedOn": None,
        "partner": {"code": "shop"},
    }
    assert await scopes_of(Client(secret)) == ["EARN", "READ"]
    again = await manager.done("createKey", KEY, key=key, **sent)
    assert (again["key"]["id"], again["secret"], again["replayed"]) == (own, None, True)
    before = await stage.everything()
    refused = await manager.refused("createKey", label="more", scopes=["EARN", "CODES"])
    assert (refused["reason"], refused["path"]) == ("scope_of_partner", ["scopes"])
    assert await stage.everything() == before

    shown = (await manager.read(PARTNER))["partner"]
    assert (shown["code"], shown["scopes"]) == ("shop", ["EARN", "MANAGE", "READ"])
    assert [one["label"] for one in shown["keys"]] == ["till", "first"]
    assert {one["partner"]["code"] for one in shown["keys"]} == {"shop"}
    assert shown == (await stage.staff().read(PARTNER, code="shop"))["partner"]
    assert (await stage.staff().read(PARTNER))["partner"] is None
    # a key that does not manage sees whose it is, and no keys
    reader = (await Client(secret).read(PARTNER))["partner"]
    assert (reader["code"], reader["scopes"], reader["keys"]) == ("shop", [], [])


async def test_the_old_key_lives_for_the_hours_given() -> None:
    stage = await open_stage()
    manager, key = await keeping(stage), fresh_key()
    sent = {**key_of(manager), "hours": 1}
    rotated = await manager.done("rotateKey", KEY, key=key, sent=sent)
    new = Client(rotated["secret"])
    assert (await manager.done("rotateKey", KEY, key=key, sent=sent))["secret"] is None
    assert [await scopes_of(manager), await scopes_of(new)] == [["MANAGE"]] * 2
    assert [one["status"] for one in (await new.read(PARTNER))["partner"]["keys"]] == [
        "LIVE",
        "REPLACED",
    ]
    for hours in (-1, 169, 2**31 - 1):
        refused = await new.refused("rotateKey", sent={**key_of(new), "hours": hours})
        assert (refused["reason"], refused["path"]) == ("hours_of_key", ["hours"])

    last = Client((await new.done("rotateKey", KEY, sent={**key_of(new), "hours": 0}))["secret"])
    assert [await scopes_of(new), await scopes_of(last)] == [["UNAUTHENTICATED"], ["MANAGE"]]
    # a key may revoke itself
    assert (await last.done("revokeKey", "key { status }", sent=key_of(last)))["key"] == {
        "status": "REVOKED"
    }
    assert await scopes_of(last) == ["UNAUTHENTICATED"]


async def test_keys_of_others_are_not_there() -> None:
    stage, other = await open_stage(), await open_stage()
    manager, theirs = await keeping(stage), await keeping(stage, code="inn")
    elsewhere, public = await keeping(other), await stage.public()
    agency = await keeping(stage, "ALL_PARTNERS", code="agency")
    before = [await one.everything() for one in (stage, other)]
    for caller, named in (
        (manager, theirs),
        (manager, elsewhere),
        (manager, public),
        (agency, theirs),
        (stage.staff(), elsewhere),
    ):
        for root in ("rotateKey", "revokeKey"):
            refused = await caller.refused(root, sent={"key": str(named.token)})
            assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["key"])
            assert str(named.token).rpartition("_")[2] not in str(refused).replace(
                key_of(named)["key"], ""
            )
    for caller, code in ((manager, "inn"), (agency, "inn"), (stage.staff(), "nobody")):
        refused = await caller.refused("createKey", partner=code, label="x", scopes=[])
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["partner"])
        assert (await caller.read(PARTNER, code=code))["partner"] is None
    assert [await one.everything() for one in (stage, other)] == before
    # staff replace the public key, too
    shown = await stage.staff().done("rotateKey", KEY, sent=key_of(public))
    assert (shown["key"]["partner"], shown["key"]["scopes"]) == (None, [])


async def test_a_scope_that_a_partner_loses_is_lost_by_its_keys() -> None:
    stage = await open_stage()
    manager = await keeping(stage, "EARN")
    made = await manager.done("createKey", KEY, label="till", scopes=["EARN", "MANAGE"])
    staff, till = stage.staff(), Client(made["secret"])
    assert await scopes_of(till) == ["EARN", "MANAGE"]

    saved = await staff.done(
        "savePartner", "partner { name scopes }", code="shop", name="Shop 2", scopes=["EARN"]
    )
    assert saved["partner"] == {"name": "Shop 2", "scopes": ["EARN"]}
    assert [await scopes_of(till), await scopes_of(manager)] == [["EARN"], []]
    # it does not come back by itself
    await staff.done("savePartner", code="shop", name="Shop", scopes=["EARN", "MANAGE"])
    assert await scopes_of(till) == ["EARN"]


async def test_ten_keys_live_at_once() -> None:
    stage = await open_stage()
    manager = await keeping(stage)
    payloads = await asyncio.gather(
        *(manager.do("createKey", KEY, label=f"{n}", scopes=[]) for n in range(LIVE_MAX + 2))
    )
    refused = [one["errors"][0] for one in payloads if one["errors"]]
    assert [(one["reason"], one["path"]) for one in refused] == [("too_many_keys", None)] * 3
    assert {one["message"] for one in refused} == {
        "A partner can have at most 10 active keys; revoke one first."
    }
    made = [one["key"]["id"] for one in payloads if one["key"]]
    assert len(made) == LIVE_MAX - 1
    # one that is replaced makes room for the new one; one that has expired does not come back
    await manager.done("rotateKey", sent={"key": made[0]})
    await models.PartnerKey.filter(id=made[1]).update(expires_at=datetime.now(UTC))
    cache.forget()
    await manager.done("createKey", label="another", scopes=[])
    expired = await manager.refused("rotateKey", sent={"key": made[1]})
    assert expired["reason"] == "too_many_keys"
    await manager.done("revokeKey", sent={"key": made[2]})
    await manager.done("rotateKey", sent={"key": made[1]})

"""Partners' keys as staff keep them, and what becomes of calls with them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

import models
from domain.kernel import cache
from domain.partners import key_uses
from tests.support.callers import Client, codes, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

VIEWER = "{ viewer { kind partner { code } } }"
LIST = """query($partner: String, $first: Int, $after: String) {
    partnerKeys(partner: $partner, first: $first, after: $after) { totalCount
        pageInfo { hasNextPage endCursor }
        edges { node { keyId prefix label scopes status expiresAt revokedAt replacedBy lastUsedOn
            partner { code name } } } } }"""
KEY = "key { keyId prefix label status expiresAt revokedAt replacedBy }"


async def seen(client: Client) -> Any:
    answer = await client.ask(VIEWER)
    return codes(answer) or answer["data"]["viewer"]["kind"]


async def listed(staff: Client, **variables: Any) -> list[dict[str, Any]]:
    found = (await staff.read(LIST, **variables))["partnerKeys"]
    return [edge["node"] for edge in found["edges"]]


async def test_a_key_is_rotated_and_the_old_one_lives_for_a_day() -> None:
    stage = await open_stage()
    staff, old = stage.staff(), await stage.partner()
    [shown] = await listed(staff)
    assert shown["prefix"] == str(old.token).rpartition("_")[0]
    assert (shown["status"], shown["partner"]["code"]) == ("LIVE", "booking-engine")

    before, key = datetime.now(UTC), fresh_key()
    sent = {"keyId": shown["prefix"], "label": "till"}
    rotated = await staff.done(
        "rotatePartnerKey",
        f"{KEY} secret replaced {{ status expiresAt replacedBy }}",
        key=key,
        **sent,
    )
    new = Client(rotated["secret"])
    assert rotated["key"]["prefix"] == str(new.token).rpartition("_")[0]
    assert (rotated["key"]["label"], rotated["key"]["expiresAt"]) == ("till", None)
    assert rotated["replaced"]["status"] == "REPLACED"
    assert rotated["replaced"]["replacedBy"] == rotated["key"]["keyId"]
    ends = datetime.fromisoformat(rotated["replaced"]["expiresAt"])
    assert timedelta(0) <= ends - before - timedelta(hours=24) < timedelta(minutes=1)
    assert [await seen(new), await seen(old)] == ["PARTNER", "PARTNER"]

    # the new key is shown this once
    again = await staff.done("rotatePartnerKey", f"{KEY} secret", key=key, **sent)
    assert (again["key"]["keyId"], again["secret"], again["replayed"]) == (
        rotated["key"]["keyId"],
        None,
        True,
    )
    refused = await staff.refused("rotatePartnerKey", keyId=shown["keyId"])
    assert refused["code"] == "PARTNER_KEY_STATE"
    secret = str(new.token).rpartition("_")[2]
    assert secret not in str(await listed(staff))

    # a day later
    past = datetime.now(UTC) - timedelta(seconds=1)
    await models.PartnerKey.filter(id=shown["keyId"]).update(expires_at=past)
    cache.forget()
    assert [await seen(new), await seen(old)] == ["PARTNER", ["UNAUTHENTICATED"]]
    assert [one["status"] for one in await listed(staff)] == ["EXPIRED", "LIVE"]


async def test_what_is_revoked_or_has_expired_never_comes_back() -> None:
    stage = await open_stage()
    staff, partner, public = stage.staff(), await stage.partner(), await stage.public()
    assert [await seen(partner), await seen(public)] == ["PARTNER", "PUBLIC"]
    ids = {one["partner"] and one["partner"]["code"]: one["keyId"] for one in await listed(staff)}

    ends = datetime.now(UTC) + timedelta(days=30)
    key_id = ids["booking-engine"]
    changed = await staff.done("updatePartnerKey", KEY, keyId=key_id, expiresAt=ends.isoformat())
    assert datetime.fromisoformat(changed["key"]["expiresAt"]) == ends
    relabelled = await staff.done("updatePartnerKey", KEY, keyId=key_id, label="till")
    assert datetime.fromisoformat(relabelled["key"]["expiresAt"]) == ends
    for named in (key_id, ids[None]):
        first = await staff.done("revokePartnerKey", KEY, keyId=named)
        again = await staff.done("revokePartnerKey", KEY, keyId=named)
        assert first["key"]["status"] == "REVOKED"
        assert again["key"]["revokedAt"] == first["key"]["revokedAt"]
        assert (await staff.refused("rotatePartnerKey", keyId=named))["code"] == "PARTNER_KEY_STATE"
        refused = await staff.refused("updatePartnerKey", keyId=named, expiresAt=None)
        assert refused["message"] == (
            f"The key '{named}' is revoked; a key that has ended cannot be changed."
        )
        await staff.done("updatePartnerKey", keyId=named, label=None)
    assert [await seen(partner), await seen(public)] == [["UNAUTHENTICATED"]] * 2
    # pages that are shown before sign-in get another
    assert await seen(await stage.public()) == "PUBLIC"


async def test_a_new_key_lives_as_long_as_the_old_one_was_to(
    owner_connection: asyncpg.Connection,
) -> None:
    stage = await open_stage()
    staff, _ = stage.staff(), await stage.public()
    [shown] = await listed(staff)
    day = timedelta(days=1)
    await owner_connection.execute(
        "UPDATE partner_key SET created_at = $2, expires_at = $3 WHERE id = $1",
        shown["keyId"],
        datetime.now(UTC) - 80 * day,
        datetime.now(UTC) + 10 * day,
    )

    rotated = await staff.done("rotatePartnerKey", f"{KEY} secret", keyId=shown["keyId"])

    ends = datetime.fromisoformat(rotated["key"]["expiresAt"])
    assert timedelta(0) <= ends - datetime.now(UTC) - 90 * day + timedelta(minutes=1) < 2 * day
    # of a public key the prefix is the whole
    assert rotated["secret"] == rotated["key"]["prefix"]
    assert await seen(Client(rotated["secret"])) == "PUBLIC"
    endless = await staff.done(
        "rotatePartnerKey", KEY, keyId=rotated["key"]["keyId"], expiresAt=None
    )
    assert endless["key"]["expiresAt"] is None


async def test_nonsense_is_refused_and_no_secret_is_repeated() -> None:
    stage, other = await open_stage(), await open_stage()
    staff, partner = stage.staff(), await stage.partner()
    there = await other.partner()
    before = [await listed(one) for one in (staff, other.staff())]

    own, secret = str(partner.token).rsplit("_", 1)
    theirs = str(there.token).rsplit("_", 1)[0]
    for named in ("", "mp_", "mp_development_pub_", "é", "x" * 500, theirs, str(there.token)):
        for root in ("revokePartnerKey", "rotatePartnerKey", "updatePartnerKey"):
            refused = await staff.refused(root, keyId=named)
            assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["keyId"])
            assert str(there.token).rpartition("_")[2] not in str(refused)
    for fault in (
        {"label": ""},
        {"label": "x" * 201},
        {"label": "a\ab"},
        {"expiresAt": "2020-01-01T00:00:00Z"},
        {"expiresAt": "3000-01-01T00:00:00Z"},
    ):
        for root in ("rotatePartnerKey", "updatePartnerKey"):
            refused = await staff.refused(root, keyId=own, **fault)
            assert (refused["code"], refused["path"]) == ("INVALID_INPUT", list(fault))
    assert [await listed(one) for one in (staff, other.staff())] == before
    assert secret not in str(await listed(staff))
    for nobodys in ("no-such-one", "", "Booking-engine", "x" * 500):
        assert await listed(staff, partner=nobodys) == []


async def test_the_list_has_one_partners_keys_page_by_page() -> None:
    stage, other = await open_stage(), await open_stage()
    staff, _ = stage.staff(), await other.partner()
    for code in ("shop", "shop", "hotel"):
        await stage.partner(code=code)

    first = (await staff.read(LIST, first=2))["partnerKeys"]
    rest = await listed(staff, first=2, after=first["pageInfo"]["endCursor"])
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    found = [edge["node"] for edge in first["edges"]] + rest
    assert sorted(one["partner"]["code"] for one in found) == ["hotel", "shop", "shop"]
    assert len(await listed(staff, partner="shop")) == 2


async def test_the_day_of_the_last_use_is_recorded_once() -> None:
    stage = await open_stage()
    partner, today = await stage.partner(), datetime.now(UTC).date()
    await key_uses.record()
    cache.forget()
    await seen(partner)
    [shown] = await listed(stage.staff())
    assert shown["lastUsedOn"] is None

    assert await key_uses.record() == 1
    await seen(partner)
    assert await key_uses.record() == 0
    [shown] = await listed(stage.staff())
    assert shown["lastUsedOn"] == str(today)

"""Sessions that an admin ends: tokens from before are refused, and what they keep open ends."""

import hashlib
import hmac
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from api.edge.auth import Authenticator
from api.edge.sessions import Session, Sessions
from api.edge.tokens import LEEWAY_SECONDS, Signer
from domain.kernel import cache, revocations, secrecy
from domain.kernel.callers import Role
from domain.kernel.database import Row, rows
from domain.kernel.revocations import TokenKind
from domain.privacy import erasing
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage, signing_key
from tests.support.servers import SECRET_KEY

pytestmark = pytest.mark.usefixtures("database")

LATER_SECONDS = LEEWAY_SECONDS - 5
"""A token that is accepted may be issued so much later by the clock of who signed it."""

VIEWER = {"query": "{ viewer { kind } }"}


def issued(stage: Stage, subject: str, seconds: float, **claims: Any) -> Client:
    """A token that was issued so many seconds from now."""
    return stage.signed(subject, iat=int(time.time() + seconds), **claims)


async def status(client: Client) -> int:
    return (await client.post(VIEWER)).status_code


async def test_tokens_from_before_are_refused_and_later_ones_accepted(database: Database) -> None:
    stage, elsewhere = await open_stage(), await open_stage()
    await make.enrol(stage.programme, reference="xiaoli")
    ada = stage.staff("ada", Role.ADMIN)
    refused = [
        issued(stage, "kim", -60, roles=["staff", "support"]),
        issued(stage, "kim", 0, roles=["staff"]),
        stage.signed("kim", roles=["staff"]),
        issued(stage, "kim", -60),
    ]
    accepted = [
        issued(stage, "kim", LATER_SECONDS, roles=["staff"]),
        issued(stage, "kimberley", -60, roles=["staff"]),
        issued(elsewhere, "kim", -60, roles=["staff"]),
        issued(stage, "xiaoli", -60),
    ]
    async with cache.listening(database.serving):
        assert [await status(one) for one in refused + accepted] == [200] * 8
        sessions, ended = Sessions(authenticator()), list[str]()
        for one in (refused[0], accepted[0]):
            await sessions.begin(await opened(one, ended))

        done = await ada.done("revokeSessions", "revokedAt", subject="kim", reason="left")

        assert [await status(one) for one in refused] == [401] * 4
        assert [await status(one) for one in accepted] == [200] * 4
        await sessions.look()
        assert ended == [f"Bearer {refused[0].token}"]
        for session in list(sessions.open):
            sessions.close(session)
    again = await ada.done("revokeSessions", "revokedAt", subject="xiaoli")
    assert again["revokedAt"] >= done["revokedAt"]
    assert await status(accepted[3]) == 401
    said = f"revocation\0{stage.programme.id}:kim".encode()
    kim = hmac.new(SECRET_KEY, said, hashlib.sha256).hexdigest()[:16]
    read = await ada.read("{ audit(first: 2) { edges { node { operation subject reason } } } }")
    assert [edge["node"] for edge in read["audit"]["edges"]] == [
        {
            "operation": "revokeSessions",
            "subject": f"member:{await stage.member_id()}",
            "reason": None,
        },
        # who is no member is not named: it may be somebody who was erased
        {"operation": "revokeSessions", "subject": f"subject:{kim}", "reason": "left"},
    ]


async def test_sessions_that_were_ended_stay_so_under_a_new_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await open_stage()
    ada, kim = stage.staff("ada", Role.ADMIN), issued(stage, "kim", -60, roles=["staff"])
    await ada.done("revokeSessions", subject="kim")
    assert await status(kim) == 401
    new = b"new key".ljust(32)
    monkeypatch.setattr(secrecy, "_said", lambda: [new, SECRET_KEY])
    assert await status(kim) == 401
    later = issued(stage, "kim", 2, roles=["staff"])
    assert await status(later) == 200
    await ada.done("revokeSessions", subject="kim")
    monkeypatch.setattr(secrecy, "_said", lambda: [new])
    assert await status(kim) == 401


def authenticator() -> Authenticator:
    return Authenticator([Signer([signing_key().as_dict(private=False)])], "development")


async def opened(client: Client, ended: list[str]) -> Session:
    """A connection that this token keeps open; ended says which were sent away."""
    authorization = f"Bearer {client.token}"
    caller = await authenticator()(authorization)
    assert caller is not None
    return Session(caller, authorization, "kim", lambda: ended.append(authorization))


async def test_erasing_ends_the_sessions_of_whoever_it_erases() -> None:
    stage = await open_stage()
    for reference in ("old", "mia", "ann"):
        await make.enrol(stage.programme, reference=reference)
    old, mia = [await stage.member_id(reference) for reference in ("old", "mia")]
    await make.merge(stage.programme, old, mia)
    ended = [issued(stage, one, -60) for one in ("old", "mia")] + [stage.signed("mia")]
    others = [issued(stage, "ann", -60), stage.staff()]
    assert [await status(one) for one in ended + others] == [200] * 5
    await ended[1].done("eraseMember", confirm=0)
    assert [await status(one) for one in ended] == [401] * 3
    assert [await status(one) for one in others] == [200] * 2

    # whoever has the reference next is nobody's whose token is older
    for reference in ("old", "mia"):
        await stage.staff().done("enrolMember", reference=reference, name=f"New {reference}")
    assert [await status(one) for one in ended] == [401] * 3
    hers = issued(stage, "mia", 2)
    assert await hers.read("{ me { name } }") == {"me": {"name": "New mia"}}


async def test_who_is_erased_again_after_a_restore_has_no_session() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, reference="mia")
    before = issued(stage, "mia", -60)
    assert await status(before) == 200
    await erasing.again(stage.programme, await stage.member_id("mia"), stage.now())
    assert await status(before) == 401


async def test_a_person_of_staff_and_a_member_of_the_same_name_are_two() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, reference="kim")
    ada = stage.staff("ada", Role.ADMIN)
    member, person = stage.member("kim"), stage.staff("kim", Role.SUPPORT)
    await ada.done("revokeSessions", subject="kim", kind="STAFF")
    assert [await status(one) for one in (member, person)] == [200, 401]
    person = issued(stage, "kim", 2, roles=["staff"])
    await member.done("eraseMember", confirm=0)
    assert [await status(one) for one in (member, person)] == [401, 200]
    await make.enrol(stage.programme, reference="mia")
    member, person = stage.member("mia"), stage.staff("mia", Role.SUPPORT)
    await ada.done("revokeSessions", subject="mia", kind="MEMBER")
    assert [await status(one) for one in (member, person)] == [401, 200]
    read = await ada.read("{ audit(first: 3) { edges { node { operation subject } } } }")
    member_id = await stage.member_id("mia")
    by_admin = [
        edge["node"]["subject"]
        for edge in read["audit"]["edges"]
        if edge["node"]["operation"] == "revokeSessions"
    ]
    assert by_admin[0] == f"member:{member_id}"
    assert by_admin[1].startswith("subject:")


async def test_sessions_that_were_ended_are_forgotten_with_the_last_token_from_before() -> None:
    stage = await open_stage()
    ada = stage.staff("ada", Role.ADMIN)
    for subject in ("kim", "mia"):
        await ada.done("revokeSessions", subject=subject)
    ended = max(one["revoked_at"] for one in await kept(stage))
    later = ended + timedelta(days=revocations.KEPT_DAYS)
    assert await revocations.forget_old(stage.programme.id, ended + timedelta(days=90)) == 0
    assert len(await kept(stage)) == 2
    # what ends no token that can be valid is not read, either
    ask = partial(revocations.ended, stage.programme.id, TokenKind.STAFF, "kim", 0)
    assert [await ask(now) for now in (ended + timedelta(days=90), later)] == [True, False]
    assert await revocations.forget_old(stage.programme.id, later) == 2
    assert await kept(stage) == []


async def kept(stage: Stage) -> list[Row]:
    return await rows(
        "SELECT revoked_at FROM revocation WHERE programme_id = $1", stage.programme.id
    )

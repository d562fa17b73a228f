"""`referral review` from outside: what is flagged is approved, anything is rejected."""

import json
from datetime import UTC, datetime

from api.kit.relay import to_global_id
from domain.programmes import programmes
from ops.postgres.database import connected
from tests.support import factories as make
from tests.support import referred
from tests.support.commands import Commands


async def test_a_referral_is_reviewed(ota: Commands) -> None:
    terms = {"qualifies": "enrolled"}
    document = json.dumps(make.shipped_document(programme="ota", referrals=terms), default=str)
    async with connected(ota.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        staff = make.request(make.staff(programme), now=datetime.now(UTC))
        await programmes.publish(staff, document)
        programme = await programmes.get("ota")
        referrer = await make.enrol(programme, now=datetime.now(UTC), email="li@example.com")
        await referred.bring(programme, referrer, now=datetime.now(UTC), email="LI+2@example.com")
        await referred.run(programme, datetime.now(UTC))
        [friend] = await referred.friends_of(referrer)
    named = str(to_global_id("Referral", friend.id, member_id=referrer))
    command = ["referral", "review", named, "--programme", "ota", "--reason", "known"]
    assert ota.output(*command, "--approve") == "the referral is QUALIFIED now\n"
    assert ota.output(*command, "--reject") == "the referral is REJECTED now\n"
    assert ota.refusal(*command, "--reject") == "This referral has already been rejected."
    assert ota.refusal("referral", "review", "x", *command[3:], "--reject") == (
        "there is no referral 'x'"
    )
    assert await ota.faults() == []

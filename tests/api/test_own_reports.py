"""What a member reports itself counts by when it is recorded: it dates nothing back."""

from datetime import timedelta

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from api.kit.permissions import ALLOWED
from domain.kernel.callers import CallerKind
from tests.support.callers import TODAY, open_stage
from tests.support.mutations import INPUTS
from tests.support.operations import published
from tests.support.things import furnished

pytestmark = pytest.mark.usefixtures("database")


def instants_that_members_send() -> list[tuple[str, str]]:
    """Mutation and input field of every instant in what a member may send."""
    found = []
    for mutation in INPUTS:
        if CallerKind.MEMBER in ALLOWED[f"Mutation.{mutation}"].kinds:
            sent = published().type_map[f"{mutation[0].upper()}{mutation[1:]}Input"]
            assert isinstance(sent, GraphQLInputObjectType)
            found += [
                (mutation, name)
                for name, field in sent.fields.items()
                if get_named_type(field.type).name == "DateTime"
            ]
    return found


async def test_reports_over_the_limit_are_counted_and_the_count_is_shown() -> None:
    stage = await open_stage()
    member = stage.member().reading("en")
    await member.done("enrolMember")
    shown = "pointsAwarded attempts explanation { text }"

    async def share(reference: str, **sent: str) -> tuple[int, int | None, bool]:
        done = await member.done(
            "earnForActivity", shown, type="share", reference=reference, **sent
        )
        return done["pointsAwarded"], done["attempts"], done["replayed"]

    assert await share("S-1") == (50, None, False)
    assert await share("S-2", key="k") == (0, 1, False)
    assert [await share(f"S-{number}") for number in (3, 4)] == [(0, 2, False), (0, 3, False)]
    # sent again it is answered with what there is, and is no attempt
    assert await share("S-2", key="k") == (0, 3, True)
    assert await share("S-2") == (0, 3, True)


async def test_a_member_dates_nothing_back() -> None:
    things = await furnished()
    member, partner = things.stage.member(), await things.stage.partner()
    long_ago = (TODAY - timedelta(minutes=11)).isoformat()
    before = await things.stage.everything()

    instants = instants_that_members_send()
    for mutation, name in instants:
        sent = {key: value for key, value in INPUTS[mutation](things).items() if key != "member"}
        problem = await member.refused(mutation, **sent, **{name: long_ago})
        assert (problem["reason"], problem["path"]) == ("too_late_for_member", [name])

    assert instants == [("redeemOnBooking", "bookedAt"), ("earnForActivity", "occurredAt")]
    assert await things.stage.everything() == before
    just_now = (TODAY - timedelta(minutes=9)).isoformat()
    for mutation, name in instants:
        sent = INPUTS[mutation](things)
        await partner.done(mutation, **sent, **{name: long_ago})
        own = {**sent, "reference": "A-own"} if "reference" in sent else sent
        await member.done(mutation, **own, **{name: just_now})

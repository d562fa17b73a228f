"""Operations that are written down are planned before anybody asks them, and never again."""

from contextlib import nullcontext
from typing import Any, cast

import pytest
from joserfc.jwk import OKPKey
from starlette.routing import Route

from api.app import create_app
from api.edge.endpoint import Endpoint
from api.edge.limits import Limits
from api.edge.manifests import PersistedOperations
from api.edge.tokens import Signer
from api.kit.executor import PLANS_MAX, Planned
from api.schema import MilepostSchema
from domain.programmes.programmes import Programme
from tests.api.conftest import Sign
from tests.support import factories as make
from tests.support.sample import calling

PAGE = """query Page($code: String!, $first: Int!, $named: Boolean!, $late: Boolean = false) {
    viewer { kind member { ...Member ledger(first: $first) { edges { node { ...Entry } } } } }
    programme { name @include(if: $named) tiers { code } }
    reward(code: $code) { code name @skip(if: $late) }
    node(id: "none") { __typename id ... on Member { ...Member } ... on LedgerEntry { ...Entry } }
}
fragment Member on Member { reference balance { available } standing { tier { code name } } }
fragment Entry on LedgerEntry { points description @include(if: $named) explanation { text } }"""


def extent(planned: Planned) -> tuple[int, int, int]:
    """How much is planned."""
    return len(planned.plans), len(planned.completions), len(planned.collected)


@pytest.mark.usefixtures("database")
async def test_an_operation_that_is_written_down_is_planned_at_the_start_for_good(
    key: OKPKey, programme: Programme, sign: Sign
) -> None:
    await make.give(programme, await make.enrol(programme, reference="reader"), 700)
    app = create_app(
        connect=nullcontext,
        signers=[Signer(public_keys=[key.as_dict(private=False)])],
        limits=Limits(member_rate_per_second=1e6, member_rate_burst=10**6),
        environment="development",
        persisted=PersistedOperations({"page": PAGE}),
    )
    [endpoint] = [
        route.endpoint
        for route in app.routes
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
    ]
    plans = cast(MilepostSchema, endpoint.schema).executor.plans
    before = {switches: extent(planned) for (_, switches), planned in plans.kept.items()}
    assert [dict(switches) for switches in before] == [
        {"named": named, "late": late} for named in (True, False) for late in (True, False)
    ]

    async with calling(app, sign(sub="reader")) as client:
        for number in range(PLANS_MAX + 1):
            other = await client.post("/graphql", json={"query": f"{{ a{number}: __typename }}"})
            assert "errors" not in other.json()
        assert len(plans.known) == PLANS_MAX
        others = list(plans.known)
        for named in (True, False):
            for more in ({}, {"late": True}):
                sent = {"code": "none", "first": 2, "named": named, **more}
                answer = await client.post("/graphql", json=by_id("page", sent))
                told = answer.json()["data"]["viewer"]["member"]
                assert told["reference"] == "reader"
                [entry] = told["ledger"]["edges"]
                assert ("description" in entry["node"]) is named

    assert list(plans.known) == others
    assert {name: extent(planned) for (_, name), planned in plans.kept.items()} == before


def by_id(known_as: str, variables: dict[str, Any]) -> dict[str, Any]:
    asked = {"persistedQuery": {"version": 1, "sha256Hash": known_as}}
    return {"variables": variables, "extensions": asked}

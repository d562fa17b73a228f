"""Who a token stands for, and every way in which one is refused."""

import json
import time
from contextlib import nullcontext
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, OKPKey, RSAKey
from starlette.applications import Starlette

import models
from api.app import create_app
from api.edge.limits import Limits
from api.edge.tokens import ROLES, Signer, StaffClaim
from domain.kernel import cache
from domain.kernel.callers import Role, Scope
from domain.partners import partner_keys, partners
from domain.programmes.programmes import Programme
from tests.api.conftest import Sign
from tests.conftest import Database
from tests.support.factories import NOW, enrol, establish
from tests.support.sample import ask, calling, codes

VIEWER = "{ viewer { kind scopes } }"


def believing(*signers: Signer) -> Starlette:
    return create_app(
        connect=nullcontext, signers=signers, limits=Limits(), environment="development"
    )


async def view(app: Starlette, token: str | None) -> httpx.Response:
    async with calling(app, token) as client:
        return await client.post("/graphql", json={"query": VIEWER})


async def partner_key(programme: Programme, code: str, *scopes: Scope) -> str:
    partner_id = await partners.create(programme, code, code.title(), NOW)
    return await partner_keys.issue(programme, partner_id, scopes, NOW, environment="development")


async def test_each_kind_of_caller(app: Starlette, programme: Programme, sign: Sign) -> None:
    tokens = {
        "MEMBER": sign(),
        "STAFF": sign(sub="kim", roles=["support", "staff"]),
        "PARTNER": await partner_key(programme, "kinds", Scope.READ, Scope.EARN),
        "PUBLIC": await partner_keys.issue_public(programme, NOW, environment="development"),
    }

    seen = {
        kind: (await view(app, token)).json()["data"]["viewer"] for kind, token in tokens.items()
    }

    assert {kind: viewer["kind"] for kind, viewer in seen.items()} == {
        kind: kind for kind in tokens
    }
    assert seen["PARTNER"]["scopes"] == ["EARN", "READ"]
    assert seen["STAFF"]["scopes"] == []


async def test_a_partner_that_may_nothing_still_sees_itself(
    app: Starlette, programme: Programme
) -> None:
    answer = (await view(app, await partner_key(programme, "nothing"))).json()

    assert answer["data"]["viewer"] == {"kind": "PARTNER", "scopes": []}


REFUSED_CLAIMS: list[dict[str, Any]] = [
    {"exp": None},
    {"exp": "tomorrow"},
    {"exp": True},
    {"iat": None},
    {"iat": "today"},
    {"iat": True},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "a\0b"},
    {"sub": "x" * 129},
    {"programme": None},
    {"programme": "nowhere"},
    {"programme": "x" * 65},
    {"programme": 7},
    {"programme": "a\0b"},
    {"programme": ["ota"]},
]


@pytest.mark.parametrize("claims", REFUSED_CLAIMS, ids=str)
async def test_a_token_with_odd_claims_is_refused(
    app: Starlette, sign: Sign, claims: dict[str, Any]
) -> None:
    response = await view(app, sign(**claims))

    assert response.status_code == 401
    assert codes(response.json()) == ["UNAUTHENTICATED"]
    assert response.headers["www-authenticate"] == 'Bearer realm="milepost", error="invalid_token"'


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -31), ("nbf", 600)])
async def test_a_token_is_refused_outside_its_time(
    app: Starlette, sign: Sign, claim: str, seconds: int
) -> None:
    response = await view(app, sign(**{claim: int(time.time()) + seconds}))

    assert response.status_code == 401
    assert codes(response.json()) == ["UNAUTHENTICATED"]


async def test_a_token_is_valid_for_ninety_days_at_most(app: Starlette, sign: Sign) -> None:
    now, most = int(time.time()), 90 * 86_400
    assert (await view(app, sign(iat=now - 10, exp=now - 10 + most))).status_code == 200
    refused = await view(app, sign(iat=now - 10, exp=now - 9 + most))
    assert refused.status_code == 401
    assert "more than 90 days" in refused.text


async def test_a_token_expires_thirty_seconds_late(app: Starlette, sign: Sign) -> None:
    assert (await view(app, sign(exp=int(time.time()) - 20))).status_code == 200


STAFF_CLAIMS: list[tuple[StaffClaim | None, dict[str, Any], str]] = [
    (ROLES, {"roles": ["support", "staff"]}, "STAFF"),
    (ROLES, {"roles": "staff"}, "STAFF"),
    (ROLES, {"roles": "staff support"}, "MEMBER"),
    (ROLES, {"roles": ["Staff", 7, None]}, "MEMBER"),
    (ROLES, {"roles": {"staff": True}}, "MEMBER"),
    (ROLES, {"roles": True}, "MEMBER"),
    (None, {"roles": ["staff"]}, "MEMBER"),
    (StaffClaim("https://agency.example/is.staff", "true"), {"roles": ["staff"]}, "MEMBER"),
    (
        StaffClaim("https://agency.example/is.staff", "true"),
        {"https://agency.example/is.staff": True},
        "STAFF",
    ),
    (StaffClaim("realm.roles", "loyalty"), {"realm": {"roles": ["loyalty"]}}, "STAFF"),
    (StaffClaim("realm.roles", "loyalty"), {"realm.roles": "loyalty"}, "STAFF"),
    (StaffClaim("realm.roles", "loyalty"), {"realm": ["roles", "loyalty"]}, "MEMBER"),
]


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        ("staff", (Role.VIEWER,)),
        (["staff"], (Role.VIEWER,)),
        (["staff", "finance", "owner", "Admin", 7, None, {}], (Role.VIEWER, Role.FINANCE)),
        (["manager", "staff", "viewer"], (Role.VIEWER, Role.MANAGER)),
        (["support", "admin"], None),
        ("staff admin", None),
    ],
    ids=str,
)
def test_the_list_that_says_staff_says_their_roles(
    claim: object, roles: tuple[Role, ...] | None
) -> None:
    expected = None if roles is None else set(roles)
    assert ROLES.roles({"roles": claim}) == expected
    assert StaffClaim("realm.groups").roles({"realm": {"groups": claim}}) == expected


@pytest.mark.parametrize(("staff", "claims", "kind"), STAFF_CLAIMS, ids=str)
async def test_which_claim_means_staff_is_the_signers(
    key: OKPKey,
    database: Database,
    sign: Sign,
    staff: StaffClaim | None,
    claims: dict[str, Any],
    kind: str,
) -> None:
    app = believing(Signer([key.as_dict(private=False)], staff=staff))

    answer = (await view(app, sign(**claims))).json()

    assert answer["data"]["viewer"]["kind"] == kind


async def test_who_signs_for_staff_only_makes_nobody_a_member(
    key: OKPKey, database: Database, sign: Sign
) -> None:
    app = believing(Signer([key.as_dict(private=False)], members=False))

    assert (await view(app, sign(roles=["staff"]))).status_code == 200
    refused = (await view(app, sign())).json()
    assert codes(refused) == ["UNAUTHENTICATED"]
    assert refused["errors"][0]["message"] == "The token does not say that its bearer is staff."


async def test_a_key_signs_for_its_programmes_alone(
    key: OKPKey, database: Database, programme: Programme, sign: Sign
) -> None:
    other = await establish()
    theirs = OKPKey.generate_key("Ed25519", parameters={"kid": "theirs"}, private=True)
    fresh = OKPKey.generate_key("Ed25519", parameters={"kid": "fresh"}, private=True)
    ours = frozenset({programme.code})
    public = [one.as_dict(private=False) for one in (key, fresh)]
    app = believing(
        Signer(public, programmes=ours, issuer="ours"),
        Signer(
            [theirs.as_dict(private=False)],
            programmes=frozenset({other.code}),
            issuer="theirs",
            staff=None,
        ),
    )
    here, there = {"programme": programme.code}, {"programme": other.code}
    tokens = {
        "one of our keys": (sign(iss="ours", **here), "MEMBER"),
        "the other of our keys": (
            sign(by=fresh, kid="fresh", iss="ours", roles=["staff"], **here),
            "STAFF",
        ),
        "their key": (sign(by=theirs, kid="theirs", iss="theirs", **there), "MEMBER"),
        "their staff": (
            sign(by=theirs, kid="theirs", iss="theirs", roles=["staff"], **there),
            "MEMBER",
        ),
        "our key for their programme": (sign(iss="ours", **there), None),
        "our key by their name": (sign(iss="theirs", **there), None),
        "their key for our programme": (
            sign(by=theirs, kid="theirs", iss="theirs", **here),
            None,
        ),
        "their key, named as ours": (sign(by=theirs, iss="ours", **here), None),
        "our key for both": (sign(iss="ours", programme=[programme.code, other.code]), None),
        "our key for nobody": (sign(iss="ours", programme=None), None),
    }
    for name, (token, kind) in tokens.items():
        answer = (await view(app, token)).json()
        if kind is None:
            assert codes(answer) == ["UNAUTHENTICATED"], name
        else:
            assert answer["data"]["viewer"]["kind"] == kind, name


async def test_a_token_signed_otherwise_is_refused(app: Starlette, sign: Sign, key: OKPKey) -> None:
    stranger = OKPKey.generate_key("Ed25519")
    public = OctKey.import_key(json.dumps(key.as_dict(private=False)))
    header, payload, signature = sign().split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{payload}."

    for token in (
        sign(by=stranger),
        sign(by=stranger, kid="other"),
        sign(by=stranger, kid=None),
        sign(by=public, alg="HS256"),
        sign(by=RSAKey.generate_key(2048), alg="RS256"),
        unsigned,
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload[:-2]}AA.{signature}",
    ):
        assert (await view(app, token)).status_code == 401, token


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic bWU6bWU=",
        "token",
        "Bearer a b",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer é",
        "Bearer " + "x" * 8193,
    ],
)
async def test_what_is_no_bearer_token_is_refused(app: Starlette, authorization: str) -> None:
    async with calling(app) as client:
        response = await client.post(
            "/graphql",
            json={"query": VIEWER},
            headers={b"Authorization": authorization.encode("latin-1")},
        )

    assert response.status_code == 401


async def test_an_rsa_key_and_a_token_without_a_key_id(
    database: Database, programme: Programme, sign: Sign
) -> None:
    rsa = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
    signer = Signer(public_keys=[rsa.as_dict(private=False)])
    app = create_app(
        connect=nullcontext, signers=[signer], limits=Limits(), environment="development"
    )

    assert (await view(app, sign(by=rsa, alg="RS256", kid="rsa"))).status_code == 200
    assert (await view(app, sign(by=rsa, alg="RS256", kid=None))).status_code == 200
    assert (await view(app, sign(by=rsa, alg="RS512", kid="rsa"))).status_code == 401


async def test_issuer_and_audience_where_they_are_asked_for(
    key: OKPKey, database: Database, sign: Sign
) -> None:
    signer = Signer([key.as_dict(private=False)], issuer="https://id.test", audience="milepost")
    app = create_app(
        connect=nullcontext, signers=[signer], limits=Limits(), environment="development"
    )

    named = sign(iss="https://id.test", aud=["milepost", "other"])
    assert (await view(app, named)).status_code == 200
    for odd in (sign(), sign(iss="https://id.test"), sign(iss="x", aud="milepost")):
        assert (await view(app, odd)).status_code == 401


async def test_every_refusal_of_a_key(app: Starlette, programme: Programme) -> None:
    good = await partner_key(programme, "refusals", Scope.READ)
    public = await partner_keys.issue_public(programme, NOW, environment="development")
    _, environment, key_id, secret = good.split("_")
    revoked = await partner_key(programme, "revoked", Scope.READ)
    await models.PartnerKey.filter(id=revoked.split("_")[2]).update(revoked_at=NOW)

    assert (await view(app, good)).status_code == 200
    for odd in (
        revoked,
        f"mp_{environment}_{key_id}_{secret[:-1]}",
        f"mp_{environment}_{key_id}_",
        f"mp_{environment}_{key_id}",
        f"mp_{environment}_pub_{key_id}",
        f"mp_{environment}_{public.split('_')[3]}_",
        f"mp_{environment}_unknown_{secret}",
        f"mp_production_{key_id}_{secret}",
        f"mp__{key_id}_{secret}",
        "mp_",
        f"mp_{environment}_{'a' * 33}_{secret}",
        f"mp_{environment}_' OR 1=1 --_{secret}",
    ):
        assert (await view(app, odd)).status_code == 401, odd


async def test_a_key_of_another_environment_is_refused(
    app: Starlette, programme: Programme
) -> None:
    partner_id = await partners.create(programme, "elsewhere", "Elsewhere", NOW)
    key = await partner_keys.issue(
        programme, partner_id, [Scope.READ], NOW, environment="production"
    )

    assert (await view(app, key)).status_code == 401
    assert (await view(app, key.replace("production", "development"))).status_code == 401


async def test_without_a_token_only_the_schema_is_told(stranger: httpx.AsyncClient) -> None:
    told = await ask(stranger, "{ __typename __schema { queryType { name } } }")
    refused = await stranger.post("/graphql", json={"query": VIEWER})
    hidden = await ask(
        stranger, "{ __typename ... on Query { ...F } } fragment F on Query { nope }"
    )

    assert told["data"] == {"__typename": "Query", "__schema": {"queryType": {"name": "Query"}}}
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer realm="milepost"'
    assert codes(hidden) == ["UNAUTHENTICATED"]


async def test_production_tells_strangers_nothing(
    key: OKPKey, database: Database, sign: Sign
) -> None:
    signer = Signer(public_keys=[key.as_dict(private=False)])
    app = create_app(
        connect=nullcontext, signers=[signer], limits=Limits(), environment="production"
    )
    async with calling(app) as client:
        answer = await ask(client, "{ __typename }")

    assert codes(answer) == ["UNAUTHENTICATED"]
    assert (await view(app, sign())).status_code == 200


async def test_a_warm_caller_costs_no_statement(
    app: Starlette, database: Database, programme: Programme, sign: Sign, statements: list[str]
) -> None:
    await enrol(programme, reference="warm-1")
    tokens = [
        sign(sub="warm-1"),
        sign(sub="kim", roles=["staff"]),
        await partner_key(programme, "warm", Scope.READ),
        await partner_keys.issue_public(programme, NOW, environment="development"),
    ]
    async with cache.listening(database.serving):
        for token in tokens:
            assert (await view(app, token)).status_code == 200
        statements.clear()
        for token in tokens:
            assert (await view(app, token)).status_code == 200

    assert statements == []

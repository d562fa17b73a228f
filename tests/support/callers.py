"""A programme for one test behind the real application, and clients for each kind of caller.

Its clock starts at TODAY, so that tests can name exact dates; clients have real tokens and keys.
"""

import itertools
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.applications import Starlette

from api.app import create_app
from api.edge.limits import Limits
from api.edge.tokens import Signer
from domain.kernel.callers import EVERY_ROLE, OWN_SCOPES, Role, Scope
from domain.kernel.lookups import LookupScope
from domain.members import identity
from domain.members.identity import MemberKey
from domain.partners import partner_keys, partners
from domain.programmes import programmes, reader
from domain.programmes.programmes import Programme
from tests.support import compared, factories

TODAY = factories.NOW.replace(year=2126)
"""15 March 2126, 10:30 in Shanghai: later than the real time of any run of tests."""

EXPIRES_ON = "2127-03-15"
"""The last valid day of points that the shipped `ota` grants on TODAY."""

PROBLEM = """__typename code message path
    ... on NotFound { what value known }
    ... on InvalidInput { reason value allowed }
    ... on InsufficientPoints { available required }
    ... on LimitReached { limit resetsAt }
    ... on OutOfStock { reward remaining }
    ... on RedemptionState { status allowed }
    ... on IdempotencyKeyReused { operation }
    ... on ReferenceConflict { reference }
    ... on QuoteMismatch { what quoted found }
    ... on CouponNotApplicable { reason minimumSpend { amount } eligible { amount } }"""

_keys = itertools.count(1)


def fresh_key() -> str:
    return f"key-{next(_keys)}"


@cache
def signing_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", parameters={"kid": "callers"}, private=True)


@cache
def served() -> Starlette:
    """The whole application, made once per test worker, with limits that no test reaches.

    What a plan answers is compared with the answer of the standard executor (`compared`).
    """
    unlimited = Limits(
        member_rate_per_second=1e6,
        member_rate_burst=10**6,
        partner_rate_per_second=1e6,
        partner_rate_burst=10**6,
        member_in_flight_max=10**6,
        partner_in_flight_max=10**6,
        request_seconds_max=120,
    )
    signer = Signer(public_keys=[signing_key().as_dict(private=False)])
    app = create_app(
        connect=nullcontext,
        signers=[signer],
        limits=unlimited,
        environment="development",
        outgoing=factories.OUTGOING,
    )
    compared.install(app)
    return app


@dataclass(frozen=True)
class Client:
    """One caller: its token and the language that it asks for, both optional."""

    token: str | None = None
    language: str | None = None

    def reading(self, language: str) -> "Client":
        return replace(self, language=language)

    async def post(self, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.language:
            headers["Accept-Language"] = self.language
        transport = httpx.ASGITransport(served(), raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://milepost.test", headers=headers
        ) as client:
            if isinstance(body, bytes):
                json = {"Content-Type": "application/json"}
                return await client.post("/graphql", content=body, headers=json)
            return await client.post("/graphql", json=body)

    async def ask(self, query: str, **variables: Any) -> Any:
        """The whole answer, with or without errors."""
        return (await self.post({"query": query, "variables": variables})).json()

    async def read(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def do(
        self,
        mutation: str,
        selection: str = "",
        *,
        key: str | None = None,
        sent: Any = None,
        **more: Any,
    ) -> Any:
        """The payload of one mutation, with its problems in full. `sent` takes fields of the input
        as a dictionary, which is needed for names of parameters here, such as `key`.
        """
        whole = {**(sent or {}), **more, "idempotencyKey": key or fresh_key()}
        answer = await self.ask(mutation_text(mutation, selection), input=whole)
        assert "errors" not in answer, answer["errors"]
        return payload_of(answer, mutation)

    async def done(
        self, mutation: str, selection: str = "", *, key: str | None = None, **sent: Any
    ) -> Any:
        """The payload of a mutation that the business did not refuse."""
        payload = await self.do(mutation, selection, key=key, **sent)
        assert payload.pop("errors") == []
        return payload

    async def book(
        self, reference: str, *lines: Any, selection: str = "pointsAwarded", **sent: Any
    ) -> Any:
        """Record a booking for the member `xiaoli`, and return its payload."""
        return await self.done(
            "earnForBooking",
            selection,
            member={"reference": "xiaoli"},
            reference=reference,
            lines=list(lines),
            **sent,
        )

    async def refused(
        self, mutation: str, *, key: str | None = None, **sent: Any
    ) -> dict[str, Any]:
        """The one problem of a mutation that the business refused."""
        payload = await self.do(mutation, key=key, **sent)
        assert payload["replayed"] is False
        [problem] = payload["errors"]
        assert isinstance(problem, dict)
        return problem


BATCHES = {"earnForBookings": ("bookings", "EarnForBookingInput")}
"""Mutations that take a list of requests: the list's name in their input, and the type of an item.

Tests of every mutation send these a list of one item and check its result, by the same rules as for
the mutation of a single request.
"""


def input_type(mutation: str) -> str:
    """The input type of a mutation; for a batch, that of one item."""
    of_one = f"{mutation[0].upper()}{mutation[1:]}Input"
    return BATCHES[mutation][1] if mutation in BATCHES else of_one


def mutation_text(mutation: str, selection: str = "") -> str:
    sent, answer = "$input", f"{selection} replayed errors {{ {PROBLEM} }}"
    if mutation in BATCHES:
        sent, answer = f"{{{BATCHES[mutation][0]}: [$input]}}", f"results {{ {answer} }}"
    return f"""mutation($input: {input_type(mutation)}!) {{ {mutation}(input: {sent}) {{
        {answer} }} }}"""


def payload_of(answer: Any, mutation: str) -> Any:
    """The payload of a mutation in an answer; for a batch, the result of its only item."""
    payload = answer["data"][mutation]
    if mutation in BATCHES:
        [payload] = payload["results"]
    return payload


@dataclass(frozen=True)
class Stage:
    """A programme, as it was when it was read, and its callers."""

    programme: Programme

    def signed(self, subject: str, **claims: Any) -> Client:
        whole = {
            "sub": subject,
            "programme": self.programme.code,
            "iat": int(time.time()) - 60,
            "exp": int(time.time()) + 3600,
            **claims,
        }
        header = {"alg": "Ed25519", "kid": "callers"}
        return Client(jwt.encode(header, whole, signing_key(), algorithms=["Ed25519"]))

    def member(self, reference: str = "xiaoli") -> Client:
        return self.signed(reference)

    def staff(self, name: str = "kim", *roles: Role) -> Client:
        """A person of staff with these roles, or with all of them if none are given."""
        return self.signed(name, roles=["staff", *(roles or EVERY_ROLE)])

    async def partner(
        self, scopes: Iterable[Scope] = OWN_SCOPES, code: str = "booking-engine"
    ) -> Client:
        partner_id = await partners.create(self.programme, code, "Booking engine", TODAY)
        key = await partner_keys.issue(
            self.programme, partner_id, scopes, TODAY, environment="development"
        )
        return Client(key)

    async def public(self) -> Client:
        return Client(
            await partner_keys.issue_public(self.programme, TODAY, environment="development")
        )

    def now(self) -> datetime:
        """The programme's instant, as the application reads it."""
        return self.programme.now(datetime.now(UTC))

    async def member_id(self, reference: str = "xiaoli") -> UUID:
        """The database id of an existing member."""
        key = MemberKey(LookupScope.REFERENCE, reference)
        return await identity.find_or_refuse(self.programme.id, key)

    async def everything(self) -> dict[str, list[str]]:
        """Every row of the programme: what a refused call must leave as it was."""
        return await factories.everything(self.programme)


REFERRALS = {"qualifies": "first_booking", "link": "https://example.com/?c={code}"}
"""Referral terms that most tests add to the shipped document."""


async def open_stage(
    document: dict[str, Any] | None = None,
    *,
    effective_from: datetime | None = None,
    stands_at: str | None = None,
) -> Stage:
    """A new programme whose clock has just passed TODAY, or the instant `stands_at`; its policy
    holds from `effective_from`, or from the beginning.
    """
    parsed = reader.validate(document or factories.shipped_document(referrals=REFERRALS))
    long_ago = factories.NOW - timedelta(days=900)
    programme = await programmes.establish(
        parsed, long_ago, by="test", note="", effective_from=effective_from
    )
    start = datetime.fromisoformat(stands_at) if stands_at else TODAY
    ahead = start + timedelta(seconds=1) - datetime.now(UTC)
    return Stage(await programmes.advance_clock(programme, ahead))


def codes(answer: Any) -> list[str]:
    """The codes of an answer's top-level errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]

"""The turnstile: which callers may enter, their rate, and their number of requests at once.

All of it is decided in memory, but for a credential that this process has not seen lately: that
one costs a signature or a statement, and is paid for by its address before it is looked at.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from time import monotonic

from starlette.requests import HTTPConnection

from api.edge.auth import unauthenticated
from api.edge.limits import Limits
from api.edge.rates import Buckets, Flights, Rate
from api.kit.request_errors import RETRY_SECONDS, RequestError, RequestErrorCode
from domain.kernel import database
from domain.kernel.callers import Caller, CallerKind

Authenticate = Callable[[str | None], Awaitable[Caller | None]]

CREDENTIALS_MAX = 10_000
ACCEPTED_SECONDS = 600.0
"""Seconds in which an accepted credential is checked again without charging its address."""
REFUSED_SECONDS = 5.0
"""Seconds in which a refused credential is refused without a check: a key issued meanwhile waits
that long.
"""
ADDRESS_PREFIX = 64
"""Bits of an IPv6 address that one customer of a network has."""


@dataclass(slots=True)
class Remembered:
    """Credentials by digest, each for so long, the longest silent one forgotten first."""

    seconds: float
    clock: Callable[[], float] = monotonic
    until: OrderedDict[bytes, float] = field(default_factory=OrderedDict)

    def __contains__(self, digest: bytes) -> bool:
        return self.until.get(digest, 0.0) > self.clock()

    def add(self, digest: bytes) -> None:
        self.until[digest] = self.clock() + self.seconds
        self.until.move_to_end(digest)
        if len(self.until) > CREDENTIALS_MAX:
            self.until.popitem(last=False)

    def drop(self, digest: bytes) -> None:
        self.until.pop(digest, None)


@dataclass(frozen=True, slots=True)
class Terms:
    """The name under which a caller is counted, and its limits."""

    key: str
    rate: Rate
    in_flight_max: int


@dataclass(slots=True)
class Visit:
    """One request: the state of its caller's rate, and whether it counts as in flight."""

    turnstile: "Turnstile"
    address: str
    headers: dict[str, str]
    terms: Terms | None = None
    in_flight: bool = False

    def charge(self, worth: int) -> None:
        """Charge the rate for this many further requests.

        Raises: RequestError RATE_LIMITED
        """
        if worth > 0 and self.terms is not None:
            self.turnstile.take(self, self.terms, worth)

    def end(self) -> None:
        """Count it as in flight no more; it may be said again."""
        if self.terms is not None and self.in_flight:
            self.in_flight = False
            self.turnstile.flights.end(self.terms.key)


@dataclass(slots=True)
class Turnstile:
    authenticate: Authenticate
    limits: Limits
    production: bool
    buckets: Buckets = field(default_factory=Buckets)
    flights: Flights = field(default_factory=Flights)
    accepted: Remembered = field(default_factory=lambda: Remembered(ACCEPTED_SECONDS))
    refused: Remembered = field(default_factory=lambda: Remembered(REFUSED_SECONDS))

    @contextmanager
    def visit(self, connection: HTTPConnection, headers: dict[str, str]) -> Iterator[Visit]:
        """An admitted request, which has ended after this block, whatever its result; the state of
        its caller's rate is added to the `headers`.
        """
        visit = Visit(self, address_of(connection), headers)
        try:
            yield visit
        finally:
            visit.end()

    async def enter(self, visit: Visit, authorization: str | None) -> Caller | None:
        """The caller, charged for one request, which is in flight until its visit ends.

        Raises: RequestError UNAUTHENTICATED, RATE_LIMITED
        """
        caller = await self._caller(visit, authorization)
        terms = self._terms(visit, caller)
        self.take(visit, terms)
        if not self.flights.begin(terms.key, terms.in_flight_max):
            raise RequestError(
                RequestErrorCode.RATE_LIMITED,
                f"Too many requests at once; at most {terms.in_flight_max}.",
                headers={"Retry-After": str(RETRY_SECONDS)},
                retryAfterSeconds=RETRY_SECONDS,
            )
        visit.terms, visit.in_flight = terms, True
        database.user.set(terms.key)
        return caller

    def knock(self, visit: Visit) -> None:
        """Charge an address for a connection whose caller becomes known only later.

        Raises: RequestError RATE_LIMITED
        """
        self.take(visit, self._strangers(visit))

    def know(self, visit: Visit) -> None:
        """Return the charge of `knock`."""
        strangers = self._strangers(visit)
        self.buckets.give_back(strangers.key, strangers.rate)

    async def _caller(self, visit: Visit, authorization: str | None) -> Caller | None:
        """Charge an address for an attempt, and return the charge if the credential was valid."""
        if authorization is None and not self.production:
            return await self.authenticate(None)
        digest = sha256((authorization or "").encode()).digest()
        if authorization is not None and digest in self.accepted:
            return await self._accept(digest, authorization)
        strangers = self._strangers(visit)
        self.take(visit, strangers)
        if authorization is None:
            raise unauthenticated("This needs a token.", token_given=False)
        if digest in self.refused:
            raise unauthenticated("This credential was refused a moment ago.")
        try:
            caller = await self._accept(digest, authorization)
        except RequestError:
            self.refused.add(digest)
            raise
        self.buckets.give_back(strangers.key, strangers.rate)
        return caller

    async def _accept(self, digest: bytes, authorization: str) -> Caller | None:
        try:
            caller = await self.authenticate(authorization)
        except RequestError:
            self.accepted.drop(digest)
            raise
        self.accepted.add(digest)
        return caller

    def _strangers(self, visit: Visit) -> Terms:
        limits = self.limits
        return Terms(f"address:{visit.address}", limits.member_rate, limits.member_in_flight_max)

    def _terms(self, visit: Visit, caller: Caller | None) -> Terms:
        if caller is None:
            return self._strangers(visit)
        limits = self.limits
        if caller.kind in (CallerKind.PARTNER, CallerKind.STAFF):
            key = f"{caller.programme}:{caller.actor}"
            return Terms(key, limits.partner_rate, limits.partner_in_flight_max)
        shared = visit.address if caller.kind is CallerKind.PUBLIC else ""
        key = f"{caller.programme}:{caller.actor}:{shared}"
        return Terms(key, limits.member_rate, limits.member_in_flight_max)

    def take(self, visit: Visit, terms: Terms, worth: int = 1) -> None:
        """
        Raises: RequestError RATE_LIMITED
        """
        allowance = self.buckets.take(terms.key, terms.rate, worth)
        visit.headers.update(allowance.headers())
        if allowance.retry_seconds:
            raise RequestError(
                RequestErrorCode.RATE_LIMITED,
                f"Too many requests; try again in {allowance.retry_seconds} s.",
                retryAfterSeconds=allowance.retry_seconds,
            )


def address_of(connection: HTTPConnection) -> str:
    """The address that a stranger is known by; of IPv6 its network, which has one customer."""
    return _customer(connection.client.host) if connection.client else ""


@lru_cache(maxsize=4096)
def _customer(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, ADDRESS_PREFIX), strict=False))

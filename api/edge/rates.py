"""Rate limits of one caller: a token bucket per caller, and the most requests at once.

A token is one small request; a larger one costs more, by its size and by its price. It needs no
query and is the first guard, not the only one: with several processes each has its own buckets, so
the limit is per process.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

COST_PER_REQUEST = 10
"""A mutation's price: thirty mutations in one request weigh as much as thirty requests."""

CHARACTERS_PER_REQUEST = 1000
"""Of a document that was not seen before, for its parsing."""

BYTES_PER_REQUEST = 50_000
"""Of a body."""

BUCKETS_MAX = 100_000
"""Callers remembered at once; the longest silent one is forgotten first, its bucket full."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A steady rate, and the number of requests that may come at once after a pause."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """The rest of a caller's rate after one request; refused if `retry_seconds` is above 0."""

    rate: Rate
    remaining: int
    retry_seconds: int

    def headers(self) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy`, and `Retry-After` where refused."""
        window = math.ceil(self.rate.burst / self.rate.per_second)
        refill = math.ceil((self.rate.burst - self.remaining) / self.rate.per_second)
        headers = {
            "RateLimit-Policy": f'"caller";q={self.rate.burst};w={window}',
            "RateLimit": f'"caller";r={self.remaining};t={refill}',
        }
        if self.retry_seconds:
            headers["Retry-After"] = str(self.retry_seconds)
        return headers


@dataclass(slots=True)
class Buckets:
    clock: Callable[[], float] = monotonic
    levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, key: str, rate: Rate, worth: int = 1) -> Allowance:
        """Take an amount out of the caller's bucket; a refused request takes nothing.

        A request that costs more than a full bucket takes a full one.
        """
        level, worth = self._level(key, rate), min(worth, rate.burst)
        if level < worth:
            retry_seconds = max(1, math.ceil((worth - level) / rate.per_second))
            return Allowance(rate, int(level), retry_seconds)
        return self._set(key, rate, level - worth)

    def give_back(self, key: str, rate: Rate) -> None:
        """Return the cost of one request."""
        self._set(key, rate, min(float(rate.burst), self._level(key, rate) + 1))

    def _set(self, key: str, rate: Rate, level: float) -> Allowance:
        self.levels[key] = (level, self.clock())
        self.levels.move_to_end(key)
        if len(self.levels) > BUCKETS_MAX:
            self.levels.popitem(last=False)
        return Allowance(rate, int(level), 0)

    def _level(self, key: str, rate: Rate) -> float:
        level, at = self.levels.get(key, (float(rate.burst), 0.0))
        if level >= rate.burst:
            return float(rate.burst)
        return min(float(rate.burst), level + (self.clock() - at) * rate.per_second)


@dataclass(slots=True)
class Flights:
    """Number of requests that each caller has in flight."""

    counts: dict[str, int] = field(default_factory=dict)

    def begin(self, key: str, most: int) -> bool:
        """Count one more, unless there are as many as may be."""
        count = self.counts.get(key, 0)
        if count >= most:
            return False
        self.counts[key] = count + 1
        return True

    def end(self, key: str) -> None:
        self.counts[key] -= 1
        if not self.counts[key]:
            del self.counts[key]

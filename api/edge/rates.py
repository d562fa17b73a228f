"""How often one caller may ask: a token bucket per caller, kept in this process.

It costs no statement and is the first guard, not the only one: with several processes each
holds its own buckets, so the limit is per process.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

BUCKETS_MAX = 100_000
"""Callers remembered at once; the longest silent one is forgotten first, its bucket full."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A steady rate, and how many requests may come at once after a silence."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller after one request; refused where `retry_seconds` is above 0."""

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

    def take(self, key: str, rate: Rate) -> Allowance:
        """Take one request out of the caller's bucket; a refused request takes nothing."""
        level = self._level(key, rate)
        if level < 1:
            retry_seconds = max(1, math.ceil((1 - level) / rate.per_second))
            return Allowance(rate, 0, retry_seconds)
        self.levels[key] = (level - 1, self.clock())
        self.levels.move_to_end(key)
        if len(self.levels) > BUCKETS_MAX:
            self.levels.popitem(last=False)
        return Allowance(rate, int(level - 1), 0)

    def _level(self, key: str, rate: Rate) -> float:
        level, at = self.levels.get(key, (float(rate.burst), 0.0))
        if level >= rate.burst:
            return float(rate.burst)
        return min(float(rate.burst), level + (self.clock() - at) * rate.per_second)

"""Grants kept a second time: what each is worth, and what of it is left, standing or taken back."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from tests.support.granted import grant
from tests.support.tokens import Tokens

EVERY_MINOR, BUDGET = 150_00, 130
"""A milestone comes with every CNY 150 that is spent, out of so many points for everybody."""

WINDOW_DAYS = 20
"""Local days after joining by which the mission is to be done."""

EVERY, TRIED, WELCOME = "every", "tried", "welcome"

STEPS: list[dict[str, Any]] = [
    {"code": "stay", "fact": "booking", "when": {"products": ["hotel"]}},
    {"code": "review", "fact": "activity", "types": ["review"]},
]


@dataclass(frozen=True, slots=True)
class Promise:
    """What the grants of one version of the policy give."""

    every: int
    tried: int
    welcome: int

    @classmethod
    def drawn(cls, draw: Random) -> "Promise":
        return cls(draw.choice((7, 20, 45)), draw.choice((11, 60)), draw.choice((15, 100)))

    def parts(self) -> dict[str, Any]:
        """The parts of a policy document that say the same."""
        if self == NOTHING:
            return {}
        words = {"zh-CN": "步骤", "en": "Step"}
        every = {"count": "spent", "every": EVERY_MINOR // 100, "budget": {"points": BUDGET}}
        window = {"days": WINDOW_DAYS, "after": "joining"}
        steps = [{**step, "name": words} for step in STEPS]
        return {
            "counts": {"spent": {"of": "spend"}},
            "grants": [
                grant(EVERY, "milestone", gives={"points": self.every}, **every),
                grant(TRIED, "mission", gives={"points": self.tried}, window=window, steps=steps),
                grant(WELCOME, "tier_entry", gives={"points": self.welcome}, tiers=["gold"]),
            ],
        }


NOTHING = Promise(0, 0, 0)
"""What a version without grants gives."""


@dataclass(slots=True)
class Gift:
    """One grant of a member's; `name` is its rule, and of a milestone the multiple.

    `net` is what of its points was not taken back, `recovered` what the last reversal took.
    """

    name: str
    rule: str
    multiple: int
    gone: datetime
    net: int
    recovered: int = 0
    found_expired: int = 0
    stands: bool = True

    def reverse(self, account: Tokens, claw_back: str) -> None:
        """Of its own points, then as the terms say; what had expired counts as taken."""
        own = account.take_of(self.name, self.net)
        expired = min(self.net - own, account.expired[self.name] - self.found_expired)
        rest = self.net - own - expired
        others = 0 if claw_back == "only_pending" else len(account.take(rest))
        owed = rest - others if claw_back == "unlimited" else 0
        account.owed += owed
        self.found_expired += expired
        self.recovered, self.net, self.stands = own + others + owed, 0, False

    def restore(self, account: Tokens, points: int, now: datetime) -> None:
        """These points again, until when the first ones were to last."""
        account.earn(points, now, self.gone, now, of=self.name)
        account.expire(now)
        self.net, self.stands = points, True

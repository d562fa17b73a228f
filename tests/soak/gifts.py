"""A model of grants: what each is worth, what is left of it, and whether it was taken back."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from tests.support.granted import grant
from tests.support.tokens import Tokens

EVERY_MINOR, BUDGET = 150_00, 130
"""A milestone is given for every CNY 150 spent, from a budget of points for all members."""

WINDOW_DAYS = 20
"""Local days after joining within which the mission must be done."""

EVERY, TRIED, WELCOME = "every", "tried", "welcome"

STEPS: list[dict[str, Any]] = [
    {"code": "stay", "fact": "booking", "when": {"products": ["hotel"]}},
    {"code": "review", "fact": "activity", "types": ["review"]},
]


@dataclass(frozen=True, slots=True)
class Promise:
    """The points that the grants of one version of the policy give."""

    every: int
    tried: int
    welcome: int

    @classmethod
    def drawn(cls, draw: Random) -> "Promise":
        return cls(draw.choice((7, 20, 45)), draw.choice((11, 60)), draw.choice((15, 100)))

    def parts(self) -> dict[str, Any]:
        """The same as parts of a policy document."""
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
    """One grant of a member; `name` is its rule and multiple.

    `net` is what was not taken back of its points, `recovered` what the last reversal took.
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
        """Take its own points, then others as the terms say; expired ones count as taken."""
        own = account.take_of(self.name, self.net)
        expired = min(self.net - own, account.expired[self.name] - self.found_expired)
        rest = self.net - own - expired
        others = 0 if claw_back == "only_pending" else len(account.take(rest))
        owed = rest - others if claw_back == "unlimited" else 0
        account.owed += owed
        self.found_expired += expired
        self.recovered, self.net, self.stands = own + others + owed, 0, False

    def restore(self, account: Tokens, points: int, now: datetime) -> None:
        """Give these points again, with the expiry of the first ones."""
        account.earn(points, now, self.gone, now, of=self.name)
        account.expire(now)
        self.net, self.stands = points, True

"""Trials: what the control would have given, asked of who has another variant."""

from decimal import Decimal
from uuid import UUID

from domain.experiments import trials as judging
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Version
from domain.programmes.reader import parse
from tests.support import trials

RATE, EXPIRY = trials.earn_rate(), trials.expiry()


def version(*choices: tuple[str, str]) -> Version:
    policy = parse(trials.text(RATE, EXPIRY))
    return Version(UUID(int=1), 1, BEGINNING, policy).under(choices)


def test_who_has_the_control_is_not_judged_again() -> None:
    judged = []

    def points(policy: Policy) -> int:
        judged.append(policy)
        return 1200

    whose = version(("earn_rate", "a"), ("points_expiry", "a"))
    assert judging.of(whose, judging.OF_BOOKINGS, 1234, points) == {
        "earn_rate": {"variant": "a", "control_points": 1234},
        "points_expiry": {"variant": "a", "control_points": 1234},
    }
    assert judged == []
    # of two experiments each has its own control beside the other's variant
    whose = version(("earn_rate", "b"), ("points_expiry", "a"))
    assert judging.of(whose, judging.OF_BOOKINGS, 1500, points) == {
        "earn_rate": {"variant": "b", "control_points": 1200},
        "points_expiry": {"variant": "a", "control_points": 1500},
    }
    assert [one.rules["ab"].factor for one in judged] == [Decimal("1.2")]  # type: ignore[union-attr]

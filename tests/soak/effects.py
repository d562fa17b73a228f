"""The three experiments of the platform on members whose true effects are known: their intervals
contain these as often as they claim, a split that differs from the weights is reported and no
effect shown for it, and an experiment ends exactly when its budget is spent.

A unit is `MEMBERS` new members in each experiment, drawn by their ids, who book and redeem with the
probability of their variant; the results are read as staff would read them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

from domain.experiments import stopping
from domain.insight import effects
from domain.insight.effects import ExperimentState, Reading
from domain.kernel.database import rows, transact
from domain.programmes import stops, variants
from domain.programmes.experiment_terms import Experiment
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from tests.soak.proofs import Proof, Tell, draw, play_each
from tests.support import factories as make
from tests.support import trials
from tests.support.servers import Database

MEMBERS = 600
CHANCES = {"earn_rate": (0.30, 0.36), "coupon_price": (0.20, 0.20), "points_expiry": (0.50, 0.44)}
"""By experiment, the probability that a member of the control and one of the other variant books
again, redeems, or books: the other is more, equally, and less likely to.
"""

LEAST = 0.93
MOST = 0.97
"""Bounds of the share of at least `ENOUGH` intervals that contain the true difference: 95 of 100
should, and for 3000 intervals five standard deviations are 0.02.
"""

ENOUGH = 3000
MET_AT = datetime(2027, 2, 1, 4, tzinfo=UTC)
STOPPED_AT = MET_AT + timedelta(days=1)
READ_AT = datetime(2029, 1, 1, tzinfo=UTC)
BUDGET = 100
SPENDERS = 30
"""How many facts together use up the budget."""

VACUUMED_EVERY = 10
"""How many units run between vacuums, since dead rows slow down reads."""

_VACUUM = "VACUUM (ANALYZE) member, exposure, booking, booking_line, redemption, trial"


@dataclass(frozen=True, slots=True)
class Person:
    """A member exposed to a variant; `reached` says whether it did what is measured."""

    member_id: UUID
    variant: str
    reached: bool


class _Undone(Exception):
    """Rolls back what was written, so that the next unit begins without members."""


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    made: list[Programme] = []

    async def play(number: int) -> Counter[str]:
        if not made:
            made.append(await _establish())
        if number % VACUUMED_EVERY == 0:
            async with connection(database.owner) as owner:
                await owner.execute(_VACUUM)
        return await prove(made[0], draw(seed, number))

    done = await play_each(database, numbers, tell, play)
    if done["intervals"] >= ENOUGH:
        share = done["intervals with the truth"] / done["intervals"]
        assert LEAST <= share <= MOST, f"{share:.4f} of {done['intervals']} have the truth"
    return done


async def _establish() -> Programme:
    budget = {"budget": BUDGET}
    document = trials.document(
        trials.earn_rate(**budget), trials.price(**budget), trials.expiry(**budget)
    )
    return await make.establish(document)


async def prove(programme: Programme, chance: Random) -> Counter[str]:
    """Run one unit; what it did."""
    done: Counter[str] = Counter()
    try:
        await transact(partial(_prove, programme, chance, done))
    except _Undone:
        return done
    raise AssertionError


async def _prove(programme: Programme, chance: Random, done: Counter[str]) -> None:
    done.clear()
    for experiment in programme.versions[-1].policy.experiments:
        people = list(_people(experiment, chance))
        await _write(programme, experiment, people)
        found = await effects.of(programme, experiment.code, READ_AT)
        assert found is not None
        _judge(experiment, people, found, done)
        await _spend(programme, experiment, people, chance)
        done["budgets that ended it"] += 1
        await _break_split(programme, experiment, chance)
        done["splits broken"] += 1
    raise _Undone


def _people(experiment: Experiment, chance: Random) -> Iterator[Person]:
    for _ in range(MEMBERS):
        member_id = UUID(int=chance.getrandbits(128), version=4)
        drawn = variants.of_member(experiment, member_id)
        assert drawn is not None
        likely = CHANCES[experiment.code]["ab".index(drawn.code)]
        yield Person(member_id, drawn.code, chance.random() < likely)


def _judge(
    experiment: Experiment, people: Sequence[Person], found: Reading, done: Counter[str]
) -> None:
    """Assert that the figures are those generated, and count intervals with the true difference."""
    if found.state is ExperimentState.SPLIT_BROKEN:
        done["splits broken by chance"] += 1
        return
    assert found.state is ExperimentState.READ
    for figures in found.variants:
        own = [one.reached for one in people if one.variant == figures.code]
        assert figures.metric is not None
        assert (figures.members, int(figures.metric.numerator)) == (len(own), sum(own))
    control, other = CHANCES[experiment.code]
    difference = found.variants[1].difference
    assert difference is not None
    truth = other - control
    done["intervals"] += 1
    done["intervals with the truth"] += float(difference.low) <= truth <= float(difference.high)
    done["effects proved"] += difference.proved and truth != 0
    done["effects proved where there is none"] += difference.proved and truth == 0


async def _spend(
    programme: Programme, experiment: Experiment, people: Sequence[Person], chance: Random
) -> None:
    """Spend the budget by facts in unequal parts; assert that the last one ends the experiment,
    which gives everybody its control from then on.
    """
    points = int(BUDGET * 100 / programme.versions[-1].policy.minor_per_point)
    ends = [*sorted(chance.sample(range(1, points), SPENDERS - 1)), points]
    parts = [end - before for before, end in pairwise([0, *ends])]
    whose = [one.member_id for one in people if one.reached and one.variant == "b"][:SPENDERS]
    await _try(programme, experiment, whose[:-1], parts[:-1])
    assert await stopping.end_due(programme, STOPPED_AT) == []
    await _try(programme, experiment, whose[-1:], parts[-1:])
    assert await stopping.end_due(programme, STOPPED_AT) == [experiment.code]
    policy = programme.versions[-1].policy
    ended = await stops.of_programme(programme.id, [policy])
    after = variants.assigned(policy, whose[0], STOPPED_AT, STOPPED_AT, ended)
    assert after is not None
    assert (experiment.code, "a") in after.choices
    assert experiment.code not in after.running


async def _try(
    programme: Programme, experiment: Experiment, whose: Sequence[UUID], extra: Sequence[int]
) -> None:
    """Record that a fact of each member gave more points than the control, or took fewer."""
    fact = "redemption" if experiment.metric == "redemption" else "booking"
    more, less = "points", "control_points"
    if fact == "redemption":
        more, less = less, more
    written = await rows(
        f"INSERT INTO trial (member_id, id, programme_id, experiment, variant, {fact}_id, {more}, "
        f"{less}, extra_points, occurred_at, recorded_at) SELECT DISTINCT ON (f.member_id) "
        "f.member_id, gen_random_uuid(), $2::uuid, $3::text, 'b', f.id, x.extra, 0, x.extra, "
        f"$5::timestamptz, $5 FROM {fact} f JOIN unnest($1::uuid[], $4::bigint[]) AS x (m, extra) "
        "ON f.member_id = x.m ORDER BY f.member_id RETURNING 1",
        list(whose),
        programme.id,
        experiment.code,
        list(extra),
        MET_AT,
    )
    assert len(written) == len(extra)


async def _break_split(programme: Programme, experiment: Experiment, chance: Random) -> None:
    """Expose far more members to the control than chance explains; assert that it is reported."""
    more = [UUID(int=chance.getrandbits(128), version=4) for _ in range(MEMBERS // 2)]
    await _expose(programme, experiment, [Person(one, "a", reached=False) for one in more])
    broken = await effects.of(programme, experiment.code, READ_AT)
    assert broken is not None
    assert broken.state is ExperimentState.SPLIT_BROKEN
    assert all(one.metric is None and one.difference is None for one in broken.variants)


async def _expose(programme: Programme, experiment: Experiment, people: Sequence[Person]) -> None:
    whose = [one.member_id for one in people]
    await rows(
        "INSERT INTO member (member_id, programme_id, reference, locale, profile, status, "
        "joined_at, referral_code) SELECT m, $2, m::text, 'en', '{}', 'ENROLLED', $3, "
        "left(md5(m::text), 16) FROM unnest($1::uuid[]) m",
        whose,
        programme.id,
        MET_AT,
    )
    await rows(
        "INSERT INTO exposure (member_id, id, experiment, variant, at) "
        "SELECT m, m, $2, v, $4 FROM unnest($1::uuid[], $3::text[]) AS x (m, v)",
        whose,
        experiment.code,
        [one.variant for one in people],
        MET_AT,
    )


async def _write(programme: Programme, experiment: Experiment, people: Sequence[Person]) -> None:
    await _expose(programme, experiment, people)
    whose = [one.member_id for one in people]
    if experiment.metric == "redemption":
        await _redeem(programme, [one.member_id for one in people if one.reached])
        return
    # members who do not return book when they meet the variant, and again too late
    once = whose if experiment.metric == "repurchase" else []
    first = [one.member_id for one in people if one.reached or one.member_id in set(once)]
    await _book(programme, first, MET_AT)
    if experiment.metric == "repurchase":
        again = [one.member_id for one in people if one.reached]
        await _book(programme, again, MET_AT + timedelta(days=30))
    await _book(programme, whose, MET_AT + timedelta(days=experiment.days))


async def _redeem(programme: Programme, whose: Sequence[UUID]) -> None:
    await rows(
        "INSERT INTO redemption (member_id, id, programme_id, status, points, quantity, "
        "worth_minor, currency, codes, actor, policy_version_id, created_at, fulfilled_at) "
        "SELECT m, gen_random_uuid(), $2, 'FULFILLED', 100, 1, 100, 'CNY', '[]', 'staff:kim', $3, "
        "$4, $4 FROM unnest($1::uuid[]) m",
        list(whose),
        programme.id,
        programme.versions[-1].id,
        MET_AT,
    )


async def _book(programme: Programme, whose: Sequence[UUID], at: datetime) -> None:
    values: tuple[Any, ...] = (list(whose), programme.id, programme.versions[-1].id, at)
    await rows(
        "WITH made AS (INSERT INTO booking (member_id, id, programme_id, reference, reporter, "
        "booked_at, recorded_at, currency, total_minor, cash_minor, points, policy_version_id, "
        "snapshot, explanation, content_hash, coupon_minor) SELECT m, gen_random_uuid(), $2, "
        "gen_random_uuid()::text, 'staff:kim', $4, $4, 'CNY', 100, 100, 0, $3, '{}', '[]', "
        "sha256(''), 0 "
        "FROM unnest($1::uuid[]) m RETURNING member_id, id) "
        "INSERT INTO booking_line (member_id, id, booking_id, number, product, amount_minor, "
        "cash_minor, attributes, points, coupon_minor) SELECT member_id, gen_random_uuid(), id, 1, "
        "'hotel', 100, 100, '{}', 0, 0 FROM made",
        *values,
    )


PROOF = Proof(
    name="effects",
    what="experiments on members whose true effects are known",
    count=1000,
    part=1000,
    run=run,
)

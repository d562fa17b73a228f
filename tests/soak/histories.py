"""Random histories of all operations, compared with a second account of every point.

A history is a programme of its own, with random terms, two members and some rewards; its steps are
drawn from `STEPS`. Both accounts agree all the way. After the last step every invariant holds for
both members, and past balances are read as they were seen at the time.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import models
from domain.insight import reading as insight
from domain.kernel.database import rows
from domain.partners import partners
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from tests.soak import (
    amendment_steps,
    booking_steps,
    given_back,
    grant_steps,
    membership_steps,
    other_steps,
    proofs,
    refund_steps,
    spending_steps,
)
from tests.soak.gifts import NOTHING, Promise
from tests.soak.proofs import Proof, Tell
from tests.soak.spending_steps import CODES, STOCK
from tests.soak.story import REVIEW_POINTS, REVIEWS_A_DAY, Player, Step, Story
from tests.soak.trips import FUNDER, Terms
from tests.support import factories as make
from tests.support import figured, reading, tied
from tests.support.servers import Database

LENGTH = 10
"""Steps of most histories, after a booking of each member."""

LONG_LENGTH, LONG_EVERY = 60, 20
"""Steps of one history in `LONG_EVERY`: some faults need a booking that is refunded, made dearer
and cheaper again, and points that expire in between.
"""

CHECKED_EVERY = 2
"""Steps between two comparisons of the accounts: what differs once continues to differ."""

IN_FORCE = timedelta(days=365)
"""How long the policy has been in force when a history begins: bookings are reported late."""

LOOKED_BACK_AT = 4
"""For how many of the instants at which balances were seen they are read again at the end."""

STEPS: dict[Step, int] = {
    **booking_steps.STEPS,
    **refund_steps.STEPS,
    **amendment_steps.STEPS,
    **spending_steps.STEPS,
    **other_steps.STEPS,
    **grant_steps.STEPS,
    **membership_steps.STEPS,
}
"""A new operation of the product needs a step in one of these modules."""


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    return await proofs.play_each(database, numbers, tell, partial(play, seed))


async def play(
    seed: int, number: int, *, length: int | None = None, proved: bool = False
) -> Counter[str]:
    """One history, its length by its number; `proved` checks every invariant after each step."""
    length = length or length_of(number)
    story = await begin(seed, number)
    try:
        await _play(story, length, proved=proved)
    except Exception as error:
        error.add_note("\n".join((str(story.terms), *story.told)))
        raise
    return story.done


def length_of(number: int) -> int:
    return LONG_LENGTH if number % LONG_EVERY == LONG_EVERY - 1 else LENGTH


async def _play(story: Story, length: int, *, proved: bool) -> None:
    steps, weights = list(STEPS), list(STEPS.values())
    for player in story.players:
        await booking_steps.book(story, player)
    for _ in range(length):
        told = len(story.told)
        while len(story.told) == told:
            [step] = story.draw.choices(steps, weights)
            await step(story, story.draw.choice(story.players))
        story.done["steps"] += 1
        if proved:
            await prove(story)
        if proved or story.done["steps"] % CHECKED_EVERY == 0:
            await story.check()
        else:
            story.look_away()
    await prove(story)
    await prove_figures(story)
    ended, with_coupon = await given_back.prove(player.member_id for player in story.players)
    story.done["all given back"] = ended
    story.done["all given back: with a coupon"] = with_coupon
    for player in story.players:
        seen = sorted(player.seen)
        for at in story.draw.sample(seen, min(LOOKED_BACK_AT, len(seen))):
            found = await reading.balances_at(player.member_id, at)
            then = (found.pending, found.available, found.held, found.owed)
            assert then == player.seen[at], f"{then} at {at}, not {player.seen[at]}"
    await count_entries(story)


async def begin(seed: int, number: int, *, gives: bool = True) -> Story:
    """The programme and its members, with grants only if it `gives` any."""
    draw = proofs.draw(seed, number)
    terms, promise = Terms.drawn(draw), Promise.drawn(draw) if gives else NOTHING
    whole = document(terms, promise)
    unfunded = document(replace(terms, far_funder="programme"), promise)
    programme = await make.establish(unfunded)
    await partners.create(programme, FUNDER, FUNDER.title(), make.NOW - IN_FORCE)
    programme = await make.publish(programme, whole, now=make.NOW - IN_FORCE)
    players = [Player(n, await make.enrol(programme, reference=f"M{n}"), f"M{n}") for n in range(2)]
    since = programme.versions[-1].effective_from
    promises, offered = [(since, promise)], await rewards(programme)
    return Story(programme, whole, terms, promises, offered, players, draw)


def document(terms: Terms, promise: Promise) -> dict[str, Any]:
    review = {
        "code": "review",
        "name": make.WORDS,
        "points": REVIEW_POINTS,
        "limit": {"times": REVIEWS_A_DAY, "per": "day"},
        "reporters": ["partner", "staff"],
    }
    parts = {**terms.document(), **promise.parts()}
    return make.shipped_document(activities=[review], redemption_rates=[], **parts)


async def rewards(programme: Programme) -> list[models.Reward]:
    pooled = await make.reward(
        programme, list_points=15, kind="COUPON", pooled_codes=True, worth_minor=7_01
    )
    await make.pool(pooled, *(f"{pooled.code}-{n}" for n in range(CODES)))
    return [
        await make.reward(programme, list_points=30, stock=STOCK),
        await make.reward(programme, list_points=120, kind="COUPON", worth_minor=45_00),
        pooled,
        await make.reward(programme, list_points=60, kind="PRODUCT", per_member_limit=2),
    ]


async def prove(story: Story) -> None:
    found = await make.faults(*(player.member_id for player in story.players))
    assert found == [], found
    await grant_steps.check(story)
    await prove_stock(story)


async def prove_figures(story: Story) -> None:
    """Assert that figures are the same whenever days are settled, however late facts came, and that
    the journal ties to the ledger on each day.
    """
    programme = await programmes.get(story.programme.code)
    found = await insight.of_members([player.member_id for player in story.players])
    for tables in found.values():
        story.done["days of figures"] += figured.prove_days(tables, programme)
    players = [player.member_id for player in story.players]
    story.done["days tied"] += await tied.prove_members(programme, players)


async def prove_stock(story: Story) -> None:
    """Assert that stock and codes left are those that no redemption keeps; expired holds may."""
    [limited, _, pooled, _] = story.rewards
    dead = Counter[str]()
    for player in story.players:
        for taken in player.taken:
            if taken.reward and taken.status == "HELD" and not taken.counts(story.now):
                dead[taken.reward.code] += 1
    left = await make.stock(limited)
    assert left is not None
    free = STOCK - story.kept(limited)
    assert free - dead[limited.code] <= left <= free
    [codes] = await rows(
        "SELECT count(*) AS left FROM coupon_code WHERE reward_id = $1 AND status = 'IMPORTED'",
        pooled.id,
    )
    free = CODES - story.kept(pooled) - story.voided(pooled)
    assert free - dead[pooled.code] <= codes["left"] <= free


async def count_entries(story: Story) -> None:
    """Count the entries of each kind, to show that all kinds occur."""
    for found in await rows(
        "SELECT kind, count(*) AS count FROM ledger_entry WHERE member_id = ANY($1::uuid[]) "
        "GROUP BY kind",
        [player.member_id for player in story.players],
    ):
        story.done[f"entry {found['kind']}"] += found["count"]


PROOF = Proof(
    name="histories",
    what="random histories of all operations, invariants and a second account",
    count=10_000,
    part=250,
    run=run,
)

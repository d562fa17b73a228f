"""Programmes: immutable versions, which one holds when, and the clock."""

import asyncio
from datetime import datetime, timedelta

import pytest
import yaml

from domain.kernel.database import row, rows
from domain.kernel.ids import new_id
from domain.kernel.refusals import EventTooOld, IdempotencyKeyReused, InvalidInput, NotFound
from domain.programmes import policy, programmes, reader
from domain.programmes.programmes import BEGINNING, Programme, Version
from domain.programmes.refusals import PolicyInvalid
from tests.conftest import Database
from tests.support import factories as make

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def named(number: int) -> policy.Policy:
    return reader.validate(make.shipped_document(facts={"oldest_days": number}))


def of(*versions: tuple[int, datetime]) -> Programme:
    made = tuple(
        Version(new_id(), number, effective, named(number)) for number, effective in versions
    )
    return Programme(new_id(), "x", timedelta(), made)


def test_the_version_in_force_is_the_latest_effective_one() -> None:
    programme = of((1, BEGINNING), (2, make.NOW + 9 * DAY), (3, make.NOW))
    for instant, number in (
        (make.NOW - 10_000 * DAY, 1),
        (make.NOW - MOMENT, 1),
        (make.NOW, 3),
        (make.NOW + 9 * DAY - MOMENT, 3),
        (make.NOW + 9 * DAY, 2),
    ):
        assert programme.as_of(instant).number == number


def test_of_versions_effective_at_the_same_instant_the_newest_holds() -> None:
    assert of((1, BEGINNING), (2, make.NOW), (3, make.NOW)).as_of(make.NOW).number == 3


def test_before_the_first_version_nothing_holds() -> None:
    with pytest.raises(EventTooOld):
        of((1, make.NOW)).as_of(make.NOW - MOMENT)


async def test_a_first_version_holds_from_the_beginning(database: Database) -> None:
    programme = await make.establish()
    (version,) = programme.versions
    assert (version.number, version.effective_from) == (1, BEGINNING)
    stored = await row("SELECT * FROM policy_version WHERE programme_id = $1", programme.id)
    assert stored is not None
    assert (stored["effective_from"], stored["published_by"]) == (None, "test")


async def test_a_programme_is_established_once(database: Database) -> None:
    document = make.shipped_document()
    parsed = reader.validate(document)

    async def establish() -> Programme:
        return await programmes.establish(parsed, make.NOW, by="test", note="")

    made = await asyncio.gather(*(establish() for _ in range(8)))
    assert len({programme.id for programme in made}) == 1
    assert len((await programmes.get(parsed.programme)).versions) == 1


async def test_a_later_version_holds_from_now_or_from_ahead(database: Database) -> None:
    programme = await make.establish()
    document = make.shipped_document()
    programme = await make.publish(programme, document)
    programme = await make.publish(programme, document, effective_from=make.NOW + 30 * DAY)
    assert [(v.number, v.effective_from) for v in programme.versions[1:]] == [
        (2, make.NOW),
        (3, make.NOW + 30 * DAY),
    ]


async def test_of_versions_published_at_once_the_last_one_is_in_force(database: Database) -> None:
    """Whatever the order in which they were asked for."""
    programme = await make.establish()
    instants = [make.NOW + number * MOMENT for number in (3, 1, 4, 2)]
    await asyncio.gather(
        *(make.publish(programme, make.shipped_document(), now=now) for now in instants)
    )
    programme = await programmes.get(programme.code)
    begins = [version.effective_from for version in programme.versions[1:]]
    assert begins == sorted(begins)
    assert max(begins) == max(instants)
    assert programme.as_of(max(instants)).number == 5


async def test_the_past_is_never_changed(database: Database) -> None:
    programme = await make.establish()
    async with make.refused(programme, InvalidInput, "effectiveFrom", reason="effective_in_past"):
        await make.publish(programme, make.shipped_document(), effective_from=make.NOW - MOMENT)


async def test_a_document_with_faults_is_not_published(database: Database) -> None:
    programme = await make.establish()
    document = make.shipped_document(currency="XXXX")
    async with make.refused(programme, PolicyInvalid):
        await make.publish(programme, document)


async def test_a_document_of_another_programme_is_not_published(database: Database) -> None:
    programme = await make.establish()
    text = yaml.safe_dump(make.shipped_document(), allow_unicode=True)
    async with make.refused(programme, InvalidInput, "document", "programme", reason="fixed"):
        await programmes.publish(make.request(make.staff(programme)), text)


async def test_a_note_that_cannot_be_is_refused(database: Database) -> None:
    programme = await make.establish()
    document = {**make.shipped_document(), "programme": programme.code}
    text = yaml.safe_dump(document, allow_unicode=True)
    for note, reason in (("x" * 1001, "too_long"), ("\x00", "control_characters")):
        async with make.refused(programme, InvalidInput, "note", reason=reason):
            await programmes.publish(make.request(make.staff(programme)), text, note=note)


async def test_publishing_is_replayed_under_its_key(database: Database) -> None:
    programme = await make.establish()
    document = {**make.shipped_document(), "programme": programme.code}
    text = yaml.safe_dump(document, allow_unicode=True)
    request = make.request(make.staff(programme), key="k")
    first = await programmes.publish(request, text, note="why")
    await make.publish(programme, document)
    again = await programmes.publish(request, text, note="why")
    assert (first.figures, again.figures, again.replayed) == (
        {"version": 2},
        {"version": 2},
        True,
    )
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await programmes.publish(request, text, note="another")
    stored = await rows(
        "SELECT version, note, published_by FROM policy_version WHERE programme_id = $1 "
        "ORDER BY version",
        programme.id,
    )
    assert [(v["version"], v["note"]) for v in stored] == [(1, ""), (2, "why"), (3, "")]


async def test_what_is_stored_is_what_was_published(database: Database) -> None:
    document = make.shipped_document()
    programme = await make.establish(document)
    assert programme.versions[0].policy == reader.validate(document)


async def test_an_unknown_programme_is_not_there(database: Database) -> None:
    assert await programmes.find("nobody") is None
    with pytest.raises(NotFound):
        await programmes.get("nobody")


async def test_the_clock_only_goes_forward(database: Database) -> None:
    programme = await make.establish()
    assert programme.now(make.NOW) == make.NOW
    programme = await programmes.advance_clock(programme, 30 * DAY)
    programme = await programmes.advance_clock(programme, DAY)
    assert programme.now(make.NOW) == make.NOW + 31 * DAY
    with pytest.raises(InvalidInput):
        await programmes.advance_clock(programme, -timedelta(seconds=1))
    most = programmes.CLOCK_AHEAD_YEARS_MAX * 365 * DAY
    for too_far in (most - 30 * DAY, timedelta.max):
        with pytest.raises(InvalidInput, match="clock_too_far"):
            await programmes.advance_clock(programme, too_far)
    assert (await programmes.get(programme.code)).clock_offset == 31 * DAY
    programme = await programmes.advance_clock(programme, most - 31 * DAY)
    assert programme.now(make.NOW).year == make.NOW.year + programmes.CLOCK_AHEAD_YEARS_MAX - 1

"""Batches: many bookings reported at once, each judged, recorded or refused as if it were alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from domain.bookings import bookings, groups
from domain.bookings.groups import GroupItem
from domain.bookings.reports import BookingRequest
from domain.kernel import idempotency
from domain.kernel.database import is_outage
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import InvalidInput, Refusal
from domain.members import identity
from domain.programmes.programmes import Programme

BATCH_MAX = 500
"""Most bookings in one batch."""

Answer = Outcome | Exception
"""Result of a booking; an exception is usually a refusal."""

Placed = tuple[int, BookingRequest]
"""A booking with its place in the batch."""


def check_size(count: int) -> None:
    """Raises: InvalidInput."""
    if not 1 <= count <= BATCH_MAX:
        raise InvalidInput("bookings_at_once", str(count), (str(BATCH_MAX),), path=("bookings",))


async def earn(programme: Programme, items: Sequence[BookingRequest | Refusal]) -> list[Answer]:
    """Record each of these bookings as `bookings.earn` does; returns the results in their order.

    They have one caller and one instant. Those of one member are recorded in their order. One that
    was refused before stays refused. Each is written completely or not at all.

    Raises: errors that mean that the database is unavailable; what was written until then gets its
        answer when it is sent again.
    """
    answers: dict[int, Answer] = {
        place: one for place, one in enumerate(items) if isinstance(one, Refusal)
    }
    sent = [(place, one) for place, one in enumerate(items) if isinstance(one, BookingRequest)]
    if sent:
        digests = {
            place: idempotency.digest(bookings.OPERATION, one.compared) for place, one in sent
        }
        answers |= await _replayed(sent, digests)
        new = [(place, one) for place, one in sent if place not in answers]
        named = await identity.find_many(programme.id, (one.member for _, one in new))
        whose = {place: named[one.member] for place, one in new if one.member in named}
        for group in _groups(new, whose):
            plain = [
                GroupItem(one, whose[place], digests[place])
                for place, one in group
                if place in whose
            ]
            answers |= await _earn_together(programme, group, plain)
    return [answers[place] for place in range(len(items))]


async def _replayed(sent: Sequence[Placed], digests: Mapping[int, bytes]) -> dict[int, Answer]:
    """Earlier answers; for a key that occurs twice, that of the first."""
    by_key: dict[str, int] = {}
    for place, one in sent:
        if "\x00" not in one.request.key:
            by_key.setdefault(one.request.key, place)
    request = sent[0][1].request
    wanted = {key: digests[place] for key, place in by_key.items()}
    known = await idempotency.answered(request.caller, wanted, request.now)
    return {by_key[key]: outcome for key, outcome in known.items()}


def _groups(sent: Iterable[Placed], whose: Mapping[int, UUID]) -> Iterator[list[Placed]]:
    """Groups, in order, that one transaction may record: no member, key or reference occurs
    twice.
    """
    group: list[Placed] = []
    met: set[tuple[str, object]] = set()
    for place, one in sent:
        names: set[tuple[str, object]] = {
            ("key", one.request.key),
            ("reference", one.sent.reference),
            ("member", whose.get(place, place)),
        }
        if len(group) == groups.GROUP_MAX or not met.isdisjoint(names):
            yield group
            group, met = [], set()
        group.append((place, one))
        met |= names
    if group:
        yield group


async def _earn_together(
    programme: Programme, group: Sequence[Placed], plain: Sequence[GroupItem]
) -> dict[int, Answer]:
    """Record together what can be, and the others alone afterwards."""
    known: dict[str, Outcome] = {}
    # what a person of staff gives is counted booking by booking
    if len(plain) > 1 and not plain[0].wanted.request.by_hand:
        try:
            known = await groups.earn(programme, plain)
        except Exception as error:  # alone it is seen which one it is
            if is_outage(error):
                raise
    return {
        place: known.get(one.request.key) or await _earn_alone(programme, one)
        for place, one in group
    }


async def _earn_alone(programme: Programme, one: BookingRequest) -> Answer:
    try:
        return await bookings.earn(one.request, programme, one.member, one.sent)
    except Exception as error:
        if is_outage(error):
            raise
        return error

"""Watching: the waiting subscriptions of this process, and the reader that wakes them when members
change.

The reader follows the feed by notifications, and every two seconds while there are none. Without
any watch there is no reader, and no query.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from time import monotonic
from uuid import UUID

from domain.delivery import following, numbering
from domain.delivery.following import NEWS_MAX, FeedPart, News
from domain.kernel import cache, signs
from domain.kernel.signs import Sign
from domain.programmes import programmes
from domain.programmes.programmes import Programme

PACE_SECONDS = 0.2
"""A watch is woken at most once in this time; changes meanwhile are combined."""

POLL_SECONDS = 2.0
"""Seconds between reads of the feed without notifications, and after a failed read."""

TICK_SECONDS = 1.0
"""Most seconds that a watch for an instant may be woken late."""

CHANNELS = (numbering.CHANNEL, signs.CHANNEL)
"""Channels of notifications; a process without notifications reads every two seconds."""

SIGNS: frozenset[str] = frozenset(Sign)

Failed = Callable[[Exception], None]


@dataclass(slots=True, eq=False)
class Watch:
    """A wait for events of one member, of these topics or of any; or for signs about the object
    with this id, which are no events; and for the instant `due_at` of the programme's clock, if
    set. A watch only for signs has no `part` of the feed.
    """

    programme: str
    member_id: UUID
    part: FeedPart | None
    topics: frozenset[str] | None = None
    heard: list[UUID] = field(default_factory=list)
    due_at: datetime | None = None
    ended: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self.woken.set()

    def hear(self, news: News) -> None:
        """Wake up by an event, if it is one of the topics."""
        if self.topics is None:
            self.wake()
        elif news.topic in self.topics:
            self.heard.append(news.event_id)
            self.wake()

    def waits_for(self, signs: Collection[str]) -> bool:
        return self.topics is not None and not self.topics.isdisjoint(signs)

    def end(self) -> None:
        """End the watch: `changes` ends."""
        self.ended = True
        self.woken.set()

    async def changes(self) -> AsyncIterator[Sequence[UUID]]:
        """Yields at once, and again after each change, at the pace of `PACE_SECONDS`; if topics are
        named, each time the ids of the new events.

        A change during the reader's work wakes it again.
        """
        while not self.ended:
            self.woken.clear()
            begun = monotonic()
            heard, self.heard = self.heard, []
            yield heard
            await self.woken.wait()
            early = begun + PACE_SECONDS - monotonic()
            if early > 0 and not self.ended:
                await asyncio.sleep(early)


@dataclass(slots=True, eq=False)
class Watches:
    """All watches in this process. `failed` gets the reason when the feed cannot be read."""

    failed: Failed
    poll_seconds: float = POLL_SECONDS
    by_member: dict[UUID, set[Watch]] = field(default_factory=dict)
    in_part: Counter[FeedPart] = field(default_factory=Counter)
    positions: dict[FeedPart, int] = field(default_factory=dict)
    unread: set[FeedPart] = field(default_factory=set)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watch(
        self, programme: Programme, member_id: UUID, topics: frozenset[str] | None = None
    ) -> AsyncIterator[Watch]:
        """A watch for as long as the block lasts, which misses no change that becomes known from
        its beginning on.

        Raises: Unavailable.
        """
        by_signs = topics is not None and topics <= SIGNS
        part = None if by_signs else FeedPart.of(programme.id, member_id)
        watch = Watch(programme.code, member_id, part, topics)
        self._add(watch)
        try:
            if part is not None and part not in self.positions:
                # another watch that began meanwhile may have read, and be known, earlier
                heads = await following.heads([part])
                self.positions.setdefault(part, heads[part])
            yield watch
        finally:
            self._remove(watch)

    def _add(self, watch: Watch) -> None:
        self.by_member.setdefault(watch.member_id, set()).add(watch)
        if watch.part is not None:
            self.in_part[watch.part] += 1
        if self.reader is None:
            cache.hearers.add(self._hear)
            self.reader = asyncio.create_task(self._follow())

    def _remove(self, watch: Watch) -> None:
        others = self.by_member[watch.member_id]
        others.remove(watch)
        if not others:
            del self.by_member[watch.member_id]
        if watch.part is not None:
            self._leave(watch.part)
        if not self.by_member and self.reader is not None:
            cache.hearers.discard(self._hear)
            self.reader.cancel()
            self.reader = None

    def _leave(self, part: FeedPart) -> None:
        self.in_part[part] -= 1
        if not self.in_part[part]:
            del self.in_part[part]
            self.positions.pop(part, None)

    def _hear(self, channel: str, payload: str) -> None:
        """Handle a notification about the feed, or a sign; one without a channel means that some
        may have been missed.
        """
        if not channel:
            self._look_at_all()
        elif channel == signs.CHANNEL:
            sign, _, own = payload.partition(":")
            for watch in self.by_member.get(UUID(own), ()):
                if watch.waits_for((sign,)):
                    watch.wake()
            return
        elif channel == numbering.CHANNEL:
            programme_id, _, number = payload.partition(":")
            part = FeedPart(UUID(programme_id), int(number))
            if part not in self.positions:
                return
            self.unread.add(part)
        self.heard.set()

    def _look_at_all(self) -> None:
        """Anything may have changed: read the feed, and wake all watches for signs."""
        self.unread.update(self.positions)
        for watch in self._each():
            if watch.waits_for(SIGNS):
                watch.wake()

    def _each(self) -> Iterator[Watch]:
        return chain.from_iterable(self.by_member.values())

    async def _follow(self) -> None:
        read_at = monotonic()
        while True:
            waits = self.poll_seconds if not any(self._timed()) else TICK_SECONDS
            try:
                await asyncio.wait_for(self.heard.wait(), min(waits, self.poll_seconds))
            except TimeoutError:
                if not cache.is_listening() and monotonic() - read_at >= self.poll_seconds:
                    read_at = monotonic()
                    self._look_at_all()
            self.heard.clear()
            try:
                if self.unread:
                    read_at = monotonic()
                    await self._read()
                await self._wake_due(datetime.now(UTC))
            except Exception as error:  # it is tried again, and watches go on waiting
                self.failed(error)
                await asyncio.sleep(self.poll_seconds)

    async def _read(self) -> None:
        """Wake the watches of new events; a part that cannot be read stays unread."""
        asked = {part: self.positions[part] for part in self.unread if part in self.positions}
        self.unread.clear()
        if not asked:
            return
        try:
            found = await following.news(asked)
        except BaseException:
            self.unread.update(asked)
            raise
        counts: Counter[FeedPart] = Counter()
        for one in found:
            counts[one.part] += 1
            if one.part in self.positions:
                self.positions[one.part] = max(self.positions[one.part], one.position)
            self._wake(one)
        if more := {part for part, count in counts.items() if count == NEWS_MAX}:
            self.unread |= more
            self.heard.set()

    def _wake(self, news: News) -> None:
        for watch in self.by_member.get(news.member_id, ()):
            watch.hear(news)

    def _timed(self) -> list[Watch]:
        return [watch for watch in self._each() if watch.due_at is not None]

    async def _wake_due(self, real_now: datetime) -> None:
        """Wake the watches whose instant has passed, by the clock of their programme."""
        timed = self._timed()
        known = {code: await programmes.find(code) for code in {one.programme for one in timed}}
        for watch in timed:
            programme = known[watch.programme]
            if programme and watch.due_at and watch.due_at <= programme.now(real_now):
                watch.due_at = None
                watch.wake()

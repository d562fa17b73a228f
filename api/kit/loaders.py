"""Batched look-ups of one operation: reads that many fields need one by one are done together.

Loaders live as long as their operation and no longer, so that nothing read for one caller is
ever shown to another. Never await one inside a transaction.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from domain.kernel.callers import Caller

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Batch = Callable[[Caller, list[K]], Awaitable[Sequence[V]]]
"""Reads many at once; answers in the order of the keys."""

Owned = tuple[UUID, UUID]
"""(member id, id) of an object of a member."""


class Loaders:
    """One DataLoader per read and its terms, made at its first use."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}
        self._known: dict[Hashable, Any] = {}

    def know(self, read: Hashable, key: Hashable, value: object) -> None:
        """Store the result of `load` of this batch for the key, and of `find` and `of_owned` of
        this read without terms: nothing is read then.
        """
        self._known[read, key] = value

    async def load(self, batch: Batch[K, V], key: K) -> V:
        if (batch, key) in self._known:
            known: V = self._known[batch, key]
            return known

        async def read_all(keys: list[K]) -> Sequence[V]:
            return await batch(self._caller, keys)

        return await self._loader(batch, read_all).load(key)

    async def find(
        self, read: Callable[..., Awaitable[Mapping[UUID, V]]], key: Owned, *terms: Hashable
    ) -> V | None:
        """The object that `read(programme_id, keys, *terms)` finds by its id, or None; read once
        for all ids with the same terms.
        """
        if not terms and (read, key) in self._known:
            known: V = self._known[read, key]
            return known

        async def read_all(keys: list[Owned]) -> Sequence[V | None]:
            found = await read(self._caller.programme_id, keys, *terms)
            return [found.get(own) for _, own in keys]

        return await self._loader((read, terms), read_all).load(key)

    async def of_owned(
        self, read: Callable[..., Awaitable[Mapping[UUID, V]]], key: Owned, *terms: Hashable
    ) -> V:
        """The result of `read(keys, *terms)` for this id; read once for all ids with the same
        terms. It has a result for every id.
        """
        if not terms and (read, key) in self._known:
            known: V = self._known[read, key]
            return known

        async def read_all(keys: list[Owned]) -> Sequence[V]:
            said = await read(keys, *terms)
            return [said[own] for _, own in keys]

        return await self._loader((read, terms), read_all).load(key)

    async def of_member(
        self, read: Callable[..., Awaitable[Mapping[UUID, V]]], member_id: UUID, *terms: Hashable
    ) -> V:
        """As `of_owned`, of members: `read(member_ids, *terms)`."""

        async def read_all(member_ids: list[UUID]) -> Sequence[V]:
            said = await read(member_ids, *terms)
            return [said[member_id] for member_id in member_ids]

        return await self._loader((read, terms), read_all).load(member_id)

    def _loader(
        self, key: Hashable, read_all: Callable[[list[K]], Awaitable[Sequence[V]]]
    ) -> DataLoader[K, V]:
        loader: DataLoader[K, V] | None = self._loaders.get(key)
        if loader is None:
            loader = self._loaders[key] = DataLoader(load_fn=read_all)
        return loader

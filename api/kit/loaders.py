"""Batched look-ups of one operation: what many fields ask for one by one is read together.

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


class Loaders:
    """One DataLoader per batch function, made when it is first asked for."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._loaders: dict[object, DataLoader[Any, Any]] = {}

    async def of_member(
        self, read: Callable[..., Awaitable[Mapping[UUID, V]]], member_id: UUID, *terms: Hashable
    ) -> V:
        """What `read(member_ids, *terms)` finds for this member, asked once for all members that
        are asked for on the same terms.
        """
        key = (read, terms)
        loader: DataLoader[UUID, V] | None = self._loaders.get(key)
        if loader is None:

            async def read_all(member_ids: list[UUID]) -> Sequence[V]:
                found = await read(member_ids, *terms)
                return [found[member_id] for member_id in member_ids]

            loader = self._loaders[key] = DataLoader(load_fn=read_all)
        return await loader.load(member_id)

    async def load(self, batch: Batch[K, V], key: K) -> V:
        loader: DataLoader[K, V] | None = self._loaders.get(batch)
        if loader is None:

            async def read(keys: list[K]) -> Sequence[V]:
                return await batch(self._caller, keys)

            loader = self._loaders[batch] = DataLoader(load_fn=read)
        return await loader.load(key)

"""Batched look-ups of one operation: what many fields ask for one by one is read together.

Loaders live as long as their operation and no longer, so that nothing read for one caller is
ever shown to another. Never await one inside a transaction.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from domain.callers import Caller

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Batch = Callable[[Caller, list[K]], Awaitable[Sequence[V]]]
"""Reads many at once; answers in the order of the keys."""


class Loaders:
    """One DataLoader per batch function, made when it is first asked for."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._loaders: dict[object, DataLoader[Any, Any]] = {}

    async def load(self, batch: Batch[K, V], key: K) -> V:
        loader: DataLoader[K, V] | None = self._loaders.get(batch)
        if loader is None:

            async def read(keys: list[K]) -> Sequence[V]:
                return await batch(self._caller, keys)

            loader = self._loaders[batch] = DataLoader(load_fn=read)
        return await loader.load(key)

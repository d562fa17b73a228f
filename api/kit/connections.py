"""Lists read page by page: Relay's Connection, forward only.

A cursor is the sort key of its row, so that a page continues where the last one ended whatever
was inserted meanwhile.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import strawberry

from api.kit.fields import field
from api.kit.relay import Part, from_cursor, to_cursor

PAGE_DEFAULT = 20
PAGE_MAX = 100

T = TypeVar("T")
E = TypeVar("E")

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"Number of rows, at most {PAGE_MAX}; null means {PAGE_DEFAULT}."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Cursor of the row after which the page begins; null for the first page."
    ),
]


@strawberry.type(description="Position of a page in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more rows follow this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether this page was requested with `after`."
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first row; null when the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last row, to pass as `after` for the next page; null when the "
        "page is empty."
    )


@strawberry.type(description="One row of a page.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="Object in this row.")
    position: strawberry.Private[Callable[[], str]]

    @field("Position of the row in the list, to pass as `after`.")
    def cursor(self) -> str:
        return self.position()


@strawberry.type(description="One page of a list.")
class Connection(Generic[E]):
    edges: list[E] = strawberry.field(description="Rows of this page.")
    page_info: PageInfo = strawberry.field(description="Position of this page in the list.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @field("Number of rows in the whole list; counted only when requested.")
    async def total_count(self) -> int:
        return await self.count()


Row = TypeVar("Row")
AnyConnection = TypeVar("AnyConnection", bound=Connection[Any])
Start = tuple[Any, ...] | None
"""The sort key that a page begins after; None for the first page."""


def limit_of(first: int | None) -> int:
    """Number of rows to read for a page: one more than shown, to know whether any follow."""
    # many clients send null for arguments that they leave out
    return 1 + (PAGE_DEFAULT if first is None else first)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row, AnyConnection]):
    """A list of the schema: the name that its cursors carry, its types, and the sort key of its
    rows.

    `key` gives a row's sort key, whose parts have the types `parts`.
    """

    name: str
    connection: type[AnyConnection]
    edge: type[Edge[Any]]
    parts: tuple[type[Any], ...]
    key: Callable[[Row], tuple[Part, ...]]

    async def page(
        self,
        first: int | None,
        after: str | None,
        *,
        rows: Callable[[int, Start], Awaitable[Sequence[Row]]],
        node: Callable[[Row], object],
        count: Callable[[], Awaitable[int]],
        owner: UUID | None = None,
    ) -> AnyConnection:
        """The page of `first` rows after the cursor `after`, as a client requested them.

        `rows` reads at most the given number of rows, from this start on, in the list's order;
        `node` shows one of them; `count` counts the whole list and is called only if requested.
        `owner` is the member whose list it is; cursors of another's list are not accepted.

        Raises: RequestError BAD_CURSOR
        """
        found = await rows(limit_of(first), self.start(after, owner))
        return self.shown(found, first, after, node=node, count=count, owner=owner)

    def shown(
        self,
        found: Sequence[Row],
        first: int | None,
        after: str | None,
        *,
        node: Callable[[Row], object],
        count: Callable[[], Awaitable[int]],
        owner: UUID | None = None,
    ) -> AnyConnection:
        """The same of rows that have been read, at most `limit_of(first)`."""
        size = limit_of(first) - 1
        shown = found[:size]
        edges = [
            self.edge(node=node(row), position=partial(self.cursor, row, owner)) for row in shown
        ]
        info = PageInfo(
            has_next_page=len(found) > size,
            has_previous_page=after is not None,
            start_cursor=self.cursor(shown[0], owner) if shown else None,
            end_cursor=self.cursor(shown[-1], owner) if shown else None,
        )
        return self.connection(edges=edges, page_info=info, count=count)

    def cursor(self, row: Row, owner: UUID | None = None) -> str:
        return to_cursor(self._name(owner), *self.key(row))

    def start(self, after: str | None, owner: UUID | None = None) -> Start:
        """The sort key to begin after; cursors that were given before they named an owner count.

        Raises: RequestError BAD_CURSOR
        """
        if after is None:
            return None
        return from_cursor(after, {self._name(owner), self.name}, *self.parts)

    def _name(self, owner: UUID | None) -> str:
        return self.name if owner is None else f"{self.name} {owner}"

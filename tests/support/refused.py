"""Shared by tests of refusals: an expected problem, and the check that it is returned."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.support.callers import TODAY
from tests.support.mutations import INPUTS
from tests.support.things import Things, furnished

LINE = {"product": "hotel", "amount": "100"}
JSON_BYTES_MAX = 4096

_shared: list[Things] = []


SHARED_SECONDS = 20
"""How long a programme is shared: its clock runs on, and approaches instants that tests name."""


async def shared_things() -> Things:
    """One programme for all tests that must not change it; its clock is close to TODAY."""
    if not _shared or _shared[-1].stage.now() > TODAY + timedelta(seconds=SHARED_SECONDS):
        _shared.append(await furnished())
    return _shared[-1]


@dataclass(frozen=True)
class Refused:
    """A mutation with these fields changed, and the expected problem."""

    mutation: str
    sent: dict[str, Any]
    path: list[str]
    english: str
    chinese: str
    code: str = "INVALID_INPUT"
    extra: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.mutation}-{'.'.join(self.path)}-{self.english[:30]}"


EMPTY = ("This must not be empty.", "此项不能为空。")
CONTROL = ("This contains control characters; give plain text.", "含有控制字符；请使用纯文本。")
PRODUCTS = "flight, hotel, train, car, ticket, holiday_package, local_experience"


def too_long(length: int, most: int | str) -> tuple[str, str]:
    return (
        f"This is too long: {length}; at most {most} are accepted.",
        f"长度为 {length}；最多接受 {most}。",
    )


def date_range(day: str) -> tuple[str, str]:
    return (
        f"The date {day} is not within 1900-01-01 – 2999-12-31.",
        f"日期 {day} 不在 1900-01-01 – 2999-12-31 之间。",
    )


async def check_refused(case: Refused) -> None:
    """Assert that the mutation is refused with this problem in both languages, without effect."""
    things = await shared_things()
    before = await things.stage.everything()
    sent = {**INPUTS[case.mutation](things), **case.sent}

    for language, message in (("en", case.english), ("zh-CN", case.chinese)):
        problem = await things.stage.staff().reading(language).refused(case.mutation, sent=sent)
        assert problem["code"] == case.code
        assert problem["path"] == case.path
        assert problem["message"].startswith(message), problem["message"]

    assert await things.stage.everything() == before

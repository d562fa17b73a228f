"""Members that are enrolled together are what each would be alone."""

import pytest

from domain.kernel.idempotency import Outcome
from domain.members import enrolment, joining
from domain.members.enrolment import EnrolSent
from domain.programmes.programmes import Programme
from tests.support import alike
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")

REFERENCES = ("li", "ma", "there", "", " odd ", "a\x00b", "guest")


async def furnish() -> Programme:
    programme = await make.establish()
    await make.enrol(programme, reference="there")
    await make.enrol(programme, reference="guest", guest=True)
    return programme


async def one_by_one(programme: Programme) -> list[str]:
    said = []
    for reference in REFERENCES:
        request = make.request(make.staff(programme), key=f"k-{reference.strip()[:2]}")
        try:
            await enrolment.enrol(request, programme, EnrolSent(reference=reference))
            said.append("Outcome")
        except Exception as error:
            said.append(type(error).__name__)
    return said


async def test_many_that_join_are_what_each_is_alone(statements: list[str]) -> None:
    alone, together = await furnish(), await furnish()
    said = await one_by_one(alone)
    requests = {
        reference: make.request(make.staff(together), key=f"k-{reference.strip()[:2]}")
        for reference in REFERENCES
    }

    joined = await joining.enrol_all(requests, together)

    assert [type(one).__name__ for one in joined.values()] == said
    left = await alike.written(together)
    for table, stored in (await alike.written(alone)).items():
        assert left[table] == stored, table
    [li] = [one for reference, one in joined.items() if reference == "li"]
    assert isinstance(li, Outcome)
    assert await make.faults(li.member_id) == []

    again = await joining.enrol_all(requests, together)
    assert [one.replayed for one in again.values() if isinstance(one, Outcome)] == [True] * 3
    assert await alike.written(together) == left

    many = {
        f"m-{number}": make.request(make.staff(together), key=f"m-{number}") for number in range(40)
    }
    statements.clear()
    await joining.enrol_all(many, together)
    assert len(statements) <= 8

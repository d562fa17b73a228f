"""Imports under way: two workers at once, jobs that are stopped, rows that fail alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.wording.messages import problem_messages
from domain.jobs import balance_rows, forgetting, jobs, member_rows, receiving, running
from domain.jobs.jobs import ImportKind, JobStatus
from domain.kernel.database import rows, update
from domain.kernel.refusals import StateConflict
from domain.proof import job_checks
from tests.support import factories as make
from tests.support.factories import NOW

pytestmark = pytest.mark.usefixtures("database")

BALANCE = {"points": "10", "expires_on": "2027-12-31"}


async def became(job_id: UUID) -> list[tuple[str | None, str | None]]:
    found = await rows(
        "SELECT status, code FROM import_row WHERE job_id = $1 ORDER BY number", job_id
    )
    return [(one["status"], one["code"]) for one in found]


async def test_two_workers_credit_a_balance_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 3)
    programme = await make.establish()
    members = [await make.enrol(programme, reference=f"w-{number}") for number in range(5)]
    span = UUID(int=min(members).int - 1), max(members)
    sent: Any = {"control_rows": 5, "control_points": 50}
    job_id = await make.start_import(programme, ImportKind.BALANCES, **sent)
    await make.send_rows(programme, job_id, *({"member": f"w-{n}", **BALANCE} for n in range(5)))

    async def work() -> None:
        for _ in range(6):
            job = await jobs.get(programme.id, job_id)
            if not job.finished and await running._may_go_on(job, NOW):
                await running.step(programme, job, NOW, problem_messages)

    await asyncio.gather(work(), work())
    checked = await jobs.get(programme.id, job_id)
    assert (checked.status, checked.checked, checked.points) == (JobStatus.QUEUED, 5, 50)
    await make.do_imports(programme)  # which approves it, and goes on with what is left
    await asyncio.gather(work(), work())
    assert [await make.available(one) for one in members] == [10] * 5
    done = await jobs.get(programme.id, job_id)
    assert (done.status, done.done, done.refused) == (JobStatus.DONE, 5, 0)
    assert await make.faults(*members) == []
    assert await job_checks.of_members(*span) == []

    # what somebody does to the rows or the ledger is found
    await update(
        'UPDATE import_row SET content = \'{"points": "11"}\' WHERE job_id = $1 AND number = 1',
        job_id,
    )
    await update("UPDATE import_row SET lot_id = NULL WHERE job_id = $1 AND number = 2", job_id)
    await update("UPDATE import_row SET status = 'KNOWN' WHERE job_id = $1 AND number = 2", job_id)
    found = await job_checks.of_members(*span)
    assert sorted((fault.table, fault.what) for fault in found) == [
        ("ledger_entry", "its row"),
        ("lot", "points"),
    ]
    [counted] = [fault for fault in await job_checks.counts() if fault.row_id == job_id]
    assert (counted.found, counted.expected) == ("5 0 0", "4 1 0")
    # once the rows are forgotten, nothing is asked of them
    while await forgetting.forget(programme.id, NOW + timedelta(days=31)):
        pass
    assert await job_checks.of_members(*span) == []
    assert await became(job_id) == []


async def test_a_member_that_got_an_entry_meanwhile_is_refused_alone() -> None:
    programme = await make.establish()
    members = [await make.enrol(programme, reference=f"e-{number}") for number in range(2)]
    sent: Any = {"control_rows": 2, "control_points": 20}
    job_id = await make.start_import(programme, ImportKind.BALANCES, **sent)
    await make.send_rows(programme, job_id, *({"member": f"e-{n}", **BALANCE} for n in range(2)))
    job = await jobs.get(programme.id, job_id)
    await running.step(programme, job, NOW, problem_messages)
    await make.give(programme, members[0], 5)
    await make.do_imports(programme)
    assert await became(job_id) == [("REFUSED", "INVALID_INPUT"), ("DONE", None)]
    assert [await make.available(one) for one in members] == [5, 10]


async def test_a_row_that_fails_is_refused_and_the_others_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programme, credit = await make.establish(), balance_rows._credit
    for number in range(2):
        await make.enrol(programme, reference=f"f-{number}")
    sent: Any = {"control_rows": 2, "control_points": 20}
    job_id = await make.start_import(programme, ImportKind.BALANCES, **sent)
    await make.send_rows(programme, job_id, *({"member": f"f-{n}", **BALANCE} for n in range(2)))

    def failing(*given: Any) -> Any:
        if given[2].reference == "f-0":
            raise ZeroDivisionError
        return credit(*given)

    monkeypatch.setattr(balance_rows, "_credit", failing)
    await make.do_imports(programme)
    assert await became(job_id) == [("REFUSED", "INVALID_INPUT"), ("DONE", None)]


async def test_a_job_that_cannot_be_checked_fails_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programme = await make.establish()
    failing = await make.start_import(programme)
    await make.send_rows(programme, failing, {"reference": "a"})
    after = await make.start_import(programme)
    await make.send_rows(programme, after, {"reference": "b"})
    late = await make.start_import(programme)

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(member_rows, "read", broken)
        with pytest.raises(ZeroDivisionError):
            await make.do_imports(programme)
    await make.do_imports(programme)
    past = datetime.now(UTC) + timedelta(minutes=16)
    assert await running.next_of(programme, past, NOW) is None
    found = [await jobs.get(programme.id, one) for one in (failing, after, late)]
    assert [(one.status, one.failure) for one in found] == [
        ("FAILED", "INTERNAL"),
        ("DONE", None),
        ("FAILED", "NOT_UPLOADED"),
    ]


async def test_a_job_that_is_stopped_keeps_what_it_has_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 2)
    programme = await make.establish()
    job_id = await make.start_import(programme)
    await make.send_rows(programme, job_id, *({"reference": f"s-{n}"} for n in range(4)))
    for _ in range(3):
        found = await running.next_of(programme, datetime.now(UTC), NOW)
        assert found is not None
        await running.step(programme, found, NOW, problem_messages)
    stale = await jobs.get(programme.id, job_id)
    await jobs.cancel(make.request(make.staff(programme)), job_id)
    await running.step(programme, stale, NOW, problem_messages)
    await make.do_imports(programme)
    stopped = await jobs.get(programme.id, job_id)
    assert (stopped.status, stopped.done, stopped.position) == ("CANCELLED", 2, 2)
    assert await became(job_id) == [("DONE", None)] * 2 + [(None, None)] * 2


async def test_who_sends_a_file_again_takes_the_place_of_who_began() -> None:
    programme = await make.establish()
    job_id, real_now = await make.start_import(programme), datetime.now(UTC)
    first = await receiving.begin(job_id, real_now)
    assert first is not None
    await receiving.store(first, [{"reference": "a"}])
    second = await receiving.begin(job_id, real_now)
    assert second is not None
    assert await became(job_id) == []
    with pytest.raises(StateConflict):
        await receiving.store(first, [{"reference": "b"}])
    await receiving.store(second, [{"reference": "c"}])
    await receiving.abandon(first)
    assert await became(job_id) == [(None, None)]
    await receiving.abandon(second)
    assert await became(job_id) == []
    assert await receiving.begin(job_id, real_now + timedelta(minutes=15)) is None
    await jobs.cancel(make.request(make.staff(programme)), job_id)
    with pytest.raises(StateConflict):
        await receiving.begin(job_id, real_now)

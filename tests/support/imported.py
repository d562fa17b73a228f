"""Imports as a browser and the worker do them: started, uploaded by one PUT, run and read."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx

from api.wording.messages import problem_messages
from domain.jobs import running
from tests.support.callers import Client, Stage, served

JOB = "job { id kind status total done refused failure endsAt refusedUrl }"
READ = "query($id: ID!) { job(id: $id) { status total done refused failure refusedUrl endsAt } }"


def browser() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(served(), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://milepost.test")


async def put(url: str, content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
    async with browser() as client:
        return await client.put(url, content=content, headers=headers)


async def work(stage: Stage) -> None:
    """Run the worker's steps until no import waits."""
    while found := await running.next_of(stage.programme, datetime.now(UTC), stage.now()):
        await running.step(stage.programme, found, stage.now(), problem_messages)


async def check(stage: Stage) -> None:
    """Run the worker's one step that checks the rows of the first waiting import."""
    found = await running.next_of(stage.programme, datetime.now(UTC), stage.now())
    assert found is not None
    await running.step(stage.programme, found, stage.now(), problem_messages)


async def begin(client: Client, kind: str, **sent: Any) -> tuple[str, str, str | None]:
    """Start an import; the ids of its job and its proposal, with its upload URL between them."""
    selection = f"{JOB} uploadUrl proposal {{ id input }}"
    payload = await client.done("startImport", selection, kind=kind, **sent)
    proposal = payload["proposal"]
    if proposal:
        assert proposal["input"]["job"] == payload["job"]["id"]
    return payload["job"]["id"], payload["uploadUrl"], proposal and proposal["id"]


async def bring(stage: Stage, kind: str, content: bytes, **sent: Any) -> dict[str, Any]:
    """Import a file, approving its proposal if it has one; its job afterwards."""
    job_id, url, proposal = await begin(stage.staff(), kind, **sent)
    answer = await put(url, content)
    assert answer.status_code == 200, answer.text
    await work(stage)
    if proposal and (await look(stage, job_id))["status"] == "QUEUED":
        own = await stage.staff().refused("approveProposal", proposal=proposal)
        assert own["code"] == "SAME_PERSON"
        await stage.staff("lee").done("approveProposal", proposal=proposal)
        await work(stage)
    return await look(stage, job_id)


async def look(stage: Stage, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await stage.staff().read(READ, id=job_id))["job"]
    return found


async def refused(job: dict[str, Any], language: str = "en") -> list[list[str]]:
    async with browser() as client:
        answer = await client.get(job["refusedUrl"], headers={"Accept-Language": language})
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.text)))

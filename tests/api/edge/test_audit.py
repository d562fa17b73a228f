"""The audit of GraphQL over HTTP by npm's `graphql-http`, where node and it are present."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from domain.programmes.programmes import Programme
from tests.support.factories import member_caller
from tests.support.sample import sample_app
from tests.support.serving import served

AUDIT = Path(__file__).resolve().parent / "audit"
RULES = 61

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (AUDIT / "node_modules" / "graphql-http").is_dir(),
    reason="needs node and `npm ci --prefix tests/api/edge/audit --ignore-scripts`",
)


async def test_every_rule_of_the_audit_is_kept(programme: Programme) -> None:
    async with served(sample_app(member_caller(programme, "auditor"))) as address:
        audit = await asyncio.create_subprocess_exec(
            "node", "audit.mjs", f"{address}/graphql", cwd=AUDIT, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await audit.communicate()

    results = [json.loads(line) for line in printed.decode().splitlines()]
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == RULES

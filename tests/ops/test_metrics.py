"""The page of metrics: what was counted and measured, and nobody's data."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from api.edge.logging import count_by
from domain.books import books
from domain.kernel import dates
from domain.kernel.database import row
from domain.upkeep import records
from domain.upkeep.records import VerificationCounts
from ops import metrics, server
from ops.settings import ROOT, Settings
from ops.worker import gauges
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import Stage, mutation_text, open_stage, served
from tests.support.processes import WAIT_SECONDS, free_port

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NAMES = {
    *("milepost_requests", "milepost_request_seconds", "milepost_job_failures"),
    *("milepost_outbox_oldest_seconds", "milepost_due_oldest_seconds"),
    *("milepost_reviews_open", "milepost_review_oldest_seconds", "milepost_settled_lag_seconds"),
    *("milepost_verify_age_seconds", "milepost_verify_faults", "milepost_backup_age_seconds"),
    "milepost_measured_timestamp_seconds",
}
CLAIMED = {"reference": "B-1", "on": "2126-03-01", "text": "Nothing came."}
Samples = dict[tuple[str, ...], float]


async def call_in_many_ways(stage: Stage) -> None:
    """What a member asks, and what it is refused, of an application that counts."""
    token = {"Authorization": f"Bearer {stage.member().token}"}
    unknown = {"input": {"claim": "bm9ib2R5", "idempotencyKey": "key"}}
    count_by(metrics.requests())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(served()), base_url="http://milepost.test", headers=token
    ) as client:
        for query in ("{ me { reference } }", "{ me { reference } tiers { code } }", "{ nothing }"):
            await client.post("/graphql", json={"query": query})
        refused = {"query": mutation_text("withdrawClaim"), "variables": unknown}
        await client.post("/graphql", json=refused)
        await client.post("/graphql", content=b"[]", headers={"Content-Type": "application/json"})
        stranger = {"Authorization": "Bearer xiaoli"}
        await client.post("/graphql", json={"query": "{ me { reference } }"}, headers=stranger)
        await client.get("/nowhere/xiaoli")
        await client.get("/healthz")
    count_by(None)


def read(address: str) -> Samples:
    """The samples of the page, by name and values of labels, which stand in the order of names."""
    assert httpx.get(f"{address}/", timeout=WAIT_SECONDS).status_code == 404
    page = httpx.get(f"{address}/metrics", timeout=WAIT_SECONDS).text
    families = list(text_string_to_metric_families(page))
    assert {family.name for family in families} == NAMES
    assert "xiaoli" not in page
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def counted(found: Samples, name: str) -> dict[tuple[str, ...], float]:
    """Samples of one name, by their labels."""
    return {one[1:]: n for one, n in found.items() if one[0] == f"milepost_{name}"}


async def since(table: str, what: str, programme_id: UUID) -> datetime:
    found = await row(f"SELECT {what} AS at FROM {table} WHERE programme_id = $1", programme_id)
    assert found is not None
    at = found["at"]
    assert isinstance(at, datetime)
    return at


async def test_the_page_shows_what_was_counted_and_measured(database: Database) -> None:
    settings = Settings(metrics_port=free_port())
    stage = await open_stage()
    programme, code = stage.programme, stage.programme.code
    zone = programme.as_of(stage.now()).policy.zone
    member_id = await make.enrol(programme, reference="xiaoli")
    await make.book(programme, member_id, ("hotel", "100"), reference="B-2", now=stage.now())
    await stage.member().done("claimPoints", **CLAIMED)
    day = dates.local_date(stage.now(), zone)
    await books.open_from(programme, day - DAY, stage.now())
    at = datetime.now(UTC) + 800 * DAY

    with server.measured(settings):
        metrics.begin()
        await call_in_many_ways(stage)
        metrics.job_failures()("settle")
        await records.record_verification(at - 2 * HOUR, at - HOUR, VerificationCounts(3, 9, 2))
        await records.record_backup(at - 2 * HOUR, at - 2 * HOUR)
        await gauges.measure(at)
        found = read(f"http://127.0.0.1:{settings.metrics_port}")

    assert counted(found, "requests_total") == {
        ("OK", "me"): 1,
        ("OK", "several"): 1,
        ("GRAPHQL_VALIDATION_FAILED", "none"): 1,
        ("NOT_FOUND", "withdrawClaim"): 1,
        ("BAD_REQUEST", "none"): 1,
        ("UNAUTHENTICATED", "none"): 1,
        ("HTTP_404", "none"): 1,
    }
    assert counted(found, "request_seconds_count")[("none",)] == 4
    assert counted(found, "job_failures_total") == {("settle",): 1}
    assert found["milepost_verify_age_seconds",] == HOUR.total_seconds()
    assert found["milepost_verify_faults",] == 2
    assert found["milepost_backup_age_seconds",] == 2 * HOUR.total_seconds()
    assert found["milepost_measured_timestamp_seconds",] == at.timestamp()
    now = programme.now(at)
    for name, began in (
        ("outbox_oldest", await since("outbox_event", "min(recorded_at)", programme.id)),
        ("due_oldest", await since("account", "min(next_due_at)", programme.id)),
        ("review_oldest", await since("claim", "opened_at", programme.id)),
        ("settled_lag", dates.end_of_day(day - DAY, zone)),
    ):
        assert found[f"milepost_{name}_seconds", code] == (now - began).total_seconds(), name
    assert found["milepost_reviews_open", code] == 1


def test_alerts_ask_for_what_is_exported_and_say_what_to_do() -> None:
    [group] = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    asked = {
        name.removesuffix("_total").removesuffix("_bucket")
        for rule in group["rules"]
        for name in re.findall(r"milepost_\w+", rule["expr"])
    }
    assert asked < NAMES
    assert NAMES - asked == {"milepost_job_failures", "milepost_reviews_open"}
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert len(rule["annotations"]["description"].split(". ")) > 1, rule["alert"]
    commands = set(re.findall(r"python -m ops (\w+)", str(group)))
    assert commands == {"backup", "jobs", "verify"}

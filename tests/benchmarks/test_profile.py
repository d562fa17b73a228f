"""Where time goes: each sample belongs to one part, and what a process does is found in it."""

import signal
from pathlib import Path

import orjson

from benchmarks import profile
from benchmarks.operations import BY_NAME
from benchmarks.profile import Profile, Sample
from benchmarks.sampling import Sampler

SERVED = ("starlette/routing.py:app", "ops/server.py:_finished")
SAMPLES = (
    Sample(("json/__init__.py:loads", "domain/earning/awards.py:from_json", *SERVED), 3),
    Sample(("asyncpg/pool.py:acquire", "domain/kernel/queries.py:ask", *SERVED), 4),
    Sample(("api/edge/endpoint.py:encode_json", "api/edge/endpoint.py:_response", *SERVED), 1),
    Sample(("threading.py:run",), 2),
)


def test_a_sample_belongs_to_the_innermost_function_that_a_part_names() -> None:
    assert [profile.part_of(sample.stack) for sample in SAMPLES] == [
        "judging",
        "statement: pool and driver",
        "encoding",
        "server and loop",
    ]
    assert [profile.room_of(sample.stack) for sample in SAMPLES] == [
        "domain/earning",
        "asyncpg",
        "api/edge",
        "server and loop",
    ]


def test_shares_stand_in_the_order_of_parts_with_their_time() -> None:
    made = Profile(BY_NAME["dashboard"], 2.0, SAMPLES)

    assert profile.cells(made) == [
        ("server and loop", "20.0%", "0.400"),
        ("statement: pool and driver", "40.0%", "0.800"),
        ("judging", "30.0%", "0.600"),
        ("encoding", "10.0%", "0.200"),
    ]
    assert dict(profile.largest(made))["function"][0] == (
        "asyncpg/pool.py:acquire",
        "40.0%",
        "0.800",
    )


def test_a_process_is_found_in_what_it_does(tmp_path: Path) -> None:
    sampler = Sampler(tmp_path / "samples.json")
    before = signal.signal(signal.SIGPROF, sampler.take)
    try:
        sampler.begin()
        while sampler.seen.total() < 2:
            busy()
        sampler.end()
    finally:
        signal.signal(signal.SIGPROF, before)

    found = orjson.loads(sampler.written.read_bytes())
    assert sum(one["count"] for one in found) >= 2
    name = "tests/benchmarks/test_profile.py:busy"
    assert any(name in one["stack"] for one in found)


def busy() -> int:
    return sum(range(100_000))

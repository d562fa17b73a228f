"""Who asks in a run of the benchmarks."""

from benchmarks import samples


def test_members_redeem_in_turns_for_as_long_as_they_have_points() -> None:
    members = [
        {"reference": "some", "available": 2_999},
        {"reference": "none", "available": 999},
        {"reference": "more", "available": 3_000},
    ]
    assert list(samples.redemptions(members)) == ["some", "more", "some", "more", "more"]

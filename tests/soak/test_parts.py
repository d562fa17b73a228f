from tests.soak import parts
from tests.soak.parts import Part


def test_what_measures_times_is_proved_first_and_alone() -> None:
    known = parts.proofs()
    assert [name for name, proof in known.items() if proof.alone] == ["flood"]
    lots, flood = Part("lots", 0, 9, 1), Part("flood", 0, 540, 1)
    [first, second] = parts.stages([lots, flood, lots], {"flood"})
    assert first == ([flood], 1)
    assert second[0] == [lots, lots]

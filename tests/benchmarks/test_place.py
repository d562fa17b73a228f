"""The name of a template changes with whatever it was made from."""

import shutil
from pathlib import Path

import pytest

from benchmarks.place import MADE_FROM, template_name
from ops.settings import ROOT


@pytest.mark.parametrize("pattern", MADE_FROM)
def test_a_template_is_named_by_the_contents_of_all_that_it_was_made_from(
    pattern: str, tmp_path: Path
) -> None:
    for made_from in MADE_FROM:
        for path in ROOT.glob(made_from):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    before = template_name(1000, tmp_path)
    changed = max(tmp_path.glob(pattern))
    content = changed.read_bytes()

    changed.write_bytes(content + b"\n")
    after = template_name(1000, tmp_path)
    changed.write_bytes(content)

    assert before == template_name(1000) == template_name(1000, tmp_path) != after


def test_a_template_is_named_by_the_names_of_what_it_was_made_from(tmp_path: Path) -> None:
    names = []
    for name in ("1_kernel.py", "2_kernel.py"):
        migration = tmp_path / name / "migrations" / "models" / name
        migration.parent.mkdir(parents=True)
        migration.write_text("SELECT 1;")
        names.append(template_name(1000, tmp_path / name))

    assert names[0] != names[1]

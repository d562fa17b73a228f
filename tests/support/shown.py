"""The fenced blocks and sections of the documentation."""

import re
from dataclasses import dataclass
from pathlib import Path

from ops.settings import ROOT

README = ROOT / "README.md"
PLAYED = [
    README,
    *(
        ROOT / f"docs/{reader}.md"
        for reader in (
            "partners",
            "app",
            "staff",
            "rewards",
            "finance",
            "moving",
            "privacy",
            "commands",
            "setup",
        )
    ),
]
"""The pages whose examples are played, in this order: each continues from those before it."""

DOCUMENTS = [
    README,
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted(
        path
        for folder in ("docs", "benchmarks")
        for path in (ROOT / folder).rglob("*.md")
        if not {"node_modules", "results"} & set(path.relative_to(ROOT).parts)
    ),
]
"""All documents of the repository: what packages bring and what benchmarks write is not of it."""

FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block of a document."""

    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    text = path.read_text(encoding="utf-8")
    return [Block(found["language"], found["text"]) for found in FENCE.finditer(text)]


def shown_text() -> str:
    """All pages that are played, one after the other."""
    return "\n".join(path.read_text(encoding="utf-8") for path in PLAYED)


def shown_blocks() -> list[Block]:
    return [block for path in PLAYED for block in blocks(path)]


def section(title: str) -> str:
    """The text below the heading that has this title on one of the pages."""
    return shown_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]

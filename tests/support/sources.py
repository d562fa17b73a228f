"""The source of this project's modules: their imports and syntax nodes."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROOMS = (
    "kernel",
    "proposals",
    "programmes",
    "partners",
    "webhooks",
    "books",
    "ledger",
    "valuation",
    "tiers",
    "rewards",
    "accounts",
    "risk",
    "referrals",
    "members",
    "earning",
    "experiments",
    "lint",
    "transfers",
    "grants",
    "benefits",
    "redemptions",
    "activities",
    "offers",
    "checkout",
    "bookings",
    "claims",
    "memberships",
    "reviews",
    "feedback",
    "settlement",
    "delivery",
    "notices",
    "history",
    "backtests",
    "insight",
    "finance",
    "jobs",
    "approvals",
    "privacy",
    "proof",
    "upkeep",
)
"""The rooms of `domain/`, in their order: each imports only itself and rooms before it."""


def files_of(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All syntax nodes of a module, cached for the many tests that read them."""
    return tuple(ast.walk(parsed(path)))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """The full name of every module imported, wherever in the file."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""


def tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', '?')}"

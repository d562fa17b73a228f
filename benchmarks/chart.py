"""The ratios as a chart: a bar an operation, with marks at what must be reached and the goal."""

from collections.abc import Sequence
from html import escape

from benchmarks.tables import Row, Setting

LEFT, WIDTH, BAR, STEP, TOP = 250, 560, 18, 34, 58
"""In pixels: where bars begin, how long a ratio of 1 is, how high bars are and stand apart."""

LEGEND = "red: must be reached; green: the goal; 1 is as fast as the hand-written application"

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #222 }
.small { font-size: 11px; fill: #666 }
.title { font-size: 16px; font-weight: 600 }
.grid { stroke: #e4e4e4 } .must { stroke: #c0392b; stroke-width: 2 }
.goal { stroke: #1e8449; stroke-width: 2 } .bar { fill: #2e6da4 } .short { fill: #c98a2b }
"""


def svg(setting: Setting, rows: Sequence[Row]) -> str:
    """A document of its own, readable without anything else."""
    height = TOP + STEP * len(rows) + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 90} {height}">',
        f"<style>{STYLE}</style>",
        "<title>CPU time of the limit by that of Milepost</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        '<text class="title" x="16" y="26">CPU time of the limit ÷ CPU time of Milepost</text>',
        f'<text class="small" x="16" y="44">{LEGEND}</text>',
        *_grid(len(rows)),
    ]
    for place, row in enumerate(rows):
        parts += _bar(TOP + STEP * place, row)
    said = str(setting)
    half = len(said) // 2
    cut = said.find(";", half) + 1 or half
    parts += [
        f'<text class="small" x="16" y="{height - 26 + 14 * number}">{escape(line.strip())}</text>'
        for number, line in enumerate((said[:cut], said[cut:]))
    ]
    return "\n".join([*parts, "</svg>", ""])


def _grid(count: int) -> list[str]:
    bottom = TOP + STEP * count
    parts = []
    for tenth in range(0, 11, 2):
        x = LEFT + WIDTH * tenth / 10
        parts.append(f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}"/>')
        parts.append(f'<text class="small" x="{x - 8}" y="{bottom + 14}">{tenth / 10:.1f}</text>')
    return parts


def _bar(y: int, row: Row) -> list[str]:
    goal, ratio = row.operation.goal, min(row.ratio, 1.1)
    short = "short" if row.ratio < goal.must else "bar"
    middle = y + BAR / 2 + 10
    marks = [
        f'<line class="{name}" x1="{LEFT + WIDTH * at}" y1="{y + 2}" x2="{LEFT + WIDTH * at}" '
        f'y2="{y + BAR + 10}"/>'
        for name, at in (("must", goal.must), ("goal", goal.goal))
    ]
    title, long = escape(row.operation.title), WIDTH * ratio
    return [
        f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end">{title}</text>',
        f'<rect class="{short}" x="{LEFT}" y="{y + 6}" width="{long:.1f}" height="{BAR}"/>',
        *marks,
        f'<text x="{LEFT + long + 6:.1f}" y="{middle}">{row.ratio:.2f}</text>',
    ]

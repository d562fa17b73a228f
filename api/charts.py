"""Charts of a report as SVG, in numbers: a template draws them, and no script does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 286
LEFT, RIGHT, TOP, BOTTOM = 78, 12, 14, 40
"""Space around the plot for its numbers and months."""

LABELS_MAX = 12
TICKS = 4
_STEPS = (1, 2, 2.5, 5, 10)

Numbers = Sequence[int | float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers in a row, one for each label; None where there is none."""

    name: str
    values: Numbers


@dataclass(frozen=True, slots=True)
class Bar:
    """A column and its text."""

    x: float
    y: float
    width: float
    height: float
    series: int
    text: str


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line through its points, as SVG writes them."""

    points: str
    series: int
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A number or a label at an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing: columns or lines over the same axes."""

    title: str
    names: tuple[str, ...]
    ticks: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[Polyline, ...] = ()
    zero: float = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class _Scale:
    """The position of a number: the axis reaches from one multiple of a step to another."""

    low: float
    high: float
    step: float

    @classmethod
    def over(cls, series: Sequence[Series]) -> "_Scale":
        values = [value for one in series for value in one.values if value is not None]
        low, high = min([0, *values]), max([0, *values])
        step = _step((high - low) / TICKS)
        return cls(floor(low / step) * step, max(ceil(high / step), 1) * step, step)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def ticks(self, show: Callable[[float], str]) -> tuple[Mark, ...]:
        count = round((self.high - self.low) / self.step)
        values = [self.low + number * self.step for number in range(count + 1)]
        return tuple(Mark(self.y(value), show(value)) for value in values)


def _step(least: float) -> float:
    """The smallest round number that is not below this one."""
    if least <= 0:
        return 1
    unit = 10 ** floor(log10(least))
    return float(next(step * unit for step in _STEPS if step * unit >= least))


def columns(
    title: str, labels: Sequence[str], series: Sequence[Series], show: Callable[[float], str]
) -> Chart:
    """Columns side by side for each label."""
    scale, slot = _Scale.over(series), (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    width = slot * 0.72 / len(series)
    bars = []
    for place, one in enumerate(series):
        for number, value in enumerate(one.values):
            if value is None:
                continue
            x = LEFT + slot * (number + 0.14) + width * place
            y, zero = scale.y(value), scale.y(0)
            text = f"{labels[number]} · {one.name}: {show(value)}"
            bars.append(
                Bar(
                    round(x, 1), min(y, zero), round(width, 1), round(abs(zero - y), 1), place, text
                )
            )
    return Chart(
        title,
        tuple(one.name for one in series),
        scale.ticks(show),
        _labels(labels, slot, slot / 2),
        bars=tuple(bars),
        zero=scale.y(0),
    )


def lines(
    title: str, labels: Sequence[str], series: Sequence[Series], show: Callable[[float], str]
) -> Chart:
    """A line for each series; it ends where there are no numbers any more."""
    scale, slot = _Scale.over(series), (WIDTH - LEFT - RIGHT) / max(1, len(labels) - 1)
    drawn = []
    for place, one in enumerate(series):
        points = [
            f"{round(LEFT + slot * number, 1)},{scale.y(value)}"
            for number, value in enumerate(one.values)
            if value is not None
        ]
        last = next((value for value in reversed(one.values) if value is not None), 0)
        drawn.append(Polyline(" ".join(points), place, f"{one.name}: {show(last)}"))
    return Chart(
        title,
        tuple(one.name for one in series),
        scale.ticks(show),
        _labels(labels, slot, 0),
        lines=tuple(drawn),
        zero=scale.y(0),
    )


def _labels(labels: Sequence[str], slot: float, offset: float) -> tuple[Mark, ...]:
    every = ceil(len(labels) / LABELS_MAX) or 1
    return tuple(
        Mark(round(LEFT + slot * number + offset, 1), label)
        for number, label in enumerate(labels)
        if number % every == 0
    )

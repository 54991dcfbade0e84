"""The cost over decades of traffic: as a table, as SVG on logarithmic axes, as PNG where matplotlib is installed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from stackworthy.core.cost import decimal_text
from stackworthy.reports.bill_rows import money, rough
from stackworthy.reports.terminal import Layout, cropped, harmless, squeezed, wrapped
from stackworthy.workload.sweep import Crossing, Curve

SCHEMA = "stackworthy.sweep/1"
MOST_SERVICES = 6
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9")
"""Colours that the colour-blind tell apart (after Okabe and Ito); dashes tell the lines apart without any."""
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 4", "10 4")
WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 76, 178, 24, 56
LEAST = 0.01


class PointRecord(msgspec.Struct):
    """The bill at so many requests a month; decimal strings."""

    requests: str
    monthly_cost: str
    services: dict[str, str]


class CrossingRecord(msgspec.Struct):
    """Where another design of a resource becomes cheaper (`requests` null: one of both is, over the whole range)."""

    address: str
    now: str
    instead: str
    cheaper: str
    requests: str | None
    monthly_cost_now: str
    monthly_cost_instead: str
    note: str


class SweepDocument(msgspec.Struct):
    """The cost over a range of requests a month; `stated` is what the workload states."""

    schema: str
    currency: str
    stated: str
    points: list[PointRecord]
    crossings: list[CrossingRecord]


def document(curve: Curve) -> SweepDocument:
    """The curve as one structure."""
    points = [
        PointRecord(
            _whole(point.requests),
            decimal_text(point.cost),
            {name: decimal_text(cost) for name, cost in point.services.items()},
        )
        for point in curve.points
    ]
    crossings = [
        CrossingRecord(
            one.address,
            one.now,
            one.instead,
            one.cheaper,
            _whole(one.requests) if one.requests is not None else None,
            decimal_text(one.now_cost),
            decimal_text(one.instead_cost),
            one.note,
        )
        for one in curve.crossings
    ]
    return SweepDocument(SCHEMA, curve.currency, _whole(curve.stated), points, crossings)


def _whole(value: Decimal) -> str:
    return decimal_text(value.quantize(Decimal(1)))


def services(curve: Curve) -> list[str]:
    """The services that are shown by themselves: the dearest at any point, the dearest first."""
    most: dict[str, Decimal] = {}
    for point in curve.points:
        for name, cost in point.services.items():
            most[name] = max(most.get(name, Decimal(0)), cost)
    ranked = sorted(most, key=lambda name: -most[name])
    return [name for name in ranked if most[name] >= Decimal("0.01")][:MOST_SERVICES]


def text(curve: Curve, layout: Layout) -> Iterator[str]:
    """A table with one line for each decade, then the crossings."""
    shown = services(curve)
    width = min(layout.width, 130)
    column = max([11, *(min(len(name), 14) + 2 for name in shown)])
    shown = shown[: max((width - 28) // column, 1)]
    names = "".join(f"{squeezed(name, column - 2):>{column}}" for name in shown)
    yield layout.style(f"  {'requests':>13}{'total':>12}{names}", bold=True)
    for point in curve.points:
        if not _is_decade(point.requests) and point is not curve.points[0] and point is not curve.points[-1]:
            continue
        costs = "".join(
            f"{rough(point.services.get(name, Decimal(0)), curve.currency):>{column}}" for name in shown
        )
        yield f"  {point.requests:>13,.0f}{rough(point.cost, curve.currency):>12}{costs}"
    yield ""
    yield f"  stated now: {curve.stated:,.0f} requests a month"
    if curve.crossings:
        yield ""
        yield layout.style("  where another design is cheaper", bold=True)
    kept = [one for one in curve.crossings if one.requests is None and one.cheaper == one.now]
    for one in curve.crossings:
        if one in kept:
            continue
        lines = wrapped(f"{sentence(one, curve.currency)}; {one.note}", width - 4)
        yield f"  - {harmless(lines[0])}"
        yield from (f"    {harmless(line)}" for line in lines[1:])
    if kept:
        words = ", ".join(f"{one.now} than {one.instead} ({one.address})" for one in kept)
        lines = wrapped(f"cheaper as it is, throughout: {words}", width - 4)
        yield f"  - {harmless(lines[0])}"
        yield from (f"    {harmless(line)}" for line in lines[1:])


def sentence(one: Crossing, currency: str) -> str:
    """What a crossing says in words."""
    ends = f"{rough(one.now_cost, currency)} against {rough(one.instead_cost, currency)} at the end"
    what = f"{one.address}: {one.now} or {one.instead}"
    if one.requests is None:
        return f"{what}: {one.cheaper} is cheaper throughout ({ends})"
    return f"{what}: {one.cheaper} is cheaper from {two_digits(one.requests)} requests a month on ({ends})"


def two_digits(value: Decimal) -> str:
    """A number with the digits that a halved interval deserves."""
    places = max(len(str(int(value))) - 2, 0)
    return f"{round(int(value), -places):,}"


def _is_decade(requests: Decimal) -> bool:
    log = math.log10(float(requests))
    return abs(log - round(log)) < 1e-6


def short(value: float) -> str:
    """1k, 10M, 1G; amounts below one as they are."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


class _Axes:
    """Where a point of the chart lies."""

    def __init__(self, curve: Curve) -> None:
        self.low, self.high = (math.log10(float(curve.points[at].requests)) for at in (0, -1))
        most = max(float(point.cost) for point in curve.points)
        least = min((float(point.cost) for point in curve.points if point.cost > 0), default=LEAST)
        self.bottom = math.floor(math.log10(max(least / 10, LEAST)))
        self.top = max(math.ceil(math.log10(max(most, LEAST * 10))), self.bottom + 1)

    def x(self, requests: float) -> float:
        """The place of a number of requests."""
        return LEFT + (math.log10(requests) - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT)

    def y(self, cost: float) -> float:
        """The place of a cost; what is next to nothing lies on the axis."""
        log = max(math.log10(max(cost, 10.0**self.bottom)), self.bottom)
        return TOP + (self.top - log) / (self.top - self.bottom) * (HEIGHT - TOP - BOTTOM)


def svg(curve: Curve) -> Iterator[str]:
    """The chart: a line for the total and for each service, a mark for each crossing."""
    axes = _Axes(curve)
    marks = [one for one in curve.crossings if one.requests is not None]
    height = HEIGHT + 18 * len(marks) + (12 if marks else 0)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Monthly cost by requests a month">'
    )
    yield f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    yield from _grid(axes, curve.currency)
    names = services(curve)
    for index, name in enumerate(names):
        costs = [point.services.get(name, Decimal(0)) for point in curve.points]
        yield _line(axes, curve, costs, COLORS[index], DASHES[index], 2)
    yield _line(axes, curve, [point.cost for point in curve.points], "#222", "", 3)
    yield from _legend(names)
    for index, one in enumerate(marks, 1):
        yield from _mark(axes, index, one, curve.currency)
    yield "</svg>"


def _grid(axes: _Axes, currency: str) -> Iterator[str]:
    for power in range(math.ceil(axes.low - 1e-9), math.floor(axes.high + 1e-9) + 1):
        x = axes.x(10.0**power)
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e3e3e3"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#444">{short(10.0**power)}</text>'
    for power in range(axes.bottom, axes.top + 1):
        y = axes.y(10.0**power)
        words = (
            money(Decimal(10) ** power, currency)
            if power < 0
            else f"{money(Decimal(0), currency)[:-4]}{short(10.0**power)}"
        )
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e3e3e3"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{escape(words)}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 14}" text-anchor="middle" fill="#222">requests a month</text>'
    across = (TOP + HEIGHT - BOTTOM) / 2
    yield (
        f'<text transform="translate(16 {across:.0f}) rotate(-90)" text-anchor="middle" fill="#222">'
        f"{escape(currency)} a month</text>"
    )


def _line(axes: _Axes, curve: Curve, costs: list[Decimal], color: str, dash: str, wide: int) -> str:
    places = " ".join(
        f"{axes.x(float(point.requests)):.1f},{axes.y(float(cost)):.1f}"
        for point, cost in zip(curve.points, costs, strict=True)
    )
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="{wide}"{dashed}/>'


def _legend(names: list[str]) -> Iterator[str]:
    for index, name in enumerate(["total", *names]):
        y = TOP + 10 + 20 * index
        color, dash = ("#222", "") if not index else (COLORS[index - 1], DASHES[index - 1])
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        x = WIDTH - RIGHT + 14
        yield f'<path d="M{x} {y}h28" stroke="{color}" stroke-width="{2 if index else 3}"{dashed}/>'
        yield f'<text x="{x + 36}" y="{y + 4}" fill="#222">{escape(cropped(name, 17))}</text>'


def _mark(axes: _Axes, index: int, one: Crossing, currency: str) -> Iterator[str]:
    x = axes.x(float(one.requests or 1))
    y = TOP + 10 + 22 * ((index - 1) % 3)
    yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#888" stroke-dasharray="3 3"/>'
    yield f'<circle cx="{x:.1f}" cy="{y}" r="9" fill="#fff" stroke="#555"/>'
    yield f'<text x="{x:.1f}" y="{y + 4}" text-anchor="middle" fill="#222">{index}</text>'
    place = HEIGHT + 18 * index - 4
    words = cropped(f"{index}  {sentence(one, currency)}", 125)
    yield f'<text x="{LEFT - 40}" y="{place}" fill="#222">{escape(harmless(words))}</text>'


def png(curve: Curve, path: Path) -> None:
    """The same chart through matplotlib; raises `ImportError` where it is not installed."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9.6, 5.4), dpi=120)
    requests = [float(point.requests) for point in curve.points]
    plot: Any = axes.plot
    for index, name in enumerate(services(curve)):
        costs = [max(float(point.services.get(name, 0)), LEAST) for point in curve.points]
        plot(requests, costs, color=COLORS[index], label=name, linestyle=("-", "--", ":", "-.")[index % 4])
    plot(
        requests,
        [max(float(point.cost), LEAST) for point in curve.points],
        color="#222",
        linewidth=2.5,
        label="total",
    )
    for one in curve.crossings:
        if one.requests is not None:
            axes.axvline(float(one.requests), color="#999", linestyle=":", linewidth=1)
            axes.annotate(
                one.cheaper, (float(one.requests), LEAST), rotation=90, fontsize=7, va="bottom", ha="right"
            )
    axes.set(xscale="log", yscale="log", xlabel="requests a month", ylabel=f"{curve.currency} a month")
    axes.grid(visible=True, color="#e3e3e3")
    axes.legend(loc="upper left", fontsize=8)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


__all__ = ["SweepDocument", "document", "png", "sentence", "services", "svg", "text"]

"""Pictures of stacks as SVG, drawn here: readable without any other program, and nothing in it is fetched or run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import escape

from stackworthy.reports.drawing import Arrow, Node, Picture
from stackworthy.reports.layout import Placed, place
from stackworthy.reports.terminal import amount, cropped, harmless, squeezed

BOX_WIDTH = 190.0
BOX_HEIGHT = 44.0
COLUMN = 300.0
MARGIN = 24.0
TITLE = 34.0
LEGEND = 34.0
LETTERS = 21
MAX_LABELS = 70
"""Beyond so many arrows, their labels would hide the picture: what an arrow says is in its tooltip and its colour."""

_MODULE = re.compile(r"module\.([^.\[]+(?:\[[^\]]*\])?)")
_TERRAFORM = re.compile(
    r"(?P<modules>(?:module\.[^.\[]+(?:\[[^\]]*\])?\.)*)[a-z][a-z0-9]*_[a-z0-9_]+\.(?P<name>[^.\[]+(?:\[.*\])?)"
)

_FILLS = {
    "compute": ("#fff4e5", "#d97706"),
    "entry": ("#f3edff", "#7c3aed"),
    "message": ("#ffeaf1", "#db2777"),
    "data": ("#e8f6ee", "#15803d"),
    "guard": ("#feecec", "#dc2626"),
    "other": ("#f1f3f5", "#57606a"),
}
_GROUP_WORDS = {
    "compute": "compute",
    "entry": "entry",
    "message": "messages",
    "data": "data",
    "guard": "identity and keys",
    "other": "other",
}
_STROKES = {
    "triggers": ("#db2777", ""),
    "invokes": ("#d97706", ""),
    "routes": ("#7c3aed", ""),
    "reads": ("#15803d", "6 3"),
    "writes": ("#15803d", ""),
    "watches": ("#57606a", "2 3"),
    "protects": ("#dc2626", "2 3"),
}


def svg(pictures: list[Picture]) -> Iterator[str]:
    """The lines of an SVG document, one picture below the other."""
    return inline(pictures, "")


def inline(pictures: list[Picture], prefix: str) -> Iterator[str]:
    """The same for a page that holds several: `prefix` keeps the ids of each apart."""
    drawn = [_Drawn(picture, prefix) for picture in pictures]
    width = max((one.width for one in drawn), default=0.0) + 2 * MARGIN
    width = max(width, 640.0)
    height = sum(one.height for one in drawn) + LEGEND + MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="Helvetica, Arial, sans-serif" font-size="12">'
    )
    yield "<title>Resources and their relations</title>"
    yield from _markers(prefix)
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
    top = 0.0
    for one in drawn:
        yield f'<g transform="translate({MARGIN:.0f} {top:.0f})">'
        yield from one.lines()
        yield "</g>"
        top += one.height
    yield from _legend(drawn, top, prefix)
    yield "</svg>"


class _Drawn:
    """One picture with its places."""

    def __init__(self, picture: Picture, prefix: str) -> None:
        self.picture = picture
        self.prefix = prefix
        addresses = [node.address for node in picture.nodes]
        self.placed: Placed = place(addresses, [(arrow.source, arrow.target) for arrow in picture.arrows])
        self.between: dict[tuple[str, str], list[Arrow]] = {}
        for arrow in picture.arrows:
            self.between.setdefault((arrow.source, arrow.target), []).append(arrow)
        self.names = Counter(_shortened(address) for address in addresses)
        self.width = (self.placed.layers - 1) * COLUMN + BOX_WIDTH
        self.height = TITLE + MARGIN + self.placed.height * BOX_HEIGHT + MARGIN

    def lines(self) -> Iterator[str]:
        picture = self.picture
        resources = amount(len(picture.nodes), "resource")
        relations = amount(len(picture.arrows), "relation")
        yield (
            f'<text x="0" y="{TITLE - 8:.0f}" font-size="15" font-weight="bold" fill="#1f2328">{_text(picture.title)}'
            f'<tspan font-size="12" font-weight="normal" fill="#57606a" dx="10">{resources}, {relations}</tspan></text>'
        )
        for arrows in self.between.values():
            yield from self.arrow(arrows)
        for node in picture.nodes:
            yield from self.box(node)
        if len(self.between) <= MAX_LABELS:
            for arrows in self.between.values():
                yield from self.label(arrows)

    def corner(self, address: str) -> tuple[float, float]:
        return (
            self.placed.layer[address] * COLUMN,
            TITLE + MARGIN / 2 + self.placed.top[address] * BOX_HEIGHT,
        )

    def box(self, node: Node) -> Iterator[str]:
        x, y = self.corner(node.address)
        fill, edge = _FILLS[node.group]
        yield f"<g><title>{_text(node.address)} ({_text(node.words)})</title>"
        yield (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{BOX_WIDTH:.0f}" height="{BOX_HEIGHT:.0f}" rx="6" '
            f'fill="{fill}" stroke="{edge}"/>'
        )
        yield f'<rect x="{x:.1f}" y="{y:.1f}" width="5" height="{BOX_HEIGHT:.0f}" rx="2" fill="{edge}"/>'
        name = _shortened(node.address)
        below = node.words
        if self.names[name] > 1:
            below = " · ".join([*_parts(node.address)[-2:-1], below])
        yield f'<text x="{x + 13:.1f}" y="{y + 18:.1f}" font-weight="bold" fill="#1f2328">{_text(name)}</text>'
        yield f'<text x="{x + 13:.1f}" y="{y + 34:.1f}" font-size="11" fill="#57606a">{_text(cropped(below, 28))}</text>'
        yield "</g>"

    def points(self, arrow: Arrow) -> list[tuple[float, float]]:
        """Where an arrow leaves, passes, and arrives."""
        x, y = self.corner(arrow.source)
        to_x, to_y = self.corner(arrow.target)
        right = self.placed.layer[arrow.source] < self.placed.layer[arrow.target]
        middle = BOX_HEIGHT / 2 + (
            12.0 if not right and (arrow.target, arrow.source) in self.between else 0.0
        )
        start = (x + (BOX_WIDTH if right else 0.0), y + middle)
        end = (to_x - 1.0 if right else to_x + BOX_WIDTH + 1.0, to_y + middle)
        if self.placed.layer[arrow.source] == self.placed.layer[arrow.target]:
            end = (to_x - 1.0, end[1])
        points = [start]
        for layer, height in self.placed.bends.get((arrow.source, arrow.target), ()):
            at = layer * COLUMN
            level = TITLE + MARGIN / 2 + height * BOX_HEIGHT
            sides = (at, at + BOX_WIDTH) if right else (at + BOX_WIDTH, at)
            points += [(sides[0], level), (sides[1], level)]
        return [*points, end]

    def arrow(self, arrows: list[Arrow]) -> Iterator[str]:
        points = self.points(arrows[0])
        path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
        for (x, y), (to_x, to_y) in pairwise(points):
            if y == to_y:
                path += f" L{to_x:.1f} {to_y:.1f}"
                continue
            bend = (to_x - x) * 0.5 if to_x != x else -60.0
            path += f" C{x + bend:.1f} {y:.1f} {to_x - bend if to_x != x else to_x + bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        first = arrows[0]
        color, dashes = _STROKES[first.kind]
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        said = _text(f"{first.source} {', '.join(arrow.label for arrow in arrows)} {first.target}")
        yield (
            f'<path d="{path}" fill="none" stroke="{color}" stroke-width="1.4" stroke-opacity="0.85"{dashed} '
            f'marker-end="url(#{self.prefix}{first.kind})"><title>{said}</title></path>'
        )

    def label(self, arrows: list[Arrow]) -> Iterator[str]:
        """The words on an arrow, near the end that fewer arrows share."""
        points = self.points(arrows[0])
        leaving = sum(1 for arrow in self.picture.arrows if arrow.source == arrows[0].source)
        arriving = sum(1 for arrow in self.picture.arrows if arrow.target == arrows[0].target)
        at_source = leaving <= arriving
        (x, y), (to_x, to_y) = (points[0], points[1]) if at_source else (points[-2], points[-1])
        share = 0.3 if at_source else 0.7
        if leaving == arriving == 1:
            share = 0.5
        along = share**2 * (3 - 2 * share)
        text = ", ".join(arrow.label for arrow in arrows)
        color = _STROKES[arrows[0].kind][0]
        yield (
            f'<text x="{x + (to_x - x) * share:.1f}" y="{y + (to_y - y) * along - 3:.1f}" font-size="10" text-anchor="middle" '
            f'fill="{color}" stroke="#ffffff" stroke-width="3" paint-order="stroke">{_text(text)}</text>'
        )


def _markers(prefix: str) -> Iterator[str]:
    yield "<defs>"
    for kind, (color, _) in _STROKES.items():
        yield (
            f'<marker id="{prefix}{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z" fill="{color}"/></marker>'
        )
    yield "</defs>"


def _legend(drawn: list[_Drawn], top: float, prefix: str) -> Iterator[str]:
    kinds = [kind for kind in _STROKES if any(a.kind == kind for one in drawn for a in one.picture.arrows)]
    groups = [group for group in _FILLS if any(n.group == group for one in drawn for n in one.picture.nodes)]
    x, y = MARGIN, top + LEGEND / 2
    for group in groups:
        fill, edge = _FILLS[group]
        yield f'<rect x="{x:.0f}" y="{y - 9:.0f}" width="14" height="12" rx="2" fill="{fill}" stroke="{edge}"/>'
        yield f'<text x="{x + 19:.0f}" y="{y + 2:.0f}" font-size="11" fill="#57606a">{_GROUP_WORDS[group]}</text>'
        x += 34 + 6 * len(_GROUP_WORDS[group])
    y += 0 if x + 90 * len(kinds) < 640 or not groups else LEGEND / 2
    x = x if y == top + LEGEND / 2 else MARGIN
    for kind in kinds:
        color, dashes = _STROKES[kind]
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield f'<path d="M{x:.0f} {y - 2:.0f} h24" stroke="{color}" stroke-width="1.6"{dashed} marker-end="url(#{prefix}{kind})"/>'
        yield f'<text x="{x + 30:.0f}" y="{y + 2:.0f}" font-size="11" fill="#57606a">{kind}</text>'
        x += 46 + 6 * len(kind)


def _shortened(address: str) -> str:
    """The name in an address, cut in its middle when the box is too small for it."""
    return squeezed(_parts(address)[-1], LETTERS)


def _parts(address: str) -> list[str]:
    """The names in an address, without those that every construct has, and without Terraform's types, which the box tells."""
    terraform = _TERRAFORM.fullmatch(address)
    if terraform:
        return [*_MODULE.findall(terraform["modules"]), terraform["name"]]
    return [part for part in address.split("/") if part not in ("Resource", "Default")] or [address]


def _text(text: str) -> str:
    return escape(harmless(text), {'"': "&quot;"})

"""Places the resources of a picture in layers from left to right, so that most arrows point right and few cross.

After Sugiyama, Tagawa, Toda: Methods for visual understanding of hierarchical system structures (1981): circles are broken,
nodes layered by their longest way, long arrows led through every layer between, the layers ordered by their neighbours' middles.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import msgspec

SWEEPS = 24
GAP = 0.45
"""Between two neighbours in a layer, in heights of a node."""


class Placed(msgspec.Struct):
    """Layer and top of every node (in node heights), the layers and heights that each arrow passes, and the extent."""

    layer: dict[str, int] = msgspec.field(default_factory=dict)
    top: dict[str, float] = msgspec.field(default_factory=dict)
    bends: dict[tuple[str, str], list[tuple[int, float]]] = msgspec.field(default_factory=dict)
    layers: int = 0
    height: float = 0.0


def place(nodes: list[str], arrows: list[tuple[str, str]]) -> Placed:
    """Place the nodes: each connected part by itself, the largest first, below each other; lonely nodes in rows at the end."""
    whole = Placed()
    parts = _parts(nodes, arrows)
    lonely = [part[0] for part in parts if len(part) == 1]
    for part in (part for part in parts if len(part) > 1):
        members = set(part)
        mine = [arrow for arrow in dict.fromkeys(arrows) if arrow[0] in members and arrow[0] != arrow[1]]
        _append(whole, _Part(part, mine).placed())
    columns = max(whole.layers, min(4, len(lonely)))
    for index, node in enumerate(lonely):
        whole.layer[node] = index % columns
        whole.top[node] = whole.height + (index // columns) * (1 + GAP)
    if lonely:
        whole.layers = columns
        whole.height += ((len(lonely) - 1) // columns + 1) * (1 + GAP)
    return whole


def _append(whole: Placed, part: Placed) -> None:
    for node, top in part.top.items():
        whole.top[node] = top + whole.height
    for arrow, bends in part.bends.items():
        whole.bends[arrow] = [(layer, top + whole.height) for layer, top in bends]
    whole.layer.update(part.layer)
    whole.layers = max(whole.layers, part.layers)
    whole.height += part.height + 2 * GAP


def _parts(nodes: list[str], arrows: list[tuple[str, str]]) -> list[list[str]]:
    """The connected parts, the largest first."""
    beside: dict[str, list[str]] = defaultdict(list)
    for source, target in arrows:
        beside[source].append(target)
        beside[target].append(source)
    order = {name: index for index, name in enumerate(nodes)}
    seen: set[str] = set()
    parts = []
    for node in nodes:
        if node in seen:
            continue
        part, pending = [], [node]
        seen.add(node)
        while pending:
            current = pending.pop()
            part.append(current)
            for other in beside[current]:
                if other not in seen:
                    seen.add(other)
                    pending.append(other)
        parts.append(sorted(part, key=order.__getitem__))
    return sorted(parts, key=len, reverse=True)


_Point = tuple[str, str, int]
"""A node ("", address, 0), or where an arrow passes a layer (source, target, layer)."""


class _Part:
    """One connected part on its way to being placed."""

    def __init__(self, nodes: list[str], arrows: list[tuple[str, str]]) -> None:
        self.nodes = nodes
        self.arrows = arrows
        self.layer = _layers(nodes, _without_circles(nodes, arrows))
        self.rows: list[list[_Point]] = [[] for _ in range(max(self.layer.values()) + 1)]
        self.left: dict[_Point, list[_Point]] = defaultdict(list)
        self.right: dict[_Point, list[_Point]] = defaultdict(list)
        for node in nodes:
            self.rows[self.layer[node]].append(("", node, 0))
        for arrow in arrows:
            self._lead(arrow)

    def _lead(self, arrow: tuple[str, str]) -> None:
        """Lead an arrow through every layer between its ends; one that points left is led the same way."""
        first, last = sorted(arrow, key=self.layer.__getitem__)
        previous: _Point = ("", first, 0)
        for layer in range(self.layer[first] + 1, self.layer[last]):
            point = (arrow[0], arrow[1], layer)
            self.rows[layer].append(point)
            self._join(previous, point)
            previous = point
        self._join(previous, ("", last, 0))

    def _join(self, left: _Point, right: _Point) -> None:
        self.right[left].append(right)
        self.left[right].append(left)

    def placed(self) -> Placed:
        """Order the layers, then give every point its height."""
        self._order()
        middles = self._middles()
        made = Placed(layers=len(self.rows))
        for row in self.rows:
            for point in row:
                if not point[0]:
                    made.layer[point[1]] = self.layer[point[1]]
                    made.top[point[1]] = middles[point] - 0.5
        for source, target in self.arrows:
            low, high = sorted((self.layer[source], self.layer[target]))
            bends = [(layer, middles[(source, target, layer)]) for layer in range(low + 1, high)]
            made.bends[(source, target)] = bends if self.layer[source] <= self.layer[target] else bends[::-1]
        made.height = max(middles.values()) + 0.5
        return made

    def _order(self) -> None:
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for sweep in range(SWEEPS):
            forward = sweep % 2 == 0
            beside = self.left if forward else self.right
            rows = self.rows if forward else self.rows[::-1]
            for fixed, row in pairwise(rows):
                self._sort(row, beside, fixed)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best

    def _sort(self, row: list[_Point], beside: dict[_Point, list[_Point]], fixed: list[_Point]) -> None:
        """Order a layer by the middles of its points' neighbours in the layer beside it."""
        position = {point: index for index, point in enumerate(fixed)}
        own = {point: index for index, point in enumerate(row)}
        row.sort(key=lambda point: _middle([position[other] for other in beside[point]], own[point]))

    def _crossings(self) -> int:
        total = 0
        for row, following in pairwise(self.rows):
            position = {point: index for index, point in enumerate(following)}
            ends = [position[p] for point in row for p in sorted(self.right[point], key=position.__getitem__)]
            total += _inversions(ends, len(following))
        return total

    def _middles(self) -> dict[_Point, float]:
        """Heights that draw every point towards its neighbours, without two of a layer coming too near; from 0.5 on."""
        middles: dict[_Point, float] = {}
        for row in self.rows:
            middles.update(zip(row, _offsets(row), strict=True))
        for sweep in range(SWEEPS):
            rows = self.rows if sweep % 2 == 0 else self.rows[::-1]
            for row in rows:
                wanted = [self._wanted(point, middles) for point in row]
                middles.update(zip(row, _apart(row, wanted), strict=True))
        least = min(middles.values()) - 0.5
        return {point: middle - least for point, middle in middles.items()}

    def _wanted(self, point: _Point, middles: dict[_Point, float]) -> float:
        beside = [middles[other] for other in self.left[point] + self.right[point]]
        return sum(beside) / len(beside) if beside else middles[point]


def _offsets(row: list[_Point]) -> list[float]:
    """The middles of a layer's points when they stand as close as they may; what only passes through is thin."""
    offsets = [0.0]
    for one, other in pairwise(row):
        heights = (0.1 if one[0] else 1.0) + (0.1 if other[0] else 1.0)
        offsets.append(offsets[-1] + heights / 2 + GAP)
    return offsets


def _apart(row: list[_Point], wanted: list[float]) -> list[float]:
    """The heights nearest to those wanted that keep the order and the gaps: neighbours that collide share their middle."""
    offsets = _offsets(row)
    blocks: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, size = want - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean = (mean * size + other * others) / (size + others)
            size += others
        blocks.append((mean, size))
    flat = [mean for mean, size in blocks for _ in range(size)]
    return [base + offset for base, offset in zip(flat, offsets, strict=True)]


def _middle(positions: list[int], own: int) -> float:
    return sum(positions) / len(positions) if positions else own


def _inversions(values: list[int], size: int) -> int:
    """How many pairs are out of order, by a Fenwick tree."""
    tree = [0] * (size + 1)
    total = 0
    for count, value in enumerate(values):
        at, before = value + 1, 0
        while at:
            before += tree[at]
            at -= at & -at
        total += count - before
        at = value + 1
        while at <= size:
            tree[at] += 1
            at += at & -at
    return total


def _without_circles(nodes: list[str], arrows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows, with those turned round that lead back to where a walk came from."""
    after: dict[str, list[str]] = defaultdict(list)
    entered: dict[str, int] = dict.fromkeys(nodes, 0)
    for source, target in arrows:
        after[source].append(target)
        entered[target] += 1
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()
    for start in sorted(nodes, key=entered.__getitem__):
        pending = [(start, iter(after[start]))] if start not in state else []
        state.setdefault(start, 1)
        while pending:
            node, targets = pending[-1]
            for target in targets:
                if target not in state:
                    state[target] = 1
                    pending.append((target, iter(after[target])))
                    break
                if state[target] == 1:
                    back.add((node, target))
            else:
                state[node] = 2
                pending.pop()
    return [(t, s) if (s, t) in back else (s, t) for s, t in arrows]


def _layers(nodes: list[str], arrows: list[tuple[str, str]]) -> dict[str, int]:
    """Every node right of all that point at it; those that nothing points at stand just left of what they point at."""
    after: dict[str, list[str]] = defaultdict(list)
    waiting: dict[str, int] = dict.fromkeys(nodes, 0)
    for source, target in arrows:
        after[source].append(target)
        waiting[target] += 1
    first = [node for node in nodes if not waiting[node]]
    layer = dict.fromkeys(nodes, 0)
    ready = list(first)
    while ready:
        node = ready.pop()
        for target in after[node]:
            layer[target] = max(layer[target], layer[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for node in first:
        if after[node]:
            layer[node] = min(layer[target] for target in after[node]) - 1
    return layer

"""From the arguments of a block to canonical properties, and from a property path back to the argument that states it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.path import Path, Selector
from stackworthy.core.value import ABSENT, List, Map, NotKnown, OpenList, OpenMap, Unknown, Value
from stackworthy.sources.terraform.mapping.convert import CONVERSIONS, wrapped
from stackworthy.sources.terraform.mapping.table import Argument, Spec, target


def to_properties(spec: Spec, attributes: Value) -> Map:
    """The properties that a block states, by canonical name; values are still in Terraform's references."""
    made = Map()
    _fill(made, spec.arguments, attributes)
    if spec.into:
        made = _into(spec.into, made)
    for path, value in spec.fixed.items():
        put(made, path, wrapped(value))
    return made


def _into(path: str, made: Map) -> Map:
    outer = Map()
    put(outer, path, made)
    return outer


def _fill(made: Map, arguments: Mapping[str, str | Argument], attributes: Value) -> None:
    for name, entry in arguments.items():
        value = _argument(attributes, name)
        if value is ABSENT or value is None:
            continue
        _place(made, target(entry), value)


def _argument(attributes: Value, name: str) -> Value:
    if isinstance(attributes, Map):
        return attributes[name]
    return attributes if isinstance(attributes, Unknown) else ABSENT


def _place(made: Map, goal: Argument, value: Value) -> None:
    if goal.block is None:
        converted = _converted(goal, value)
        if goal.key and converted is not ABSENT:
            converted = Map({"Key": goal.key, "Value": CONVERSIONS["text"].read(converted)})
        if not goal.to and isinstance(converted, Map):
            merge(made, converted)
        elif goal.to and converted is not ABSENT:
            put(made, goal.to, converted)
    elif goal.switch and not _switched_on(goal, value):
        return
    elif goal.named_by:
        put(made, goal.to, _entries(goal, value))
    elif goal.each:
        elements = _each(goal, value)
        if not isinstance(elements, List) or isinstance(elements, OpenList) or elements:
            put(made, goal.to, elements)
    else:
        _single(made, goal, value)


def _switched_on(goal: Argument, value: Value) -> bool:
    """Whether the block counts, as far as is known: a switch that nobody can read leaves the block standing."""
    if isinstance(value, Unknown):
        return True
    switches = [_argument(block, goal.switch) for block in _blocks(value)]
    return isinstance(value, OpenList) or any(
        switch is not ABSENT and switch is not False and switch is not None for switch in switches
    )


def _each(goal: Argument, value: Value) -> Value:
    if isinstance(value, Unknown):
        return value
    items = [item for block in _blocks(value) for item in _elements(goal, block)]
    return OpenList(items, value.rest) if isinstance(value, OpenList) else List(items)


def _elements(goal: Argument, block: Value) -> list[Value]:
    """The elements that one block makes: one for each item of the arguments that the property holds one by one."""
    if not goal.per or isinstance(block, Unknown):
        return [_element(goal, block)]
    block_arguments = goal.block or {}
    shared = Argument(
        block={name: entry for name, entry in block_arguments.items() if name not in goal.per},
        fixed=goal.fixed,
    )
    made: list[Value] = []
    for name, item in _items(goal, block):
        element = _element(shared, block)
        _place(element, target(block_arguments[name]), item)
        made.append(element)
    return made or [_element(shared, block)]


def _items(goal: Argument, block: Value) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    for name in goal.per:
        value = _argument(block, name)
        if value is ABSENT or value is None:
            continue
        found.extend((name, item) for item in _blocks(value))
        if isinstance(value, OpenList):
            found.append((name, value.rest))
    return found


def _entries(goal: Argument, value: Value) -> Value:
    if isinstance(value, Unknown):
        return value
    rest = value.rest if isinstance(value, OpenList) else None
    entries: list[tuple[str, Value]] = []
    for block in _blocks(value):
        key = _argument(block, goal.named_by)
        if isinstance(key, str):
            entries.append((key, _element(goal, block)))
        elif key is not ABSENT:
            rest = key if isinstance(key, Unknown) else Unknown("a key is known only after deployment")
    return OpenMap(entries, rest) if rest is not None else Map(entries)


def _blocks(value: Value) -> list[Value]:
    if isinstance(value, OpenList):
        return value.known
    return list(value) if isinstance(value, List) else [value]


def _element(goal: Argument, block: Value) -> Value:
    if isinstance(block, Unknown):
        return block
    element = Map()
    _fill(element, goal.block or {}, block)
    for path, fixed in goal.fixed.items():
        put(element, path, wrapped(fixed))
    return element


def _single(made: Map, goal: Argument, value: Value) -> None:
    blocks = _blocks(value)
    if not blocks:
        if isinstance(value, OpenList) and goal.to:
            put(made, goal.to, value.rest)
        return
    first = blocks[0]
    if isinstance(first, Unknown):
        for path in targets(goal.block or {}) if not goal.to else [goal.to]:
            put(made, path, first)
        return
    element = _element(goal, first)
    if goal.to:
        put(made, goal.to, element)
    else:
        merge(made, element)


def targets(arguments: Mapping[str, str | Argument]) -> Iterator[str]:
    """The property paths that the arguments may state."""
    for entry in arguments.values():
        goal = target(entry)
        if goal.to:
            yield goal.to
        elif goal.block is not None:
            yield from targets(goal.block)
        yield from goal.fixed


def _converted(goal: Argument, value: Value) -> Value:
    if isinstance(value, (str, int, float, bool)):
        if value in goal.absent and not (
            isinstance(value, bool) and value not in [item for item in goal.absent if isinstance(item, bool)]
        ):
            return ABSENT
        if goal.enum:
            key = ("true" if value else "false") if isinstance(value, bool) else str(value)
            return wrapped(goal.enum.get(key, value))
    elif isinstance(value, List) and goal.enum and not isinstance(value, OpenList):
        return List(goal.enum.get(item, item) if isinstance(item, str) else item for item in value)
    if goal.as_:
        return CONVERSIONS[goal.as_].read(value)
    return value


def put(made: Map, path: str, value: Value) -> None:
    """Set a property path, merging maps and appending where the path ends in `[]`."""
    *parents, last = path.split(".")
    for name in parents:
        adding = name.endswith("[]")
        name = name.removesuffix("[]")
        inner = dict.get(made, name, ABSENT)
        if inner is ABSENT:
            inner = List([Map()]) if adding else Map()
            made[name] = inner
        if adding and isinstance(inner, List):
            inner = inner[0]
        if not isinstance(inner, Map):
            return
        made = inner
    if last.endswith("[]"):
        merge(made, Map({last.removesuffix("[]"): List([value])}))
    else:
        merge(made, Map({last: value}))


def merge(into: Map, other: Map) -> None:
    """Take over another map's properties: maps are merged, lists joined, everything else replaced."""
    for name, value in (other.known if isinstance(other, OpenMap) else other).items():
        before = dict.get(into, name, ABSENT)
        if isinstance(before, Map) and isinstance(value, Map):
            merge(before, value)
        elif isinstance(before, List) and isinstance(value, List):
            into[name] = _joined(before, value)
        else:
            into[name] = value


def _joined(one: List, other: List) -> List:
    rest = next((part.rest for part in (one, other) if isinstance(part, OpenList)), None)
    items = [*_blocks(one), *_blocks(other)]
    return OpenList(items, rest) if rest is not None else List(items)


def native_route(spec: Spec, attributes: Value, path: Path) -> tuple[Route, int]:
    """The route in the block to the argument that states a property, and how many segments of the path it covers."""
    if spec.into:
        inner = [part.removesuffix("[]") for part in spec.into.split(".")]
        taken = _taken(inner, path)
        if taken < min(len(inner), len(path)):
            return (), 0
        route, depth = _search(spec.arguments, attributes, path[taken:])
        return route, (taken + depth if depth or taken else 0)
    return _search(spec.arguments, attributes, path)


def _taken(names: list[str], path: Path) -> int:
    """How many segments of the path the names cover; positions in lists count with the name before them."""
    position = 0
    for name in names:
        if position >= len(path) or path[position] != name:
            break
        position += 1
        while position < len(path) and not isinstance(path[position], str):
            position += 1
    return position


def position(items: list[Value], segment: Any) -> int | None:
    """The index of the element that a segment of a path stands for; None when there is none."""
    if isinstance(segment, int):
        return segment if segment < len(items) else None
    if not isinstance(segment, Selector):
        return None
    for index, item in enumerate(items):
        try:
            if isinstance(item, Map) and item[segment.key] == segment.value:
                return index
        except NotKnown:
            continue
    return None


def first_position(path: Path) -> int | None:
    """Where in a path the first element of a list is named."""
    return next((index for index, segment in enumerate(path) if not isinstance(segment, str)), None)


def listed(made: Value, names: Path) -> list[Value]:
    """The known elements of the list at a path of names."""
    for name in names:
        made = made[name] if isinstance(made, Map) and isinstance(name, str) else ABSENT
    return _blocks(made) if isinstance(made, List) else []


def _sharing(
    arguments: Mapping[str, str | Argument], attributes: Value, path: Path, at: int
) -> tuple[Route, int] | None:
    """The route when several arguments state elements of the same list: the elements stand in the order of the arguments."""
    names = path[:at]
    goals = [
        (name, target(entry), value)
        for name, entry in arguments.items()
        if target(entry).to.replace("[]", "") == ".".join(str(name) for name in names)
        and (value := _argument(attributes, name)) is not ABSENT
        and value is not None
    ]
    if len(goals) < 2:
        return None
    segment = path[at]
    for name, goal, value in goals:
        made = Map()
        _place(made, goal, value)
        items = listed(made, names)
        index = position(items, segment)
        if index is not None:
            return _through(name, goal, value, (*names, index, *path[at + 1 :]))
        if isinstance(segment, int):
            segment -= len(items)
    return None


def _search(arguments: Mapping[str, str | Argument], attributes: Value, path: Path) -> tuple[Route, int]:
    at = first_position(path)
    found = _sharing(arguments, attributes, path, at) if at is not None else None
    if found is not None:
        return found
    best: tuple[Route, int] = ((), 0)
    for name, entry in arguments.items():
        value = _argument(attributes, name)
        if value is ABSENT or value is None:
            continue
        found = _through(name, target(entry), value, path)
        if found[1] > best[1]:
            best = found
    return best


def _through(name: str, goal: Argument, value: Value, path: Path) -> tuple[Route, int]:
    names = [part.removesuffix("[]") for part in goal.to.split(".")] if goal.to else []
    covered = 0
    for part in names:
        if covered >= len(path) or path[covered] != part:
            return ((name,), covered) if covered == len(path) else ((), 0)
        covered += 1
    if goal.key and covered < len(path):
        segment = path[covered]
        mine = isinstance(segment, Selector) and segment.key == "Key" and segment.value == goal.key
        return ((name,), len(path)) if mine else ((), 0)
    if goal.block is None and not goal.to:
        return (), 0
    if goal.block is None and goal.to.endswith("[]"):
        return (name, *_rest(path[covered + 1 :])), len(path)
    if goal.block is None:
        return (name, *_rest(path[covered:])), len(path)
    index = 0
    if goal.named_by and covered < len(path):
        index = _entry(goal, value, path[covered])
        covered += 1
    elif goal.each and covered < len(path):
        index = _index(goal, value, path[covered])
        covered += 1
    blocks = _blocks(value)
    if goal.per:
        return _through_one(name, goal, blocks, index, path, covered)
    route: Route = (name, index)
    if index >= len(blocks):
        return (name,), max(covered, 1)
    inner, depth = _search(goal.block, blocks[index], path[covered:])
    if not goal.to and not depth:
        return (), 0
    return (*route, *inner), covered + depth


def _through_one(
    name: str, goal: Argument, blocks: list[Value], index: int, path: Path, covered: int
) -> tuple[Route, int]:
    """The route through a block that makes several elements to the argument of the element at an index."""
    arguments = goal.block or {}
    for position, block in enumerate(blocks):
        items = [] if isinstance(block, Unknown) else _items(goal, block)
        if index >= max(len(items), 1):
            index -= max(len(items), 1)
            continue
        if items and covered < len(path) and path[covered] == target(arguments[items[index][0]]).to:
            own = items[index][0]
            before = sum(1 for other, _ in items[:index] if other == own)
            return (name, position, own, before), len(path)
        shared = {key: entry for key, entry in arguments.items() if key not in goal.per}
        inner, depth = _search(shared, block, path[covered:])
        return (name, position, *inner), covered + depth
    return (name,), max(covered, 1)


def _rest(path: Path) -> tuple[Any, ...]:
    return tuple(segment for segment in path if not isinstance(segment, Selector))


def _entry(goal: Argument, value: Value, segment: Any) -> int:
    keys = [_argument(block, goal.named_by) for block in _blocks(value)]
    return next((index for index, key in enumerate(keys) if isinstance(key, str) and key == segment), 0)


def _index(goal: Argument, value: Value, segment: Any) -> int:
    if isinstance(segment, int):
        return segment
    elements = [element for block in _blocks(value) for element in _elements(goal, block)]
    return position(elements, segment) or 0

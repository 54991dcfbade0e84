"""Resources of a template that refer to each other in a circle: CloudFormation can create none of them first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackworthy.sources.cloudformation.scope import Scope

_VARIABLE = re.compile(r"\$\{([^${}!.]+)(?:\.[^${}]*)?\}")


def circles(scope: Scope, bodies: Mapping[str, Any]) -> Iterator[list[str]]:
    """The groups of resources that need each other, in the order of the template; a resource that needs itself is one too."""
    needs = {name: sorted(set(names_needed(scope, body)) & bodies.keys()) for name, body in bodies.items()}
    places = {name: index for index, name in enumerate(needs)}
    found = [sorted(group, key=places.__getitem__) for group in _groups(needs)]
    yield from sorted(found, key=lambda group: places[group[0]])


def _groups(needs: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Strongly connected components of more than one resource, and resources that need themselves (Kosaraju)."""
    users: dict[str, list[str]] = {name: [] for name in needs}
    for name, others in needs.items():
        for other in others:
            users[other].append(name)
    seen: set[str] = set()
    for name in reversed(_finished(needs)):
        if name in seen:
            continue
        seen.add(name)
        group = [name]
        for member in group:
            fresh = [user for user in users[member] if user not in seen]
            seen.update(fresh)
            group.extend(fresh)
        if len(group) > 1 or name in needs[name]:
            yield group


def _finished(needs: Mapping[str, list[str]]) -> list[str]:
    """The resources in the order in which a search in depth is done with them."""
    order: list[str] = []
    seen: set[str] = set()
    for start in needs:
        if start in seen:
            continue
        seen.add(start)
        pending = [(start, iter(needs[start]))]
        while pending:
            name, others = pending[-1]
            following = next((other for other in others if other not in seen), None)
            if following is None:
                order.append(name)
                pending.pop()
            else:
                seen.add(following)
                pending.append((following, iter(needs[following])))
    return order


def names_needed(scope: Scope, raw: Any) -> list[str]:
    """The names that a body refers to, in branches that are not known to be left out."""
    names: list[str] = []
    pending = [raw]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, dict):
            for key, item in value.items():
                if key == "Ref":
                    names.extend([item] if isinstance(item, str) else ())
                elif key == "Fn::GetAtt":
                    names.extend(_first(item))
                elif key == "DependsOn":
                    listed = item if isinstance(item, list) else [item]
                    names.extend(name for name in listed if isinstance(name, str))
                elif key == "Fn::Sub":
                    names.extend(_substituted(scope, item))
                elif key == "Fn::If":
                    pending.append(_branches(scope, item))
                elif isinstance(item, (dict, list)):
                    pending.append(item)
    return names


def _first(argument: Any) -> list[str]:
    if isinstance(argument, str):
        return [argument.split(".", 1)[0]]
    return [argument[0]] if isinstance(argument, list) and argument and isinstance(argument[0], str) else []


def _substituted(scope: Scope, argument: Any) -> Iterator[str]:
    template, variables = (
        (argument[0], argument[1:]) if isinstance(argument, list) and argument else (argument, [])
    )
    own = {name for mapping in variables if isinstance(mapping, dict) for name in mapping}
    if isinstance(template, str):
        yield from (name for name in _VARIABLE.findall(template) if name not in own)
    yield from names_needed(scope, variables)


def _branches(scope: Scope, argument: Any) -> Any:
    if isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str):
        holds = scope.condition(argument[0])
        return argument[1 if holds else 2] if isinstance(holds, bool) else argument[1:]
    return argument

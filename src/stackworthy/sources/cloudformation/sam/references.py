"""References to what SAM renamed, and to parts of SAM resources (`MyFunction.Alias`), made plain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .context import Context
from .intrinsics import map_items, map_values, rewrite_sub


def rewrite_references(context: Context) -> None:
    """Rewrite references in all resources and outputs of the expansion."""
    expansion = context.expansion
    outputs = context.template.get("Outputs")
    expansion.outputs = outputs if isinstance(outputs, dict) else {}
    if not context.renamed and not context.names:
        return
    rewriter = _Rewriter(context.renamed, context.names)
    for logical_id, body in expansion.resources.items():
        changed = rewriter.rewrite(body)
        waiting = _waiting(changed.get("DependsOn"), context.renamed)
        if waiting is not changed.get("DependsOn"):
            changed = {**changed, "DependsOn": waiting}
        expansion.resources[logical_id] = changed
    expansion.outputs = rewriter.rewrite(expansion.outputs)


def _waiting(stated: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(stated, str):
        return renamed.get(stated, stated)
    if isinstance(stated, list) and any(isinstance(one, str) and one in renamed for one in stated):
        return [renamed.get(one, one) if isinstance(one, str) else one for one in stated]
    return stated


class _Rewriter:
    """Rewrites a tree once; parts that several places share are visited once."""

    def __init__(self, renamed: Mapping[str, str], names: Mapping[str, str]) -> None:
        self.renamed = renamed
        self.names = names
        self._seen: dict[int, Any] = {}

    def rewrite(self, value: Any) -> Any:
        if not isinstance(value, (dict, list)):
            return value
        known = self._seen.get(id(value))
        if known is not None:
            return known
        changed = self._rewrite(value)
        self._seen[id(value)] = changed
        return changed

    def _rewrite(self, value: Any) -> Any:
        if isinstance(value, list):
            return map_items(value, self.rewrite)
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            handler = self._HANDLERS.get(name)
            if handler is not None:
                value = handler(self, value, argument)
        return map_values(value, self.rewrite)

    def _reference(self, text: str) -> str | None:
        """What `Id`, `Id.Part` or `Id.Part.Attribute` becomes, None where it stays."""
        first, *rest = text.split(".")
        whole = self.renamed.get(first)
        if whole is not None:
            return ".".join([whole, *rest])
        part = self.names.get(f"{first}.{rest[0]}") if rest else None
        return None if part is None else ".".join([part, *rest[1:]])

    def _ref(self, value: dict[str, Any], argument: Any) -> dict[str, Any]:
        if not isinstance(argument, str):
            return value
        target = self.names.get(argument) if "." in argument else self.renamed.get(argument)
        return value if target is None else {"Ref": target}

    def _get_att(self, value: dict[str, Any], argument: Any) -> dict[str, Any]:
        if (
            not isinstance(argument, list)
            or len(argument) < 2
            or not all(isinstance(one, str) for one in argument)
        ):
            return value
        target = self._reference(".".join(argument))
        return value if target is None else {"Fn::GetAtt": target.split(".")}

    def _sub(self, value: dict[str, Any], argument: Any) -> dict[str, Any]:
        def placeholder(text: str) -> str | None:
            target = self._reference(text)
            return None if target is None else f"${{{target}}}"

        rewritten = rewrite_sub(argument, placeholder)
        return value if rewritten is argument or rewritten == argument else {"Fn::Sub": rewritten}

    _HANDLERS: Mapping[str, Callable[[_Rewriter, dict[str, Any], Any], dict[str, Any]]] = {
        "Ref": _ref,
        "Fn::GetAtt": _get_att,
        "Fn::Sub": _sub,
    }

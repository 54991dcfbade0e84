"""The scope of constants: nothing has a name there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stackworthy.core.value import Value
from stackworthy.sources.terraform.access import Invalid

if TYPE_CHECKING:
    from stackworthy.sources.terraform.expressions import Scope


NO_FUNCTIONS: Mapping[str, Callable[[list[Value]], Value]] = MappingProxyType({})


class _Nowhere:
    """Names where only constants may stand: defaults, variable files."""

    address = ""
    files: Any = None
    render: Any = None
    functions: Mapping[str, Callable[[list[Value]], Value]] = NO_FUNCTIONS

    def resolve(self, root: str, _: tuple[Any, ...], __: Scope) -> Value:
        """Nothing has a name here."""
        return Invalid(f"`{root}` stands where only a constant may")


NOWHERE = _Nowhere()

"""Which resource a satellite belongs to; and which properties nobody can be sure of while an owner is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stackworthy.core.value import List, OpenList, Partial, Reference, Unknown, Value, same
from stackworthy.sources.terraform.mapping.arguments import targets
from stackworthy.sources.terraform.mapping.table import Owner, Spec

if TYPE_CHECKING:
    from stackworthy.sources.terraform.mapping.graph import Mapped

_NAMES = ("name", "bucket", "function_name", "id", "arn", "identifier", "cluster_identifier", "stage_name")


class Satellites:
    """The satellites of each owner, worked out when first asked for."""

    def __init__(self, blocks: Mapping[str, Mapped]) -> None:
        self._blocks = blocks
        self._by_owner: dict[str, list[Mapped]] | None = None
        self._owners: dict[str, str] = {}
        self._doubts: list[tuple[Owner, Mapped, str]] = []

    def of(self, address: str) -> list[Mapped]:
        """The satellites of a resource, in the order of the configuration."""
        return self._resolved().get(address, [])

    def owner(self, address: str) -> str | None:
        """The address of the (first) resource that a satellite belongs to."""
        self._resolved()
        return self._owners.get(address)

    def doubts(self, mapped: Mapped) -> dict[str, Unknown]:
        """The properties that a satellite with an unknown owner may state of this resource, with the reason."""
        self._resolved()
        found: dict[str, Unknown] = {}
        for owner, satellite, reason in self._doubts:
            if mapped.block.type in owner.types and satellite.spec is not None:
                for name in _stated_names(satellite.spec):
                    found.setdefault(name, Unknown(f"{satellite.block.address}: {reason}"))
        return found

    def _resolved(self) -> dict[str, list[Mapped]]:
        if self._by_owner is None:
            self._by_owner = {}
            for address, mapped in self._blocks.items():
                for part in mapped.parts():
                    owner = part.spec.owner if part.spec is not None else None
                    if owner is not None and part.block.present is not False:
                        self._resolve(address, part, owner)
        return self._by_owner

    def _resolve(self, address: str, mapped: Mapped, owner: Owner) -> None:
        assert self._by_owner is not None
        found = list(self._matching(mapped, owner) if owner.match else self._named(mapped, owner))
        for item in found:
            if isinstance(item, str):
                self._owners.setdefault(address, item)
                self._by_owner.setdefault(item, []).append(mapped)
            elif isinstance(item, Unknown):
                self._doubts.append((owner, mapped, item.reason))

    def _named(self, mapped: Mapped, owner: Owner) -> Iterator[str | Unknown]:
        value = mapped.block.attributes[owner.argument]
        for item in (
            (value.known if isinstance(value, OpenList) else value) if isinstance(value, List) else [value]
        ):
            found = self._by_value(owner, item)
            if found is not None:
                yield found
        if isinstance(value, OpenList):
            yield value.rest

    def _by_value(self, owner: Owner, value: Value) -> str | Unknown | None:
        if isinstance(value, Unknown):
            return value
        references = (
            [value]
            if isinstance(value, Reference)
            else list(value.references)
            if isinstance(value, Partial)
            else []
        )
        for reference in references:
            block = self._blocks.get(reference.address)
            if block is None:
                continue
            if block.block.type in owner.types:
                return reference.address
            through = block.spec.owner if block.spec is not None else None
            if through is not None and not through.match:
                return self._by_value(owner, block.block.attributes[through.argument])
        if isinstance(value, Partial):
            named = self._by_name(owner, value)
            return named or Unknown(value.reason)
        return self._by_name(owner, value) if isinstance(value, str) else None

    def _by_name(self, owner: Owner, name: Value) -> str | None:
        for address, block in self._blocks.items():
            if block.block.type in owner.types and block.block.present is not False:
                attributes = block.block.attributes
                if any(same(attributes[argument], name) for argument in _naming(block)):
                    return address
        return None

    def _matching(self, mapped: Mapped, owner: Owner) -> Iterator[str | Unknown]:
        own = mapped.block.attributes
        wanted = {theirs: own[ours] for ours, theirs in owner.match.items()}
        for value in wanted.values():
            if isinstance(value, Unknown):
                yield value
                return
        for address, block in self._blocks.items():
            if block.block.type in owner.types and block.block.present is not False:
                attributes = block.block.attributes
                if all(
                    _alike(address, theirs, attributes[theirs], value) for theirs, value in wanted.items()
                ):
                    yield address
                    return


def _naming(block: Mapped) -> Iterator[str]:
    """The arguments that name a resource: the usual ones, and those whose value a reference to it gives."""
    yield from _NAMES
    if block.spec is not None:
        yield from (name for name, meaning in block.spec.attributes.items() if meaning == "Ref")


def _alike(address: str, argument: str, theirs: Value, wanted: Value) -> bool:
    """Whether an owner's argument is what the satellite says; a reference to the owner's own argument is."""
    if isinstance(wanted, Reference) and wanted.address == address and wanted.attribute == argument:
        return True
    return same(theirs, wanted)


def _stated_names(spec: Spec) -> set[str]:
    if spec.into:
        return {spec.into.split(".")[0].removesuffix("[]")}
    paths = [*targets(spec.arguments), *spec.fixed]
    return {path.split(".")[0].removesuffix("[]") for path in paths if path}

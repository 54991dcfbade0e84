"""Which resource a satellite belongs to; and which properties nobody can be sure of while an owner is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from stackworthy.core.origin import Route
from stackworthy.core.value import ABSENT, List, OpenList, Partial, Reference, Unknown, Value, same
from stackworthy.sources.terraform.mapping.arguments import targets
from stackworthy.sources.terraform.mapping.table import Owner, Spec

if TYPE_CHECKING:
    from stackworthy.sources.terraform.mapping.graph import Mapped
    from stackworthy.sources.terraform.model import Block

_NAMES = ("name", "bucket", "function_name", "id", "arn", "identifier", "cluster_identifier", "stage_name")

_CALLED_AFTER = {"aws_s3_bucket_policy": "bucket"}
"""Types whose id is that of what an argument names, though they are no part of it here."""


class _Doubt(msgspec.Struct, frozen=True):
    """A satellite whose owner is not known: it may be any of these."""

    satellite: Mapped
    reason: str
    owners: frozenset[str]


class Satellites:
    """The satellites of each owner, worked out when first asked for.

    `refers_to` tells which block's attribute an argument is when its value alone does not say so.
    """

    def __init__(
        self, blocks: Mapping[str, Mapped], refers_to: Callable[[Block, Route], Reference | None]
    ) -> None:
        self._blocks = blocks
        self._refers_to = refers_to
        self._by_owner: dict[str, list[Mapped]] | None = None
        self._by_type: dict[str, list[str]] = {}
        self._owners: dict[str, str] = {}
        self._doubts: list[_Doubt] = []

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
        for doubt in self._doubts:
            if mapped.block.address in doubt.owners and doubt.satellite.spec is not None:
                for name in _stated_names(doubt.satellite.spec):
                    found.setdefault(name, Unknown(f"{doubt.satellite.block.address}: {doubt.reason}"))
        return found

    def _resolved(self) -> dict[str, list[Mapped]]:
        if self._by_owner is None:
            self._by_owner = {}
            for address, mapped in self._blocks.items():
                if mapped.block.present is not False:
                    self._by_type.setdefault(mapped.block.type, []).append(address)
            for address, mapped in self._blocks.items():
                if mapped.block.present is not False:
                    for part in mapped.parts():
                        if part.spec is not None and part.spec.owner is not None:
                            self._resolve(address, part, part.spec.owner)
        return self._by_owner

    def _resolve(self, address: str, mapped: Mapped, owner: Owner) -> None:
        assert self._by_owner is not None
        for item in self._matching(mapped, owner) if owner.match else self._named(mapped, owner):
            if isinstance(item, str):
                self._owners.setdefault(address, item)
                self._by_owner.setdefault(item, []).append(mapped)
            else:
                self._doubts.append(item)

    def _candidates(self, owner: Owner) -> list[str]:
        return [address for type_ in owner.types for address in self._by_type.get(type_, ())]

    def _named(self, mapped: Mapped, owner: Owner) -> Iterator[str | _Doubt]:
        value = mapped.block.attributes[owner.argument]
        if not isinstance(value, List):
            yield from self._one(mapped, owner, value, (owner.argument,))
            return
        for index, item in enumerate(value.known if isinstance(value, OpenList) else value):
            yield from self._one(mapped, owner, item, (owner.argument, index))
        if isinstance(value, OpenList):
            yield _Doubt(mapped, value.rest.reason, frozenset(self._candidates(owner)))

    def _one(self, mapped: Mapped, owner: Owner, value: Value, route: Route) -> Iterator[str | _Doubt]:
        """The owner that one value names: by reference, else by a name that only one has, else by where the value comes from."""
        found = self._by_references(owner, value)
        if found is not None:
            yield found
            return
        names = self._by_name(owner, value)
        if len(names) != 1 and value is not ABSENT:
            reference = self._refers_to(mapped.block, route)
            found = self._by_references(owner, reference) if reference is not None else None
        if found is not None or names:
            yield found or names[0]
        elif isinstance(value, (Unknown, Partial)):
            yield _Doubt(mapped, value.reason, frozenset(self._candidates(owner)))

    def _by_references(self, owner: Owner, value: Value) -> str | None:
        references: Iterable[Reference] = ()
        if isinstance(value, Reference):
            references = (value,)
        elif isinstance(value, Partial):
            references = value.references
        for reference in references:
            block = self._blocks.get(reference.address)
            if block is None:
                continue
            if block.block.type in owner.types:
                return reference.address
            through = block.spec.owner if block.spec is not None else None
            argument = _CALLED_AFTER.get(block.block.type, "")
            if through is not None and not through.match:
                argument = through.argument
            if argument:
                found = self._one(block, owner, block.block.attributes[argument], (argument,))
                return next((item for item in found if isinstance(item, str)), None)
        return None

    def is_elsewhere(self, mapped: Mapped) -> bool:
        """Whether a satellite names another resource of the configuration than those that it may be a part of."""
        owner = mapped.spec.owner if mapped.spec is not None else None
        if owner is None or not owner.argument:
            return False
        value = mapped.block.attributes[owner.argument]
        if not isinstance(value, Reference):
            named = self._refers_to(mapped.block, (owner.argument,))
            value = named if named is not None else value
        block = self._blocks.get(value.address) if isinstance(value, Reference) else None
        return block is not None and block.spec is not None and block.spec.owner is None

    def _by_name(self, owner: Owner, name: Value) -> list[str]:
        if not isinstance(name, (str, Partial)):
            return []
        return [address for address in self._candidates(owner) if self._is_called(address, name)]

    def _is_called(self, address: str, name: Value) -> bool:
        block = self._blocks[address]
        attributes = block.block.attributes
        named = block.spec.attributes.items() if block.spec is not None else ()
        meanings = (*_NAMES, *(argument for argument, meaning in named if meaning == "Ref"))
        return any(same(attributes[argument], name) for argument in meanings)

    def _matching(self, mapped: Mapped, owner: Owner) -> Iterator[str | _Doubt]:
        wanted = {ours: mapped.block.attributes[ours] for ours in owner.match}
        unsure: list[str] = []
        for address in self._candidates(owner):
            answers = [
                self._alike(mapped, ours, address, theirs, wanted[ours])
                for ours, theirs in owner.match.items()
            ]
            if all(answers):
                yield address
                return
            if False not in answers:
                unsure.append(address)
        if unsure:
            reason = next(
                (value.reason for value in wanted.values() if isinstance(value, (Unknown, Partial))),
                "what it belongs to is known only after deployment",
            )
            yield _Doubt(mapped, reason, frozenset(unsure))

    def _alike(self, mapped: Mapped, ours: str, address: str, theirs: str, wanted: Value) -> bool | None:
        """Whether an owner's argument is what the satellite says; None when nobody can tell."""
        block = self._blocks[address].block
        given = block.attributes[theirs]
        if same(given, wanted):
            return True
        if isinstance(wanted, Reference):
            if wanted.address == address and wanted.attribute == theirs:
                return True
            other = given.address if isinstance(given, Reference) else None
            named = (
                other is None and wanted.address in self._blocks and self._is_called(wanted.address, given)
            )
            return other == wanted.address or named
        if isinstance(given, Reference):
            return given.address in self._blocks and self._is_called(given.address, wanted)
        if isinstance(wanted, (Unknown, Partial)) or isinstance(given, (Unknown, Partial)):
            reference = self._refers_to(mapped.block, (ours,))
            if reference is None:
                return None
            if reference.address == address:
                return True
            back = self._refers_to(block, (theirs,))
            return None if back is None else back.address == reference.address
        return False


def _stated_names(spec: Spec) -> set[str]:
    if spec.into:
        return {spec.into.split(".")[0].removesuffix("[]")}
    paths = [*targets(spec.arguments), *spec.fixed]
    return {path.split(".")[0].removesuffix("[]") for path in paths if path}

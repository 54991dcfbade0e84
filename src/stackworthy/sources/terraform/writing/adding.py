"""New resources beside those that they serve: satellites, whole resources, variables, policies of a role."""

from __future__ import annotations

import re

from stackworthy.core.fix import AddParameter, AddResource, Allow
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.value import List, Map, OpenMap, Reference, Value, same
from stackworthy.sources.terraform.mapping.graph import BlockProperties, Stack
from stackworthy.sources.terraform.mapping.table import spec
from stackworthy.sources.terraform.model import Block
from stackworthy.sources.terraform.writing.context import Context, root_of, stated_in
from stackworthy.sources.terraform.writing.hcl_text import block_lines, quoted
from stackworthy.sources.terraform.writing.kinds import (
    attempted,
    satellites_of,
    shared_out,
    types_of,
)
from stackworthy.sources.terraform.writing.naming import prefix, snake, without_type
from stackworthy.sources.terraform.writing.references import Added, naming_attribute
from stackworthy.sources.terraform.writing.spelling import (
    Document,
    Native,
    Nested,
    Raw,
    complete,
)


class Adding:
    """Adds blocks to the files of a context."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def satellite(self, properties: BlockProperties, tree: Map) -> list[Splice] | None:
        """A new resource beside the block that states the property."""
        block = properties.mapped.block
        for type_ in satellites_of(block.type):
            found = spec(type_)
            assert found is not None
            assert found.owner is not None
            native = attempted(found, tree)
            if native is None:
                continue
            name = self.context.refer(properties.stack, block).name(block)
            if found.owner.match:
                naming: Native = {ours: Raw(f"{name}.{theirs}") for ours, theirs in found.owner.match.items()}
            else:
                naming = {
                    found.owner.argument: Raw(f"{name}.{naming_attribute(block.type, found.owner.argument)}")
                }
            return self._beside(properties.stack, block, type_, block.name, {**naming, **native})
        return None

    def _beside(
        self,
        stack: Stack,
        block: Block,
        type_: str,
        name: str,
        native: Native,
        change: AddResource | None = None,
    ) -> list[Splice]:
        """A new resource block behind the one that it serves, repeated as that one is."""
        root = root_of(stack)
        native = complete(type_, name, native, prefix(stack, block, self.context.workspace))
        taken = {
            other.block.name
            for other in stack.blocks.values()
            if other.block.type == type_ and other.block.module == block.module
        }
        taken |= {added.name for added in self.context.added.values() if added.type == type_}
        name = _free(name, taken)
        span = root.span(root.origin(block, ()))
        editor = self.context.editor(span.file)
        found = editor.block_at(span.start_byte - editor.offset)
        repeated = editor.meta(found)
        if change is not None and change.apart:
            repeated = ""
            self.context.added[change.label] = Added(type_, name)
        elif change is not None:
            self.context.added[change.label] = Added(type_, name, repeated)
        lines = block_lines(f'resource "{type_}" "{name}"', native, self.context.refer(stack, block), "")
        if change is not None and change.apart:
            return self.context.in_file(block, change.apart, lines)
        if repeated:
            lines = [lines[0], f"  {repeated}", "", *lines[1:]]
        return editor.after(found, "\n".join(lines))

    def add(self, change: AddResource) -> list[Splice]:
        properties = stated_in(change.beside)
        block = properties.mapped.block
        if not block.owned:
            raise CannotWrite("the module that it belongs to is not written here")
        wanted = change.properties if isinstance(change.properties, Map) else Map(change.properties)
        label = snake(change.label.removeprefix(f"{block.type}.").replace(f"{block.type}.", ""))
        for type_ in types_of(change.kind):
            own, apart = shared_out(type_, wanted)
            native = attempted(spec(type_), own)
            if native is None or apart is None:
                continue
            if type_ == block.type and not change.apart:
                native = self._like(properties, native)
            name = without_type(label, type_) if change.apart else label
            splices = self._beside(properties.stack, block, type_, name, native, change)
            for satellite, stated in apart:
                added = self.context.added[change.label]
                owner = spec(satellite)
                assert owner is not None
                assert owner.owner is not None
                name = f"{added.type}.{added.name}.{naming_attribute(type_, owner.owner.argument)}"
                whole = {owner.owner.argument: Raw(name), **stated}
                part = AddResource(
                    change.kind, f"{change.label} {satellite}", Map(), change.beside, change.apart
                )
                splices += self._beside(properties.stack, block, satellite, added.name, whole, part)
            return splices
        raise CannotWrite(f"no resource of Terraform states exactly this {change.kind}")

    def _like(self, properties: BlockProperties, native: Native) -> Native:
        """A resource much like the one beside it repeats what that one says, in its words and its order."""
        block, root = properties.mapped.block, root_of(properties.stack)
        made: Native = {}
        stated = list(block.attributes.known if isinstance(block.attributes, OpenMap) else block.attributes)
        for name in (*stated, *native):
            if name not in native or name in made or (name not in stated and name.startswith("tags")):
                continue
            value, theirs = native[name], block.attributes[name]
            if name not in stated or isinstance(value, (Nested, Document)):
                made[name] = value
                continue
            span = root.span(root.origin(block, (name,)))
            text = self.context.workspace.read(span.file)[span.start_byte : span.end_byte].decode()
            made[name] = _same_words(value, theirs, text)
        return made

    def ask(self, change: AddParameter) -> list[Splice]:
        """A variable without a default, where the module keeps its variables."""
        properties = stated_in(change.beside)
        block = properties.mapped.block
        if block.module:
            raise CannotWrite(
                f"{block.module} would need one more argument: {change.description.lower()}",
                "give the module a variable for it, and its call a value",
            )
        name = _free(snake(change.label), set(root_of(properties.stack).variables))
        self.context.added[change.label] = Added("", name)
        native: Native = {"description": change.description, "type": Raw("string")}
        lines = block_lines(f'variable "{name}"', native, self.context.refer(properties.stack, block), "")
        return self.context.in_file(block, "variables", lines)

    def allow(self, change: Allow) -> list[Splice]:
        """A policy of its own for the role."""
        properties = stated_in(change.principal)
        block = properties.mapped.block
        if block.type != "aws_iam_role" or not block.owned:
            raise CannotWrite("only a role that is written here can be given more permissions")
        statements = List(
            Map(
                Effect="Allow",
                Action=List(actions) if len(actions) > 1 else actions[0],
                Resource=List(resources) if len(resources) > 1 else resources[0],
            )
            for actions, resources in change.grants
        )
        document = Map(Version="2012-10-17", Statement=statements)
        refer = self.context.refer(properties.stack, block)
        native: Native = {"role": Raw(f"{refer.name(block)}.id"), "policy": Document(document)}
        action = change.actions[0].replace(":", "_")
        label = (
            re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", f"{block.name}_{action}").strip("_").lower()
        )
        type_ = "aws_iam_role_policy"
        policies = [other.block for other in properties._contributors() if other.block.type == type_]
        return self._beside(properties.stack, policies[-1] if policies else block, type_, label, native)


def _same_words(value: Value, theirs: Value, text: str) -> Value:
    """The text of an expression where it means the value, with what a name has more at its end; else the value."""
    if same(value, theirs) or (
        isinstance(value, List)
        and isinstance(theirs, List)
        and len(value) == len(theirs)
        and all(isinstance(item, Reference) for item in (*value, *theirs))
    ):
        return Raw(text)
    if isinstance(value, str) and isinstance(theirs, str) and value.startswith(theirs) and text.endswith('"'):
        return Raw(text[:-1] + quoted(value[len(theirs) :])[1:-1] + '"')
    return value


def _free(name: str, taken: set[str]) -> str:
    made, number = name, 2
    while made in taken:
        made, number = f"{name}_{number}", number + 1
    return made

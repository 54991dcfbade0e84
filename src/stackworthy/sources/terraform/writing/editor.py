"""Edits of one file of HCL: arguments, nested blocks, whole blocks. Everything else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.sources.terraform.trees import parse
from stackworthy.sources.terraform.writing.hcl_text import Refer, aligned, block_lines, expression, nested

_BOM = b"\xef\xbb\xbf"
_BRACKETS = re.compile(rb"[\[\](){}]")


@lru_cache(maxsize=16)
def editor(file: str, content: bytes) -> Editor:
    """The editor of a file; the fixes of one round share it."""
    return Editor(file, content)


class Editor:
    """One file. Positions count bytes behind a byte order mark, as those of the parser do."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self.offset = len(_BOM) if content.startswith(_BOM) else 0
        self.data = content[self.offset :]
        self.eol = b"\r\n" if b"\r\n" in self.data else b"\n"
        self._root = parse(self.data).root_node
        self._gone: set[int] = set()

    def splice(self, start: int, end: int, text: str) -> Splice:
        """A splice of bytes of the file."""
        made = text.encode().replace(b"\n", self.eol) if self.eol != b"\n" else text.encode()
        return Splice(self.file, start + self.offset, end + self.offset, made)

    def block_at(self, start: int) -> Any:
        """The block whose header begins at a byte."""
        node = self._root.descendant_for_byte_range(start, start + 1)
        while node is not None and not (node.type == "block" and node.start_byte == start):
            node = node.parent
        if node is None:
            raise CannotWrite("the block is written in a form that cannot be edited")
        return node

    def replace(self, start: int, end: int, text: str) -> list[Splice]:
        """Other text in the place of an expression; nothing when it is the same."""
        old = self.data[start:end]
        return [] if old == text.encode() else [self.splice(start, end, text)]

    def indentation(self, start: int) -> str:
        """The white space before the line that holds a byte."""
        line = self.data.rfind(b"\n", 0, start) + 1
        text = self.data[line:start]
        return text[: len(text) - len(text.lstrip())].decode()

    def insert(self, block: Any, native: Mapping[str, Any], refer: Refer) -> list[Splice]:
        """Add arguments after the block's last one, and nested blocks after its last line."""
        inner = _child(block, "body")
        opening, closing = _child(block, "block_start"), _child(block, "block_end")
        indent = self.indentation(block.start_byte) + "  "
        if inner is not None and b"\n" in self.data[opening.end_byte : inner.start_byte]:
            indent = self.indentation(inner.start_byte)
        plain = [(name, expression(item, refer, indent)) for name, item in native.items() if not nested(item)]
        blocks = [(name, part) for name, item in native.items() for part in nested(item)]
        if b"\n" not in self.data[opening.end_byte : closing.start_byte]:
            return self._opened(opening, closing, inner, plain, blocks, refer, indent)
        splices = self._arguments(inner, opening, plain, indent)
        for name, part in blocks:
            splices.append(self._nested(inner, opening, name, part, refer, indent, bool(plain)))
        return splices

    def _opened(
        self,
        opening: Any,
        closing: Any,
        inner: Any,
        plain: Sequence[tuple[str, str]],
        blocks: Sequence[tuple[str, Any]],
        refer: Refer,
        indent: str,
    ) -> list[Splice]:
        """A block on one line is written on several."""
        before = (
            [self.data[child.start_byte : child.end_byte].decode() for child in inner.children]
            if inner
            else []
        )
        parts = [tuple(text.split("=", 1)) for text in before]
        entries = [(part[0].strip(), part[1].strip()) for part in parts if len(part) == 2]
        lines = aligned([*entries, *plain], indent)
        for name, part in blocks:
            lines += [*([""] if lines else []), *block_lines(name, part, refer, indent)]
        text = "\n" + "\n".join(lines) + "\n" + indent[:-2]
        return [self.splice(opening.end_byte, closing.start_byte, text)]

    def _arguments(
        self, inner: Any, opening: Any, plain: Sequence[tuple[str, str]], indent: str
    ) -> list[Splice]:
        if not plain:
            return []
        stated = [child for child in inner.children if child.type == "attribute"] if inner is not None else []
        width = (
            max(len(name) for name, value in plain if "\n" not in value)
            if any("\n" not in v for _, v in plain)
            else 0
        )
        if not stated:
            at = self._end_of_line(opening.end_byte)
            lines = aligned(list(plain), indent)
            follows = inner is not None and any(child.type == "block" for child in inner.children)
            return [self.splice(at, at, "\n" + "\n".join(lines) + ("\n" if follows else ""))]
        last = stated[-1]
        at = self._end_of_line(last.end_byte)
        group = self._group(stated)
        lines = []
        for name, value in plain:
            pad = group if "\n" not in value and group >= width else 0
            lines.append(f"{indent}{name:<{max(pad, len(name))}} = {value}")
        if group < width or (any("\n" in value for _, value in plain) and group):
            lines = ["", *aligned(list(plain), indent)]
        return [self.splice(at, at, "\n" + "\n".join(lines))]

    def _group(self, stated: Sequence[Any]) -> int:
        """The width to which the names of the last lines are aligned; 0 when the last one stands alone or is long."""
        width = 0
        below: int | None = None
        for node in reversed(stated):
            first, last = node.start_point[0], node.end_point[0]
            if first != last or (below is not None and last != below - 1):
                break
            name = node.children[0]
            width = max(width, name.end_byte - name.start_byte)
            below = first
        return width

    def _nested(
        self,
        inner: Any,
        opening: Any,
        name: str,
        part: Any,
        refer: Refer,
        indent: str,
        after_arguments: bool,
    ) -> Splice:
        lines = block_lines(name, part, refer, indent)
        children = (
            [child for child in inner.children if child.type in ("block", "attribute")] if inner else []
        )
        alike = [
            child
            for child in children
            if child.type == "block" and _text(self.data, child.children[0]) == name
        ]
        before = alike[-1] if alike else (children[-1] if children else None)
        if before is None:
            at = self._end_of_line(opening.end_byte)
            lead = "\n\n" if after_arguments else "\n"
        else:
            at = self._end_of_line(before.end_byte)
            lead = "\n\n"
        return self.splice(at, at, lead + "\n".join(lines))

    def after(self, block: Any, text: str) -> list[Splice]:
        """Add text behind a block of the top, with a blank line between."""
        at = self._end_of_line(block.end_byte)
        return [self.splice(at, at, "\n\n" + text)]

    def has_argument(self, block: Any, name: str) -> bool:
        """Whether the block states an argument, be it null."""
        return self._has(block, "attribute", name)

    def has_block(self, block: Any, name: str) -> bool:
        """Whether a nested block of this type stands in the block."""
        return self._has(block, "block", name)

    def count_blocks(self, block: Any, name: str) -> int:
        """How many nested blocks of this type are written in the block; raises `CannotWrite` when a dynamic one makes more."""
        if self.has_dynamic(block, name):
            raise CannotWrite(f"a dynamic block makes {name}")
        inner = _child(block, "body")
        children = inner.children if inner is not None else ()
        return sum(
            child.type == "block" and _text(self.data, child.children[0]) == name for child in children
        )

    def has_dynamic(self, block: Any, name: str) -> bool:
        """Whether a dynamic block makes nested blocks of this type."""
        inner = _child(block, "body")
        children = inner.children if inner is not None else ()
        return any(
            child.type == "block" and _text(self.data, child).startswith(f'dynamic "{name}"')
            for child in children
        )

    def _has(self, block: Any, type_: str, name: str) -> bool:
        inner = _child(block, "body")
        children = inner.children if inner is not None else ()
        return any(child.type == type_ and _text(self.data, child.children[0]) == name for child in children)

    def meta(self, block: Any) -> str:
        """The `count` or `for_each` of a block as it is written, "" for a single one."""
        inner = _child(block, "body")
        for child in inner.children if inner is not None else ():
            if child.type == "attribute" and _text(self.data, child.children[0]) in ("count", "for_each"):
                return f"{_text(self.data, child.children[0])} = {_text(self.data, child.children[-1])}"
        return ""

    def replace_blocks(
        self, block: Any, type_: str, made: Sequence[Mapping[str, Any]], refer: Refer
    ) -> list[Splice]:
        """Other nested blocks of a type in the place of those that are there, which must stand together and alone."""
        inner = _child(block, "body")
        children = [
            child for child in (inner.children if inner is not None else ()) if child.type != "comment"
        ]
        if not children or any(
            child.type != "block" or _text(self.data, child.children[0]) != type_ for child in children
        ):
            raise CannotWrite(f"more than plain {type_} blocks stand there")
        indent = self.indentation(block.start_byte) + "  "
        text = "\n\n".join("\n".join(block_lines(type_, part, refer, indent)) for part in made)
        return [self.splice(children[0].start_byte, children[-1].end_byte, text.lstrip())]

    def remove_meta(self, start: int, name: str) -> list[Splice]:
        """Take a meta-argument of the block that begins at a byte away."""
        inner = _child(self.block_at(start), "body")
        for child in inner.children if inner is not None else ():
            if child.type == "attribute" and _text(self.data, child.children[0]) == name:
                return self.remove(child.start_byte)
        raise CannotWrite(f"the block has no {name} of its own")

    def append(self, start: int, end: int, item: str) -> list[Splice]:
        """Add an element to the list literal that stands there."""
        node = self._collection(start, end, "tuple")
        items = [child for child in node.children if child.type == "expression"]
        closing = next(child for child in reversed(node.children) if child.type == "tuple_end")
        if not items:
            return [self.splice(node.start_byte, node.end_byte, f"[{item}]")]
        last = items[-1]
        if node.start_point[0] == node.end_point[0] or last.end_point[0] == closing.start_point[0]:
            return [self.splice(last.end_byte, last.end_byte, f", {item}")]
        indent = self.indentation(last.start_byte)
        comma = self.data[last.end_byte : closing.start_byte].lstrip()[:1] == b","
        at = self.data.index(b",", last.end_byte) + 1 if comma else last.end_byte
        text = f"\n{indent}{item}," if comma else f",\n{indent}{item}"
        return [self.splice(at, at, text)]

    def put(self, start: int, end: int, key: str, value: str) -> list[Splice]:
        """Add a key to the object literal that stands there."""
        node = self._collection(start, end, "object")
        entries = [child for child in node.children if child.type == "object_elem"]
        if not entries:
            indent = self.indentation(node.start_byte)
            return [self.splice(node.start_byte, node.end_byte, f"{{\n{indent}  {key} = {value}\n{indent}}}")]
        last = entries[-1]
        colon = b":" in self.data[last.start_byte : last.end_byte].split(b"=")[0]
        sign = ":" if colon else " ="
        if node.start_point[0] == node.end_point[0]:
            return [self.splice(last.end_byte, last.end_byte, f", {key}{sign} {value}")]
        indent = self.indentation(last.start_byte)
        comma = self.data[last.end_byte : node.end_byte].lstrip()[:1] == b","
        at = self.data.index(b",", last.end_byte) + 1 if comma else last.end_byte
        lines = f"{indent}{key}{sign} {value}{',' if comma else ''}"
        return [self.splice(at, at, f"\n{lines}")]

    def _collection(self, start: int, end: int, type_: str) -> Any:
        node = self._root.descendant_for_byte_range(start, max(end - 1, start))
        while node is not None and node.end_byte < end:
            node = node.parent
        while node is not None and node.type != type_ and len(node.named_children) == 1:
            node = node.named_children[0]
        if node is None or node.type != type_ or node.start_byte != start:
            raise CannotWrite(
                f"what stands there is no {'list' if type_ == 'tuple' else 'object'} that could take more"
            )
        return node

    def remove(self, *starts: int) -> list[Splice]:
        """Take away the arguments or blocks that begin at these bytes, with their lines."""
        leaving = [self._part_at(start) for start in starts]
        return [splice for node in leaving for splice in self._removed(node, leaving)]

    def _part_at(self, start: int) -> Any:
        node = self._root.descendant_for_byte_range(start, start + 1)
        while node is not None and node.type not in ("attribute", "block", "object_elem"):
            node = node.parent
        if node is None:
            raise CannotWrite("what stands there cannot be taken away by itself")
        return node

    def _removed(self, node: Any, leaving: Sequence[Any]) -> list[Splice]:
        line = self.data.rfind(b"\n", 0, node.start_byte) + 1
        realigned = self._realigned(node, leaving) if node.type == "attribute" else []
        stop = self._end_of_line(node.end_byte)
        if self.data[line : node.start_byte].strip():
            return [self.splice(node.start_byte, node.end_byte, "")]
        if node.type == "block":
            line = self._with_comments(line)
        stop = self.data.find(b"\n", stop)
        stop = len(self.data) if stop < 0 else stop + 1
        blank = re.match(rb"[ \t]*\r?\n", self.data[stop:])
        before = self.data[:line].endswith((b"\n\n", b"{\n", b"\r\n\r\n", b"{\r\n"))
        return [self.splice(line, stop + (blank.end() if blank and before else 0), ""), *realigned]

    def _with_comments(self, line: int) -> int:
        """Where the comment begins that stands on the lines above a line, after an empty one; else the line itself."""
        start = line
        while (above := self.data.rfind(b"\n", 0, start - 1) + 1) < start:
            text = self.data[above:start].strip()
            if not text.startswith((b"#", b"//")):
                return start if not text or text.endswith(b"{") else line
            start = above
        return start

    def _realigned(self, gone: Any, leaving: Sequence[Any]) -> list[Splice]:
        """Narrower space before the equals signs of the lines around one that goes, as `terraform fmt` would leave them."""
        inner = gone.parent
        stated = [child for child in inner.children if child.type == "attribute"]
        at = next(index for index, child in enumerate(stated) if child.start_byte == gone.start_byte)
        group: list[Any] = []
        for order in (range(at - 1, -1, -1), range(at + 1, len(stated))):
            last = gone
            for index in order:
                child = stated[index]
                near = abs(child.start_point[0] - last.start_point[0]) == 1
                if not near or child.start_point[0] != child.end_point[0]:
                    break
                if all(child.start_byte != other.start_byte for other in leaving):
                    group.append(child)
                last = child
        self._gone.add(gone.start_byte)
        group = [child for child in group if child.start_byte not in self._gone]
        names = [child.children[0] for child in group]
        width = max((name.end_byte - name.start_byte for name in names), default=0)
        if not group or gone.children[0].end_byte - gone.children[0].start_byte <= width:
            return []
        return [
            self.splice(
                name.end_byte,
                child.children[1].start_byte,
                " " * (width - (name.end_byte - name.start_byte) + 1),
            )
            for child, name in zip(group, names, strict=True)
        ]

    def _end_of_line(self, position: int) -> int:
        """The end of a line behind its comment, before its line end."""
        end = self.data.find(b"\n", position)
        end = len(self.data) if end < 0 else end
        return end - 1 if self.data[end - 1 : end] == b"\r" else end


def _child(node: Any, type_: str) -> Any:
    return next((child for child in node.children if child.type == type_), None)


def _text(data: bytes, node: Any) -> str:
    return data[node.start_byte : node.end_byte].decode()

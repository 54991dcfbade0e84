"""What the tools of others say of patched files, where they are installed: `terraform fmt` of the lines, cfn-lint of the templates.

Both run on copies in a folder of their own, so that no settings of the reviewed tree reach them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.cloudformation.yaml_text import compose

SECONDS = 120
FORMATTED = "terraform fmt leaves the patched lines alone"
LINTED = "cfn-lint finds no new error"

_LINE = re.compile(r" \(line \d+\)")
_RULES = "append_rules"
"""The setting by which a template has cfn-lint load Python of its own: such a template is not given to it."""


def changed_lines(before: bytes, after: bytes) -> Counter[bytes]:
    """The lines that are not there any more, blank ones left aside."""
    gone = Counter(before.splitlines()) - Counter(after.splitlines())
    return Counter({line: number for line, number in gone.items() if line.strip()})


class Outside:
    """The tools that are at hand. `lint` asks for cfn-lint, which takes a second or more per run."""

    def __init__(self, *, lint: bool) -> None:
        beside = Path(sys.executable).with_name("cfn-lint")
        self.terraform = shutil.which("terraform")
        self.linter = (str(beside) if beside.exists() else shutil.which("cfn-lint")) if lint else None

    def check(self, file: str) -> str:
        """What is checked of a file, in words; "" when nothing is."""
        if file.endswith(".tf"):
            return FORMATTED if self.terraform else ""
        return LINTED if self.linter and file.endswith((".yaml", ".yml", ".json", ".template")) else ""

    def complaints(self, befores: Mapping[str, bytes | None], afters: Mapping[str, bytes]) -> dict[str, str]:
        """What a tool has against each file that it had not before, "" for nothing; files that no tool looked at are left out."""
        plain = [file for file in afters if self.check(file) == FORMATTED]
        templates = [file for file in afters if self.check(file) == LINTED and _lintable(afters[file])]
        said: dict[str, str] = {}
        if plain:
            said.update(_formatted(str(self.terraform), _pairs(plain, befores, afters)))
        if templates:
            said.update(_linted(str(self.linter), _pairs(templates, befores, afters)))
        return said


_Pairs = Mapping[str, tuple[bytes, bytes]]


def _pairs(files: Iterable[str], befores: Mapping[str, bytes | None], afters: Mapping[str, bytes]) -> _Pairs:
    return {file: (befores.get(file) or b"", afters[file]) for file in files}


def _run(command: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes] | None:
    """The tool's answer, None when it gives none in time."""
    settings = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "", "TF_CLI_ARGS_fmt": ""}
    try:
        return subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, check=False, timeout=SECONDS, env=settings
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _formatted(terraform: str, pairs: _Pairs) -> dict[str, str]:
    said: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="stackworthy-") as folder:
        for index, pair in enumerate(pairs.values()):
            for when, content in zip(("before", "after"), pair, strict=True):
                Path(folder, f"{when}-{index}.tf").write_bytes(content)
        done = _run([terraform, "fmt", "-list=false", "."], folder)
        if done is None:
            return said
        errors = done.stderr.decode(errors="replace")
        for index, (file, pair) in enumerate(pairs.items()):
            old, new = (
                changed_lines(content, Path(folder, f"{when}-{index}.tf").read_bytes())
                for when, content in zip(("before", "after"), pair, strict=True)
            )
            if old and new.total() > old.total():
                continue  # a file that was not laid out before says nothing of its new lines
            said[file] = ""
            if f"after-{index}.tf" in errors:
                said[file] = (
                    "" if f"before-{index}.tf" in errors else "terraform fmt cannot read the patched file"
                )
            elif new and not old:
                line = next(iter(new - old)).strip()[:120].decode(errors="replace")
                said[file] = f"terraform fmt would write this line differently: {line}"
    return said


def _linted(program: str, pairs: _Pairs) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="stackworthy-") as folder:
        names: list[str] = []
        for index, (file, pair) in enumerate(pairs.items()):
            for when, content in zip(("before", "after"), pair, strict=True):
                names.append(f"{when}-{index}{os.path.splitext(file)[1]}")
                Path(folder, names[-1]).write_bytes(content)
        done = _run([program, "--format", "json", "--", *names], folder)
    if done is None:
        return {}
    found = _matches(done.stdout)
    errors = [Counter(_errors(found, name)) for name in names]
    said = {}
    for index, file in enumerate(pairs):
        new = errors[2 * index + 1] - errors[2 * index]
        said[file] = f"cfn-lint would find {next(iter(new))}" if new else ""
    return said


def _matches(output: bytes) -> list[Any]:
    try:
        found = json.loads(output or b"[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _errors(matches: Iterable[Mapping[str, Any]], name: str) -> Iterator[str]:
    for item in matches:
        if item.get("Level") == "Error" and os.path.basename(str(item.get("Filename"))) == name:
            # Lines move when a file is edited.
            yield f"{item['Rule']['Id']}: {_LINE.sub('', str(item['Message']))}"


def _lintable(content: bytes) -> bool:
    """Whether this is a template, and one that has cfn-lint load no rules of its own."""
    try:
        root = compose(content)
    except Malformed:
        return False
    if not isinstance(root, yaml.MappingNode) or "Resources" not in {key.value for key, _ in root.value}:
        return False
    pending: list[yaml.Node] = [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            if node.value == _RULES:
                return False
        elif isinstance(node, yaml.MappingNode):
            pending += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value
    return True

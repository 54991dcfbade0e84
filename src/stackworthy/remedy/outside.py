"""What the tools of others say of patched files, where they are installed: `terraform fmt` of the lines, cfn-lint of the templates.

Both run on copies in a folder of their own, so that no settings of the reviewed tree reach them.
"""

from __future__ import annotations

import json
import os
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

    def complaint(self, file: str, before: bytes | None, afters: Sequence[bytes]) -> list[str]:
        """What a tool has against each of several contents of a file that it had not against `before`; "" for nothing."""
        check = self.check(file)
        if not check or not afters:
            return [""] * len(afters)
        contents = [before or b"", *afters]
        if check == FORMATTED:
            return list(_formatted(str(self.terraform), contents))
        if any(_brings_rules(content) for content in contents):
            return [""] * len(afters)
        return list(_linted(str(self.linter), contents, os.path.splitext(file)[1]))


def _run(command: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes] | None:
    """The tool's answer, None when it gives none in time."""
    settings = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "", "TF_CLI_ARGS_fmt": ""}
    try:
        return subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, check=False, timeout=SECONDS, env=settings
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _formatted(terraform: str, contents: Sequence[bytes]) -> Iterator[str]:
    """Lay contents out; the first is what the others are compared to."""
    with tempfile.TemporaryDirectory(prefix="stackworthy-") as folder:
        files = [Path(folder, f"_{index}_", "main.tf") for index in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.parent.mkdir()
            file.write_bytes(content)
        done = _run([terraform, "fmt", "-list=false", "-recursive", "."], folder)
        said = done.stderr.decode(errors="replace") if done is not None else ""
        laid = [file.read_bytes() for file in files]
    changed = [changed_lines(content, after) for content, after in zip(contents, laid, strict=True)]
    unread = [f"_{index}_" in said for index in range(len(contents))]
    for found, broken in zip(changed[1:], unread[1:], strict=True):
        worse = found.total() > changed[0].total()  # else a line that stood askew before was edited
        line = next(iter(found - changed[0]), b"").strip()[:120].decode(errors="replace") if worse else ""
        if broken and not unread[0]:
            yield "terraform fmt cannot read the patched file"
        else:
            yield f"terraform fmt would write this line differently: {line}" if line else ""


def _linted(program: str, contents: Sequence[bytes], suffix: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="stackworthy-") as folder:
        names = [f"{index}{suffix}" for index in range(len(contents))]
        for name, content in zip(names, contents, strict=True):
            Path(folder, name).write_bytes(content)
        done = _run([program, "--format", "json", "--", *names], folder)
    found = _matches(done.stdout if done is not None else b"")
    errors = [Counter(_errors(found, name)) for name in names]
    for mine in errors[1:]:
        new = mine - errors[0]
        yield f"cfn-lint would find {next(iter(new))}" if new else ""


def _matches(output: bytes) -> list[Any]:
    try:
        found = json.loads(output or b"[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _errors(matches: Iterable[Mapping[str, Any]], name: str) -> Iterator[str]:
    for item in matches:
        if item.get("Level") == "Error" and os.path.basename(str(item.get("Filename"))) == name:
            yield f"{item['Rule']['Id']}: {item['Message']}"


def _brings_rules(content: bytes) -> bool:
    """Whether a template would have cfn-lint load rules of its own, or cannot be looked at."""
    try:
        root = compose(content)
    except Malformed:
        return True
    pending: list[yaml.Node] = [root] if root is not None else []
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            if node.value == _RULES:
                return True
        elif isinstance(node, yaml.MappingNode):
            pending += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value
    return False

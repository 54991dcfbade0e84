"""Code mended as `stackworthy fix` mends it, and run by us with stand-ins for what it imports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from stackworthy.core.patch import Splice, by_file, spliced
from stackworthy.core.rule import Rule
from stackworthy.judge.example_stacks import graph_of_resources
from stackworthy.judge.harness import findings
from stackworthy.rules import rule_named
from stackworthy.sources.code.parsing import parse
from stackworthy.sources.code.writing import patch

NODE = shutil.which("node")
_RUNTIMES = {".py": "python3.13", ".ts": "nodejs22.x", ".js": "nodejs22.x", ".mjs": "nodejs22.x"}


class Mended:
    """The files after the first finding's fix; `splices` are those of the code."""

    def __init__(
        self,
        rule: str,
        code: str | bytes,
        *,
        properties: str = "",
        stack: str = "",
        file: str = "src/app.py",
        **more: str,
    ) -> None:
        content = code if isinstance(code, bytes) else textwrap.dedent(code).encode()
        self.file = file
        self.before = content
        found = rule_named(rule)
        assert isinstance(found, Rule)
        self.rule = found
        own = f", {properties}" if properties else ""
        runtime = _RUNTIMES[Path(file).suffix]
        self.resources = (
            f"Function: {{Type: AWS::Lambda::Function, Properties: {{Runtime: {runtime}, "
            f"Handler: app.handler, Code: src{own}}}}}\n{textwrap.dedent(stack).strip()}\n"
        )
        self.files = {file: content, "src/requirements.txt": b"", **_named(more)}
        self.graph = graph_of_resources(_data(self.resources), self.files)
        self.splices: list[Splice] = []
        self._mend()

    def _mend(self) -> None:
        made = findings(self.rule, self.graph)
        assert made, f"{self.rule.id} finds nothing"
        fix = self.rule.fix(made[0])
        assert fix is not None
        assert self.graph.workspace is not None
        for change in fix.changes:
            if type(change).__name__ == "Rewrite":
                self.splices += patch(self.graph.workspace, change)
        for file, splices in by_file(self.splices).items():
            self.files[file] = spliced(self.files.get(file, b""), splices)

    @property
    def after(self) -> bytes:
        """The handler's file as mended; it parses."""
        text = self.files[self.file]
        assert not parse(self.file, text).problems
        return text

    @property
    def text(self) -> str:
        """The same as text."""
        return self.after.decode()

    def still_found(self) -> bool:
        """Whether the rule still finds something in the mended code."""
        return bool(findings(self.rule, graph_of_resources(_data(self.resources), self.files)))


def _data(resources: str) -> dict[str, Any]:
    from stackworthy.judge.example_stacks import resources as read

    return read(resources)


def _named(more: dict[str, str]) -> dict[str, bytes]:
    return {name.replace("__", "/").replace("_dot_", "."): text.encode() for name, text in more.items()}


def run_python(code: bytes, folder: Path, driver: str, **modules: str) -> Any:
    """What the driver prints as JSON, in a process of its own where these modules stand in for real ones; `app` is the code."""
    (folder / "app.py").write_bytes(code)
    for name, text in modules.items():
        target = folder / (name.replace("__", "/") + ".py")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
        if "__" in name:
            (target.parent / "__init__.py").touch()
    (folder / "driver.py").write_text(textwrap.dedent(driver))
    done = subprocess.run(
        [sys.executable, "driver.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def run_node(code: bytes, folder: Path, driver: str, **modules: str) -> Any:
    """The same with node; modules lie in `node_modules`, `__` in their names is a slash, `AT` an at sign."""
    assert NODE is not None
    (folder / "app.mjs").write_bytes(code)
    for name, text in modules.items():
        package = folder / "node_modules" / name.replace("AT", "@").replace("__", "/").replace("_", "-")
        package.mkdir(parents=True, exist_ok=True)
        (package / "package.json").write_text('{"type": "module", "main": "index.js"}')
        (package / "index.js").write_text(textwrap.dedent(text))
    (folder / "driver.mjs").write_text(textwrap.dedent(driver))
    done = subprocess.run(
        [NODE, "driver.mjs"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])

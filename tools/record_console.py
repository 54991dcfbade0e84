"""Record what `terraform console` answers, as the oracle of the tests of Terraform's functions.

    python tools/record_console.py tests/data/terraform_console_expressions.txt tests/data/terraform_console.json

Each line of the first file is an expression (`#` starts a heading). The second file gets, for each, the expression and Terraform's answer: `json`
(the value as Terraform encodes it) with its `type`, or `error` (the message), `shown` (values without JSON), or `unknown`. Where the expression is one
call with literal arguments, `function` and `args` are these (see `tests.sources.terraform.functions.oracle` for their notation). Files that the expressions read
are in `files`, in base64.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FILES = {
    "main.tf": b'terraform {\n  required_providers {\n    terraform = { source = "terraform.io/builtin/terraform" }\n  }\n}\n',
    "hello.txt": b"Hello, file!\n",
    "greeting.tpl": b"Dear ${name},\n",
    "binary.dat": b"\xff\xfe\x00\x01",
    "dir/a.txt": b"a",
    "dir/data.json": b'{"a": 1}',
    "dir/deep/b.json": b"[]",
    "dir/deep/b.txt": b"",
}

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)'
    r"|(?P<name>[^\W\d][\w-]*(?:::\w+)*)|(?P<mark>\.\.\.|[][(){},=]))"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|\$\$(?=\{)|%%(?=\{)")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_CONVERSIONS = {"tolist", "toset", "tomap"}


class NotLiteral(Exception):
    """The expression is more than one call with literal arguments."""


class Literals:
    """Reads one call with literal arguments."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise NotLiteral(text)
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            position = match.end()
        self.tokens.append(("end", ""))

    def take(self, text: str | None = None) -> tuple[str, str]:
        kind, value = self.tokens.pop(0)
        if text is not None and value != text:
            raise NotLiteral(value)
        return kind, value

    def call(self) -> tuple[str, list[Any]]:
        kind, name = self.take()
        if kind != "name":
            raise NotLiteral(name)
        self.take("(")
        args = self.items(")")
        if self.tokens[0][0] != "end":
            raise NotLiteral(self.tokens[0][1])
        return name, args

    def items(self, end: str) -> list[Any]:
        made: list[Any] = []
        while self.tokens[0][1] != end or self.tokens[0][0] != "mark":
            made.append(self.value())
            if self.tokens[0][1] == "...":
                self.take()
                made += made.pop()["tuple"]
            if self.tokens[0][1] == ",":
                self.take()
            elif self.tokens[0][1] != end:
                raise NotLiteral(self.tokens[0][1])
        self.take(end)
        return made

    def value(self) -> Any:
        kind, text = self.take()
        if kind == "string":
            return unescaped(text)
        if kind == "number":
            return {"number": text}
        if kind == "name":
            if text in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text]
            if text not in _CONVERSIONS:
                raise NotLiteral(text)
            self.take("(")
            return {text: self.items(")")[0]}
        if text == "[":
            return {"tuple": self.items("]")}
        if text == "{":
            return {"object": self.attributes()}
        raise NotLiteral(text)

    def attributes(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while self.tokens[0][1] != "}":
            kind, key = self.take()
            self.take("=")
            made[unescaped(key) if kind == "string" else key] = self.value()
            if self.tokens[0][1] == ",":
                self.take()
        self.take("}")
        return made


def unescaped(text: str) -> str:
    """The characters that a quoted HCL string without templates stands for."""
    if re.search(r"(?<!\$)\$\{|(?<!%)%\{", text):
        raise NotLiteral(text)

    def replaced(match: re.Match[str]) -> str:
        if match[0] in ("$$", "%%"):
            return match[0][0]
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _SIMPLE[match[3]]

    return _ESCAPE.sub(replaced, text[1:-1])


class Console:
    """A directory with the files, in which `terraform console` is asked."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name, data in FILES.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
        subprocess.run(
            ["terraform", "init"], capture_output=True, cwd=directory, env=self.environment, check=True
        )

    def ask(self, expression: str) -> tuple[bool, str]:
        """Whether Terraform answered, and its answer or its complaint."""
        done = subprocess.run(
            ["terraform", "console", "-no-color"],
            input=expression + "\n",
            capture_output=True,
            text=True,
            cwd=self.directory,
            env=self.environment,
            timeout=60,
            check=False,
        )
        return (
            done.returncode == 0 and "Error:" not in done.stderr,
            done.stdout if done.returncode == 0 else done.stderr,
        )


def complaint(text: str) -> str:
    """The paragraph of a diagnostic that says what is wrong, on one line."""
    lines = [re.sub(r"^[╷│╵] ?", "", line).strip() for line in text.splitlines()]
    first = text.count("Error: ") and next(
        index for index, line in enumerate(lines) if line.startswith("Error: ")
    )
    rest = [line for line in lines[int(first) + 1 :] if not line.startswith(("on <console", "(source code"))]
    paragraphs = [part.strip() for part in " \n".join(rest).split("\n \n")]
    message = " ".join(" ".join(part for part in paragraphs if part).split())
    return message.partition(" goroutine ")[0]


def recorded(console: Console, expression: str) -> dict[str, Any]:
    """The entry for one expression."""
    entry: dict[str, Any] = {"expression": expression}
    try:
        entry["function"], entry["args"] = Literals(expression).call()
    except NotLiteral:
        entry.pop("function", None)
    answered, text = console.ask(f"base64encode(jsonencode({expression}))")
    if answered and text.startswith('"'):
        entry["json"] = base64.b64decode(text.strip().strip('"')).decode()
        entry["type"] = console.ask(f"type({expression})")[1].strip()
        return entry
    answered, shown = console.ask(expression)
    if not answered:
        entry["error"] = complaint(shown)
    elif "known after apply" in shown:
        entry["unknown"] = True
    else:
        entry["shown"] = shown.strip()
    return entry


def main(source: str, target: str) -> None:
    """Ask Terraform each expression of the source file and write the answers."""
    if shutil.which("terraform") is None:
        sys.exit("terraform is not on the PATH")
    lines = Path(source).read_text(encoding="utf-8").split("\n")
    expressions = [line for line in lines if line.strip() and not line.startswith("# ")]
    with tempfile.TemporaryDirectory() as directory:
        console = Console(Path(directory))
        version = subprocess.run(
            ["terraform", "version", "-json"],
            capture_output=True, text=True, env=console.environment, check=True,
        )  # fmt: skip
        entries = [recorded(console, expression) for expression in expressions]
    document = {
        "made_by": "tools/record_console.py",
        "terraform": json.loads(version.stdout)["terraform_version"],
        "files": {name: base64.b64encode(data).decode() for name, data in FILES.items()},
    }
    body = ",\n".join(json.dumps(entry, ensure_ascii=True) for entry in entries)
    head = json.dumps(document, indent=1)[:-2]
    Path(target).write_text(f'{head},\n "answers": [\n{body}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

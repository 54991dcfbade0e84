"""The stack of an example of a rule on code."""

from __future__ import annotations

import textwrap

from stackworthy.core.rule import Example

_RUNTIMES = {"python": "python3.13", "typescript": "nodejs22.x"}
_FILES = {"python": "src/app.py", "typescript": "src/app.ts", "tsx": "web/src/app.tsx"}
_PACKAGE = b'{"dependencies": {"react": "^19.0.0"}}'


def file(example: Example) -> str:
    """The path of the file that the example shows."""
    return _FILES[example.language]


def files(example: Example) -> dict[str, bytes]:
    """All files of the example, by path."""
    shown = {file(example): example.code.encode()}
    if example.language == "tsx":
        return {**shown, "web/package.json": _PACKAGE}
    return {**shown, "src/requirements.txt": b""} if example.language == "python" else shown


def template(example: Example) -> str:
    """All resources of the example, as YAML."""
    stack = textwrap.dedent(example.stack).strip()
    if example.language == "tsx":
        return f"{stack}\n"
    own = f", {example.properties}" if example.properties else ""
    function = (
        "Function: {Type: AWS::Lambda::Function, Properties: "
        f"{{Runtime: {_RUNTIMES[example.language]}, Handler: app.handler, Code: src{own}}}}}"
    )
    return f"{function}\n{stack}\n"

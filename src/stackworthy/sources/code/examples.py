"""The stack of an example of a rule on code."""

from __future__ import annotations

import textwrap

from stackworthy.core.rule import Example

_RUNTIMES = {"python": "python3.13", "typescript": "nodejs22.x"}
_FILES = {"python": "src/app.py", "typescript": "src/app.ts"}


def file(example: Example) -> str:
    """The path of the handler's file."""
    return _FILES[example.language]


def template(example: Example) -> str:
    """All resources of the example, as YAML."""
    own = f", {example.properties}" if example.properties else ""
    function = (
        "Function: {Type: AWS::Lambda::Function, Properties: "
        f"{{Runtime: {_RUNTIMES[example.language]}, Handler: app.handler, Code: src{own}}}}}"
    )
    return f"{function}\n{textwrap.dedent(example.stack).strip()}\n"

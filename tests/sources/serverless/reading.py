"""Reads a service from texts, for tests."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from stackworthy.config import Environment, Settings
from stackworthy.core.origin import Origin
from stackworthy.core.workspace import Disk
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.serverless.reader import read
from stackworthy.sources.serverless.variables import Stated, Variables
from stackworthy.sources.stack import Reading, StackRef

HEAD = "service: shop\nprovider: {name: aws, runtime: python3.13}\n"


def write(folder: Path, **files: str) -> None:
    """Files by name, `__` standing for a slash and `_` before the ending for a dot."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").rpartition("_")[0] + "." + name.rpartition("_")[2])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def variables(
    folder: Path, text: str, stated: Stated | None = None, **files: str
) -> tuple[Variables, list[str]]:
    """The variables of a service, and what they complain of."""
    write(folder, serverless_yml=text, **files)
    said: list[str] = []

    def warn(_: Origin, message: str, __: str) -> None:
        said.append(message)

    return Variables(Documents(Disk(folder)), "serverless.yml", stated or Stated(), warn), said


def service(
    folder: Path,
    text: str,
    environment: Environment | None = None,
    settings: Settings | None = None,
    **files: str,
) -> Reading:
    """The graph of a service."""
    write(folder, serverless_yml=text, **files)
    stack = StackRef("serverless", "serverless.yml")
    return read(Disk(folder), stack, settings or Settings(), environment)


def line(reading: Reading, address: str, path: str = "") -> tuple[str, int, str]:
    """The file, the line and the role of a property's place."""
    resource: Any = reading.graph[address]
    origin = resource.properties.origin(path) if path else resource.origin
    return origin.file, reading.locator.span(origin).line, origin.role

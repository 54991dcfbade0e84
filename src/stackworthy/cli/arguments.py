"""Arguments that several commands take: the path, the environments, the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from stackworthy.config_file import FORMATS

F = TypeVar("F", bound=Callable[..., Any])


def pairs(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001
    """`KEY=VALUE` options as a map."""
    found = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} is not KEY=VALUE")
        found[key] = value
    return found


def environments(
    ctx: click.Context,  # noqa: ARG001
    option: click.Parameter,  # noqa: ARG001
    given: tuple[str, ...],
) -> tuple[tuple[str, str | None], ...]:
    """`NAME` or `NAME=FILE` options as (name, file or None)."""
    found = []
    for text in given:
        name, equals, file = text.partition("=")
        if not name or (equals and not file):
            raise click.BadParameter(f"{text!r} is not NAME or NAME=FILE")
        found.append((name, file if equals else None))
    return tuple(found)


def what_to_read(command: F) -> F:
    """The options that say which stacks are read, and with which values."""
    for decorate in reversed(
        (
            click.argument("path", default=".", type=click.Path(exists=True)),
            click.option(
                "--only-format",
                "only_formats",
                multiple=True,
                type=click.Choice(FORMATS),
                help="Read stacks of this format only; cloudformation includes sam. Repeatable.",
            ),
            click.option(
                "--environment",
                "environments",
                multiple=True,
                metavar="NAME[=FILE]",
                callback=environments,
                help="Judge as deployed in this environment of stackworthy.toml or samconfig.toml, "
                "or with the parameters or variables of FILE. Repeatable.",
            ),
            click.option(
                "--parameters",
                multiple=True,
                metavar="KEY=VALUE",
                callback=pairs,
                help="A template's parameter. Repeatable.",
            ),
            click.option(
                "--var",
                "variables",
                multiple=True,
                metavar="KEY=VALUE",
                callback=pairs,
                help="A Terraform variable. Repeatable.",
            ),
            click.option(
                "--var-file",
                "var_files",
                multiple=True,
                metavar="FILE",
                help="A file of Terraform variables. Repeatable.",
            ),
            click.option(
                "--root",
                type=click.Path(exists=True, file_okay=False),
                help="Read nothing outside this folder (default: the git work tree around PATH).",
            ),
        )
    ):
        command = decorate(command)
    return command

"""The commands by name. A command's module is imported when it is called; `--help` needs none of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from stackworthy import __version__
from stackworthy.cli.errors import Refusal

COMMANDS = {
    "review": "Review the stacks below a path.",
    "fix": "Show proven fixes, or write them.",
    "generate": "Add a whole capability, such as alarms, to stacks that lack it.",
    "baseline": "Write down known findings, which fail nothing.",
    "comment": "Say in a pull request what is new and what is fixed.",
    "rules": "List the rules.",
    "test-rules": "Run the examples of own rules.",
    "explain": "Explain a rule, with examples and its fix.",
    "graph": "Show the resources of stacks and the relations between them.",
    "cost": "Show what stacks cost in a month.",
    "plan": "Plan what to do first, what it saves, and how to take it back.",
    "workload": "Show what flows through stacks, or write a start file.",
    "prices": "Show the prices that a bill is made with, and refresh them.",
    "init": "Write a commented stackworthy.toml.",
}
"""Each command with its one line of help; it lives in the module of its name, as `command`."""

EXAMPLES = """\b
Examples:
  stackworthy review                       every stack below this folder
  stackworthy review infra/ --environment prod=prod.json
  stackworthy explain CKV_AWS_50
"""


class Commands(click.Group):
    """A group that imports a command when it is called, and knows what a misspelt one was meant to be."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands, in the order of a user's way."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"stackworthy.cli.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0].lower(), COMMANDS, 1)
            hint = f"did you mean stackworthy {near[0]}?" if near else "stackworthy --help lists them"
            raise Refusal(f"there is no command {args[0]!r}", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="stackworthy %(version)s")
def stackworthy() -> None:
    """Tell whether an AWS serverless stack is ready for production, and what to fix first."""


def run(arguments: list[str]) -> int:
    """Run a command; its exit code. Raises `Refusal` for bad use."""
    from stackworthy.config_file import ConfigError
    from stackworthy.core.workspace import Unreadable

    try:
        done: Any = stackworthy.main(arguments or ["--help"], prog_name="stackworthy", standalone_mode=False)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "stackworthy"
        raise Refusal(error.format_message(), f"{command} --help shows what it takes") from None
    except click.ClickException as error:
        raise Refusal(error.format_message()) from None
    except click.Abort:
        raise KeyboardInterrupt from None
    except ConfigError as error:
        where = f"{error.file}:{error.line}: " if error.line else f"{error.file}: " if error.file else ""
        raise Refusal(where + error.message, error.hint) from None
    except Unreadable as error:
        raise Refusal(f"{error.path} {error.message}", error.hint) from None
    if not arguments:
        return 2
    return done if isinstance(done, int) else 0

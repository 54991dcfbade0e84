"""The command line. `--version` answers before anything heavy is imported, and no error shows a stack trace."""

from __future__ import annotations

import os
import sys

CLEAN, FOUND, MISUSED, INTERRUPTED = 0, 1, 2, 130
DEBUG = "STACKWORTHY_DEBUG"
OBJECTS_BETWEEN_COLLECTIONS = 400_000


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code: 0 clean, 1 findings at or above --fail-on, 2 bad use or nothing readable."""
    given = sys.argv[1:] if arguments is None else arguments
    if given in (["--version"], ["-V"]):
        from stackworthy import __version__

        sys.stdout.write(f"stackworthy {__version__}\n")
        return CLEAN
    _collect_seldom()
    from stackworthy.cli.errors import Refusal, refused

    try:
        from stackworthy.cli.app import run

        return run(given)
    except Refusal as refusal:
        return refused(refusal)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return CLEAN
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        return refused(Refusal.unexpected(error))


def _collect_seldom() -> None:
    """A review makes much and lets go of whole stacks at a time: looking for cycles every 700 objects takes a tenth of its time.

    The last look, at exit, finds nothing to look at: memory that the system takes back as a whole needs no sorting out.
    """
    import atexit
    import gc

    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.freeze)


def _close_quietly() -> None:
    """Whoever read our output went away; keep the interpreter from flushing into the closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

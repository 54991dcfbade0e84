"""Tells whether an AWS serverless stack is ready for production, what it costs, and what to fix first.

import stackworthy

review = stackworthy.review("infra/")
for finding in review.findings:
    print(finding.severity, finding.file, finding.line, finding.message)
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from stackworthy.core.review import Review

__version__ = "0.1.0"
__all__ = ["__version__", "review"]


def review(
    path: str | os.PathLike[str] = ".",
    *,
    root: str | None = None,
    environments: Iterable[str] = (),
    parameters: Mapping[str, str] | None = None,
    rules: Iterable[str] = (),
    skip: Iterable[str] = (),
    pillars: Iterable[str] = (),
    only_formats: Iterable[str] = (),
    profile: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Review:
    """Review every stack below a path, as `stackworthy review` does; nothing is printed or written.

    Settings come from the nearest stackworthy.toml, and the arguments lie over them. `environments` are names of it,
    or NAME=FILE; `progress` is told how many stacks are done, and of how many. What is wrong with the input stands in the review's diagnostics.
    Raises `stackworthy.config.ConfigError` for settings that cannot be followed.
    """
    from stackworthy import judge
    from stackworthy.config import Options, load, merge

    options = Options(
        profile=profile,
        rules=tuple(rules),
        skip=tuple(skip),
        pillars=tuple(pillars),
        only_formats=tuple(only_formats),
        environments=tuple(_environment(text) for text in environments),
        parameters=dict(parameters or {}),
    )
    return judge.review(path, merge(load(path, root=root), options), progress)


def _environment(text: str) -> tuple[str, str | None]:
    name, equals, file = text.partition("=")
    return name, file if equals else None

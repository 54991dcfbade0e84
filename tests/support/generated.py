"""What a capability comes to on a stack in a folder, proven as `stackworthy generate` does."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from stackworthy.config import Options, load, merge
from stackworthy.judge import place
from stackworthy.remedy.generate import Generated, Generation, generate
from stackworthy.sources.find import find


def generation(folder: Path, name: str) -> Generation:
    """The capability of this name on the stacks of a folder."""
    settings = merge(load(str(folder), root=None), Options())
    workspace, _, target = place(str(folder), settings)
    return generate(workspace, find(workspace, target, settings).stacks, settings, name)


def on(folder: Path, name: str, **files: str) -> Generation:
    """The same on files that are laid into the folder; `__` in a name stands for a dot."""
    for file, text in files.items():
        (folder / file.replace("__", ".")).write_text(dedent(text))
    return generation(folder, name)


def only(made: Generation) -> Generated:
    """The one improvement that came out, which must not be refused."""
    assert [item.refused for item in made.found] == [""]
    return made.found[0]


def text(made: Generation, file: str) -> str:
    """A file as it would be."""
    return next(content for path, content in made.edits.items() if path.endswith(file)).decode()

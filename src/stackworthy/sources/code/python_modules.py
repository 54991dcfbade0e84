"""Where an imported Python module lies inside a package."""

from __future__ import annotations

import posixpath

from stackworthy.core.workspace import Unreadable, Workspace, inside


def resolve(workspace: Workspace, root: str, importer: str, module: str) -> str | None:
    """The file of a module as it is written ("util", "..core.db"), below the package's folder `root`; None when it is not in there."""
    bare = module.lstrip(".")
    level = len(module) - len(bare)
    path = bare.replace(".", "/")
    folder = posixpath.dirname(importer)
    if level:
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        return _file(workspace, posixpath.join(folder, path)) if _within(root, folder) else None
    found = _file(workspace, posixpath.join(root, path))
    if found is None and folder != root:
        found = _file(workspace, posixpath.join(folder, path))
    return found


def _within(root: str, folder: str) -> bool:
    return not root or folder == root or folder.startswith(root + "/")


def _file(workspace: Workspace, stem: str) -> str | None:
    try:
        stem = inside(stem)
    except Unreadable:
        return None
    for name in (f"{stem}.py" if stem else "", posixpath.join(stem, "__init__.py")):
        if name and workspace.exists(name):
            return name
    return None

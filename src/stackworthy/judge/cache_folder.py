"""Where reviews are kept: in the user's own cache folder, if nobody else can write there."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path


class Unsafe(Exception):
    """A folder whose content cannot be believed: why."""


def cache_folder(root: str) -> Path | None:
    """The folder for reviews of this root, made if need be; None when there can be none.

    Raises `Unsafe` for one inside the reviewed root, which a stranger's tree may have brought, and for one that others may write to.
    """
    home = _home()
    if home is None:
        return None
    folder = Path(os.path.realpath(home)) / "stackworthy" / "reviews"
    if folder.is_relative_to(root):
        raise Unsafe(f"{folder} lies inside the reviewed root")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode):
        raise Unsafe(f"{folder} is not a folder")
    if hasattr(os, "geteuid"):
        if status.st_uid != os.geteuid():
            raise Unsafe(f"{folder} belongs to another user")
        if status.st_mode & 0o022:
            raise Unsafe(f"others may write to {folder}")
    return folder


def _home() -> str | None:
    """https://specifications.freedesktop.org/basedir-spec/latest/ and its counterparts; a relative path is none."""
    stated = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(stated):
        return stated
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA")
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        return None
    return os.path.join(home, "Library/Caches" if sys.platform == "darwin" else ".cache")
